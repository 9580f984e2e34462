// The SHA-256 of some bytes, as a value: the name of a certificate (of its DER) and of a file's content.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace nct {

struct Fingerprint {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Fingerprint&) const = default;

  // 64 lower-case hex digits.
  [[nodiscard]] std::string hex() const;

  // From 64 hex digits of either case; colons between the bytes, as openssl prints them, are skipped.
  static std::optional<Fingerprint> from_hex(std::string_view hex);
};

struct FingerprintHash {
  std::size_t operator()(const Fingerprint& fingerprint) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = value << 8U | fingerprint.bytes[i];
    return value;
  }
};

using FingerprintSet = std::unordered_set<Fingerprint, FingerprintHash>;

inline FingerprintSet set_of(const std::vector<Fingerprint>& fingerprints) {
  return {fingerprints.begin(), fingerprints.end()};
}

}  // namespace nct
