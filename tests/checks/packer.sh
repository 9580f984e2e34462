#!/bin/bash
# packer.sh PACKER_DIRECTORY BASE_SCRIPT PACKAGES_DIRECTORY: the templates are formatted and valid for Debian's packer,
# and the one for an offline root makes an image that is what it says. (qemu and azure-arm are validated, not run.)
# The offline root is the Debian root that BASE_SCRIPT prints, in a copy that is gone afterwards. Needs root.
set -euo pipefail
templates=$1
if [[ ${4-} != alone ]]; then
  base=$(bash "$2")
  # Mounts of this check are seen by it alone.
  exec unshare --mount --propagation private bash "$0" "$templates" "$base" "$3" alone
fi
base=$2
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/{upper,work,root,scratch}
mount -t overlay -o "lowerdir=$base,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
root=/mnt/root
scratch=/mnt/scratch
# No look for a newer packer, and nothing into anybody's home.
export CHECKPOINT_DISABLE=1 HOME=$scratch PACKER_CACHE_DIR=$scratch/cache

wrong=0
complain() {
  echo "$1"
  wrong=1
}

for template in "$templates"/*/node.pkr.hcl; do
  said=$(packer fmt -check -diff "${template%/*}" 2>&1) || complain "packer fmt: $said"
done

# As the templates are copied. Packers before 1.7 have all builders inside, and no block for plugins.
cp -r "$templates" $scratch/packer
[[ $(packer version) != "Packer v1.6."* ]] || rm -f $scratch/packer/*/plugins.pkr.hcl
openssl req -x509 -newkey rsa:2048 -nodes -keyout $scratch/key -subj "/O=Example/CN=Corporate Root" -days 30 \
  -addext keyUsage=critical,keyCertSign -out $scratch/corporate.pem 2>/dev/null
cp "$3/old.deb" $scratch/node-ca-trust.deb
mkdir $scratch/seed
touch $scratch/disk.qcow2
# valid NAME OPTION...: packer finds everything the builder wants, with a bundle and without.
valid() {
  local name=$1 bundle said
  shift
  said=$(packer validate -syntax-only $scratch/packer/"$name" 2>&1) || complain "packer validate -syntax-only $name: $said"
  for bundle in "" $scratch/corporate.pem; do
    said=$(packer validate -var package=$scratch/node-ca-trust.deb -var "bundle=$bundle" "$@" $scratch/packer/"$name" \
      2>&1) || complain "packer validate $name: $said"
  done
}
valid azure -var subscription_id=one -var resource_group=two -var storage_account=three
valid qemu -var image=$scratch/disk.qcow2 -var seed=$scratch/seed -var ssh_private_key_file=$scratch/key
valid offline -var root=$root

build() {
  packer build -color=false -var root=$root -var package=$scratch/node-ca-trust.deb "$@" $scratch/packer/offline \
    >$scratch/said 2>&1
}
trusts() {
  openssl verify -no-CApath -CAfile $root/etc/ssl/certs/ca-certificates.crt $scratch/corporate.pem >/dev/null 2>&1
}

# What must not be in an image: files of a boot, and of the build.
passing() {
  (cd $root && { find tmp run var/tmp -mindepth 1; [[ ! -s etc/machine-id ]] || echo etc/machine-id; } | sort)
}
passing >$scratch/passing

# A bundle that is refused ends the build, and no image is made.
cat $scratch/corporate.pem $scratch/key >$scratch/keyed.pem
if build -var bundle=$scratch/keyed.pem; then complain "packer build: passes with a private key in the bundle"; fi
grep -q 'private-key' $scratch/said || complain "packer build: does not say what is wrong: $(<$scratch/said)"
! trusts || complain "packer build: installs a bundle with a private key"

build -var bundle=$scratch/corporate.pem || complain "packer build: $(<$scratch/said)"
trusts || complain "packer build: the image does not trust the CA"
said=$(chroot $root node-ca-trust verify --image) || complain "packer build: makes no image: $said"
chroot $root node-ca-trust status | grep -q "^  from baked, bundle.pem: entry 1" ||
  complain "packer build: the CA is not the image's own"
