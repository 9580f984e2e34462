#!/bin/bash
# packages.sh CPACK BUILD_DIRECTORY DIRECTORY: the Debian package of a build as DIRECTORY/old.deb, and the same with a
# higher version as new.deb; the same of rpm, and system.rpm, which says that all that they require is there.
set -euo pipefail
rm -rf "$3"
mkdir -p "$3"
"$1" -G DEB --config "$2/CPackConfig.cmake" -B "$3/built"
mv "$3"/built/*.deb "$3/old.deb"
dpkg-deb -R "$3/old.deb" "$3/unpacked"
sed -i 's/^Version: .*/&+later/' "$3/unpacked/DEBIAN/control"
dpkg-deb --root-owner-group -b "$3/unpacked" "$3/new.deb"
rm -rf "$3/unpacked" "$3/built"

for release in 1 2; do
  "$1" -G RPM -D CPACK_RPM_PACKAGE_RELEASE=$release --config "$2/CPackConfig.cmake" -B "$3/built"
  mv "$3"/built/*.rpm "$3/$release.rpm"
done
mv "$3/1.rpm" "$3/old.rpm"
mv "$3/2.rpm" "$3/new.rpm"
{
  printf '%s\n' 'Name: system' 'Version: 1' 'Release: 1' 'Summary: what a system has' 'License: none' \
    'BuildArch: noarch' 'AutoReqProv: no'
  rpm -qp --requires "$3/old.rpm" | grep -v '^rpmlib(' | sort -u | sed 's/^/Provides: /'
  printf '%s\n' '%description' 'It installs nothing.' '%files'
} >"$3/built/system.spec"
rpmbuild -bb --quiet -D "_topdir $3/built/rpmbuild" "$3/built/system.spec"
mv "$3"/built/rpmbuild/RPMS/noarch/*.rpm "$3/system.rpm"
rm -rf "$3/built"
