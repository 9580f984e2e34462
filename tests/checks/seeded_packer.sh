#!/bin/bash
# seeded_packer.sh PACKER_DIRECTORY BASE_SCRIPT PACKAGES_DIRECTORY: packer.sh finds the mistakes that are seeded here.
set -euo pipefail
checks=$(cd "$(dirname "$0")" && pwd)
templates=$1
base=$2
packages=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0

# finds TEXT FILE SED_EXPRESSION: with FILE edited, the check fails and says TEXT.
finds() {
  local said
  rm -rf "$scratch/seeded"
  cp -r "$templates" "$scratch/seeded"
  sed -i "$3" "$scratch/seeded/$2"
  if said=$(bash "$checks/packer.sh" "$scratch/seeded" "$base" "$packages" 2>&1); then
    echo "packer.sh did not notice: $1"
  elif grep -qF -- "$1" <<<"$said"; then
    return
  else
    echo "packer.sh did not say: $1"
    echo "$said"
  fi
  wrong=1
}

finds "packer fmt: " qemu/node.pkr.hcl 's/^  headless  */  headless /'
finds "packer validate azure: " azure/node.pkr.hcl '/image_sku/d'
finds "packer validate qemu: " qemu/node.pkr.hcl 's/memory  /memories/'
finds "the image does not trust the CA" install.sh 's/^node-ca-trust bake.*/node-ca-trust bake/'
finds "passes with a private key in the bundle" install.sh 's/^node-ca-trust bake.*/& || node-ca-trust bake/'
finds "provisioning is not enabled" install.sh 's/^node-ca-trust verify.*/systemctl disable node-ca-trust; exit 0/'
finds "drift unit-not-enabled: node-ca-trust-rotate.path" install.sh '/^node-ca-trust bake/d'
finds "the CA is not the image's own" install.sh 's/^node-ca-trust bake.*/node-ca-trust provision "$@"; node-ca-trust bake/'
finds "packer build: leaves " install.sh 's|^cd /$|: >/var/tmp/forgotten; cd /|'
finds "makes no update_certs.path.d/50-node-ca-trust.conf" agentbaker/drop-ins.sh '/update_certs.path/d'
exit $wrong
