#include "store/hash_link.hpp"

#include <charconv>

#include "base/text.hpp"

namespace nct {

std::optional<HashLinkName> hash_link_from(std::string_view name) {
  constexpr std::size_t kDigits = 8;
  if (name.size() < kDigits + 2 || name[kDigits] != '.') return std::nullopt;
  HashLinkName link;
  const auto hash = std::from_chars(name.data(), name.data() + kDigits, link.hash, 16);
  if (hash.ec != std::errc() || hash.ptr != name.data() + kDigits) return std::nullopt;
  auto number = name.substr(kDigits + 1);
  link.crl = number.starts_with('r') || number.starts_with('R');
  if (link.crl) number.remove_prefix(1);
  const auto end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, link.number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return link;
}

std::string text_of(const HashLinkName& name) {
  std::string bytes;
  for (unsigned shift = 32; shift != 0; shift -= 8)
    bytes += static_cast<char>(name.hash >> (shift - 8) & 255U);
  return concat(hex_of(bytes), name.crl ? ".r" : ".", std::to_string(name.number));
}

}  // namespace nct
