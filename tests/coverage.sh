#!/bin/bash
# What of hook/cert and hook/intake the ordinary tests of these layers and of the binary reach: a line for each file,
# and for each layer. Fails where a layer is below the limits, of lines and of branches, or where a test fails.
#   coverage.sh              builds, tests, and prints the table
#   coverage.sh --show FILE  after that, prints FILE with how often each line and each branch was taken
set -euo pipefail
cd "$(dirname "$0")/.."

min_lines=95
min_branches=85
tests='^(unit|cli|clients)$'
built=build/coverage
counts=$built/counts

llvm_cov() {
  local objects=() program
  for program in "$built"/tests/{unit,cli,clients}/test_*; do
    [[ ! -x $program || -d $program ]] || objects+=(-object "$program")
  done
  llvm-cov-19 "$1" "$built/node-ca-trust" "${objects[@]}" -instr-profile="$counts/all.profdata" "${@:2}"
}

if [[ ${1-} == --show ]]; then
  llvm_cov show --show-branches=count "$2"
  exit
fi

bash tests/packages.sh build test
cmake --preset coverage >/dev/null
mapfile -t programs < <(ctest --test-dir "$built" -N -L "$tests" | sed -n 's/^ *Test *#[0-9]*: /test_/p')
cmake --build --preset coverage -t guarded node-ca-trust "${programs[@]}"
# The program adds to its file also where a test runs it as another user.
rm -rf "$counts"
mkdir -m 777 "$counts"
"$built/node-ca-trust" --version >/dev/null
chmod 666 "$counts"/*
ctest --test-dir "$built" -j "$(nproc)" -L "$tests" --output-on-failure --no-tests=error
llvm-profdata-19 merge -o "$counts/all.profdata" "$counts"/*.profraw

# What llvm-cov prints: the file; functions, those that were not run, a share; the same of lines, and of branches.
llvm_cov report --show-region-summary=false hook/cert hook/intake |
  awk -v min_lines=$min_lines -v min_branches=$min_branches '
function share(all, missed) { return all == 0 ? 100 : 100 * (all - missed) / all }
function row(name, lines, missed, branches, untaken) {
  printf "%-34s %7d %7d %7.1f %% %8d %8d %7.1f %%\n", name, lines, missed, share(lines, missed), branches, untaken,
    share(branches, untaken)
}
BEGIN { printf "%-34s %7s %7s %9s %8s %8s\n", "", "lines", "missed", "", "branches", "missed" }
NF == 10 && $1 ~ /^(cert|intake)\/.*\.[ch]pp$/ {
  row($1, $5, $6, $8, $9)
  layer = $1
  sub(/\/.*/, "", layer)
  lines[layer] += $5
  missed[layer] += $6
  branches[layer] += $8
  untaken[layer] += $9
}
END {
  for (i = split("cert intake", layers, " "); i > 0; --i) {
    layer = layers[i]
    row(layer, lines[layer], missed[layer], branches[layer], untaken[layer])
    if (lines[layer] == 0 || share(lines[layer], missed[layer]) < min_lines ||
        share(branches[layer], untaken[layer]) < min_branches)
      low = low " " layer
  }
  if (low == "") exit 0
  print "below " min_lines " % of lines or " min_branches " % of branches:" low
  exit 1
}'
