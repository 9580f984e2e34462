#!/bin/bash
# apt_sources.sh SOURCES_SCRIPT: the roots of the system tests are made from where apt gets the distribution's packages,
# whatever the files of its sources are called. Seen in a mount namespace with other files than the machine's; nothing
# is fetched. Needs root.
set -euo pipefail
script=$1
if [[ ${2-} != alone ]]; then
  exec unshare --mount --propagation private bash "$0" "$script" alone
fi
# shellcheck source=/dev/null
. /etc/os-release
suite=$VERSION_CODENAME
mount -t tmpfs tmpfs /mnt
mkdir /mnt/expected

wrong=0
complain() {
  echo "$1"
  wrong=1
}

# A machine without a source; what apt knows of archives is empty as well.
fresh() {
  local place
  for place in /etc/apt /var/lib/apt/lists /var/cache/apt; do mount -t tmpfs -o mode=755 tmpfs $place; done
  mkdir /etc/apt/{apt.conf.d,sources.list.d,preferences.d,trusted.gpg.d}
  cd /etc/apt/sources.list.d
}

# yields WHAT SUITE FILE...: sources.sh copies these files, as they lie in /mnt/expected where the suite is another.
yields() {
  local what=$1 wanted=$2 file copy i=0 out
  shift 2
  rm -rf /mnt/copies
  mkdir /mnt/copies
  if ! out=$(bash "$script" "$wanted" /mnt/copies 2>&1); then
    complain "$what: $out"
    return
  fi
  mapfile -t copies <<<"$out"
  (( ${#copies[@]} == $# )) || complain "$what: ${copies[*]}"
  for file in "$@"; do
    copy=${copies[i++]-}
    [[ $wanted == "$suite" ]] || file=/mnt/expected/$(basename "$file")
    diff -U0 "$file" "$copy" || complain "$what: $copy is not as $file"
  done
}

fresh
said=$(bash "$script" "$suite" /mnt/expected 2>&1) && complain "no source at all is no error"
[[ $said == *"apt has no source of $ID $suite" ]] || complain "no source at all: $said"

# Any names; and files and entries that are disabled.
cat >company.sources <<END
Types: deb deb-src
URIs: file:/nowhere/debian
Suites: $suite $suite-updates
Components: main contrib
Trusted: yes

Enabled: no
Types: deb
URIs: file:/nowhere/else
Suites: $suite-security
Components: main
END
echo "deb [trusted=yes] file:/nowhere/security $suite-security main" >zz-security.list
echo "deb file:/nowhere/debian $suite main" >old.list.disabled
printf 'Enabled: no\nTypes: deb\nURIs: file:/nowhere/off\nSuites: %s\nComponents: main\n' "$suite" >off.sources
echo "deb [trusted=yes] file:/nowhere/tools tools-$suite main" >tools.list
echo "deb [trusted=yes] file:/nowhere/docker $suite stable" >docker.list
yields "other names" "$suite" "$PWD/company.sources" "$PWD/zz-security.list"
for file in company.sources zz-security.list; do sed "s/$suite/newer/g" $file >/mnt/expected/$file; done
yields "other names, another suite" newer company.sources zz-security.list

# The one file of old, by the names of suites that wander.
fresh
printf 'deb [trusted=yes] file:/nowhere/debian stable main\n#deb file:/nowhere/src stable main\n' >/etc/apt/sources.list
printf 'deb [trusted=yes] file:/nowhere/debian newer main\n#deb file:/nowhere/src newer main\n' >/mnt/expected/sources.list
yields "sources.list" "$suite" /etc/apt/sources.list
yields "sources.list, another suite" newer /etc/apt/sources.list

# Somebody else's archive for the same release is not the distribution's, where apt knows that.
fresh
for name in debian vendor; do
  echo "deb [trusted=yes] file:/nowhere/$name $suite main" >$name.list
done
# told ARCHIVE ORIGIN: apt has been updated, and ARCHIVE calls itself so.
told() {
  local read=/var/lib/apt/lists/_nowhere_$1_dists_$suite
  rm -f /var/cache/apt/*.bin
  : >"${read}_main_binary-$(dpkg --print-architecture)_Packages"
  cat >"${read}_Release" <<END
Origin: $2
Codename: $suite
Components: main
Architectures: $(dpkg --print-architecture)
Date: Sat, 01 Jan 2022 00:00:00 UTC
SHA256:
 $(sha256sum </dev/null | head -c 64) 0 main/binary-$(dpkg --print-architecture)/Packages
END
}
yields "archives that nobody has read yet" "$suite" "$PWD/debian.list" "$PWD/vendor.list"
told debian "${ID^}"
told vendor Vendor
yields "somebody else's archive" "$suite" "$PWD/debian.list"
told debian Mirror
yields "a copy with a name of its own" "$suite" "$PWD/debian.list" "$PWD/vendor.list"
exit $wrong
