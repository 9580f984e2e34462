#!/bin/bash
# seeded_packer.sh PACKER_DIRECTORY BASE_SCRIPT PACKAGES_DIRECTORY: packer.sh finds the mistakes that are seeded here.
source "$(dirname "$0")/seeding.sh"
templates=$1
base=$2
packages=$3

# finds_in_copy TEXT FILE SED_EXPRESSION: with FILE edited, the check fails and says TEXT.
finds_in_copy() {
  edited "$templates" "$2" "$3"
  finds "$1" packer.sh "$scratch/seeded" "$base" "$packages"
}

finds_in_copy "packer fmt: " qemu/node.pkr.hcl 's/^  headless  */  headless /'
finds_in_copy "packer validate azure: " azure/node.pkr.hcl '/image_sku/d'
finds_in_copy "packer validate qemu: " qemu/node.pkr.hcl 's/memory  /memories/'
finds_in_copy "drift expected-missing: " install.sh 's/^node-ca-trust bake.*/node-ca-trust bake/'
finds_in_copy "the image does not trust the CA" install.sh \
  's/^node-ca-trust bake.*/node-ca-trust bake/; s/^node-ca-trust verify.*/node-ca-trust verify --image/'
finds_in_copy "passes with a private key in the bundle" install.sh \
  's/^node-ca-trust bake.*/& || node-ca-trust bake/; s/^node-ca-trust verify.*/node-ca-trust verify --image/'
finds_in_copy "install.sh does not refuse a hidden file" install.sh 's/^    \.\*) refuse/    .*) :/'
finds_in_copy "install.sh leaves out a bundle" install.sh 's/\*\.tar\.gz) ;;/*.tar.gz | *.cer) ;;/'
finds_in_copy "provisioning is not enabled" install.sh 's/^node-ca-trust verify.*/systemctl disable node-ca-trust; exit 0/'
finds_in_copy "drift unit-not-enabled: node-ca-trust-rotate.path" install.sh '/^node-ca-trust bake/d'
finds_in_copy "the CA is not the image's own" install.sh 's/^node-ca-trust bake.*/node-ca-trust provision "$@"; node-ca-trust bake/'
finds_in_copy "packer build: leaves " install.sh 's|^cd /$|: >/var/tmp/forgotten; cd /|'
finds_in_copy "makes no update_certs.path.d/50-node-ca-trust.conf" agentbaker/drop-ins.sh '/update_certs.path/d'
exit $wrong
