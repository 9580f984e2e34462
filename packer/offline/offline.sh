#!/bin/sh
# offline.sh ROOT PACKAGE [BUNDLE]: the same in the tree below ROOT, which is not running: a chroot, or an image that
# is mounted ("losetup -P --show -f disk.raw", then mount its root partition). Needs root, and the machine's own kind
# of processor.
set -eu
root=$1
delivered=$(mktemp -d "$root/tmp/node-ca-trust.XXXXXX")
trap 'rm -rf "$delivered"' EXIT
mkdir "$delivered/given"
cp "$2" "$delivered/given/"
[ -z "${3-}" ] || cp "$3" "$delivered/given/bundle.pem"
cp "$(dirname "$0")/../install.sh" "$delivered/"
# Not the caller's environment: it may name other certificates.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" \
  sh "${delivered#"$root"}/install.sh" "${delivered#"$root"}/given"
