#!/bin/sh
# For machines without cloud-init, where something else runs the custom data as a script, as root. (cloud-init would
# run it as late as runcmd.) If containerd runs already, provision restarts it, once.
set -eu
umask 022
mkdir -p /etc/node-ca-trust
# Written beside, brought to disk and renamed: who reads it sees all or nothing, also after a power cut half-way.
cat >/etc/node-ca-trust/bundle.pem.new <<'END'
-----BEGIN CERTIFICATE-----
here stands your CA, and below it further ones
-----END CERTIFICATE-----
END
sync /etc/node-ca-trust/bundle.pem.new
mv /etc/node-ca-trust/bundle.pem.new /etc/node-ca-trust/bundle.pem
sync /etc/node-ca-trust
# From now on also before containerd and kubelet start, at each boot.
systemctl enable node-ca-trust.service
exec node-ca-trust provision
