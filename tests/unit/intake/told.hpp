// What came out of a document, in one text, for tests that compare it whole.
#pragma once

#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "intake/document.hpp"

namespace nct::test {

inline const std::string kPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBszCCAVmgAwIBAgIUQk9ORSBPTkUgT05FIE9ORSBPTkUwCgYIKoZIzj0EAwIw\n"
    "T05F\n"
    "-----END CERTIFICATE-----\n";
inline const std::string kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU\n"
    "-----END PRIVATE KEY-----\n";
inline const std::string kOnce = base64(kPem);
inline const std::string kTwice = base64(kOnce);

// As a JSON string, without its quotes.
inline std::string escaped(std::string_view text) {
  return replaced(text, "\n", "\\n");
}

// The delivery in one text: a line for each entry and each finding.
inline std::string told(std::string_view bytes, Shape as = Shape::sniffed) {
  const auto delivery = read_document("f", bytes, {}, as);
  std::string out;
  for (const auto& entry : delivery.entries)
    out += concat(entry.form == Entry::Form::der ? "der " : "pem ", entry.origin.text(), "\n");
  for (const auto& finding : delivery.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message, "\n");
  if (delivery.custom == Says::none) out += "none\n";
  if (delivery.proxy == Says::none) out += "no proxy CA\n";
  if (delivery.custom == Says::nothing && delivery.proxy == Says::nothing) out += "nothing\n";
  return out;
}

inline std::string pem_at(std::string_view field, unsigned line = 1) {
  return concat("pem f: ", field, ", line ", std::to_string(line), "\n");
}

struct Case {
  std::string_view name;
  std::string bytes;
  std::string expected;
  Shape as = Shape::sniffed;
};

inline void check_all(const std::vector<Case>& cases) {
  for (const auto& [name, bytes, expected, as] : cases) {
    CAPTURE(name);
    CHECK(told(bytes, as) == expected);
  }
}

}  // namespace nct::test
