#!/bin/sh
# install.sh [--remove] [ROOT]: installs the product where /usr is sealed, as Azure Container Linux and Flatcar have it,
# from the archive that this file came in: the program below /opt/node-ca-trust, units and what goes with them in /etc.
# Below ROOT, where that is given, which need not run. Provisioning is enabled, and nothing is started; a second time it
# is an upgrade. With --remove our anchors are taken back out of the trust store, and everything goes but
# /etc/node-ca-trust. Needs root.
set -eu
prefix=/opt/node-ca-trust
packaged=$(cd "$(dirname "$0")/../.." && pwd)
remove=no
[ "${1-}" != --remove ] || { remove=yes; shift; }
root=${1-}
root=${root%/}
units=$root/etc/systemd/system

# The files of systemd's that are ours, from the directory of units on.
unit_files() {
  (cd "$packaged/lib/systemd/system" && find . -type f | sed 's,^\./,,')
}
# Removes such a file, and its directory where that is empty then.
ours() {
  rm -f "$units/$1"
  rmdir "$(dirname "$units/$1")" 2>/dev/null || :
}
runs() {
  [ -z "$root" ] && [ -d /run/systemd/system ]
}

if [ $remove = yes ]; then
  if runs; then
    systemctl stop node-ca-trust-rotate.path node-ca-trust-rotate.timer node-ca-trust-rotate.service \
      node-ca-trust.service || :
  fi
  "$root$prefix/bin/node-ca-trust" remove --all --root "${root:-/}" >/dev/null
  for drop_in in "$units"/*.d/50-node-ca-trust.conf; do
    ! grep -qs '^# Written by "node-ca-trust bake"' "$drop_in" || ours "${drop_in#"$units"/}"
  done
  for link in multi-user.target.wants/node-ca-trust.service paths.target.wants/node-ca-trust-rotate.path \
    timers.target.wants/node-ca-trust-rotate.timer node-ca-trust-rotate.path.d/50-directory.conf; do
    ours "$link"
  done
  unit_files | while read -r file; do
    ours "$file"
  done
  rm -f "$root/etc/tmpfiles.d/node-ca-trust.conf"
  rm -rf "$root$prefix" "$root/var/lib/node-ca-trust" "$root/run/node-ca-trust"
  ! runs || systemctl daemon-reload
  ! runs || systemctl reset-failed 'node-ca-trust*' || :
  exit
fi

install -D -m 0755 "$packaged/bin/node-ca-trust" "$root$prefix/bin/node-ca-trust.new"
mv "$root$prefix/bin/node-ca-trust.new" "$root$prefix/bin/node-ca-trust"
install -D -m 0644 "$packaged/share/man/man8/node-ca-trust.8.gz" "$root$prefix/share/man/man8/node-ca-trust.8.gz"
install -D -m 0644 "$packaged/lib/node-ca-trust/config.toml" "$root$prefix/share/node-ca-trust/config.toml"
install -D -m 0644 "$packaged/lib/tmpfiles.d/node-ca-trust.conf" "$root/etc/tmpfiles.d/node-ca-trust.conf"
# Once its unit is there, the administrator decides.
if [ ! -e "$units/node-ca-trust.service" ]; then
  mkdir -p "$units/multi-user.target.wants"
  ln -sf ../node-ca-trust.service "$units/multi-user.target.wants/node-ca-trust.service"
fi
unit_files | while read -r file; do
  install -D -m 0644 "$packaged/lib/systemd/system/$file" "$units/$file"
  sed -i "s,=\(+-\)\?/usr/bin/node-ca-trust,=\1$prefix/bin/node-ca-trust," "$units/$file"
done
! runs || systemctl daemon-reload
