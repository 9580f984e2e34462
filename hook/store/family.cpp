#include "store/family.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "store/debian/paths.hpp"

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

}  // namespace nct
