#!/bin/bash
# base.sh [SUITE [PACKAGE...]]: makes the Debian root that system tests boot, of this suite or, without one, of the
# machine's own, with these packages besides, once, and prints its path. It lies outside of the tree, below
# ${XDG_CACHE_HOME:-/var/cache}/node-ca-trust-tests, under a name that changes with the list of packages; delete it for
# one with newer packages. Packages come from where this machine gets its own (sources.sh). In a root of its own suite
# libcrypto is this machine's, whichever that is: what is proved with one is proved again with another. Needs root.
set -euo pipefail
here=$(dirname "$0")

# shellcheck source=/dev/null
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
suite=${1:-$own}
packages=(
  systemd systemd-sysv dbus udev kmod iproute2
  ca-certificates openssl
  cloud-init containerd runc docker-registry
  curl strace rpm "${@:2}"
)
cache=${XDG_CACHE_HOME:-/var/cache}/node-ca-trust-tests
list=$(IFS=,; echo "${packages[*]}")
libraries=()
[[ $suite != "$own" ]] || libraries=(/usr/lib/*/libcrypto.so.3 /usr/lib/*/libssl.so.3)
root=$cache/$suite-$(cat - "${libraries[@]}" <<<"$list" | sha256sum | head -c 16)
[[ ! -e $root ]] || { echo "$root"; exit; }

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
[[ ! -e $root ]] || { echo "$root"; exit; }

trap 'rm -rf "$root.new" "$root.sources"' EXIT
rm -rf "$root.new" "$root.sources"
mkdir "$root.sources"
copied=$(bash "$here/sources.sh" "$suite" "$root.sources")
mapfile -t sources <<<"$copied"
# What apt on this machine is told about proxies and the like, mmdebstrap passes on.
# Its mounts are seen by nobody, and end with it. Java's packages are not configured without a directory for their man
# pages.
unshare --mount mmdebstrap --quiet --variant=minbase --mode=root \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --setup-hook='mkdir -p "$1/usr/share/man/man1"' \
  --include="$list" "$suite" "$root.new" "${sources[@]}" >&2
for library in "${libraries[@]}"; do
  cp "$library" "$root.new$library"
done
# Anybody's hooks, keys and identities of the machine it was made on stay out of it.
rm -rf "$root.new"/etc/apt/sources.list* "$root.new"/etc/machine-id "$root.new"/var/cache/apt/*.bin
: >"$root.new/etc/machine-id"
mv "$root.new" "$root"
echo "$root"
