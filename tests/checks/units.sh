#!/bin/bash
# units.sh CMAKE BUILD_DIRECTORY [SED_EXPRESSION FILE]: systemd has no objection to the unit files as they are
# installed, finds every service's exposure to be at most 1.5, and makes the directory in /run that tmpfiles.d asks for.
# With a mistake seeded into FILE, as seen from the directory of the units, for seeded.sh.
set -euo pipefail
cmake=$1
build=$2
most=15  # tenths
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
DESTDIR=$tree "$cmake" --install "$build" --prefix /usr >/dev/null
installed=$tree/usr/lib/systemd/system
(( $# == 2 )) || sed -i "$3" "$installed/$4"
# The targets that units depend on by default, and services that our drop-ins are for.
for unit in basic shutdown sysinit multi-user timers paths sockets slices system.slice -.slice -.mount; do
  file=/lib/systemd/system/$unit
  [[ -e $file ]] || file+=.target
  [[ -e $file ]] && cp "$file" "$installed/"
done
for consumer in containerd kubelet; do
  printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$installed/$consumer.service"
done
mkdir -p "$tree/bin"
touch "$tree/bin/sleep" "$tree/bin/sh"
chmod +x "$tree/bin/"*

wrong=0
complain() {
  echo "$1"
  wrong=1
}
units=$(cd "$installed" && ls node-ca-trust*.{service,path,timer})
[[ -n $units ]] || complain "no unit is installed"
# shellcheck disable=SC2086
said=$(systemd-analyze verify --man=no --root="$tree" $units containerd.service kubelet.service 2>&1) || :
[[ -z $said ]] || complain "systemd-analyze verify: $said"
for unit in $units; do
  [[ $unit == *.service ]] || continue
  systemd-analyze security --root="$tree" --offline=true --threshold=$most --no-pager "$unit" >"$tree/said" 2>&1 ||
    complain "$unit: $(grep 'Overall exposure' "$tree/said" || cat "$tree/said"); at most $most tenths are wanted"
done
said=$(systemd-tmpfiles --create --root="$tree" node-ca-trust.conf 2>&1 &&
  stat -c '%F %U %a' "$tree/run/node-ca-trust" 2>&1) || :
[[ $said == "directory root 755" ]] || complain "systemd-tmpfiles: /run/node-ca-trust: $said"
exit $wrong
