#!/bin/bash
# product.sh CMAKE BUILD_DIRECTORY DIRECTORY: what a build installs, below DIRECTORY, and nothing else there.
set -euo pipefail
rm -rf "$3"
DESTDIR=$3 "$1" --install "$2" --prefix /usr --strip
