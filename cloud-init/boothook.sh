#cloud-boothook
#!/bin/sh
# For CAs that cloud-init itself needs, because a mirror or a proxy behind them serves its packages: a boothook runs
# before all modules of cloud-init, and at every boot. It needs no enabled unit, but node-ca-trust in the image.
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
exec node-ca-trust provision
