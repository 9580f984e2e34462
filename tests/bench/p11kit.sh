#!/bin/bash
# p11kit.sh [RUNS [SUITE]]: measures what is shipped beside update-ca-trust's own sequence, in constructed roots of p11-kit's
# families with all the roots of a Debian suite and its trust(1): one of ten CAs replaced, and nothing to do. Both run
# with that root as "/", in turns; minimum, median and maximum in milliseconds of wall time. For root, on an idle machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Its mounts are seen by nobody, and end with it.
[[ -n ${NCT_OWN_MOUNTS-} ]] || NCT_OWN_MOUNTS=1 exec unshare --mount bash tests/bench/p11kit.sh "$@"
runs=${1:-15}
suite=${2:-bookworm}

cmake --preset release >/dev/null
cmake --build --preset release --target node-ca-trust >/dev/null
program=$PWD/build/release/node-ca-trust
programs=$(bash tests/p11kit/programs.sh "$suite")
work=$(mktemp -d "$PWD/build/p11kit-XXXXXX")
trap 'umount "$work"/*/{proc,run}; rm -rf "$work"' EXIT
extracted=/etc/pki/ca-trust/extracted

extract() { # ROOT FORMAT FILTER PATH OPTION...
  P11_KIT_NO_USER_CONFIG=1 chroot "$1" /usr/bin/trust extract --format="$2" --filter="$3" --overwrite "${@:5}" "$extracted/$4"
}

six_extracts() {
  extract "$1" openssl-bundle certificates openssl/ca-bundle.trust.crt --comment
  extract "$1" pem-bundle ca-anchors pem/tls-ca-bundle.pem --comment --purpose server-auth
  extract "$1" pem-bundle ca-anchors pem/email-ca-bundle.pem --comment --purpose email
  extract "$1" pem-bundle ca-anchors pem/objsign-ca-bundle.pem --comment --purpose code-signing
  extract "$1" java-cacerts ca-anchors java/cacerts --purpose server-auth
  extract "$1" edk2-cacerts ca-anchors edk2/cacerts.bin --purpose server-auth
}

# Fedora's: hash links are removed, and made again one by one.
seven_extracts() {
  local link
  find "$1/etc/pki/tls/certs" -type l -regextype posix-extended -regex '.*/[0-9a-f]{8}\.[0-9]+' -exec rm {} +
  six_extracts "$1"
  extract "$1" pem-directory-hash ca-anchors pem/directory-hash --purpose server-auth
  find "$1$extracted/pem/directory-hash" -type l -regextype posix-extended -regex '.*/[0-9a-f]{8}\.[0-9]+' |
    while read -r link; do
      ln -s "$extracted/pem/directory-hash/$(readlink "$link")" "$1/etc/pki/tls/certs/$(basename "$link")"
    done
}

ours() { # ROOT BUNDLE
  chroot "$1" /usr/bin/node-ca-trust provision --from "$2"
}

milliseconds() { # COMMAND...
  local begun=${EPOCHREALTIME/./} ended
  "$@" >/dev/null
  ended=${EPOCHREALTIME/./}
  echo $(((ended - begun) / 1000))
}

three_of() { # FILE: minimum, median, maximum
  sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%d %d %d", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

for number in {1..11}; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj "/CN=Private $number" \
    -days 3650 -out "$work/ca$number.pem" 2>/dev/null
done
cat "$work"/ca{1..10}.pem >"$work/one.pem"
cat "$work"/ca{2..11}.pem >"$work/other.pem"
uptime
for family in azurelinux3 fedora43; do
  root=$work/$family
  bash tests/p11kit/root.sh "$programs" "$root" "$family"
  cp "$program" "$root/usr/bin/"
  for library in "$programs"/usr/lib/*/libcrypto.so.3; do
    cp "$library" "$root${library#"$programs"}"
  done
  cp "$work"/{one,other}.pem "$root/"
  mount -t proc proc "$root/proc"
  mount -t tmpfs tmpfs "$root/run"
  mkdir -p "$root/etc/node-ca-trust"
  printf '[limits]\nmax_certificates = 20\n' >"$root/etc/node-ca-trust/config.toml"
  theirs=six_extracts
  [[ $family == azurelinux3 ]] || theirs=seven_extracts
  "$theirs" "$root"
  ours "$root" /one.pem >/dev/null
  for ((run = 0; run < runs; ++run)); do
    bundle=/other.pem
    ((run % 2 == 0)) || bundle=/one.pem
    milliseconds ours "$root" "$bundle" >>"$work/$family.ours"
    sleep 2.5 # from then on files' times tell that nothing changed
    ours "$root" "$bundle" >/dev/null
    milliseconds ours "$root" "$bundle" >>"$work/$family.nothing"
    milliseconds "$theirs" "$root" >>"$work/$family.theirs"
  done
  echo "$family: ours $(three_of "$work/$family.ours"); nothing to do $(three_of "$work/$family.nothing");" \
    "update-ca-trust's sequence $(three_of "$work/$family.theirs")"
done
