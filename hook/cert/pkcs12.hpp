// PKCS#12 stores, as far as it matters here: whether a private key is in one.
#pragma once

#include <string_view>

namespace nct {

// Whether `bytes` are a PKCS#12 store in which no private key can be seen. Without its password that is seen
// of the parts that are not encrypted as a whole; all programs that make such stores put keys into those,
// each encrypted for itself, and certificates into the others. Whoever installs the store nowhere may rely on
// it.
bool is_pkcs12_without_key(std::string_view bytes);

}  // namespace nct
