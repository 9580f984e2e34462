#include "base/finding.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr auto kNames = std::to_array<std::pair<FindingCode, std::string_view>>({
    {FindingCode::private_key, "private-key"},
    {FindingCode::malformed_pem, "malformed-pem"},
    {FindingCode::truncated, "truncated"},
    {FindingCode::not_pem, "not-pem"},
    {FindingCode::envelope, "envelope"},
    {FindingCode::count_mismatch, "count-mismatch"},
    {FindingCode::not_a_certificate, "not-a-certificate"},
    {FindingCode::crlf, "crlf"},
    {FindingCode::bom, "bom"},
    {FindingCode::utf_16, "utf-16"},
    {FindingCode::gzip, "gzip"},
    {FindingCode::base64, "base64"},
    {FindingCode::double_base64, "double-base64"},
    {FindingCode::der, "der"},
    {FindingCode::pkcs7, "pkcs7"},
    {FindingCode::trusted_certificate, "trusted-certificate"},
    {FindingCode::folded_lines, "folded-lines"},
    {FindingCode::duplicate, "duplicate"},
    {FindingCode::expired, "expired"},
    {FindingCode::not_yet_valid, "not-yet-valid"},
    {FindingCode::expires_soon, "expires-soon"},
    {FindingCode::not_a_ca, "not-a-ca"},
    {FindingCode::self_signed_leaf, "self-signed-leaf"},
    {FindingCode::not_self_signed, "not-self-signed"},
    {FindingCode::no_server_auth, "no-server-auth"},
    {FindingCode::weak_key, "weak-key"},
    {FindingCode::weak_signature, "weak-signature"},
    {FindingCode::bad_signature, "bad-signature"},
    {FindingCode::negative_serial, "negative-serial"},
    {FindingCode::breaks_clients, "breaks-clients"},
    {FindingCode::unusable, "unusable"},
    {FindingCode::refused_by_clients, "refused-by-clients"},
    {FindingCode::unknown_algorithm, "unknown-algorithm"},
    {FindingCode::too_many, "too-many"},
    {FindingCode::too_large, "too-large"},
    {FindingCode::unsafe_file, "unsafe-file"},
    {FindingCode::not_a_file, "not-a-file"},
    {FindingCode::unreadable, "unreadable"},
    {FindingCode::tag_in_the_future, "tag-in-the-future"},
    {FindingCode::trailing_garbage, "trailing-garbage"},
    {FindingCode::no_certificates, "no-certificates"},
    {FindingCode::distrust, "distrust"},
    {FindingCode::distrusted, "distrusted"},
    {FindingCode::in_distro_store, "in-distro-store"},
    {FindingCode::same_name, "same-name"},
    {FindingCode::cross_signed, "cross-signed"},
    {FindingCode::other_content, "other-content"},
    {FindingCode::wrong_encoding, "wrong-encoding"},
    {FindingCode::removes, "removes"},
});

constexpr auto kCodes = [] {
  std::array<FindingCode, kNames.size()> codes{};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    codes[i] = kNames[i].first;
  return codes;
}();

// name_of() looks a code up by its place.
static_assert([] {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (static_cast<std::size_t>(kNames[i].first) != i) return false;
  return true;
}());

}  // namespace

std::string Origin::text() const {
  std::string out = printable(file);
  std::string_view joint = ": ";
  const auto add = [&](std::string_view what, unsigned count) {
    if (count == 0) return;
    out += concat(joint, what, " ", std::to_string(count));
    joint = ", ";
  };
  if (field.empty()) {
    add("entry", entry);
  } else {
    out += concat(joint, printable(field));
    joint = ", ";
  }
  add("certificate", certificate);
  add("line", line);
  return out;
}

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

std::span<const FindingCode> all_finding_codes() {
  return kCodes;
}

std::string_view name_of(FindingCode code) {
  return kNames[static_cast<std::size_t>(code)].second;
}

}  // namespace nct
