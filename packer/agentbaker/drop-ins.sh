#!/bin/sh
# drop-ins.sh [ROOT]: makes AgentBaker's update_certs.service and update_certs.path below ROOT use node-ca-trust. None of
# AgentBaker's files is changed; it does not matter whether they are there already.
set -eu
here=$(dirname "$0")
root=${1-}
units=$root/etc/systemd/system
install -D -m 0644 "$here/update_certs.service.conf" "$units/update_certs.service.d/50-node-ca-trust.conf"
install -D -m 0644 "$here/update_certs.path.conf" "$units/update_certs.path.d/50-node-ca-trust.conf"
install -D -m 0644 "$here/node-ca-trust-rotate.service.conf" \
  "$units/node-ca-trust-rotate.service.d/50-agentbaker.conf"
for program in adopt-aks-anchors show-aks-anchors try-update-certs; do
  install -D -m 0755 "$here/$program" "$root/usr/lib/node-ca-trust/$program"
done
# The sandbox that rotation has, in which it may write the trust store and nothing else.
ln -sf /usr/lib/systemd/system/node-ca-trust-rotate.service.d/10-sandbox.conf \
  "$units/update_certs.service.d/10-sandbox.conf"
