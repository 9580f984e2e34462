#include "cert/judge.hpp"

#include "support/certificates.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15

CaOptions named(std::string_view name) {
  return {.common_name = std::string(name), .not_before = kNow - kDay, .not_after = kNow + 3650 * kDay};
}

const FingerprintSet kNoRoots;

FoundCertificate found(const TestCa& ca) {
  return {.certificate = parse_certificate(ca.der).value(), .origin = {.file = "f"}};
}

// "accepted: crlf warning, weak-key error"
std::string said(const JudgedCertificate& judged) {
  std::string text(name_of(judged.verdict));
  for (const auto& finding : judged.findings)
    text += concat(&finding == judged.findings.data() ? ": " : ", ", name_of(finding.code), " ",
                   name_of(finding.severity));
  return text;
}

std::string verdict_on(const TestCa& ca, std::int64_t now = kNow) {
  return said(judge({found(ca)}, {}, now).front());
}

}  // namespace

TEST_CASE("the policy, certificate by certificate") {
  CHECK(verdict_on(make_ca(named("Root"))) == "accepted");

  auto options = named("RSA 1024");
  options.key = TestKey::rsa_1024;
  CHECK(verdict_on(make_ca(options)) == "rejected: weak-key error, refused-by-clients warning");
  options.key = TestKey::rsa_2048;
  CHECK(verdict_on(make_ca(options)) == "accepted");
  options.key = TestKey::ec_p224;
  CHECK(verdict_on(make_ca(options)) == "rejected: weak-key error, refused-by-clients warning");
  options.key = TestKey::ec_p384;
  CHECK(verdict_on(make_ca(options)) == "accepted");
  options.key = TestKey::ed25519;
  CHECK(verdict_on(make_ca(options)) == "accepted: refused-by-clients warning");

  options = named("X.509 v1");
  options.version = 1;
  CHECK(verdict_on(make_ca(options)) == "accepted: refused-by-clients warning");

  options = named("registry.test");
  options.basic_constraints = BasicConstraints::not_ca;
  CHECK(verdict_on(make_ca(options)) == "accepted: self-signed-leaf warning, refused-by-clients warning");
  options.basic_constraints = BasicConstraints::absent;
  CHECK(verdict_on(make_ca(options)) == "accepted: self-signed-leaf warning, refused-by-clients warning");
  options.basic_constraints = BasicConstraints::ca;
  options.key_usage = "critical,digitalSignature";
  CHECK(verdict_on(make_ca(options)) == "accepted: self-signed-leaf warning");
  options.common_name = "Signs nothing, and names no server";
  CHECK(verdict_on(make_ca(options)) == "rejected: unusable error");

  const auto root = make_ca(named("Root"));
  CHECK(verdict_on(make_ca(named("Intermediate"), root)) ==
        "accepted: not-self-signed warning, refused-by-clients warning");
  CHECK(said(judge({found(make_ca(named("Intermediate"), root)), found(root)}, {}, kNow).front()) ==
        "accepted: not-self-signed warning");
  options = named("server.test");
  options.basic_constraints = BasicConstraints::not_ca;
  CHECK(verdict_on(make_ca(options, root)) == "rejected: not-a-ca error");

  options = named("Clients only");
  options.extended_key_usage = "clientAuth";
  CHECK(verdict_on(make_ca(options)) == "accepted: no-server-auth warning, refused-by-clients warning");
  options.extended_key_usage = "clientAuth,serverAuth";
  CHECK(verdict_on(make_ca(options)) == "accepted");

  options = named("Negative");
  options.negative_serial = true;
  CHECK(verdict_on(make_ca(options)) == "accepted: refused-by-clients warning, negative-serial warning");

  options = named("Unknown extension");
  options.unknown_extension = true;
  CHECK(verdict_on(make_ca(options)) == "rejected: not-a-ca error, refused-by-clients warning");
  options = named("Spoilt");
  options.spoilt_signature = true;
  CHECK(verdict_on(make_ca(options)) == "accepted: bad-signature warning");
  CHECK(verdict_on(make_ca(options, root)) ==
        "accepted: not-self-signed warning, refused-by-clients warning");

  options = named("SHA-1");
  options.sha1_signature = true;
  CHECK(verdict_on(make_ca(options)) == "accepted: weak-signature warning");
}

