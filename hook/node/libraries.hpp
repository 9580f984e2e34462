// Whether a program below a root would find its libraries there; nothing of the root is executed.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sys/fs.hpp"

namespace nct {

struct LibraryMiss {
  bool missing = true;  // there is none; otherwise there is one that does not do
  std::string subject;  // its name, or the path of the one that does not do
  std::string message;
};

// Follows what the program needs, and what that needs, and so on, as ld.so(8) would: by the root's cache,
// then in the directories that it knows itself. Symbol versions are compared, so that a library that is too
// old is found. What the program loads by dlopen(3) counts as well. (RUNPATH is not followed: what is shipped
// has none.)
Result<std::vector<LibraryMiss>> missing_libraries(Fs& fs, const std::string& program);

}  // namespace nct