[[ -L $root/etc/systemd/system/multi-user.target.wants/node-ca-trust.service ]] ||
  complain "packer build: provisioning is not enabled"
left=$(comm -13 $scratch/passing <(passing))
[[ -z $left ]] || complain "packer build: leaves $left"

# A machine's own traces do not pass.
mkdir $root/run/node-ca-trust
: >$root/run/node-ca-trust/boot
! chroot $root node-ca-trust verify --image >/dev/null || complain "packer build: passes what a boot has left"

# Again, and without a bundle: the image is as before.
listing() {
  (cd $root && find etc/ssl usr/local/share etc/systemd var/lib/node-ca-trust opt -printf '%p %m %l\n' | sort
    sha256sum etc/ssl/certs/ca-certificates.crt var/lib/node-ca-trust/*)
}
listing >$scratch/before
build || complain "packer build, again: $(<$scratch/said)"
listing | cmp -s - $scratch/before || complain "packer build, again: changes the image"

# By hand, with bundles of any name; and what is neither package nor bundle is refused by its name.
given=$root/tmp/given
give() {
  rm -rf $given
  mkdir $given
  cp $scratch/node-ca-trust.deb $given/
  cp "$templates/install.sh" $root/tmp/
}
installs() {
  chroot $root sh /tmp/install.sh /tmp/given >$scratch/said 2>&1
}
give
cp $scratch/corporate.pem "$given/-our roots"
for name in two.cer three; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj "/CN=Root $name" -days 30 -out $given/$name 2>/dev/null
done
mkdir $given/more
openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj "/CN=Root four" -days 30 -out $given/more/a 2>/dev/null
installs || complain "install.sh: $(<$scratch/said)"
for name in "Corporate Root,O=Example" "Root two.cer" "Root three" "Root four"; do
  chroot $root node-ca-trust status | grep -q "^anchor CN=$name" || complain "install.sh leaves out a bundle: $name"
done
give
: >$given/.bundle.pem
! installs || complain "install.sh does not refuse a hidden file"
grep -q "'/tmp/given/.bundle.pem' is a hidden file" $scratch/said || complain "install.sh, hidden file: $(<$scratch/said)"
give
ln -s nowhere $given/bundle
! installs || complain "install.sh does not refuse a link that leads nowhere"
grep -q "'/tmp/given/bundle' is no file" $scratch/said || complain "install.sh, link: $(<$scratch/said)"
give
echo text >$given/README
! installs || complain "install.sh does not refuse what is no bundle"
grep -q "README" $scratch/said || complain "install.sh, README: $(<$scratch/said)"
give
rm $given/*.deb
! installs || complain "install.sh does without a package"
rm -rf $given $root/tmp/install.sh

# Over AgentBaker's files: the same, and its units are made to use us.
mkdir $root/tmp/given
cp $scratch/node-ca-trust.deb $root/tmp/given/
cp -r $scratch/packer $root/tmp/packer
chroot $root sh /tmp/packer/agentbaker/install.sh /tmp/given >$scratch/said 2>&1 ||
  complain "agentbaker/install.sh: $(<$scratch/said)"
for drop_in in update_certs.service.d/10-sandbox.conf update_certs.service.d/50-node-ca-trust.conf \
  update_certs.path.d/50-node-ca-trust.conf node-ca-trust-rotate.service.d/50-agentbaker.conf; do
  chroot $root test -s /etc/systemd/system/$drop_in || complain "agentbaker/install.sh: makes no $drop_in"
done
for program in adopt-aks-anchors show-aks-anchors try-update-certs; do
  [[ -x $root/usr/lib/node-ca-trust/$program ]] || complain "agentbaker/install.sh: does not install $program"
done
[[ ! -e $root/tmp/given ]] || complain "agentbaker/install.sh: leaves what was delivered"
exit $wrong
