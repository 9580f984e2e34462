#!/bin/bash
# seeded.sh HOOK_DIRECTORY BINARY: each check of this directory finds the mistakes that are seeded here.
source "$(dirname "$0")/seeding.sh"
hook=$1
binary=$2

# seed FILE LINE...: a copy of hook/ with these lines at the end of FILE; its path is in $tree.
seed() {
  tree=$scratch/hook
  rm -rf "$tree"
  cp -r "$hook" "$tree"
  printf '%s\n' "${@:2}" >>"$tree/$1"
}

seed intake/line.cpp '#include "cert/read.hpp"'
finds "intake may not see 'cert/read.hpp'" layers.sh "$tree"
seed sys/clock.cpp '#include "config/config.hpp"'
finds "sys may not see 'config/config.hpp'" layers.sh "$tree"
seed wish/source.cpp '#include <openssl/x509.h>'
finds "wish may not use <openssl/x509.h>" layers.sh "$tree"
seed cert/judge.cpp '#include <unistd.h>'
finds "cert may not use <unistd.h>" layers.sh "$tree"
mkdir "$tree/utils"
finds "utils/: a layer that is not on the map" layers.sh "$tree"

# archive SOURCE LINE...: what purity.sh is given.
archive() {
  printf '%s\n' "$@" >"$scratch/seeded.cpp"
  g++ -std=c++23 -O0 -c -o "$scratch/seeded.o" "$scratch/seeded.cpp"
  rm -f "$scratch/seeded.a"
  ar rcs "$scratch/seeded.a" "$scratch/seeded.o"
}
archive '#include <ctime>' 'long f() { return time(nullptr); }'
finds "calls time" purity.sh "$scratch/seeded.a"
archive '#include <cstdlib>' 'char* f() { return getenv("HOME"); }'
finds "calls getenv" purity.sh "$scratch/seeded.a"
archive '#include <fstream>' 'void f() { std::ifstream file("/etc/hostname"); }'
finds "uses std::basic_ifstream" purity.sh "$scratch/seeded.a"
archive '#include <chrono>' 'auto f() { return std::chrono::system_clock::now(); }'
finds "uses std::chrono" purity.sh "$scratch/seeded.a"
archive 'extern "C" void* BIO_new_file(const char*, const char*);' 'void* f() { return BIO_new_file("a", "r"); }'
finds "calls BIO_new_file" purity.sh "$scratch/seeded.a"

# program OPTION...: what shipped.sh is given.
program() {
  cat >"$scratch/seeded.cpp" <<'END'
#include <cstring>
#include <string_view>
#ifndef LIBRARY
#define LIBRARY "libsystemd.so.0"
#endif
#ifndef NOTE
#define NOTE "[{\"soname\":[\"libsystemd.so.0\"]}]"
#endif
[[gnu::used, gnu::section(".note.dlopen")]] alignas(4) const struct {
  int sizes[3] = {4, sizeof NOTE, 0x407c0c0a};
  char text[4 + (sizeof NOTE + 3) / 4 * 4] = "FDO\0" NOTE;
} note;
int main(int argc, char** argv) {
  char copy[9];
  std::strcpy(copy, argv[argc - 1]);
  return copy[0] == 0 && argv[0] == std::string_view(LIBRARY);
}
END
  g++ -O2 -o "$scratch/seeded" "$scratch/seeded.cpp" "$@" 2>"$scratch/said" || { cat "$scratch/said"; exit 1; }
}
hardened=(-pie -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fcf-protection -Wl,-z,relro -Wl,-z,now)
program "${hardened[@]}"
bash "$checks/shipped.sh" "$scratch/seeded" || { echo "shipped.sh refuses a good program"; wrong=1; }
program "${hardened[@]}" -Wl,--no-as-needed -lz
finds "needs a library that a node may not have: libz.so" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -Wl,--no-as-needed -lsystemd
finds "needs a library that a node may not have: libsystemd.so" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -DLIBRARY='"libsystem.so.0"' -DNOTE='"[]"'
finds "does not know libsystemd" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -DNOTE='"[]"'
finds "has no note about libsystemd" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -DLIBRARY='"libsystemd.so.0\0/nowhere/seeded.cpp"'
finds "holds paths of its sources: /nowhere/seeded.cpp" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -no-pie -fno-PIE
finds "is not a position-independent executable" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -Wl,-z,norelro
finds "has no read-only relocations" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -Wl,-z,lazy
finds "does not bind all symbols at start" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -Wl,-z,execstack
finds "has an executable stack" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -fno-stack-protector
finds "has no stack protector" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -U_FORTIFY_SOURCE
finds "was built without _FORTIFY_SOURCE" shipped.sh "$scratch/seeded"
program "${hardened[@]}" -Wl,-rpath,/opt/lib
finds "searches its libraries in a path of its own" shipped.sh "$scratch/seeded"
if [[ $(uname -m) == x86_64 ]]; then
  program "${hardened[@]}" -fcf-protection=none
  finds "was built without -fcf-protection" shipped.sh "$scratch/seeded"
