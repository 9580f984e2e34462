// What 16 clients were measured to make of each kind of certificate, held against the rules.
#include "clients/kinds.hpp"

#include "support/der_builder.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/clients.hpp"
#include "intake/der.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr std::array kMeasuredClients{Client::openssl,   Client::go,      Client::gnutls,  Client::java,
                                      Client::boringssl, Client::mbedtls, Client::wolfssl, Client::rustls};

// A column a client, in that order, with the worst of its versions: + accepts, - refuses, P loses others by
// it, ? not asked.
constexpr auto kMeasured = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"baseline", "++++++++"},
    {"rsa2048", "++++++++"},
    {"serial-negative", "++++++++"},
    {"serial-zero", "++++++-+"},
    {"serial-21-octets", "++++++++"},
    {"serial-40-octets", "++++++-+"},
    {"serial-nonminimal", "P-++P+-+"},
    {"bc-missing", "+-+-+--+"},
    {"ext-none-v3", "--+-+-++"},
    {"v1", "++++++++"},
    {"bc-noncritical", "++++++++"},
    {"bc-ca-false", "----+--+"},
    {"bc-explicit-false", "----+--+"},
    {"bc-true-as-01", "+-++++++"},
    {"crit-explicit-false", "++++++++"},
    {"pathlen-0", "++++++++"},
    {"pathlen-negative", "-------+"},
    {"pathlen-huge", "++--+--+"},
    {"bc-trailing", "++------"},
    {"ku-no-certsign", "------++"},
    {"ku-missing", "++++++++"},
    {"ku-empty", "-+-----+"},
    {"eku-server", "++++++++"},
    {"eku-client-only", "--++++++"},
    {"eku-code-only", "--++++++"},
    {"eku-any", "-+++++++"},
    {"eku-server-critical", "++++++++"},
    {"eku-empty", "-++++-++"},
    {"nc-permits-match", "+++++-++"},
    {"nc-noncritical", "++++++++"},
    {"nc-email-at", "+-+++-++"},
    {"nc-ip-badmask", "+--++-++"},
    {"nc-leading-dot", "+++++-++"},
    {"nc-dirname", "--++----"},
    {"nc-empty", "+-+++-++"},
    {"ext-unknown-critical", "---++---"},
    {"ext-unknown", "++++++++"},
    {"ext-duplicate-unknown", "+-P-++++"},
    {"ext-duplicate-bc", "--P-----"},
    {"ext-duplicate-ku", "--P-----"},
    {"ext-policy-critical", "+++++++-"},
    {"ski-one-byte", "++++++++"},
    {"ski-missing", "++++++-+"},
    {"ski-empty", "++++++++"},
    {"ski-critical", "--+++---"},
    {"aki-self-other", "-+++-+++"},
    {"ski-malformed", "--++---+"},
    {"aki-malformed", "--++---+"},
    {"san-empty-dns", "++P+++++"},
    {"san-empty-seq", "++++++-+"},
    {"san-edipartyname", "++P+++++"},
    {"san-x400", "++P+++++"},
    {"san-rid", "++++++++"},
    {"san-ip-5", "+-+++--+"},
    {"san-uri-bad", "+-++++++"},
    {"san-dns-8bit", "+-++++++"},
    {"san-othername", "++++++++"},
    {"san-dirname", "++++++++"},
    {"san-dns-nul", "++++++++"},
    {"ian-empty-dns", "++P+++++"},
    {"ian-empty-seq", "++++++++"},
    {"ian-edipartyname", "++P+++++"},
    {"ian-x400", "++P+++++"},
    {"ian-rid", "++++++++"},
    {"ian-ip-5", "++++++++"},
    {"ian-uri-bad", "++++++++"},
    {"ian-dns-8bit", "++++++++"},
    {"ian-othername", "++++++++"},
    {"ian-dirname", "++++++++"},
    {"ian-dns-nul", "++++++++"},
    {"crldp-malformed", "--++-+--"},
    {"crldp-empty", "++++++-+"},
    {"crldp-odd-name", "--++-+++"},
    {"aia-malformed", "+-++++-+"},
    {"policies-malformed", "+-+++--+"},
    {"policies-duplicate", "+-++++++"},
    {"policies-empty", "+++++--+"},
    {"policymap-any", "++++++++"},
    {"v1-with-ext", "++P-P---"},
    {"v1-explicit", "+++++++-"},
    {"v2-with-ext", "++P-P---"},
    {"v4-with-ext", "+-+-P-+-"},
    {"issuer-uid", "+++++---"},
    {"v1-uid", "++P-P---"},
    {"sig-ec-null", "++++++-+"},
    {"spki-rsa-no-null", "+-++-++-"},
    {"rsa-1024", "-++++-+-"},
    {"rsa-2047", "+++++-++"},
    {"rsa-3072", "++++++++"},
    {"rsa-8192", "++++++-+"},
    {"rsa-e3", "++++++++"},
    {"rsa-e-34bit", "+-++-++-"},
    {"rsa-pss-key", "+-++--+-"},
    {"rsa-16384", "+++++---"},
    {"ec-p192", "--+-----"},
    {"ec-p224", "+++-+-+-"},
    {"ec-p384", "++++++++"},
    {"ec-p521", "+++++++-"},
    {"ec-secp256k1", "+-----+-"},
    {"ec-brainpool256", "+----++-"},
    {"ec-brainpool384", "+----++-"},
    {"ec-explicit-params", "--------"},
    {"ec-compressed", "+---+-+-"},
    {"ed25519", "+++++?++"},
    {"ed448", "+-++-?+-"},
    {"dsa-2048", "+-++-?--"},
    {"ml-dsa-65", "---++?--"},
    {"intermediate", "-+++-+++"},
    {"intermediate-no-bc", "-------+"},
    {"self-issued-bad-signature", "++++++++"},
    {"to-9999", "++++++++"},
    {"gt-before-2050", "++++++++"},
    {"gt-fraction", "--P+P-++"},
    {"utc-no-seconds", "P+++P--+"},
    {"utc-offset", "--P+--++"},
    {"gt-no-z", "P-P-P+++"},
    {"from-1900", "++++++++"},
    {"from-0000", "++++++++"},
    {"utc-1950", "++++++++"},
    {"utc-feb-30", "--++P-++"},
    {"utc-24h", "--P-P-++"},
    {"utc-60s", "--+-P-++"},
    {"subject-empty", "+++?+?++"},
    {"subject-long", "++++++++"},
    {"subject-bmp", "++++++++"},
    {"subject-t61", "++++++++"},
    {"subject-universal", "+?++++++"},
    {"subject-printable-at", "+?++++++"},
    {"subject-ia5-8bit", "+?++++++"},
    {"subject-utf8-bad", "P?++P+-+"},
    {"subject-bmp-surrogate", "P?++P+++"},
    {"subject-multivalue", "++++++-+"},
    {"subject-set-unordered", "++++++-+"},
    {"subject-nul", "++++++++"},
    {"subject-empty-value", "++++++-+"},
    {"subject-bitstring", "+?++++-+"},
    {"subject-numeric", "+++++?-+"},
    {"subject-emoji", "++++++++"},
    {"many-ext", "++++++-+"},
    {"big-60k", "++++++++"},
    {"big-200k", "+++++++-"},
});

