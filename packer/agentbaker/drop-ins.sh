#!/bin/sh
# drop-ins.sh [ROOT [usr|opt]]: makes AgentBaker's update_certs.service and update_certs.path below ROOT use node-ca-trust,
# as a package installs it, or as the archive does where /usr is sealed ("opt"). None of AgentBaker's files is changed; it
# does not matter whether they are there already.
set -eu
here=$(dirname "$0")
root=${1-}
root=${root%/}
units=$root/etc/systemd/system
case ${2-usr} in
  usr) prefix=/usr packaged=/usr/lib/systemd/system ;;
  opt) prefix=/opt/node-ca-trust packaged=/etc/systemd/system ;;
  *) echo "drop-ins.sh: '$2' is neither usr nor opt" >&2; exit 64 ;;
esac

# add FILE DROP_IN: programs where they are.
add() {
  install -D -m 0644 "$here/$1" "$units/$2"
  sed -i "s,/usr/\(bin/node-ca-trust\|lib/node-ca-trust/\),$prefix/\1," "$units/$2"
}
add update_certs.service.conf update_certs.service.d/50-node-ca-trust.conf
add update_certs.path.conf update_certs.path.d/50-node-ca-trust.conf
add node-ca-trust-rotate.service.conf node-ca-trust-rotate.service.d/50-agentbaker.conf
for program in adopt-aks-anchors show-aks-anchors try-update-certs; do
  install -D -m 0755 "$here/$program" "$root$prefix/lib/node-ca-trust/$program"
done
# The sandbox that rotation has, in which it may write the trust store and nothing else.
ln -sf $packaged/node-ca-trust-rotate.service.d/10-sandbox.conf "$units/update_certs.service.d/10-sandbox.conf"