TEST_CASE("validity is judged to the second, and a clock before it refuses nothing") {
  auto options = named("Root");
  options.not_before = kNow;
  options.not_after = kNow + 30 * kDay;
  const auto ca = make_ca(options);
  CHECK(verdict_on(ca, kNow - 1) == "accepted: not-yet-valid warning");
  CHECK(verdict_on(ca, 0) == "accepted: not-yet-valid warning");
  CHECK(verdict_on(ca, kNow) == "accepted");
  CHECK(verdict_on(ca, kNow + 1) == "accepted: expires-soon warning");
  CHECK(verdict_on(ca, kNow + 30 * kDay) == "accepted: expires-soon warning");
  CHECK(verdict_on(ca, kNow + 30 * kDay + 1) == "rejected: expired warning");
  // OpenSSL takes it for expired at that very second.
  options.not_before = options.not_after = kNow + 60 * kDay;
  CHECK(verdict_on(make_ca(options)) == "rejected: refused-by-clients warning, unusable error");
  CHECK(verdict_on(make_ca(options), kNow + 61 * kDay) ==
        "rejected: refused-by-clients warning, expired warning");
  options.not_after = *options.not_before + 1;
  CHECK(verdict_on(make_ca(options)) == "accepted: not-yet-valid warning");
}

TEST_CASE("a second copy is a duplicate, and does not count against the limit") {
  const auto one = make_ca(named("One"));
  const auto two = make_ca(named("Two"));
  const auto three = make_ca(named("Three"));
  const auto judged =
      judge({found(one), found(one), found(two), found(three)}, {.max_certificates = 2}, kNow, &kNoRoots);
  REQUIRE(judged.size() == 4);
  CHECK(said(judged[0]) == "accepted");
  CHECK(said(judged[1]) == "duplicate: duplicate warning");
  CHECK(said(judged[2]) == "accepted");
  CHECK(said(judged[3]) == "rejected: too-many error");
  CHECK(judged[3].findings.front().message == "certificate 3 of at most 2");
}

TEST_CASE("what the configuration distrusts is left out, which is no error") {
  const auto one = make_ca(named("One"));
  const auto two = make_ca(named("Two"));
  Policy policy{.max_certificates = 1};
  policy.distrusted.insert(found(one).certificate.fingerprint);
  const auto judged = judge({found(one), found(two)}, policy, kNow, &kNoRoots);
  REQUIRE(judged.size() == 2);
  CHECK(said(judged[0]) == "rejected: distrusted warning");
  CHECK(said(judged[1]) == "accepted");
}

TEST_CASE("what does not become an anchor does not count against the limit") {
  std::vector<FoundCertificate> certificates;
  for (int i = 0; i < 3; ++i) {
    auto old = named("Old");
    old.not_before = kNow - 10 * kDay;
    old.not_after = kNow - kDay;
    certificates.push_back(found(make_ca(old)));
    auto weak = named("Weak");
    weak.key = TestKey::ec_p224;
    certificates.push_back(found(make_ca(weak)));
  }
  FingerprintSet distro;
  for (int i = 0; i < 3; ++i) {
    const auto root = make_ca(named("Public"));
    certificates.push_back(found(root));
    distro.insert(certificates.back().certificate.fingerprint);
  }
  certificates.push_back(found(make_ca(named("One"))));
  certificates.push_back(found(make_ca(named("Two"))));
  certificates.push_back(found(make_ca(named("Three"))));
  const auto said_of = [&](const Policy& policy, const FingerprintSet* known) {
    std::string out;
    for (const auto& judged : judge(certificates, policy, kNow, known))
      out += concat(said(judged), "; ");
    return out;
  };
  std::string skipped;
  for (int i = 0; i < 3; ++i)
    skipped += "rejected: expired warning; rejected: weak-key error, refused-by-clients warning; ";
  const std::string named_only =
      "duplicate: in-distro-store warning; duplicate: in-distro-store warning; duplicate: in-distro-store "
      "warning; ";
  CHECK(said_of({.max_certificates = 2}, &distro) ==
        skipped + named_only + "accepted; accepted; rejected: too-many error; ");
  CHECK(said_of({.max_certificates = 3}, &distro) == skipped + named_only + "accepted; accepted; accepted; ");
  CHECK(said_of({.max_certificates = 4, .install_distro_roots = true}, &distro) ==
        skipped +
            "accepted; accepted; accepted; accepted; rejected: too-many error; rejected: too-many error; ");
  CHECK(said_of({.max_certificates = 6}, nullptr) ==
        skipped + "accepted; accepted; accepted; accepted; accepted; accepted; ");
}