struct KeyKind {
  std::string name;
  std::string key;        // SubjectPublicKeyInfo
  std::string algorithm;  // of the signature
};

std::string key_info(const std::string& algorithm, std::string_view key) {
  return sequence({algorithm, tlv(asn1::kBitString, concat(std::string_view("\0", 1), key))});
}

std::vector<KeyKind> key_kinds() {
  const auto null = tlv(asn1::kNull, "");
  const auto ecdsa = sequence({der_oid("1.2.840.10045.4.3.2")});
  const auto rsa_sha256 = sequence({der_oid("1.2.840.113549.1.1.11"), null});
  const auto ec = [&](std::string name, std::string_view curve, std::size_t octets, bool compressed = false) {
    const auto point = concat(compressed ? "\x02" : "\x04", std::string(octets * (compressed ? 1 : 2), 'x'));
    return KeyKind{std::move(name), key_info(sequence({der_oid("1.2.840.10045.2.1"), der_oid(curve)}), point),
                   ecdsa};
  };
  const auto rsa_key = [](unsigned bits, std::string_view exponent) {
    std::string modulus(bits / 8, '\xFF');
    modulus.insert(modulus.begin(), bits % 8 == 0 ? '\0' : '\x7F');
    return sequence({der_integer(modulus), der_integer(exponent)});
  };
  const auto rsa = [&](std::string name, unsigned bits,
                       std::string_view exponent = std::string_view("\1\0\1", 3)) {
    return KeyKind{std::move(name),
                   key_info(sequence({der_oid("1.2.840.113549.1.1.1"), null}), rsa_key(bits, exponent)),
                   rsa_sha256};
  };
  const auto bare = [&](std::string name, std::string_view algorithm, std::size_t octets) {
    const auto identifier = sequence({der_oid(algorithm)});
    return KeyKind{std::move(name), key_info(identifier, std::string(octets, 'x')), identifier};
  };
  const auto one = der_integer("\1");
  return {
      rsa("rsa2048", 2048),
      rsa("rsa-1024", 1024),
      rsa("rsa-2047", 2047),
      rsa("rsa-3072", 3072),
      rsa("rsa-8192", 8192),
      rsa("rsa-16384", 16384),
      rsa("rsa-e3", 2048, "\3"),
      rsa("rsa-e-34bit", 2048, std::string_view("\3\0\0\0\1", 5)),
      {"spki-rsa-no-null",
       key_info(sequence({der_oid("1.2.840.113549.1.1.1")}), rsa_key(2048, std::string_view("\1\0\1", 3))),
       rsa_sha256},
      {"rsa-pss-key",
       key_info(sequence({der_oid("1.2.840.113549.1.1.10")}), rsa_key(2048, std::string_view("\1\0\1", 3))),
       sequence({der_oid("1.2.840.113549.1.1.10"), sequence({})})},
      ec("ec-p192", "1.2.840.10045.3.1.1", 24),
      ec("ec-p224", "1.3.132.0.33", 28),
      ec("ec-p384", "1.3.132.0.34", 48),
      ec("ec-p521", "1.3.132.0.35", 66),
      ec("ec-secp256k1", "1.3.132.0.10", 32),
      ec("ec-brainpool256", "1.3.36.3.3.2.8.1.1.7", 32),
      ec("ec-brainpool384", "1.3.36.3.3.2.8.1.1.11", 48),
      ec("ec-compressed", "1.2.840.10045.3.1.7", 32, true),
      {"ec-explicit-params", key_info(sequence({der_oid("1.2.840.10045.2.1"), sequence({one})}), "\4xy"),
       ecdsa},
      bare("ed25519", "1.3.101.112", 32),
      bare("ed448", "1.3.101.113", 57),
      bare("ml-dsa-65", "2.16.840.1.101.3.4.3.18", 1952),
      {"dsa-2048", key_info(sequence({der_oid("1.2.840.10040.4.1"), sequence({one, one, one})}), one),
       sequence({der_oid("2.16.840.1.101.3.4.3.2")})},
  };
}

