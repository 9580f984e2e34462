#!/bin/bash
# run.sh [RUNS [PART]]: builds what is shipped, and measures it beside update-ca-certificates -f on this
# machine, in private copies of its trust store on the disk that holds the build directory; where PART is
# given, only the scenarios with that in their title. For root. Exit status 1 where a target is missed.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --preset release -DNCT_TESTS=ON >/dev/null
cmake --build --preset release --target bench >/dev/null
build=$PWD/build/release
exec "$build/tests/bench/bench_provision" "$build/node-ca-trust" "$build/bench" "${1:-15}" "${2:-}"
