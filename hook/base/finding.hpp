// What was noticed about an input, and where: the vocabulary which intake and cert share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nct {

// Where something stands, so that a person finds it. Counts start at 1; 0 means "not said".
struct Origin {
  std::string file;          // as the caller named it; "-" is standard input
  unsigned entry = 0;        // which delivered blob
  unsigned certificate = 0;  // which certificate within the entry, said only where it holds several
  unsigned line = 0;         // line of the file as delivered
  bool proxy = false;        // handed over as the CA of the HTTP proxy, which is a source of its own
  std::string field;         // what the entry is called where it has a name: "custom_ca_certs[3]"

  // "bundle.pem: entry 3, certificate 2, line 14", with what is not said left out, and the field in place of
  // the entry where it has one.
  [[nodiscard]] std::string text() const;

  bool operator==(const Origin&) const = default;
};

enum class Severity { warning, error };
std::string_view name_of(Severity severity);

// Each has a paragraph in the man page, under the name that `name_of` gives it.
enum class FindingCode {
  private_key,
  malformed_pem,
  truncated,
  not_pem,
  envelope,
  count_mismatch,
  not_a_certificate,
  crlf,
  bom,
  utf_16,
  gzip,
  base64,
  double_base64,
  der,
  pkcs7,
  trusted_certificate,
  folded_lines,
  duplicate,
  expired,
  not_yet_valid,
  expires_soon,
  not_a_ca,
  self_signed_leaf,
  not_self_signed,
  no_server_auth,
  weak_key,
  weak_signature,
  bad_signature,
  negative_serial,
  breaks_clients,
  unusable,
  refused_by_clients,
  unknown_algorithm,
  too_many,
  too_large,
  unsafe_file,
  not_a_file,
  unreadable,
  tag_in_the_future,
  trailing_garbage,
  no_certificates,
  distrust,
  distrusted,
  in_distro_store,
  same_name,
  cross_signed,
  other_content,
  wrong_encoding,
  removes,
};

// All codes, in the order of the enumeration.
std::span<const FindingCode> all_finding_codes();

// The code as reports and the man page spell it: "malformed-pem".
std::string_view name_of(FindingCode code);

struct Finding {
  FindingCode code{};
  Severity severity = Severity::warning;
  Origin origin;
  std::string message;  // lower case, no full stop, no advice; never a byte of a private key
  std::string what;     // the kind of thing it speaks of where advice depends on that: "a tar archive"

  bool operator==(const Finding&) const = default;
};

}  // namespace nct
