#!/bin/bash
# make-user-data.sh [--gzip] FORM BUNDLE: prints user data that delivers the certificates of BUNDLE (PEM), made from the
# example of that name beside this script, without its comments. On standard error it says how many characters each
# form costs.
#   FORM: write-files, runcmd, boothook, multipart, compressed, compressed-der or custom-data
#   --gzip: the whole user data compressed, which cloud-init undoes (so not for custom-data)
# Needs bash, openssl, gzip, and coreutils.
set -euo pipefail

# What a platform takes as custom data: characters of base64, for 65,535 bytes.
limit=87380
forms=(write-files runcmd boothook multipart compressed compressed-der custom-data)
here=$(cd "$(dirname "$0")" && pwd)

die() {
  echo "make-user-data: $2" >&2
  exit "$1"
}

gzipped=no
if [[ ${1-} == --gzip ]]; then
  gzipped=yes
  shift
fi
(( $# == 2 )) || die 64 "usage: make-user-data.sh [--gzip] FORM BUNDLE; FORM is one of: ${forms[*]}"
wanted=$1
bundle=$2
[[ " ${forms[*]} " == *" $wanted "* ]] || die 64 "there is no form '$wanted'; there are: ${forms[*]}"
[[ $gzipped == no || $wanted != custom-data ]] || die 64 "nobody unpacks a custom-data script: no --gzip"
[[ -r $bundle ]] || die 66 "'$bundle' cannot be read"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# openssl would pass over it, and then nobody is told that it leaked.
! grep -aq 'PRIVATE KEY' "$bundle" || die 65 "'$bundle' holds a private key: take it out, and treat it as leaked"
said=$(openssl crl2pkcs7 -nocrl -certfile "$bundle" -outform DER -out "$scratch/der" 2>&1) ||
  die 65 "'$bundle' is not a PEM bundle: $said"
# Certificates alone: no text between them, no carriage returns, each in lines of 64 characters.
openssl pkcs7 -inform DER -in "$scratch/der" -print_certs |
  sed -n '/^-----BEGIN CERTIFICATE-----$/,/^-----END CERTIFICATE-----$/p' >"$scratch/pem"
count=$(grep -c '^-----BEGIN' "$scratch/pem") || die 65 "'$bundle' holds no certificate"
delivered=$(grep -ac -- '-----BEGIN .*CERTIFICATE-----' "$bundle")
(( count == delivered )) || die 65 "'$bundle' holds $delivered certificates, of which openssl reads $count"

# The example with our bundle in the place of its own: a PEM block, indented as it is, or a compressed value.
# Comments are paid for, so they stay here.
fill() {
  local file payload=$scratch/pem
  [[ $1 == *-der ]] && payload=$scratch/der
  file=$(echo "$here/${1%-der}".*)
  gzip -9nc "$payload" | base64 -w0 >"$scratch/value"
  awk -v pem="$scratch/pem" -v value="$scratch/value" '
    /^ *# / { next }
    /-----BEGIN/ {
      indent = substr($0, 1, index($0, "-") - 1)
      while ((getline line <pem) > 0) print indent line
      inside = 1
    }
    inside { if (/-----END/) inside = 0; next }
    /^ *content: [^|]/ { getline line <value; sub(/content: .*/, "content: " line) }
    { print }' "$file"
}

# What FILE costs once it is base64, how much of the limit that is, and what that saves beside the first row.
characters() {
  base64 -w0 "$1" | wc -c
}
first=
row() {
  local cost note=""
  cost=$(characters "$2")
  : "${first:=$cost}"
  (( cost >= first )) || note=", saves $(( first - cost ))"
  (( cost <= limit )) || note+=", OVER THE LIMIT"
  printf '  %-24s %7d characters, %3d %%%s\n' "$1" "$cost" $(( cost * 100 / limit )) "$note" >&2
}

echo "make-user-data: $count certificates; of the $limit characters that custom data may have, these forms take:" >&2
for form in "${forms[@]}"; do
  fill "$form" >"$scratch/$form"
  row "$form" "$scratch/$form"
  [[ $form != custom-data ]] || continue
  gzip -9nc "$scratch/$form" >"$scratch/$form.gz"
  row "--gzip $form" "$scratch/$form.gz"
done

chosen=$scratch/$wanted
[[ $gzipped == no ]] || chosen+=.gz
(( $(characters "$chosen") <= limit )) ||
  die 65 "'$wanted' is over the limit: take a smaller form, or fewer certificates"
cat "$chosen"
