#!/bin/bash
# programs.sh SUITE: makes a directory with p11-kit of this Debian suite, what it needs to run, and the suite's roots, once,
# and prints its path: packages are unpacked, none is configured. It lies where the roots of system tests lie
# (tests/system/base.sh), and is deleted for a newer one. Needs root.
set -euo pipefail
suite=$1
packages=p11-kit,p11-kit-modules,ca-certificates,dash,coreutils
cache=${XDG_CACHE_HOME:-/var/cache}/node-ca-trust-tests
root=$cache/p11-kit-$suite-$(sha256sum <<<"$packages" | head -c 16)
[[ ! -e $root ]] || { echo "$root"; exit; }

mkdir -p "$cache"
exec 9>"$cache/lock-p11-kit"
flock 9
[[ ! -e $root ]] || { echo "$root"; exit; }

trap 'rm -rf "$root.new" "$root.sources"' EXIT
rm -rf "$root.new" "$root.sources"
mkdir "$root.sources"
copied=$(bash "$(dirname "$0")/../system/sources.sh" "$suite" "$root.sources")
mapfile -t sources <<<"$copied"
# A copy of the archive may keep a state of unstable that apt would take for too old.
unshare --mount mmdebstrap --quiet --variant=extract --mode=root --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  --setup-hook='mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64"' \
  --setup-hook='for each in bin sbin lib lib64; do ln -s "usr/$each" "$1/$each"; done' \
  --include="$packages" "$suite" "$root.new" "${sources[@]}" >&2
mv "$root.new" "$root"
echo "$root"
