#!/bin/bash
# node.sh KIND PACKAGES ROOT [PROGRAM]: a package for arm64 in its life on a node of that processor: installed, at work,
# upgraded and removed by the dpkg (KIND deb) or rpm (rpm) of ROOT, a Debian root for arm64 whose programs start here.
# The packages are those of system/packages.sh. With a PROGRAM for this machine's processor, that one bakes and judges
# ROOT as an image meanwhile. Leaves ROOT as it was, up to the package manager's own files.
set -euo pipefail
kind=$1
packages=$2
root=$3
program=${4-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

wrong=0
complain() {
  echo "$kind: $1"
  wrong=1
}
# does WHAT COMMAND...: which succeeds, and what it says is for `says`.
does() {
  local what=$1
  shift
  "$@" >"$scratch/said" 2>&1 || complain "$what: $(<"$scratch/said")"
}
says() {
  grep -qxF -- "$1" "$scratch/said" || complain "does not say '$1': $(<"$scratch/said")"
}
node() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }
trusts() {
  node openssl verify -no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt /root/ca.pem >/dev/null 2>&1 &&
    node openssl verify -no-CAfile -CApath /etc/ssl/certs /root/ca.pem >/dev/null 2>&1
}
store() {
  (cd "$root" && find etc/ssl usr/local/share etc/systemd -printf '%p %y %m %l\n' | sort
    sha256sum etc/ssl/certs/ca-certificates.crt)
}

cp "$packages"/{old,new}."$kind" "$root/root/"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key" -subj "/O=Example/CN=$kind" -days 30 \
  -addext keyUsage=critical,keyCertSign -out "$root/root/ca.pem" 2>/dev/null
before=$(store)
case $kind in
  deb)
    does "an installation" node dpkg -i /root/old.deb
    upgrade=(dpkg -i /root/new.deb)
    removal=(dpkg -P node-ca-trust)
    ;;
  rpm)
    # What it requires is there by Debian's packages, which rpm does not know.
    cp "$packages/system.rpm" "$root/root/"
    does "an installation" node rpm -i /root/system.rpm /root/old.rpm
    upgrade=(rpm -U /root/new.rpm)
    removal=(rpm -e node-ca-trust system)
    ;;
esac
[[ -L $root/etc/systemd/system/multi-user.target.wants/node-ca-trust.service ]] || complain "the boot unit is not enabled"
[[ $(store) == *multi-user.target.wants/node-ca-trust.service* ]] || complain "nothing was installed"
! trusts || complain "the CA is trusted already"

does "provision" node node-ca-trust provision --from /root/ca.pem
trusts || complain "the CA is not trusted: $(<"$scratch/said")"
does "verify" node node-ca-trust verify
says "result: yes"
state=$(store)
does "an upgrade" node "${upgrade[@]}"
[[ $(store) == "$state" ]] || complain "an upgrade changes: $(diff <(echo "$state") <(store))"
does "status" node node-ca-trust status

if [[ -n $program ]]; then
  does "bake" "$program" bake --root "$root" --from "$root/root/ca.pem"
  does "verify --image" "$program" verify --image --root "$root" --expect "$root/root/ca.pem"
  says "check: libraries passed"
  # What was proved with another libcrypto it would prove again.
  node node-ca-trust verify --image --expect /root/ca.pem >"$scratch/said" 2>&1 || :
  says "check: libraries passed"
  # Of the builder's processor, as somebody may have copied it; and none.
  library=$root/usr/lib/aarch64-linux-gnu/libcrypto.so.3
  mv "$library" "$scratch/library"
  cp /usr/lib/x86_64-linux-gnu/libcrypto.so.3 "$library"
  "$program" verify --image --root "$root" >"$scratch/said" 2>&1 && complain "another processor's libcrypto passes"
  says "drift library-unfit: /lib/aarch64-linux-gnu/libcrypto.so.3"
  says "  it is for another processor"
  rm "$library"
  "$program" verify --image --root "$root" >"$scratch/said" 2>&1 && complain "no libcrypto passes"
  says "drift library-missing: libcrypto.so.3"
  mv "$scratch/library" "$library"
fi

does "a removal" node "${removal[@]}"
[[ $(store) == "$before" ]] || complain "a removal leaves: $(diff <(echo "$before") <(store))"
for path in var/lib/node-ca-trust run/node-ca-trust usr/bin/node-ca-trust; do
  [[ ! -e $root/$path ]] || complain "a removal leaves /$path"
done
rm "$root"/root/*
exit $wrong
