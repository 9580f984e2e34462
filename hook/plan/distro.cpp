#include "plan/distro.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kDebianProbes[] = {debian::kStore, debian::kCertificates};

constexpr StoreLayout kDebianLayout{.family = "debian",
                                    .kind = StoreKind::ca_certificates,
                                    .bundle = debian::kBundle,
                                    .anchor_directory = debian::kAnchors,
                                    .probes = kDebianProbes};

// A row matches where every word it names does; a more special row (with a VARIANT_ID) stands before a
// general one.
struct Row {
  std::string_view variant_id;  // empty: any
  std::string_view id;          // of ID, or one of ID_LIKE
  const StoreLayout* layout;
};

constexpr Row kRows[] = {
    {.variant_id = "", .id = "debian", .layout = &kDebianLayout},
    {.variant_id = "", .id = "ubuntu", .layout = &kDebianLayout},
};

// os-release(5): shell-like assignments, values perhaps in quotes. Lower-cased: images are not of one mind
// about case.
std::map<std::string, std::string> assignments_of(std::string_view os_release) {
  std::map<std::string, std::string> values;
  for (auto line : lines_of(os_release)) {
    line = trimmed(line);
    const auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    auto value = line.substr(equals + 1);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    std::string lower(value);
    std::ranges::transform(lower, lower.begin(), ascii_lower);
    values[std::string(line.substr(0, equals))] = std::move(lower);
  }
  return values;
}

bool has_word(std::string_view words, std::string_view word) {
  return concat(" ", words, " ").find(concat(" ", word, " ")) != std::string::npos;
}

constexpr std::string_view kPrefix = "node-ca-trust-";
constexpr std::string_view kSuffix = ".crt";
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

Result<Distro> distro_from(const std::optional<std::string>& os_release) {
  if (!os_release) return Distro{.id = "", .layout = &kDebianLayout};
  auto values = assignments_of(*os_release);
  const auto& id = values["ID"];
  for (const bool by_likeness : {false, true})
    for (const auto& row : kRows) {
      const bool named = by_likeness ? has_word(values["ID_LIKE"], row.id) : id == row.id;
      if (named && (row.variant_id.empty() || row.variant_id == values["VARIANT_ID"]))
        return Distro{.id = id, .layout = row.layout};
    }
  std::string known;
  for (const auto& row : kRows)
    known += concat(known.empty() ? "" : ", ", row.id);
  return fail(Errc::configuration,
              concat("os-release says ID='", printable(id), "' ID_LIKE='", printable(values["ID_LIKE"]),
                     "', and the distributions whose trust store is known are: ", known));
}

std::string anchor_file_name(std::string_view fingerprint_hex, bool behind) {
  return behind ? concat(kPrefix, kBehind, fingerprint_hex.substr(0, kHexDigits - kBehind.size()), kSuffix)
                : concat(kPrefix, fingerprint_hex.substr(0, kHexDigits), kSuffix);
}

bool is_anchor_file_name(std::string_view name) {
  return name.ends_with(kSuffix) && digits_of(name.substr(0, name.size() - kSuffix.size())).has_value();
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
