#include "wish/manifest.hpp"

#include <algorithm>
#include <cstdint>
#include <toml++/toml.h>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/sha256.hpp"
#include "intake/encoding.hpp"

namespace nct {

namespace {

constexpr std::int64_t kSchema = 1;
// Cut off before it, a manifest could still be TOML, with fewer anchors or owners.
constexpr std::string_view kLastLine = "\n# end\n";

// A TOML basic string. Input names are arbitrary bytes, and TOML is UTF-8: what is not printable is kept as
// \xNN text.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string quoted_list(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items)
    out += concat(out.empty() ? "" : ", ", quoted(item));
  return concat("[", out, "]");
}

std::vector<std::string> strings_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> items;
  if (const auto* list = table[key].as_array())
    for (const auto& item : *list)
      items.push_back(item.value_or(std::string()));
  return items;
}

using Certificates = std::unordered_map<Fingerprint, std::string, FingerprintHash>;  // DER

// Takes what stands between the lines of certificates out of the text, but for its line ends, so that later
// lines keep their numbers. It is nine tenths of all, and toml++, which looks at every character by itself,
// would need 0.4 ms for ten.
Certificates lift_certificates(std::string& text) {
  constexpr std::string_view kBegin = "\n-----BEGIN CERTIFICATE-----\n";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  Certificates certificates;
  std::string rest;
  std::size_t from = 0;
  for (auto begin = text.find(kBegin); begin != std::string::npos; begin = text.find(kBegin, from)) {
    const auto end = text.find(kEnd, begin + kBegin.size());
    if (end == std::string::npos) break;
    rest.append(text, from, begin + kBegin.size() - from);
    from = end;
    const auto body = std::string_view(text).substr(begin + kBegin.size(), end - begin - kBegin.size());
    rest.append(static_cast<std::size_t>(std::ranges::count(body, '\n')), '\n');
    auto decoded = decode_base64(body);
    if (decoded.end == Base64::End::padded)
      certificates.emplace(sha256(decoded.bytes), std::move(decoded.bytes));
  }
  text = rest.append(text, from);
  return certificates;
}

Result<std::pair<Fingerprint, Anchor>> anchor_from(const toml::table& table, Certificates& certificates) {
  const auto fingerprint = Fingerprint::from_hex(table["fingerprint_sha256"].value_or(std::string_view()));
  if (!fingerprint) return fail(Errc::in_the_way, "an anchor without fingerprint");
  const auto certificate = certificates.find(*fingerprint);
  if (certificate == certificates.end())
    return fail(Errc::in_the_way, concat("anchor ", fingerprint->hex(), " without its certificate"));
  Anchor anchor{.der = std::move(certificate->second),
                .subject = table["subject"].value_or(std::string()),
                .owners = {}};
  if (const auto* owners = table["owner"].as_array())
    for (const auto& owner : *owners)
      if (const auto* fields = owner.as_table())
        anchor.owners.push_back({.source = (*fields)["source"].value_or(std::string(kUnknownSource)),
                                 .input = (*fields)["input"].value_or(std::string()),
                                 .origin = (*fields)["origin"].value_or(std::string())});
  if (anchor.owners.empty())
    return fail(Errc::in_the_way, concat("anchor ", fingerprint->hex(), " without owner"));
  return std::pair(*fingerprint, std::move(anchor));
}

}  // namespace

std::string text_of(const Manifest& manifest) {
  std::string text = concat(
      "# Written by node-ca-trust: the anchors it installed, and for whom. Do not edit; see "
      "node-ca-trust(8).\n",
      "schema = ", std::to_string(kSchema), "\n");
  if (!manifest.owed.none())
    text += concat("\n[owed]\nhooks_added = ", quoted_list(manifest.owed.hooks_added),
                   "\nhooks_removed = ", quoted_list(manifest.owed.hooks_removed),
                   "\nconsumers = ", quoted_list(manifest.owed.consumers), "\n");
  if (manifest.changed)
    text += concat("\n[changed]\nunix_time = ", std::to_string(manifest.changed->unix_time),
                   "\nboot = ", quoted(manifest.changed->boot),
                   "\nmonotonic_us = ", std::to_string(manifest.changed->monotonic_us), "\n");
  for (const auto& [fingerprint, anchor] : manifest.anchors) {
    text += concat("\n[[anchor]]\nfingerprint_sha256 = \"", fingerprint.hex(),
                   "\"\nsubject = ", quoted(anchor.subject), "\ncertificate = '''\n",
                   canonical_pem(anchor.der), "'''\n");
    for (const auto& owner : anchor.owners)
      text += concat("[[anchor.owner]]\nsource = ", quoted(owner.source), "\ninput = ", quoted(owner.input),
                     "\norigin = ", quoted(owner.origin), "\n");
  }
  return text.append(kLastLine);
}

Result<Manifest> manifest_from(std::string_view text, std::string_view name) {
  std::string rest(text);
  auto certificates = lift_certificates(rest);
  const auto parsed = toml::parse(std::string_view(rest), name);
  if (!parsed)
    return fail(Errc::in_the_way, concat(name, ":", std::to_string(parsed.error().source().begin.line), ": ",
                                         parsed.error().description()));
  const auto& table = parsed.table();
  if (table["schema"].value_or(std::int64_t{0}) != kSchema)
    return fail(Errc::in_the_way, concat(name, ": not a manifest of schema ", std::to_string(kSchema)));
  if (!text.ends_with(kLastLine)) return fail(Errc::in_the_way, concat(name, ": it is cut off"));
  Manifest manifest;
  if (const auto* owed = table["owed"].as_table())
    manifest.owed = {.hooks_added = strings_of(*owed, "hooks_added"),
                     .hooks_removed = strings_of(*owed, "hooks_removed"),
                     .consumers = strings_of(*owed, "consumers")};
  if (const auto* changed = table["changed"].as_table())
    manifest.changed = {
        .unix_time = (*changed)["unix_time"].value_or(std::int64_t{0}),
        .boot = (*changed)["boot"].value_or(std::string()),
        .monotonic_us = static_cast<std::uint64_t>((*changed)["monotonic_us"].value_or(std::int64_t{0}))};
  if (const auto* anchors = table["anchor"].as_array())
    for (const auto& node : *anchors) {
      if (!node.is_table()) return fail(Errc::in_the_way, concat(name, ": an anchor that is not a table"));
      auto anchor = anchor_from(*node.as_table(), certificates);
      if (!anchor) return pass_on(std::move(anchor).error(), name);
      manifest.anchors.insert(*std::move(anchor));
    }
  return manifest;
}

}  // namespace nct
