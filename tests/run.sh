#!/bin/bash
# Runs every test and check there is, and ends with the line "N passed, N failed". What each part said lies in
# build/log/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

jobs=$(nproc)
log=build/log
rm -rf "$log"
mkdir -p "$log"
passed=0
failed=0

# check NAME COMMAND...: one check, which says what is wrong with it.
check() {
  local name=$1 begun=$SECONDS
  shift
  if "$@" >"$log/$name" 2>&1 </dev/null; then
    echo "passed $name ($((SECONDS - begun)) s)"
    (( ++passed ))
  else
    echo "FAILED $name:"
    tail -n 60 "$log/$name" | sed 's/^/  | /'
    (( ++failed ))
    return 1
  fi
}

# wrong LOG: what ctest says there of the tests that did not pass: their names, their errors, and all of it.
wrong() {
  sed -n '/^The following tests/,/^$/p' "$1"
  grep -E -A 5 '^[^ ]+: (FATAL )?ERROR: ' "$1"
  awk '/^ *[0-9]+\/[0-9]+ Test/ { shown = !/ Passed / } /% tests passed/ { exit } shown && !/^ +Start /' "$1"
}

# tests PRESET OPTION...: what ctest finds there; every test counts. One that is skipped, or finding none, is a
# failure: this machine was given all that they need. The limit is for what hangs; a slow machine stays below it.
tests() {
  local name=tests-$1 begun=$SECONDS summary bad all
  ctest --test-dir "build/$1" -j "$jobs" --timeout 3000 --output-on-failure --no-tests=error "${@:2}" \
    >"$log/$name" 2>&1 </dev/null
  if ! summary=$(grep -Eo '[0-9]+ tests failed out of [0-9]+' "$log/$name"); then
    echo "FAILED $name: ctest did not come to its end"
    tail -n 20 "$log/$name" | sed 's/^/  | /'
    (( ++failed ))
    return
  fi
  read -r bad _ _ _ _ all <<<"$summary"
  (( bad += $(grep -c '\*\*\*Skipped' "$log/$name") ))
  (( failed += bad, passed += all - bad ))
  echo "$([[ $bad == 0 ]] && echo passed || echo FAILED) $name: $((all - bad)) of $all ($((SECONDS - begun)) s)"
  [[ $bad == 0 ]] || wrong "$log/$name" | sed 's/^/  | /'
}

build() {
  cmake --preset "$1" "${@:2}" && cmake --build --preset "$1" -j "$jobs"
}

format() {
  find hook tests -name '*.[ch]pp' -print0 | xargs -0 clang-format-19 --dry-run -Werror
}

# It counts what it passed over, too: that would hide what it found.
tidy() {
  find hook -name '*.cpp' -print0 | xargs -0 -n 1 -P "$jobs" clang-tidy-19 -p build/clang --quiet 2>&1 |
    { grep -v ' warnings\? generated\.$' || true; }
}

# What of this machine a faulty product would change: names, kinds, modes, owners, times, links and contents.
machine() {
  local place places=()
  for place in /etc/ssl /etc/ca-certificates /etc/ca-certificates.conf /etc/systemd /etc/node-ca-trust \
    /usr/local/share /usr/share/ca-certificates /usr/lib/ssl /var/lib/node-ca-trust /run/node-ca-trust; do
    [[ ! -e $place && ! -L $place ]] || places+=("$place")
  done
  find "${places[@]}" -printf '%p %y %m %U:%G %T@ %l\n' | sort
  find "${places[@]}" -type f -print0 | sort -z | xargs -0 sha256sum
}
untouched() {
  machine | diff -U0 "$log/machine-before" -
}

# Who enters a mount namespace leaves a chroot: tests that do would write the machine's own store.
jailed() {
  local own real
  own=$(stat -c %d:%i /)
  real=$(nsenter --mount=/proc/self/ns/mnt stat -c %d:%i /) && [[ $own != "$real" ]]
}
if jailed 2>/dev/null; then
  echo "run.sh: this is a chroot, which its tests would get out of; run it in a container or on a machine of its own" >&2
  exit 78
fi

check packages bash tests/packages.sh build test || { echo "$passed passed, $failed failed"; exit 1; }
machine >"$log/machine-before"
check format format
check build-dev build dev -DNCT_TESTS=ON && tests dev -LE 'distro|faults'
check build-release build release -DNCT_TESTS=ON && tests release
check build-clang build clang -DNCT_TESTS=ON && check tidy tidy
check machine-untouched untouched

echo "$passed passed, $failed failed"
(( failed == 0 ))
