#!/bin/bash
# Runs every test and check there is, and ends with the line "N passed, N failed". What each part said lies in
# build/log/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

log=build/log
source tests/counting.sh

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

check packages bash tests/packages.sh build test || { counted; exit 1; }
machine >"$log/machine-before"
check format format
check build-dev build dev -DNCT_TESTS=ON && tests dev -LE 'distro|faults'
check build-release build release -DNCT_TESTS=ON && tests release
check build-clang build clang -DNCT_TESTS=ON && check tidy tidy
check machine-untouched untouched

counted
