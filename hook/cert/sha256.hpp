// The digest by which certificates and files are known.
#pragma once

#include <string_view>

#include "base/fingerprint.hpp"

namespace nct {

// SHA-256 of `bytes` (FIPS 180-4).
Fingerprint sha256(std::string_view bytes);

}  // namespace nct
