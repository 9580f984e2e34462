// What a program or library says it needs to run, as ld.so(8) reads it: elf(5), nothing executed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nct {

struct ElfFile {
  std::uint16_t machine = 0;        // e_machine
  std::string interpreter;          // PT_INTERP; empty for a library
  std::vector<std::string> needed;  // DT_NEEDED, in order
  // What it may load by dlopen(3), as its ELF dlopen metadata says (".note.dlopen", see the specification of
  // that name of the UAPI group); the first name of each.
  std::vector<std::string> loaded;
  std::map<std::string, std::set<std::string>> versions_needed;  // of symbols, by library; weak ones left out
  std::set<std::string> versions;                                // that it defines
};

// Of 64 bits, little-endian, as every machine that we are built for. Errc::in_the_way says why it is no such
// file.
Result<ElfFile> elf_from(std::string_view bytes);

// Where /etc/ld.so.cache, in the format of glibc 2.2 and later, says that a library of this name is. Nothing
// where it is no such cache.
std::vector<std::string> cached_paths(std::string_view cache, std::string_view name);

// Directories that ld.so looks into when the cache did not help: of Debian's multiarch, and those of others.
std::vector<std::string> library_directories(std::uint16_t machine);

}  // namespace nct
