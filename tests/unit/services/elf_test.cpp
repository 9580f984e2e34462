#include "services/elf.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>

using namespace nct;

namespace {

// A program of this machine's, small and with all that is looked at.
std::string some_program() {
  std::ifstream file("/usr/bin/env", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (; bytes-- > 0; value >>= 8U)
    out += static_cast<char>(value & 255U);
  return out;
}

// A cache of two names, as ldconfig(8) writes it.
std::string cache() {
  const std::string strings("liba.so.1\0/lib/liba.so.1\0libb.so\0/x/libb.so\0", 44);
  const std::size_t begin = 48 + 3 * 24;
  std::string out = "glibc-ld.so.cache1.1" + number(3, 4) + number(strings.size(), 4) + std::string(20, '\0');
  for (const auto& [key, value] : {std::pair{0, 10}, std::pair{25, 33}, std::pair{0, 33}})
    out += number(0x303, 4) + number(begin + static_cast<std::size_t>(key), 4) +
           number(begin + static_cast<std::size_t>(value), 4) + number(0, 12);
  return out + strings;
}

}  // namespace

TEST_CASE("what a program needs") {
  const auto elf = elf_from(some_program());
  REQUIRE(elf);
  CHECK(elf->needed == std::vector<std::string>{"libc.so.6"});
  CHECK(elf->interpreter.starts_with("/lib"));
  CHECK(elf->versions_needed.at("libc.so.6").contains("GLIBC_2.34"));
  CHECK(elf->versions.empty());
  CHECK(elf->loaded.empty());
}

TEST_CASE("what is no program is said to be none, and a damaged one harms nobody") {
  CHECK(elf_from("").error().message.contains("no ELF file"));
  CHECK(elf_from(std::string(100, 'x')).error().message.contains("no ELF file"));
  const auto whole = some_program();
  auto narrow = whole;
  narrow[4] = 1;
  CHECK(elf_from(narrow).error().message.contains("64 bits"));
  for (std::size_t size = 64; size < whole.size(); size += 97)
    (void)elf_from(std::string_view(whole).substr(0, size));
  CHECK(elf_from(std::string_view(whole).substr(0, 1000)).error().message.contains("cut off"));
  // Every byte of the headers, and of the dynamic part, as the largest number and as none.
  for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 4096); ++at)
    for (const char byte : {'\0', '\xff'}) {
      auto spoilt = whole;
      spoilt[at] = byte;
      (void)elf_from(spoilt);
    }
}

TEST_CASE("where ld.so's cache says that a library is") {
  CHECK(cached_paths(cache(), "liba.so.1") == std::vector<std::string>{"/lib/liba.so.1", "/x/libb.so"});
  CHECK(cached_paths("ld.so-1.7.0, older" + cache(), "libb.so") == std::vector<std::string>{"/x/libb.so"});
  CHECK(cached_paths(cache(), "libc.so.6").empty());
  CHECK(cached_paths("", "liba.so.1").empty());
  const auto whole = cache();
  for (std::size_t size = 0; size < whole.size(); ++size)
    (void)cached_paths(std::string_view(whole).substr(0, size), "libb.so");
}

TEST_CASE("directories that ld.so knows by itself") {
  CHECK(library_directories(62).front() == "/lib/x86_64-linux-gnu");
  CHECK(library_directories(183).front() == "/lib/aarch64-linux-gnu");
  CHECK(library_directories(243) == std::vector<std::string>{"/lib64", "/usr/lib64", "/lib", "/usr/lib"});
}
