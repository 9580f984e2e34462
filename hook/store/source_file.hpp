// A file that a trust store is made of.
#pragma once

#include <string>
#include <string_view>

#include "base/fingerprint.hpp"
#include "cert/record.hpp"

namespace nct {

struct SourceFile {
  std::string path;
  std::string_view bytes;  // which somebody else keeps
  Fingerprint digest;      // of `bytes`
  const StoreFile* facts = nullptr;
};

}  // namespace nct
