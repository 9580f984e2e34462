#!/bin/bash
# shipped.sh BINARY: what is shipped runs on every node since glibc 2.34 where Debian 12 built it, is small, and is
# hardened.
set -euo pipefail
binary=$1
most_bytes=3000000
newest_glibc=2.34

wrong=0
expect() {
  local words=$1
  shift
  "$@" >/dev/null && return
  echo "${binary##*/}: $words"
  wrong=1
}
# Another processor's takes the tools of that one. Where jumps may lead to has landing pads, on each its own.
case $(readelf -hW "$binary") in
  *AArch64*) tools=aarch64-linux-gnu- landing_pad='paciasp|bti' ;;
  *) tools=x86_64-linux-gnu- landing_pad=endbr64 ;;
esac
dynamic=$(readelf -dW "$binary")
segments=$(readelf -lW "$binary")

foreign=$(grep -o 'NEEDED.*\[.*\]' <<<"$dynamic" | sed 's/.*\[\(.*\)\]/\1/' |
  grep -vE '^(libcrypto\.so\.3|libssl\.so\.3|libc\.so\.6|libm\.so\.6|ld-linux[-a-z0-9_]*\.so\.[0-9]+)$' ||
  :)
expect "needs a library that a node may not have: $foreign" test -z "$foreign"

# Loaded where it is needed: linking it costs every start half a millisecond (hook/sys/libsystemd.hpp).
expect "does not know libsystemd" grep -qaF libsystemd.so.0 "$binary"

# Who makes packages and images of it can see that, too: ELF dlopen metadata.
expect "has no note about libsystemd" grep -qF '"soname":["libsystemd.so.0"]' \
  <<<"$(readelf -p .note.dlopen "$binary" 2>/dev/null)"
# Built elsewhere it is the same. (Headers of the system's are where they are on every machine.)
source_paths=$(strings -n 4 "$binary" | grep -E '^/.*\.[ch]pp' | grep -v '^/usr/include/' || :)
expect "holds paths of its sources: $source_paths" test -z "$source_paths"

# A newer Debian's headers ask for what its own glibc has.
# shellcheck source=/dev/null
[[ $(. /etc/os-release && echo "$VERSION_CODENAME") == bookworm ]] || newest_glibc=$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)
newest=$(readelf --dyn-syms -W "$binary" | grep -o '@GLIBC_[0-9.]*' | sed 's/.*_//' | sort -uV | tail -n 1)
expect "needs glibc $newest" test "$(printf '%s\n' "$newest" "$newest_glibc" | sort -V | tail -n 1)" = "$newest_glibc"

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
"${tools}strip" -o "$stripped" "$binary"
bytes=$(stat -c %s "$stripped")
expect "has $bytes bytes without symbols, at most $most_bytes are wanted" test "$bytes" -le $most_bytes

expect "is not a position-independent executable" grep -q 'FLAGS_1.*PIE' <<<"$dynamic"
expect "has no read-only relocations" grep -q GNU_RELRO <<<"$segments"
expect "does not bind all symbols at start" grep -q 'FLAGS.*BIND_NOW' <<<"$dynamic"
expect "has an executable stack" grep -qE 'GNU_STACK.* RW +0x' <<<"$segments"
expect "has a segment that is writable and executable" test -z "$(grep -E 'LOAD.* RWE ' <<<"$segments")"
expect "searches its libraries in a path of its own" test -z "$(grep -E 'RPATH|RUNPATH' <<<"$dynamic")"
expect "has no stack protector" grep -q __stack_chk_fail <<<"$("${tools}nm" -D "$binary")"
expect "was built without _FORTIFY_SOURCE" grep -q '_chk@' <<<"$("${tools}nm" -D "$binary")"
# CET, or what arm64 has: our code has its landing pads. The property of the whole file is absent, rightly, since Debian's
# libstdc++.a and libgcc_eh.a are built without; claiming it would be untrue.
expect "was built without -fcf-protection or -mbranch-protection" \
  grep -qE "$landing_pad" <<<"$("${tools}objdump" -d --no-show-raw-insn --disassemble=main "$binary")"
exit $wrong
