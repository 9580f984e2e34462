#!/bin/bash
# programs.sh SUITE: makes a directory with p11-kit of this Debian suite, what it needs to run, and the suite's roots, once,
# and prints its path (tests/system/made.sh): packages are unpacked, none is configured. Needs root.
set -euo pipefail
suite=$1
packages=p11-kit,p11-kit-modules,ca-certificates,dash,coreutils
# A copy of the archive may keep a state of unstable that apt would take for too old.
exec bash "$(dirname "$0")/../system/made.sh" "p11-kit-$suite-$(sha256sum <<<"$packages" | head -c 16)" "$suite" \
  --variant=extract --include="$packages" --aptopt='Acquire::Check-Valid-Until "false"' \
  --setup-hook='mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64"' \
  --setup-hook='for each in bin sbin lib lib64; do ln -s "usr/$each" "$1/$each"; done'
