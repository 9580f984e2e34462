#!/bin/bash
# run.sh: a virtual machine, its processor emulated, boots from an image that the Packer template for offline roots
# made, is provisioned by cloud-init, and says what it trusts. Apart from the other tests, since it takes minutes.
# Needs root. What is missing of Debian's packages is installed, and the program is built.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
if [[ ${1-} != alone ]]; then
  bash "$top/tests/packages.sh" build test vm
  (cd "$top" && cmake --preset release && cmake --build --preset release --target node-ca-trust) >/dev/null
  base=$(bash "$top/tests/system/base.sh" "" linux-image-cloud-amd64 initramfs-tools busybox)
  # Mounts are seen by this alone.
  exec unshare --mount --propagation private bash "$0" alone "$base"
fi
base=$2
patience=900
scratch=$(mktemp -d)
qemu=
clean_up() {
  [[ -z $qemu ]] || kill "$qemu" 2>/dev/null || :
  umount "$scratch/root" 2>/dev/null || :
  rm -rf "$scratch"
}
trap clean_up EXIT
say() { echo "vm: $*"; }

mkdir "$scratch"/{upper,work,root}
mount -t overlay -o "lowerdir=$base,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$scratch/root"
root=$scratch/root

# A CA of the image's own, and one that the node is handed over at its first boot.
for ca in baked delivered; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key" -subj "/O=Example/CN=$ca" -days 30 \
    -addext keyUsage=critical,keyCertSign -out "$scratch/$ca.pem" 2>/dev/null
done

# The image: what a platform's own image has, then Packer.
printf '%s\n' virtio_pci virtio_blk ext4 >>"$root/etc/initramfs-tools/modules"
echo MODULES=list >"$root/etc/initramfs-tools/conf.d/virtual-machine"
chroot "$root" update-initramfs -u >/dev/null 2>&1
rm -f "$root/etc/systemd/system/multi-user.target.wants/docker-registry.service"
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service serial-getty@ttyS0.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
cat >"$root/etc/systemd/system/kubelet.service" <<'END'
[Service]
ExecStartPre=cp /etc/ssl/certs/ca-certificates.crt /run/when-kubelet-started.crt
ExecStart=sleep infinity
[Install]
WantedBy=multi-user.target
END
chroot "$root" systemctl enable kubelet.service 2>/dev/null
bash "$top/tests/system/packages.sh" cpack "$top/build/release" "$scratch/packages" >/dev/null 2>&1
cp -r "$top/packer" "$scratch/packer"
[[ $(packer version) != "Packer v1.6."* ]] || rm -f "$scratch"/packer/*/plugins.pkr.hcl
CHECKPOINT_DISABLE=1 HOME=$scratch packer build -color=false -var root="$root" \
  -var package="$scratch/packages/old.deb" -var bundle="$scratch/baked.pem" "$scratch/packer/offline" \
  >"$scratch/packer.log" 2>&1 || { cat "$scratch/packer.log"; exit 1; }
say "packer build: $(tail -n 1 "$scratch/packer.log" | grep . || echo done)"

# What the platform gives to this machine: user data, and who asks it how it is.
mkdir -p "$root/var/lib/cloud/seed/nocloud"
echo 'instance-id: vm' >"$root/var/lib/cloud/seed/nocloud/meta-data"
bash "$top/cloud-init/make-user-data.sh" write-files "$scratch/delivered.pem" \
  >"$root/var/lib/cloud/seed/nocloud/user-data" 2>/dev/null
cat >"$root/etc/cloud/cloud.cfg.d/98-modules.cfg" <<'END'
datasource_list: [NoCloud]
locale: false
users: []
network: {config: disabled}
cloud_init_modules: [bootcmd, write-files]
cloud_config_modules: [runcmd]
cloud_final_modules: [write-files-deferred, scripts-user, final-message]
END
cp "$scratch/baked.pem" "$scratch/delivered.pem" "$root/root/"
cat >"$root/root/ask" <<'END'
#!/bin/sh
say() { echo "answer: $*" >/dev/ttyS0; }
for ca in baked delivered; do
  openssl verify -no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt /root/$ca.pem && say "bundle trusts $ca"
  openssl verify -no-CAfile -CApath /etc/ssl/certs /root/$ca.pem && say "hash directory trusts $ca"
done
cmp /run/when-kubelet-started.crt /etc/ssl/certs/ca-certificates.crt && say "kubelet started with it"
say "verify: $(node-ca-trust verify | tail -n 1)"
say "containerd: $(systemctl is-active containerd) with $(systemctl show -P NRestarts containerd) restarts"
say "rotation: $(systemctl is-active node-ca-trust-rotate.path)"
start=$(systemctl show -P ExecMainStartTimestampMonotonic node-ca-trust)
end=$(systemctl show -P ExecMainExitTimestampMonotonic node-ca-trust)
say "provisioned in $(( (end - start) / 1000 )) ms, emulated"
say "failed units: $(systemctl --failed --no-legend --plain | wc -l)"
say done
systemctl --no-block poweroff
END
chmod +x "$root/root/ask"
cat >"$root/etc/systemd/system/ask.service" <<'END'
[Unit]
After=cloud-final.service
[Service]
Type=oneshot
ExecStart=/root/ask
[Install]
WantedBy=cloud-init.target
END
chroot "$root" systemctl enable ask.service 2>/dev/null
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
kernel=$(ls "$root"/boot/vmlinuz-* | sort -V | tail -n 1)
cp "$kernel" "$scratch/vmlinuz"
cp "${kernel/vmlinuz/initrd.img}" "$scratch/initrd"
mke2fs -q -t ext4 -d "$root" -L root "$scratch/disk.raw" 2G

begun=$SECONDS
: >"$scratch/console"
qemu-system-x86_64 -machine q35 -accel tcg,thread=multi,tb-size=512 -cpu Nehalem -smp 2 -m 1024 -nodefaults \
  -no-reboot -display none -serial "file:$scratch/console" -kernel "$scratch/vmlinuz" -initrd "$scratch/initrd" \
  -append "root=/dev/vda rw console=ttyS0 mitigations=off panic=-1" \
  -drive "file=$scratch/disk.raw,format=raw,if=virtio" -device virtio-rng-pci &
qemu=$!
while kill -0 $qemu 2>/dev/null && (( SECONDS - begun < patience )); do sleep 1; done
if kill -0 $qemu 2>/dev/null; then
  tail -n 40 "$scratch/console"
  say "did not power off within $patience s"
  exit 1
fi
wait $qemu || :
qemu=
answers=$(tr -d '\r' <"$scratch/console" | grep -ao 'answer: .*' | sed 's/^answer: //')
sed 's/^/vm: /' <<<"$answers"
say "powered off after $((SECONDS - begun)) s"

wrong=0
for wanted in "bundle trusts baked" "hash directory trusts baked" "bundle trusts delivered" \
  "hash directory trusts delivered" "kubelet started with it" "verify: result: yes" \
  "containerd: active with 0 restarts" "rotation: active" "failed units: 0" "done"; do
  grep -qxF "$wanted" <<<"$answers" || { say "no answer: $wanted"; wrong=1; }
done
(( wrong == 0 )) || tail -n 60 "$scratch/console"
exit $wrong
