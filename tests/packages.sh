#!/bin/bash
# Installs, from Debian's own archive, what is needed to build and to test: packages.sh build [test] [vm] [arm64]
# Packages that are there are left alone; where all are there, nothing is run and root is not needed.
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config
  libssl-dev zlib1g-dev libyaml-dev libsystemd-dev libcli11-dev nlohmann-json3-dev libtomlplusplus-dev
  ca-certificates openssl
)
test=(
  doctest-dev
  clang-19 libclang-rt-19-dev clang-tidy-19 clang-format-19 llvm-19
  binutils groff-base strace
  golang-go libgnutls28-dev
  systemd systemd-container mmdebstrap
  dpkg-dev file lintian rpm
)
# Debian has no packer after 12; without it, its templates are not tested (tests/checks/CMakeLists.txt).
# shellcheck source=/dev/null
[[ $(. /etc/os-release && echo "$VERSION_CODENAME") != bookworm ]] || test+=(packer)
vm=(
  qemu-system-x86
)

arm64=(
  mmdebstrap
)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    vm) wanted+=("${vm[@]}") ;;
    arm64) wanted+=("${arm64[@]}") ;;
    *) echo "packages.sh: there is no group '$group'" >&2; exit 64 ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  # Some are there for other architectures, too.
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
(( ${#missing[@]} )) || exit 0

echo "packages: installing ${missing[*]}"
if (( EUID != 0 )); then
  echo "packages: that is for root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 77
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y install --no-install-recommends "${missing[@]}" >/dev/null
