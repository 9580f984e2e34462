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
# They stay in the image's store whatever bundle a node brings; and its machines provision before anything else starts.
node-ca-trust bake "$@"

# The gate: exit status 1, and every miss by its name. (In a pipeline: --format junit.)
node-ca-trust verify --image

# Nothing of the build stays.
cd /
rm -rf "$OLDPWD"