TEST_CASE("without a trust store beside it, the limit says what it counted") {
  const std::vector<FoundCertificate> two{found(make_ca(named("One"))), found(make_ca(named("Two")))};
  const FingerprintSet none;
  CHECK(judge(two, {.max_certificates = 1}, kNow, &none)[1].findings.front().message ==
        "certificate 2 of at most 1");
  CHECK(judge(two, {.max_certificates = 1}, kNow)[1].findings.front().message ==
        "certificate 2 of at most 1; roots that a node's distribution trusts count too, since no trust store "
        "was "
        "found here");
}

TEST_CASE("custom CAs and the proxy's have limits and duplicates of their own") {
  std::vector<FoundCertificate> certificates;
  for (int i = 0; i < 21; ++i) {
    certificates.push_back(found(make_ca(named("CA"))));
    certificates.push_back(certificates.back());
    certificates.back().origin.proxy = true;
  }
  std::size_t custom = 0;
  std::size_t proxy = 0;
  for (const auto& judged : judge(certificates, {}, kNow))
    if (judged.verdict == Verdict::accepted) ++(judged.origin.proxy ? proxy : custom);
  CHECK(custom == 10);
  CHECK(proxy == 20);
}

TEST_CASE("what a certificate is, as a value") {
  auto options = named("Root, with comma");
  options.organization = "Lab";
  options.negative_serial = true;
  const auto ca = make_ca(options);
  const auto certificate = parse_certificate(ca.der).value();
  CHECK(certificate.fingerprint.hex() == ca.fingerprint_hex);
  CHECK(certificate.subject == ca.subject);
  CHECK(certificate.issuer == ca.subject);
  CHECK(certificate.not_before == kNow - kDay);
  CHECK(certificate.not_after == kNow + 3650 * kDay);
  CHECK(certificate.key_kind == Certificate::KeyKind::ec);
  CHECK(certificate.key_bits == 256);
  CHECK(certificate.serial.starts_with('-'));
  CHECK(canonical_pem(ca.der) == ca.pem);
  CHECK(der_from_pem(ca.pem) == ca.der);
  CHECK_FALSE(der_from_pem("nothing").has_value());
}

TEST_CASE("only exactly one certificate in DER is one") {
  const auto ca = make_ca(named("Root"));
  CHECK(parse_certificate("").error().code == Errc::input);
  CHECK(parse_certificate(ca.pem).error().code == Errc::input);
  CHECK(parse_certificate(ca.der + "x").error().message == "1 bytes stand behind the certificate");
  CHECK(parse_certificate(ca.der.substr(0, ca.der.size() - 1)).error().code == Errc::input);
  // The outer length in one byte more than DER needs.
  std::string ber = ca.der;
  REQUIRE(ber.substr(0, 2) == "\x30\x82");
  ber.replace(1, 1, std::string("\x83\x00", 2));
  CHECK_FALSE(parse_certificate(ber).has_value());
}
