#!/bin/bash
# seeded_cloud_init.sh CLOUD_INIT_DIRECTORY BASE_SCRIPT: cloud_init.sh finds the mistakes that are seeded here.
set -euo pipefail
checks=$(cd "$(dirname "$0")" && pwd)
examples=$1
base=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0

# finds TEXT FILE SED_EXPRESSION: with FILE edited, the check fails and says TEXT.
finds() {
  local said
  rm -rf "$scratch/seeded"
  cp -r "$examples" "$scratch/seeded"
  sed -i "$3" "$scratch/seeded/$2"
  if said=$(bash "$checks/cloud_init.sh" "$scratch/seeded" "$base" 2>&1); then
    echo "cloud_init.sh did not notice: $1"
  elif grep -qF -- "$1" <<<"$said"; then
    return
  else
    echo "cloud_init.sh did not say: $1"
    echo "$said"
  fi
  wrong=1
}

finds "Additional properties are not allowed" write-files.yaml 's/permissions:/permission:/'
finds "runcmd.yaml: provision is not run last" runcmd.yaml 's/\[node-ca-trust, provision\]/[node-ca-trust, verify]/'
# shellcheck disable=SC2016
finds "delivers other certificates" make-user-data.sh \
  's/^openssl pkcs7 .*|/openssl x509 -in "$bundle" |/; s/count == delivered/count == 1/'
exit $wrong
