#!/bin/bash
# cloud_init.sh CLOUD_INIT_DIRECTORY BASE_SCRIPT: cloud-init has no objection to any of our examples, nor to what
# make-user-data.sh makes of them; and all of these deliver exactly the certificates of the bundle. Judged by the
# cloud-init of the Debian root that BASE_SCRIPT prints, in a copy that is gone afterwards. Needs root.
set -euo pipefail
examples=$1
if [[ ${3-} != alone ]]; then
  base=$(bash "$2")
  # Mounts of this check are seen by it alone.
  exec unshare --mount --propagation private bash "$0" "$examples" "$base" alone
fi
base=$2
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/{upper,work,root}
mount -t overlay -o "lowerdir=$base,upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/root
root=/mnt/root
mount -t proc proc $root/proc
scratch=/mnt/scratch
mkdir $scratch $root/given
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $root "$@"
}

wrong=0
complain() {
  echo "$1"
  wrong=1
}

# What provision and systemctl do is tested elsewhere; here it counts that the script comes to its end.
for command in node-ca-trust systemctl; do
  printf '#!/bin/sh\necho %s "$@" >>/given/called\n' $command >$root/usr/bin/$command
  chmod +x $root/usr/bin/$command
done
# Who brings what to disk, and when it is renamed, is told, too.
for command in sync mv; do
  mv $root/usr/bin/$command $root/usr/bin/real-$command
  printf '#!/bin/sh\necho %s "$@" >>/given/called\nexec real-%s "$@"\n' $command $command >$root/usr/bin/$command
  chmod +x $root/usr/bin/$command
done
durably="sync /etc/node-ca-trust/bundle.pem.new
mv /etc/node-ca-trust/bundle.pem.new /etc/node-ca-trust/bundle.pem
sync /etc/node-ca-trust"

# Takes user data apart as cloud-init does, judges its cloud-configs by "cloud-init schema", writes its files and runs
# its scripts.
cat >$root/given/deliver.py <<'END'
import os, subprocess, sys
from cloudinit import handlers, helpers, user_data, util
from cloudinit.config import cc_write_files
from cloudinit.handlers import boot_hook

def run(script):
    util.write_file("/given/script", script, mode=0o700)
    subprocess.run(["/given/script"], check=True)

message = user_data.UserDataProcessor(helpers.Paths({})).process(open(sys.argv[1], "rb").read())
count = 0
for part in message.walk():
    kind = part.get_content_type()
    if part.is_multipart():
        continue
    count += 1
    text = part.get_payload(decode=True).decode()
    if kind == "text/cloud-config":
        util.write_file("/given/config", text)
        subprocess.run(["cloud-init", "schema", "--config-file", "/given/config"], check=True)
        config = util.load_yaml(text)
        cc_write_files.write_files("write_files", config.get("write_files", []), "root:root")
        for command in config.get("runcmd", []):
            subprocess.run(command, check=True)
    elif kind == "text/cloud-boothook":
        run(util.strip_prefix_suffix(text, prefix=boot_hook.BootHookPartHandler.prefixes[0]).lstrip())
    elif kind == "text/x-shellscript":
        run(text)
    else:
        sys.exit("a part of unknown type " + kind)
if count == 0:
    sys.exit("no parts")
END

# delivered NAME USER_DATA: hands it to cloud-init, and leaves what it wrote in $bundle.
bundle=$root/etc/node-ca-trust/bundle.pem
delivered() {
  local said
  rm -rf "${bundle%/*}" $root/given/called
  cp "$2" $root/given/user-data
  if ! said=$(inside python3 -B /given/deliver.py /given/user-data 2>&1); then
    complain "$1: $said"
    return 1
  fi
  case $said in *WARNING* | *[Dd]eprecated*) complain "$1: $said" ;; esac
  [[ $(stat -c %a "$bundle") == 644 ]] || complain "$1: the bundle has mode $(stat -c %a "$bundle")"
  case $1 in
    write-files* | compressed*) [[ ! -e $root/given/called ]] || complain "$1: runs $(<$root/given/called)" ;;
    *) [[ $(tail -n 1 $root/given/called) == "node-ca-trust provision" ]] || complain "$1: provision is not run last" ;;
  esac
  case $1 in boothook* | multipart* | custom-data*)
    [[ $(head -n 3 $root/given/called) == "$durably" ]] ||
      complain "$1: a power cut could take the bundle: $(<$root/given/called)" ;;
  esac
  [[ $(ls -A "${bundle%/*}") == bundle.pem ]] || complain "$1: leaves $(ls -A "${bundle%/*}")"
}

# fingerprints FILE: of the certificates in it, PEM or PKCS#7, in order of their bytes.
fingerprints() {
  local each
  { openssl pkcs7 -inform DER -in "$1" 2>/dev/null || openssl crl2pkcs7 -nocrl -certfile "$1"; } |
    openssl pkcs7 -print_certs | csplit -s -z -f $scratch/each- - '/-----BEGIN/' '{*}'
  for each in "$scratch"/each-*; do
    ! grep -q BEGIN "$each" || openssl x509 -in "$each" -noout -fingerprint -sha256
  done | sort
  rm -f $scratch/each-*
}

# What is copied: each example as it is.
count=0
for example in "$examples"/*; do
  [[ $example != */make-user-data.sh ]] || continue
  (( ++count ))
  name=$(basename "$example")
  delivered "$name" "$example" || continue
  grep -q 'here stands your CA' "$bundle" || complain "$name: the text that asks for the CA is not what it delivers"
  grep -qE '^# (The normal way|For |As )' "$example" || complain "$name: does not say when to use it"
done
(( count == 6 )) || complain "$count examples in $examples; have they moved?"

# What is generated: three CAs in a file as people send it.
for each in One Two Three; do
  echo "Subject: $each, with a remark"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $scratch/key -subj "/O=Example/CN=$each" -days 30 2>/dev/null |
    sed 's/$/\r/'
done >$scratch/sent
wanted=$(fingerprints $scratch/sent)
make_user_data() {
  bash "$examples/make-user-data.sh" "$@"
}
for form in write-files runcmd boothook multipart compressed compressed-der custom-data; do
  for option in '' --gzip; do
    [[ $form != custom-data || -z $option ]] || continue
    # shellcheck disable=SC2086
    if ! make_user_data $option $form $scratch/sent >$scratch/made 2>$scratch/said; then
      complain "$form $option: $(<$scratch/said)"
      continue
    fi
    delivered "$form $option" $scratch/made || continue
    [[ $(fingerprints "$bundle") == "$wanted" ]] || complain "$form $option: delivers other certificates"
    cost=$(sed -n "s/^  *${option:+$option }$form  *\([0-9]*\) characters.*/\1/p" $scratch/said)
    [[ $cost == $(base64 -w0 $scratch/made | wc -c) ]] || complain "$form $option: costs other than the '$cost' it says"
  done
done

# What is refused, with nothing printed to be used by mistake.
refused() {
  local status=0
  make_user_data write-files "$2" >$scratch/made 2>$scratch/said || status=$?
  [[ $status == 65 && ! -s $scratch/made ]] || complain "$1 is not refused: $status"
}
cat $scratch/sent $scratch/key >$scratch/keyed
refused "a private key" $scratch/keyed
head -n 30 $scratch/sent >$scratch/cut
refused "a bundle that is cut" $scratch/cut
: >$scratch/empty
refused "an empty bundle" $scratch/empty
for (( i = 0; i < 60; i++ )); do cat $scratch/sent; done >$scratch/large
refused "what is over the limit" $scratch/large
exit $wrong
