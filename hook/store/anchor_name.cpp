#include "store/anchor_name.hpp"

#include <optional>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kPrefix = "node-ca-trust-";
constexpr std::string_view kBehind = "x";
constexpr std::size_t kHexDigits = 32;

// The digits of a name of ours, without its suffix: 32, or 31 of one that comes behind.
std::optional<std::string_view> digits_of(std::string_view name) {
  if (name.size() != kPrefix.size() + kHexDigits || !name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name.starts_with(kBehind)) name.remove_prefix(kBehind.size());
  if (name.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return name;
}

}  // namespace

std::string anchor_file_name(std::string_view fingerprint_hex, bool behind, std::string_view suffix) {
  return behind ? concat(kPrefix, kBehind, fingerprint_hex.substr(0, kHexDigits - kBehind.size()), suffix)
                : concat(kPrefix, fingerprint_hex.substr(0, kHexDigits), suffix);
}

bool is_anchor_file_name(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) && digits_of(name.substr(0, name.size() - suffix.size())).has_value();
}

bool link_to_the_same(std::string_view name, std::string_view other) {
  if (name == other) return true;
  constexpr std::string_view kLink = ".pem";
  if (!name.ends_with(kLink) || !other.ends_with(kLink)) return false;
  auto one = digits_of(name.substr(0, name.size() - kLink.size()));
  auto two = digits_of(other.substr(0, other.size() - kLink.size()));
  if (!one || !two || one->size() == two->size()) return false;
  return one->starts_with(*two) || two->starts_with(*one);
}

}  // namespace nct