fi
cat "$binary" >"$scratch/seeded"
head -c 2000000 /dev/zero >"$scratch/zeros"
objcopy --add-section .zeros="$scratch/zeros" "$scratch/seeded"
finds "bytes without symbols" shipped.sh "$scratch/seeded"

build=$(dirname "$binary")
finds "Unknown key 'PathChangd'" units.sh cmake "$build" 's/^PathChanged/PathChangd/' node-ca-trust-rotate.path
finds "bad unit file setting" units.sh cmake "$build" '/^ExecStart/d' node-ca-trust.service
finds "Overall exposure level" units.sh cmake "$build" 's/^CapabilityBoundingSet=$//' \
  node-ca-trust.service.d/10-sandbox.conf
finds "directory root 700" units.sh cmake "$build" 's/0755/0700/' ../../tmpfiles.d/node-ca-trust.conf

finds "bogus-mail-host" deb_and_rpm.sh cmake cpack "$build" 's/@example\.org/@nowhere/'
finds "deb: depends on curl" deb_and_rpm.sh cmake cpack "$build" '/DEBIAN_PACKAGE_DEPENDS/s/"ca/"curl, ca/'
finds "+/share/more/seeded.sh" deb_and_rpm.sh cmake cpack "$build" \
  "\$a set(CPACK_INSTALLED_DIRECTORIES $checks share/more)"

seed cmd/events.cpp 'constexpr std::string_view kNew = "0123456789abcdef0123456789abcdef";'
finds "not in the catalog: 0123456789abcdef0123456789abcdef" catalog.sh "$tree" "$hook/../units"
sed -i 's/NCT_HINT=/NCT_ADVICE=/' "$tree/cmd/events.cpp"
finds "only in the catalog: NCT_HINT" catalog.sh "$tree" "$hook/../units"

page=doc/node-ca-trust.8
# edit EXPRESSION FILE WORDS: a copy of hook/ with one place of FILE changed, for documentation.sh to find.
edit() {
  seed "$2"
  sed -i "$1" "$tree/$2"
  finds "$3" documentation.sh "$tree" "$binary"
}
edit 's/^\.B negative\\-serial/.B positive\\-serial/' $page "not in the man page: negative-serial"
edit 's/"expired"/"stale"/' base/finding.cpp "only in the man page: expired"
edit 's/^\.B \\-\\-dry\\-run/.B \\-\\-try/' $page "not in the man page: --dry-run"
edit 's/^talos\tT{/talosctl\tT{/' $page "not in the man page: talos"
edit 's/^\.SS lint/.SS judge/' $page "not in the man page: lint"
edit 's/{"store.hooks", set/{"store.tools", set/' config/config.cpp "not in the man page: store.tools"
edit 's/max_certificates = 10/max_certificates = 11/' doc/config.toml "not in the man page: limits.max_certificates = 11"
edit 's/return 75/return 76/' cmd/exit_status.hpp "not in the man page: 76"
edit 's/"interrupted"/"broken-off"/' cmd/rows.cpp "not in the man page: broken-off"
edit 's/"verdict"/"judgement"/' report/report.cpp "not in the man page: judgement"
edit 's|"/run/node-ca-trust/lock"|"/run/node-ca-trust/l"|' config/paths.hpp "not in the man page: /run/node-ca-trust/l"
edit '1a .nosuchmacro' $page "groff: "

seed doc/node-ca-trust.bash
sed -i 's/ --dry-run --from / --from /' "$tree/doc/node-ca-trust.bash"
finds "node-ca-trust provision -- offers:" completion.sh "$tree" "$binary"
sed -i 's/"provision proxy rotation baked unknown"/"provision"/' "$tree/doc/node-ca-trust.bash"
finds "node-ca-trust remove --source  offers: provision" completion.sh "$tree" "$binary"
exit $wrong
