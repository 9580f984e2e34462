#!/bin/bash
# root.sh PROGRAMS DIRECTORY FAMILY [CERTIFICATES]: makes DIRECTORY a small root of one of p11-kit's families, as far as its
# trust store goes: os-release, the directories and links of its ca-certificates, and Debian's own p11-kit from PROGRAMS
# (programs.sh), made to read the sources where that family has them. What the distribution ships are the first
# CERTIFICATES of Debian's roots (all without a number), as p11-kit keeps them; one of them is for e-mail alone, and one
# is blocked. No view is extracted yet.
set -euo pipefail
base=$1
root=$2
family=$3
count=${4:-1000}

umask 022
case $family in
  arch)
    local=/etc/ca-certificates/trust-source
    shipped=/usr/share/ca-certificates/trust-source
    ;;
  suse)
    local=/etc/pki/trust
    shipped=/usr/share/pki/trust
    ;;
  *)
    local=/etc/pki/ca-trust/source
    shipped=/usr/share/pki/ca-trust-source
    ;;
esac
mkdir -p "$root$local"/{anchors,blocklist} "$root$shipped"/{anchors,blocklist} "$root"/{etc/ssl,usr/bin,usr/sbin} \
  "$root"/{var/lib,run,tmp,dev,proc,usr/share/p11-kit/modules}
# Programs, with what they load.
loader=$(cd "$base" && echo lib*/ld-linux* | tr ' ' '\n' | head -n 1)
for file in usr/bin/trust usr/lib/*/pkcs11/p11-kit-trust.so "$loader" \
  usr/lib/*/lib{p11-kit,tasn1,ffi,c}.so.[0-9]* usr/bin/dash; do
  for path in "$base"/$file; do
    [[ -e $path ]] || continue
    name=${path#"$base"/}
    mkdir -p "$root/$(dirname "$name")"
    [[ ! -L $path ]] || cp -P "$path" "$root/$name"
    real=$(cd "$base" && realpath -m --relative-base="$base" "$path")
    mkdir -p "$root/$(dirname "$real")"
    cp "$base/$real" "$root/$real"
  done
done
for directory in lib lib64; do
  [[ ! -L $base/$directory ]] || [[ -e $root/$directory ]] || cp -P "$base/$directory" "$root/$directory"
done
printf '%s\n' 'module: p11-kit-trust.so' 'priority: 1' 'trust-policy: yes' \
  >"$root/usr/share/p11-kit/modules/p11-kit-trust.module"
# The paths are compiled in, and not every client passes on others: these have the length of Debian's.
ln -s "$shipped" "$root/shipped"
ln -s "$local" "$root/local"
sed -i 's,/etc/ssl/certs/ca-certificates.crt,/local:/shipped\x00------------------,' \
  "$root"/usr/lib/*/pkcs11/p11-kit-trust.so

case $family in
  azurelinux3) release='ID=azurelinux\nVERSION_ID="3.0"' ;;
  el9) release='ID="rocky"\nVERSION_ID="9.5"\nID_LIKE="rhel centos fedora"' ;;
  el10) release='ID="rhel"\nVERSION_ID="10.1"\nID_LIKE="centos fedora"' ;;
  fedora43) release='ID=fedora\nVERSION_ID=43' ;;
  fedora44) release='ID=fedora\nVERSION_ID=44' ;;
  arch) release='ID=arch\nBUILD_ID=rolling' ;;
  suse) release='ID="sl-micro"\nVERSION_ID="6.1"\nID_LIKE="suse sle-micro opensuse-microos microos"' ;;
esac
printf "$release\n" >"$root/etc/os-release"

# The directories and links of update-ca-trust as Red Hat has it.
lay_out_red_hat() {
  local extracted=/etc/pki/ca-trust/extracted
  mkdir -p "$root$extracted"/{openssl,pem,java,edk2} "$root"/etc/pki/{tls/certs,java}
  ln -s /etc/pki/tls/certs "$root/etc/ssl/certs"
  [[ $family == azurelinux3 || $family == el9 ]] || mkdir "$root$extracted/pem/directory-hash"
  ln -s $extracted/java/cacerts "$root/etc/pki/java/cacerts"
  if [[ $family == fedora44 ]]; then
    rmdir "$root$extracted/openssl"
  else
    ln -s $extracted/pem/tls-ca-bundle.pem "$root/etc/pki/tls/certs/ca-bundle.crt"
    ln -s $extracted/pem/tls-ca-bundle.pem "$root/etc/pki/tls/certs/ca-certificates.crt"
    ln -s $extracted/openssl/ca-bundle.trust.crt "$root/etc/pki/tls/certs/ca-bundle.trust.crt"
    [[ $family == el10 ]] || ln -s $extracted/pem/tls-ca-bundle.pem "$root/etc/pki/tls/cert.pem"
  fi
}

# Those of ca-certificates-utils; and a certificate of an administrator's with its hash link.
lay_out_arch() {
  mkdir -p "$root"/etc/{ca-certificates/extracted/cadir,ssl/certs/java}
  ln -s ../ca-certificates/extracted/tls-ca-bundle.pem "$root/etc/ssl/cert.pem"
  ln -s ../../ca-certificates/extracted/tls-ca-bundle.pem "$root/etc/ssl/certs/ca-certificates.crt"
  ln -s ../../ca-certificates/extracted/tls-ca-bundle.pem "$root/etc/ssl/certs/ca-bundle.crt"
  local own=$root/etc/ssl/certs/administrator.crt
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout /dev/null -subj '/CN=An administrator' \
    -out "$own" 2>/dev/null
  ln -s administrator.crt "$root/etc/ssl/certs/$(openssl x509 -in "$own" -noout -hash).0"
}

# Those of ca-certificates; its tool leaves the directory of the views, and those in it, unwritable.
lay_out_suse() {
  mkdir -p "$root"/var/lib/ca-certificates/{pem,openssl}
  ln -s ../../var/lib/ca-certificates/pem "$root/etc/ssl/certs"
  ln -s ../../var/lib/ca-certificates/ca-bundle.pem "$root/etc/ssl/ca-bundle.pem"
}

case $family in
  arch) lay_out_arch ;;
  suse) lay_out_suse ;;
  *) lay_out_red_hat ;;
esac

# The distribution's roots.
shipped=$root$shipped
number=0
for certificate in "$base"/usr/share/ca-certificates/mozilla/*.crt; do
  (( number++ < count )) || break
  case $number in
    2) openssl x509 -in "$certificate" -addtrust emailProtection -trustout -out "$shipped/mail.crt" ;;
    3) cp "$certificate" "$shipped/blocklist/blocked.crt" ;;
    *)
      printf '[p11-kit-object-v1]\nlabel: "%s"\ntrusted: true\n' "$(basename "$certificate" .crt)"
      cat "$certificate"
      printf '\n'
      ;;
  esac
done >"$shipped/ca-bundle.trust.p11-kit"