std::string made(const std::string& name) {
  static const auto key = new_signing_key();
  auto parts = ca_parts("A CA", key);
  for (const auto& kind : kinds())
    if (kind.name == name) {
      kind.change(parts);
      return signed_certificate(parts, key);
    }
  for (const auto& kind : key_kinds())
    if (kind.name == name) {
      parts.key = kind.key;
      parts.algorithm = parts.outer_algorithm = kind.algorithm;
      return signed_certificate(parts, key);
    }
  FAIL("there is no kind ", name);
  return {};
}

// Where the rules say otherwise, and why.
const std::set<std::string> kExceptions{
    // Go accepts a negative serial number only where the program's go.mod is older than 1.23.
    "serial-negative go",
    // OpenSSL loads nothing of a bundle with it, and therefore it is read as no certificate at all.
    "serial-nonminimal openssl", "serial-nonminimal gnutls", "serial-nonminimal java",
    "serial-nonminimal mbedtls", "serial-nonminimal rustls",
    // It goes by the key identifier in the server's certificate, which had none here.
    "ext-none-v3 wolfssl",
    // Up to 63 bits; no CA needs them.
    "pathlen-huge go",
    // The server that was asked with was outside of the constraint.
    "nc-dirname openssl", "nc-dirname boringssl",
    // Measured with a provider that is not part of Java 17; JEP 497 is of 24.
    "ml-dsa-65 java",
    // Go reads any offset but one of zero.
    "utc-offset go",
    // Some impossible times pass; libcrypto takes none.
    "utc-feb-30 gnutls", "utc-feb-30 java", "utc-60s gnutls"};

}  // namespace

TEST_CASE("the rules promise what was measured of each kind") {
  std::size_t compared = 0;
  for (const auto& [kind, measured] : kMeasured) {
    const auto verdicts = client_verdicts(profile_of(made(std::string(kind))), Use::issues);
    for (std::size_t i = 0; i < kMeasuredClients.size(); ++i) {
      if (measured.at(i) == '?') continue;
      ++compared;
      char said = '+';
      for (const auto& verdict : verdicts)
        if (verdict.client == kMeasuredClients.at(i)) said = verdict.effect == Effect::breaks ? 'P' : '-';
      const auto name = concat(kind, " ", name_of(kMeasuredClients.at(i)));
      const bool known = kExceptions.contains(name);
      CHECK_MESSAGE((said == measured.at(i)) != known, name, ": measured ", std::string(1, measured.at(i)),
                    ", said ", std::string(1, said));
    }
  }
  MESSAGE(compared, " measurements of ", kMeasured.size(), " kinds");
}

TEST_CASE("every rule names a client and a source, and no trait is without words") {
  for (const auto& rule : client_rules()) {
    CHECK(rule.clients != 0);
    CHECK_FALSE(rule.source.empty());
    CHECK((rule.issues || rule.serves));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(Trait::count_); ++i)
    CHECK_FALSE(words_of(static_cast<Trait>(i)).empty());
}
