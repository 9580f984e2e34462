// The packages of the build, as packages.sh made them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace nct::test {

// The bytes of "old.deb", and the like.
inline std::string package(std::string_view name) {
  std::ifstream file(concat(NCT_PACKAGES, "/", name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace nct::test
