#include "base/fingerprint.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace nct {

std::string Fingerprint::hex() const {
  std::string raw(bytes.size(), '\0');
  std::transform(bytes.begin(), bytes.end(), raw.begin(),
                 [](std::uint8_t byte) { return static_cast<char>(byte); });
  return hex_of(raw);
}

std::optional<Fingerprint> Fingerprint::from_hex(std::string_view hex) {
  std::string digits(hex);
  std::erase(digits, ':');
  const auto raw = bytes_of_hex(digits);
  Fingerprint fingerprint;
  if (!raw || raw->size() != fingerprint.bytes.size()) return std::nullopt;
  std::transform(raw->begin(), raw->end(), fingerprint.bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return fingerprint;
}

}  // namespace nct
