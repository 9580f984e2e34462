#!/bin/sh
# install.sh DIRECTORY: run as root in the machine or root that becomes the image, with the package (*.deb) in
# DIRECTORY, and the CAs that the image itself shall hold (*.pem), if any. DIRECTORY is gone afterwards.
# Exit status 0 says that an image may be made of it.
set -eu
cd "$1"

# apt takes what the package depends on from the distribution, where it is not there.
DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends ./*.deb

for bundle in *.pem; do
  [ -e "$bundle" ] || continue
  set -- "$@" --from "$bundle"
done
shift
# They stay in the image's store whatever bundle a node brings.
[ $# = 0 ] || node-ca-trust provision "$@"

# The gate: store and manifest are proved, and the next boot provisions.
node-ca-trust verify
[ "$(systemctl is-enabled node-ca-trust.service)" = enabled ] ||
  { echo "install.sh: node-ca-trust.service is not enabled: a preset of this image says so" >&2; exit 1; }

# Nothing of the build stays: what names this boot, reports, and what was delivered.
cd /
rm -rf /run/node-ca-trust "$OLDPWD"
