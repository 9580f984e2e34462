#!/bin/bash
# run.sh: packages for arm64, cross-built with Debian's compiler, and their program, emulated: the demo, the tests of the
# command line, and the packages' life on a Debian root for arm64. Apart from the other tests, since it takes half an
# hour, and ends like them with "N passed, N failed". The packages are then in build/packages-arm64, what each part said
# in build/log-arm64. It all happens in a Debian root of its own, so that the machine gets no packages of
# another architecture. Needs root, on a machine for x86-64.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
stage=${1-}

if [[ -z $stage ]]; then
  [[ $(dpkg --print-architecture) == amd64 ]] || { echo "run.sh: this machine is not for x86-64" >&2; exit 78; }
  bash "$top/tests/packages.sh" arm64
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # made NAME SUITE PACKAGES OPTION...
  made() {
    bash "$top/tests/system/made.sh" "$1-$2-$(sha256sum <<<"${*:3}" | head -c 16)" "$2" --include="$3" \
      --dpkgopt=force-unsafe-io "${@:4}"
  }
  # Debian 13's knows openat2(2), and Debian 12's does not.
  emulator=$(made emulator trixie qemu-user --variant=extract)/usr/bin/qemu-aarch64
  # What compiles for arm64, and what compiles the tests.
  list=g++-aarch64-linux-gnu,libssl-dev:arm64,zlib1g-dev:arm64,libyaml-dev:arm64,libsystemd-dev:arm64
  list+=,g++,cmake,ninja-build,pkg-config,libssl-dev,zlib1g-dev,libyaml-dev,libsystemd-dev,libcli11-dev
  list+=,nlohmann-json3-dev,libtomlplusplus-dev,libtomlplusplus-dev:arm64,libgnutls28-dev,doctest-dev
  list+=,ca-certificates,openssl,dpkg-dev,rpm,lintian
  builder=$(made arm64-builder "$suite" $list --variant=minbase --architectures=amd64,arm64)
  export -f made
  node=$(top=$top bash "$here/emulated.sh" "$emulator" bash -c 'made "$@"' made \
    arm64-node "$suite" ca-certificates,openssl,systemd,rpm --variant=minbase --architectures=arm64 --skip=check/qemu)
  # Mounts are seen by what follows alone, and end with it.
  scratch=$(mktemp -d)
  trap 'rmdir "$scratch"' EXIT
  unshare --mount --propagation private bash "$here/run.sh" enter "$scratch" "$builder" "$node" "$emulator"
  exit
fi

if [[ $stage == enter ]]; then
  scratch=$2
  mount -t tmpfs -o mode=755 tmpfs "$scratch"
  # over NAME ROOT: $scratch/NAME is ROOT, and stays as it is.
  over() {
    mkdir "$scratch"/{"$1","$1".upper,"$1".work}
    mount -t overlay -o "lowerdir=$2,upperdir=$scratch/$1.upper,workdir=$scratch/$1.work" overlay "$scratch/$1"
  }
  over root "$3"
  over node "$4"
  root=$scratch/root
  cp "$5" "$root/emulator"
  mkdir -p "$root/node" "$root/machine" "$root$top"
  mount --move "$scratch/node" "$root/node"
  mount --bind "$top" "$root$top"
  for kernels in dev proc sys; do mount --rbind /$kernels "$root/$kernels"; done
  mount --rbind /dev "$root/node/dev"
  cd "$root"
  # Not chroot(2), which who enters a mount namespace gets out of.
  pivot_root . machine
  umount -l /machine
  # Processes of the machine are not seen: the program waits for some by their names.
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
    unshare --pid --fork --kill-child --mount-proc bash "$here/emulated.sh" /emulator bash "$here/run.sh" emulated
fi

mount --rbind /proc /node/proc
set +e
cd "$top"
log=build/log-arm64
source tests/counting.sh
program=build/release-arm64/node-ca-trust
packages=build/packages-arm64

packages() {
  bash tests/system/packages.sh cpack build/release-arm64 $packages &&
    [[ $(dpkg-deb -f $packages/old.deb Architecture) == arm64 ]] &&
    [[ $(rpm -qp --qf '%{ARCH}' $packages/old.rpm) == aarch64 ]] &&
    rpm -qp --requires $packages/old.rpm | grep -xF 'libcrypto.so.3()(64bit)'
}
# The tests are this machine's, and what they run is not. Left out, by NCT_PROGRAM, is how fast bombs of documents are
# refused, and in how little memory: an emulator needs more of both.
tests_of_cli() {
  cmake -S . -B build/tests-arm64 -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG= \
    -DNCT_PROGRAM="$top/$program" &&
    ctest --test-dir build/tests-arm64 -N -L '^cli$' | sed -n 's/^ *Test *#[0-9]*: /test_/p' |
      xargs cmake --build build/tests-arm64 --target guarded node-ca-trust
}

check build-arm64 build release-arm64 || { counted; exit; }
check starts $program --version
check shipped bash tests/checks/shipped.sh $program
check packages packages
check deb-and-rpm bash tests/checks/deb_and_rpm.sh cmake cpack "$top/build/release-arm64"
check build-tests tests_of_cli && tests tests-arm64 -L '^cli$'
check demo bash tests/demo.sh release-arm64
check deb bash tests/arm64/node.sh deb $packages /node build/tests-arm64/node-ca-trust
check rpm bash tests/arm64/node.sh rpm $packages /node
counted
