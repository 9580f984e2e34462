#!/bin/bash
# rpm.sh CPACK BUILD_DIRECTORY BASE_SCRIPT [SED_EXPRESSION SCRIPT]: the .rpm in its life, installed, upgraded and removed
# by rpm itself, which hands its scripts what it hands them everywhere: what they ask of systemd, and what becomes of
# the trust store. In a copy of the Debian root that BASE_SCRIPT prints, gone afterwards, in which systemctl is a stand-in
# that writes down what it is asked. With a mistake seeded into SCRIPT (post, preun or postun), for seeded_rpm.sh. Needs
# root.
set -euo pipefail
cpack=$1
build=$2
if [[ ${6-} != alone ]]; then
  base=$(bash "$3")
  # Mounts of this check are seen by it alone.
  exec unshare --mount --propagation private bash "$0" "$cpack" "$build" "$base" "${4-}" "${5-}" alone
fi
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/{upper,work,root,scratch}
mount -t overlay -o "lowerdir=$3,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
root=/mnt/root
scratch=/mnt/scratch

wrong=0
complain() {
  echo "$1"
  wrong=1
}

# made VERSION: the package of that version is $scratch/VERSION.rpm.
scripts=$(sed -n 's/^set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE "\(.*\)\/post")$/\1/p' "$build/CPackConfig.cmake")
cp -r "$scripts" $scratch/scripts
[[ -z ${4-} ]] || sed -i "$4" "$scratch/scripts/$5"
made() {
  sed "s|\"$scripts/|\"$scratch/scripts/|; s/^set(CPACK_PACKAGE_VERSION \".*/set(CPACK_PACKAGE_VERSION \"$1\")/" \
    "$build/CPackConfig.cmake" >$scratch/config.cmake
  "$cpack" -G RPM --config $scratch/config.cmake -B $scratch/built >$scratch/said 2>&1 || { cat $scratch/said; exit 1; }
  mv $scratch/built/*.rpm "$scratch/$1.rpm"
}
made 1
made 2

for command in systemctl journalctl; do
  rm -f $root/usr/bin/$command
  printf '#!/bin/sh\necho %s "$@" >>/asked\n' $command >$root/usr/bin/$command
  chmod +x $root/usr/bin/$command
done
# The program speaks to systemd itself, where it runs: it only seems to, until the scripts have asked it to stop units.
seems_to_run=$root/run/systemd/system
mkdir -p ${seems_to_run%/*}
echo '[ "$1" != stop ] || rmdir /run/systemd/system' >>$root/usr/bin/systemctl
openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj "/CN=Root" -days 30 -out $root/ca.pem 2>/dev/null
trusts() {
  openssl verify -no-CApath -CAfile $root/etc/ssl/certs/ca-certificates.crt $root/ca.pem >/dev/null 2>&1
}
store() {
  (cd $root && find etc/ssl usr/local/share etc/systemd -printf '%p %y %m %l\n' | sort
    sha256sum etc/ssl/certs/ca-certificates.crt)
}
# asks WHAT EXPECTED COMMAND...: rpm does it, and its scripts ask systemd for EXPECTED.
asks() {
  local what=$1 expected=$2
  shift 2
  : >$root/asked
  rpm --root $root --nodeps --nosignature "$@" >$scratch/said 2>&1 || complain "$what: $(<$scratch/said)"
  [[ $(<$root/asked) == "$expected" ]] || complain "$what asks: $(<$root/asked)"
}

before=$(store)
mkdir $seems_to_run
asks "an installation" "journalctl --update-catalog
systemctl preset node-ca-trust.service
systemctl daemon-reload" -i $scratch/1.rpm
rmdir $seems_to_run
chroot $root node-ca-trust provision --from /ca.pem >$scratch/said 2>&1 || complain "provision: $(<$scratch/said)"
trusts || complain "the CA is not trusted"

state=$(store)
mkdir $seems_to_run
asks "an upgrade" "journalctl --update-catalog
systemctl daemon-reload
systemctl daemon-reload" -U $scratch/2.rpm
[[ $(store) == "$state" && -e $root/var/lib/node-ca-trust/manifest.toml ]] || complain "an upgrade changes what is trusted"

asks "a removal" "systemctl stop node-ca-trust-rotate.path node-ca-trust-rotate.timer node-ca-trust-rotate.service\
 node-ca-trust.service
systemctl --no-reload disable node-ca-trust.service node-ca-trust-rotate.path node-ca-trust-rotate.timer" -e node-ca-trust
[[ $(store) == "$before" ]] || complain "a removal leaves: $(diff <(echo "$before") <(store))"
for path in var/lib/node-ca-trust run/node-ca-trust usr/bin/node-ca-trust; do
  [[ ! -e $root/$path ]] || complain "a removal leaves /$path"
done
exit $wrong
