#!/bin/bash
# packages.sh CPACK BUILD_DIRECTORY DIRECTORY: the Debian package of a build as DIRECTORY/old.deb, and the same with a
# higher version as new.deb.
set -euo pipefail
rm -rf "$3"
mkdir -p "$3"
"$1" -G DEB --config "$2/CPackConfig.cmake" -B "$3/built"
mv "$3"/built/*.deb "$3/old.deb"
dpkg-deb -R "$3/old.deb" "$3/unpacked"
sed -i 's/^Version: .*/&+later/' "$3/unpacked/DEBIAN/control"
dpkg-deb --root-owner-group -b "$3/unpacked" "$3/new.deb"
rm -rf "$3/unpacked" "$3/built"
