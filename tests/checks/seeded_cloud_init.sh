#!/bin/bash
# seeded_cloud_init.sh CLOUD_INIT_DIRECTORY BASE_SCRIPT: cloud_init.sh finds the mistakes that are seeded here.
source "$(dirname "$0")/seeding.sh"
examples=$1
base=$2

# finds_in_copy TEXT FILE SED_EXPRESSION: with FILE edited, the check fails and says TEXT.
finds_in_copy() {
  edited "$examples" "$2" "$3"
  finds "$1" cloud_init.sh "$scratch/seeded" "$base"
}

finds_in_copy "Additional properties are not allowed" write-files.yaml 's/permissions:/permission:/'
finds_in_copy "runcmd.yaml: provision is not run last" runcmd.yaml 's/\[node-ca-trust, provision\]/[node-ca-trust, verify]/'
for example in boothook.sh custom-data.sh multipart.mime; do
  finds_in_copy "$example: a power cut could take the bundle" $example '/^sync .*new$/d'
done
# shellcheck disable=SC2016
finds_in_copy "delivers other certificates" make-user-data.sh \
  's/^openssl pkcs7 .*|/openssl x509 -in "$bundle" |/; s/count == delivered/count == 1/'
exit $wrong
