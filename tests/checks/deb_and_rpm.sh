#!/bin/bash
# deb_and_rpm.sh CMAKE CPACK BUILD_DIRECTORY [SED_EXPRESSION]: both packages and the archive can be built, hold what is
# installed by hand, and lintian has neither an error nor a warning to say. With a mistake seeded into their configuration, for
# seeded.sh.
set -euo pipefail
cmake=$1
cpack=$2
build=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sed "${4-}" "$build/CPackConfig.cmake" >"$scratch/CPackConfig.cmake"

wrong=0
complain() {
  echo "$1"
  wrong=1
}
for kind in DEB RPM TGZ; do
  "$cpack" -G $kind --config "$scratch/CPackConfig.cmake" -B "$scratch/$kind" >"$scratch/said" 2>&1 ||
    { cat "$scratch/said"; exit 1; }
done
deb=$(echo "$scratch"/DEB/*.deb)
rpm=$(echo "$scratch"/RPM/*.rpm)
archive=$(echo "$scratch"/TGZ/*.tar.gz)

said=$(lintian --allow-root --no-cfg --fail-on error,warning "$deb" 2>&1) || complain "lintian: $said"

DESTDIR=$scratch/tree "$cmake" --install "$build" --prefix /usr >/dev/null
# same NAME PATTERN: the files of the package are those of the installation, but for those that match.
same() {
  local difference
  difference=$(diff -U0 --label installed --label "$1" \
    <(cd "$scratch/tree" && find . ! -type d | cut -c 2- | grep -v "$2" | sort) <(sort)) ||
    complain "$1: $(grep '^[-+]/' <<<"$difference")"
}
dpkg-deb -c "$deb" | awk '!/^d/ { print substr($6, 2) }' | same deb '^/usr/share/\(licenses\|node-ca-trust\)/'
rpm -qp --dump "$rpm" 2>/dev/null | awk '$5 !~ /^04/ { print $1 }' | same rpm '^/usr/share/\(lintian\|node-ca-trust\)/'
tar -tzf "$archive" | sed '/\/$/d; s,^[^/]*,,' | same archive '^/usr/share/lintian/'

# Only what every node has.
foreign=$(rpm -qp --requires "$rpm" 2>/dev/null |
  grep -vE '^(ca-certificates|/bin/sh|lib(c|m)\.so\.6|libcrypto\.so\.3|ld-linux|rpmlib|rtld)' || :)
[[ -z $foreign ]] || complain "rpm: requires $foreign"
foreign=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | grep -vE '^ ?(ca-certificates|libc6|libssl3(t64)?)( |$)' || :)
[[ -z $foreign ]] || complain "deb: depends on $foreign"

version=$(dpkg-deb -f "$deb" Version)
[[ $(zcat "$scratch/tree/usr/share/doc/node-ca-trust/changelog.gz" | head -n 1) == "node-ca-trust ($version) "* ]] ||
  complain "deb: $version is not the first version of the changelog"

# Without what makes them, cpack says which package is missing. (Seen by this command alone.)
without() {
  local said
  # shellcheck disable=SC2016
  said=$(unshare --mount sh -c 'mount --bind /dev/null "$(command -v "$1")" && shift && exec "$@"' sh "$1" \
    "$cpack" -G "$2" --config "$scratch/CPackConfig.cmake" -B "$scratch/without" 2>&1) && complain "$2 is made without $1"
  tr -s ' \n' ' ' <<<"$said" | grep -q "$1 is not installed, .* in the package $3" ||
    complain "without $1, cpack -G $2 says: $said"
}
without rpmbuild RPM rpm
without dpkg-shlibdeps DEB dpkg-dev

scripts=$(rpm -qp --scripts "$rpm" 2>/dev/null)
for script in postinstall preuninstall postuninstall; do
  grep -q "^$script scriptlet" <<<"$scripts" || complain "rpm: has no script $script"
done
exit $wrong
