#!/bin/bash
# base.sh [SUITE [PACKAGE...]]: makes the Debian root that system tests boot, of this suite or, without one, of the
# machine's own, with these packages besides, once, and prints its path (made.sh). In a root of its own suite libcrypto
# is this machine's, whichever that is: what is proved with one is proved again with another. Needs root.
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
list=$(IFS=,; echo "${packages[*]}")
libraries=()
[[ $suite != "$own" ]] || libraries=(/usr/lib/*/libcrypto.so.3 /usr/lib/*/libssl.so.3)
name=$suite-$(cat - "${libraries[@]}" <<<"$list" | sha256sum | head -c 16)

# Java's packages are not configured without a directory for their man pages.
options=(
  --variant=minbase --include="$list"
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
  --setup-hook='mkdir -p "$1/usr/share/man/man1"'
)
for library in "${libraries[@]}"; do
  options+=(--customize-hook="cp '$library' \"\$1$library\"")
done
exec bash "$here/made.sh" "$name" "$suite" "${options[@]}"
