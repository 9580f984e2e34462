#include "base/fingerprint.hpp"

#include "base/text.hpp"

namespace nct {

std::string Fingerprint::hex() const {
  return hex_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<Fingerprint> Fingerprint::from_hex(std::string_view hex) {
  Fingerprint fingerprint;
  for (auto& byte : fingerprint.bytes) {
    if (hex.starts_with(':')) hex.remove_prefix(1);
    const auto spelt = hex.size() < 2 ? std::nullopt : hex_byte(hex[0], hex[1]);
    if (!spelt) return std::nullopt;
    byte = *spelt;
    hex.remove_prefix(2);
  }
  if (!hex.empty()) return std::nullopt;
  return fingerprint;
}

}  // namespace nct
