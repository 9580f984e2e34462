#!/bin/bash
# made.sh NAME SUITE OPTION...: makes a Debian root of this suite with mmdebstrap and these options of its, once, and
# prints its path. It lies outside of the tree, below ${XDG_CACHE_HOME:-/var/cache}/node-ca-trust-tests, under a name
# that changes with whatever the options say; delete it for one with newer packages. Packages come from where this
# machine gets its own (sources.sh). Needs root.
set -euo pipefail
cache=${XDG_CACHE_HOME:-/var/cache}/node-ca-trust-tests
suite=$2
root=$cache/$1
shift 2
[[ ! -e $root ]] || { echo "$root"; exit; }

mkdir -p "$cache"
exec 9>"$root.lock"
flock 9
[[ ! -e $root ]] || { echo "$root"; exit; }

trap 'rm -rf "$root.new" "$root.sources"' EXIT
rm -rf "$root.new" "$root.sources"
mkdir "$root.sources"
copied=$(bash "$(dirname "$0")/sources.sh" "$suite" "$root.sources")
mapfile -t sources <<<"$copied"
# What apt on this machine is told about proxies and the like, mmdebstrap passes on. Its mounts are seen by nobody, and
# end with it.
unshare --mount mmdebstrap --quiet --mode=root \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' "$@" \
  "$suite" "$root.new" "${sources[@]}" >&2
# Anybody's hooks, keys and identities of the machine it was made on stay out of it.
rm -rf "$root.new"/etc/apt/sources.list* "$root.new"/var/cache/apt/*.bin
[[ ! -e $root.new/etc/machine-id ]] || { rm "$root.new/etc/machine-id" && : >"$root.new/etc/machine-id"; }
mv "$root.new" "$root"
echo "$root"
