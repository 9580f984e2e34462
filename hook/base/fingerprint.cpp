#include "base/fingerprint.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace nct {

std::string Fingerprint::hex() const {
  std::string raw(bytes.size(), '\0');
  std::ranges::transform(bytes, raw.begin(), [](std::uint8_t byte) { return static_cast<char>(byte); });
  return hex_of(raw);
}

std::optional<Fingerprint> Fingerprint::from_hex(std::string_view hex) {
  Fingerprint fingerprint;
  for (auto& byte : fingerprint.bytes) {
    if (hex.starts_with(':')) hex.remove_prefix(1);
    const auto digits = bytes_of_hex(hex.substr(0, 2));
    if (!digits || digits->empty()) return std::nullopt;
    byte = static_cast<std::uint8_t>(digits->front());
    hex.remove_prefix(2);
  }
  if (!hex.empty()) return std::nullopt;
  return fingerprint;
}

}  // namespace nct
