# shellcheck shell=bash disable=SC2154
# For run.sh and arm64/run.sh, which source it: checks and tests that are counted. What each said lies in $log.

jobs=$(nproc)
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

# The last line. Fails where anything did.
counted() {
  echo "$passed passed, $failed failed"
  (( failed == 0 ))
}
