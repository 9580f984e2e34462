#include "support/certificates.hpp"

#include "support/process.hpp"

#include <doctest/doctest.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// What openssl-x509(1) says of it.
std::string told(const TestCa& ca, std::vector<std::string> options) {
  std::vector<std::string> argv{"openssl", "x509", "-noout"};
  argv.insert(argv.end(), options.begin(), options.end());
  const auto finished = run({.argv = argv, .input = ca.pem});
  CHECK(finished.status == 0);
  return finished.out;
}

bool says(const TestCa& ca, std::string_view words) {
  return told(ca, {"-text"}).contains(words);
}

}  // namespace

TEST_CASE("a CA describes itself as openssl does") {
  const auto ca = make_ca({.common_name = "Plain Root", .organization = "Lab"});
  CHECK(told(ca, {"-subject_hash"}) == ca.subject_hash_hex + "\n");
  CHECK(told(ca, {"-subject", "-nameopt", "RFC2253"}) == "subject=" + ca.subject + "\n");
  CHECK(ca.subject == "CN=Plain Root,O=Lab");
  std::string colons = told(ca, {"-fingerprint", "-sha256"});
  std::erase(colons, ':');
  CHECK(colons.size() == 64 + sizeof "sha256 Fingerprint=");
  for (auto& c : colons)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  CHECK(colons.contains(ca.fingerprint_hex));
}

TEST_CASE("every option is in the certificate") {
  struct Case {
    CaOptions options;
    std::string_view words;
  };
  const std::vector<Case> cases{
      {{.key = TestKey::ec_p224}, "Public-Key: (224 bit)"},
      {{.key = TestKey::ec_p384}, "Public-Key: (384 bit)"},
      {{.key = TestKey::rsa_1024}, "Public-Key: (1024 bit)"},
      {{.key = TestKey::rsa_2048}, "Public-Key: (2048 bit)"},
      {{.key = TestKey::ed25519}, "ED25519"},
      {{.not_before = 1000000000, .not_after = 1100000000}, "Not After : Nov  9 11:33:20 2004 GMT"},
      {{.version = 1}, "Version: 1 (0x0)"},
      {{}, "CA:TRUE"},
      {{.basic_constraints = BasicConstraints::not_ca}, "CA:FALSE"},
      {{.extended_key_usage = "clientAuth"}, "TLS Web Client Authentication"},
      {{}, "X509v3 Authority Key Identifier"},
      {{.negative_serial = true}, "(-0x"},
      {{.sha1_signature = true}, "ecdsa-with-SHA1"},
  };
  for (const auto& [options, words] : cases) {
    CAPTURE(words);
    CHECK(says(make_ca(options), words));
  }
  CHECK_FALSE(says(make_ca({.basic_constraints = BasicConstraints::absent}), "Basic Constraints"));
  CHECK_FALSE(says(make_ca({.key_ids = false}), "Key Identifier"));
  CHECK_FALSE(says(make_ca({.version = 1}), "extensions"));
}

TEST_CASE("a re-keyed CA has the same subject and another key") {
  const auto first = make_ca({.common_name = "Rekeyed"});
  const auto second = make_ca({.common_name = "Rekeyed"});
  const auto third = make_ca({.subject_like_der = first.der});
  CHECK(first.subject_hash_hex == second.subject_hash_hex);
  CHECK(first.subject == third.subject);
  CHECK(first.subject_hash_hex == third.subject_hash_hex);
  CHECK(first.fingerprint_hex != second.fingerprint_hex);
  CHECK(told(first, {"-pubkey"}) != told(third, {"-pubkey"}));
}

TEST_CASE("a certificate is read back as it was made") {
  const auto made = make_ca();
  const auto read = read_ca(concat("text before\n", made.pem));
  CHECK(read.pem == made.pem);
  CHECK(read.fingerprint_hex == made.fingerprint_hex);
  CHECK(read.key_pem.empty());
  CHECK_THROWS_AS(read_ca("no PEM"), std::runtime_error);
}

TEST_CASE("what a CA signs is verified with it") {
  const auto root = make_ca({.key = TestKey::ed25519});
  const auto middle = make_ca({.common_name = "Middle"}, root);
  const auto leaf = make_leaf(middle, "registry.test");
  CHECK(says(leaf, "DNS:registry.test"));
  const std::string script = R"(t=$(mktemp -d) && trap 'rm -r "$t"' EXIT
    printf %s "$ROOT" >"$t/r"; printf %s "$MIDDLE" >"$t/m"; printf %s "$LEAF" >"$t/l"
    openssl verify -CAfile "$t/r" -untrusted "$t/m" -verify_hostname registry.test "$t/l")";
  const auto verified = run({.argv = {"sh", "-c", script},
                             .environment = {{"ROOT", root.pem}, {"MIDDLE", middle.pem}, {"LEAF", leaf.pem}},
                             .directory = ""});
  CHECK_MESSAGE(verified.status == 0, verified.err);
}
