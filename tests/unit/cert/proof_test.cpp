#include "cert/proof.hpp"

#include "support/certificates.hpp"
#include "support/der_builder.hpp"

#include <ctime>
#include <doctest/doctest.h>
#include <functional>
#include <string>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/judge.hpp"
#include "cert/sha256.hpp"
#include "intake/der.hpp"

using namespace nct;
using namespace nct::test;

namespace {

Fingerprint name_of(const TestCa& ca) {
  return Fingerprint::from_hex(ca.fingerprint_hex).value();
}

// What in the proof of a store fails over this certificate; empty where nothing does.
std::string unproved(const Certificate& certificate) {
  const auto pem = canonical_pem(certificate.der);
  const auto file = inspect_store_file(pem);
  if (file.kind != StoreFile::Kind::certificate || !file.failure.empty())
    return concat("file: ", file.failure);
  if (file.certificates != std::vector{certificate.fingerprint} || file.name_hash != certificate.subject_hash)
    return "file: other facts";
  const auto loaded = load_bundle(pem, {});
  if (!loaded) return loaded.error().message;
  const auto verified = verify_anchor(pem, certificate.fingerprint, {});
  return verified ? "" : verified.error().message;
}

std::string without_line(const std::string& text, std::string_view line) {
  auto shorter = text;
  shorter.erase(shorter.find(line), line.size());
  return shorter;
}

}  // namespace

TEST_CASE("a store file, as openssl-rehash and a bundle's readers see it") {
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});

  auto file = inspect_store_file(one.pem);
  CHECK(file.kind == StoreFile::Kind::certificate);
  CHECK(file.certificates == std::vector{name_of(one)});
  CHECK(file.name_hash == std::stoul(one.subject_hash_hex, nullptr, 16));
  CHECK(file.failure.empty());

  file = inspect_store_file(concat("text in front\n", one.pem, two.pem));
  CHECK(file.kind == StoreFile::Kind::unusable);
  CHECK(file.certificates == std::vector{name_of(one), name_of(two)});

  // A certificate with its key counts as one; a key alone makes openssl-rehash fail.
  CHECK(inspect_store_file(one.pem + one.key_pem).kind == StoreFile::Kind::certificate);
  CHECK(inspect_store_file(one.key_pem).only_key);
  CHECK(inspect_store_file("no PEM at all\n").kind == StoreFile::Kind::unusable);
  CHECK_FALSE(inspect_store_file("no PEM at all\n").only_key);
  CHECK(inspect_store_file("").failure.empty());

  CHECK_FALSE(inspect_store_file(without_line(one.pem, "-----END CERTIFICATE-----\n")).failure.empty());
  CHECK_FALSE(inspect_store_file(one.pem.substr(0, 100)).failure.empty());
}

TEST_CASE("a list of revoked certificates is linked by its issuer, where it is alone in its file") {
  const auto ca = make_ca({.common_name = "One"});
  const auto issuer = common_name(asn1::kUtf8String, "One");
  const auto algorithm = sequence({der_oid("1.2.840.10045.4.3.2")});
  const auto der =
      sequence({sequence({der_integer("\x01"), algorithm, issuer, tlv(asn1::kUtcTime, "250101000000Z")}),
                algorithm, tlv(asn1::kBitString, std::string("\0x", 2))});
  auto pem = canonical_pem(der);
  for (std::size_t at = 0; (at = pem.find("CERTIFICATE", at)) != std::string::npos;)
    pem.replace(at, 11, "X509 CRL");

  const auto file = inspect_store_file(pem);
  CHECK(file.failure == "");
  CHECK(file.kind == StoreFile::Kind::crl);
  CHECK(file.name_hash == std::stoul(ca.subject_hash_hex, nullptr, 16));
  CHECK(file.certificates == std::vector{sha256(der)});
  CHECK(inspect_store_file(pem + pem).kind == StoreFile::Kind::unusable);
  CHECK(inspect_store_file(pem + pem).certificates.empty());
  // As openssl-rehash has it, a certificate with its list counts as one.
  CHECK(inspect_store_file(ca.pem + pem).kind == StoreFile::Kind::certificate);
  CHECK(load_bundle(pem + ca.pem, {}).value() == std::vector{name_of(ca)});
  const auto spoilt = load_bundle(pem + ca.pem.substr(0, 100), {});
  REQUIRE_FALSE(spoilt.has_value());
  CHECK(spoilt.error().message.starts_with("no client can load the bundle: "));
}

TEST_CASE("a store file by which clients lose a bundle says which, and why") {
  const auto key = new_signing_key();
  const auto file_of = [&](const std::function<void(Parts&)>& change) {
    auto parts = ca_parts("Others'", key);
    change(parts);
    return canonical_pem(signed_certificate(parts, key));
  };
  const auto twice = file_of([](Parts& parts) { parts.extensions.push_back(parts.extensions.front()); });
  const auto hasty = file_of([](Parts& parts) {
    parts.validity =
        sequence({tlv(asn1::kUtcTime, "2501010000Z"), tlv(asn1::kGeneralizedTime, "20400101000000Z")});
  });
  const auto good = file_of([](Parts&) {});
  const auto refused =
      file_of([](Parts& parts) { parts.extensions.push_back(extension("1.2.3.4", true, "x")); });
  CHECK(inspect_store_file(good).breaks.empty());
  CHECK(inspect_store_file(refused).breaks.empty());
  CHECK(inspect_store_file(make_ca().key_pem).breaks.empty());
  CHECK(inspect_store_file(twice).breaks.starts_with("GnuTLS (apt, wget, git): "));
  // OpenSSL 3.5 and later cannot read it themselves.
  const auto hastily = inspect_store_file(hasty);
  CHECK((hastily.breaks.contains("(from OpenSSL 3.5 on)") || hastily.kind == StoreFile::Kind::unusable));
  // One of several.
  CHECK(inspect_store_file(good + refused + twice).breaks == inspect_store_file(twice).breaks);
}

TEST_CASE("a bundle is loaded whole or not at all, whatever was parsed before") {
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  const auto bundle = concat(one.pem, "a comment\n", two.pem);
  for (const FingerprintSet& parsed :
       {FingerprintSet{}, FingerprintSet{name_of(one)}, {name_of(one), name_of(two)}}) {
    CHECK(load_bundle(bundle, parsed).value() == std::vector{name_of(one), name_of(two)});
    CHECK(load_bundle("", parsed).value().empty());
    // A block without its end swallows the next one: where its text ends in padding clients take it for the
    // first certificate alone, otherwise they find none.
    const auto cut = load_bundle(without_line(bundle, "-----END CERTIFICATE-----\n"), parsed);
    if (cut)
      CHECK(*cut == std::vector{name_of(one)});
    else
      CHECK(cut.error().code == Errc::in_the_way);
    CHECK_FALSE(load_bundle(bundle.substr(0, bundle.size() - 10), parsed).has_value());
  }
}

TEST_CASE("a block that is no certificate is found although its neighbours are known") {
  const auto one = make_ca({.common_name = "One"});
  auto der = one.der;
  der[5] = static_cast<char>(der[5] ^ 0x40);
  const auto spoilt = load_bundle(one.pem + canonical_pem(der), {name_of(one)});
  REQUIRE_FALSE(spoilt.has_value());
  const auto lines = lines_of(one.pem).size();
  CHECK(spoilt.error().message.find(concat("ends at line ", std::to_string(2 * lines))) != std::string::npos);
}

TEST_CASE("trust data, keys and lists between certificates are left to libcrypto") {
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  CHECK(load_bundle(one.pem + one.key_pem + two.pem, {name_of(one)}).value() ==
        std::vector{name_of(one), name_of(two)});
}

TEST_CASE("an anchor is verified by its own file") {
  const auto root = make_ca({.common_name = "Root"});
  const auto intermediate = make_ca({.common_name = "Intermediate"}, root);
  const auto leaf = make_ca({.common_name = "registry.test", .basic_constraints = BasicConstraints::not_ca});
  const auto future =
      make_ca({.common_name = "Future", .not_before = 4'000'000'000, .not_after = 4'100'000'000});
  const auto signs_nothing = make_ca({.common_name = "Self", .key_usage = "digitalSignature"});
  Record known;
  // Nobody asks for an anchor's own signature; and what OpenSSL refuses is there for others.
  const auto spoilt = make_ca({.common_name = "Spoilt", .spoilt_signature = true});
  const auto unknown = make_ca({.common_name = "Unknown extension", .unknown_extension = true});
  for (const auto* ca : {&root, &intermediate, &leaf, &future, &signs_nothing, &spoilt, &unknown})
    CHECK_MESSAGE(verify_anchor(ca->pem, name_of(*ca), known).has_value(), ca->subject);
  const auto refused = [&](const std::string& file, const Fingerprint& expected) {
    return verify_anchor(file, expected, known).error().message;
  };
  const auto check_refusals = [&] {
    CHECK(refused(root.pem, name_of(leaf)) == "holds another certificate than it should");
    CHECK(refused("", name_of(root)) == "no certificate in it: no start line");
    CHECK(
        refused(root.pem.substr(0, root.pem.size() / 2), name_of(root)).starts_with("no certificate in it"));
    CHECK(refused(spoilt.pem, name_of(root)) == "holds another certificate than it should");
  };
  check_refusals();
  // What is known of a certificate is known of its very bytes alone, and only if it is good.
  for (const auto* each : {&root, &leaf, &spoilt})
    remember(parse_certificate(each->der).value(), known);
  CHECK(verify_anchor(root.pem, name_of(root), known).has_value());
  CHECK(verify_anchor(intermediate.pem + root.pem, name_of(intermediate), known).has_value());
  check_refusals();
}

TEST_CASE("what is accepted, can be proved") {
  const auto root = make_ca({.common_name = "Root"});
  const auto intermediate = make_ca({.common_name = "Intermediate"}, root);
  const auto leaf = make_ca({.common_name = "Leaf", .basic_constraints = BasicConstraints::not_ca});
  std::size_t accepted = 0;
  std::size_t rejected = 0;
  // Every certificate that is one bit away from these.
  for (const auto* ca : {&root, &intermediate, &leaf})
    for (std::size_t bit = 0; bit < 8 * ca->der.size(); ++bit) {
      auto der = ca->der;
      der[bit / 8] = static_cast<char>(der[bit / 8] ^ (1 << bit % 8));
      auto certificate = parse_certificate(der);
      if (!certificate) continue;
      const auto judged =
          judge({{.certificate = *std::move(certificate), .origin = {}}}, {}, std::time(nullptr));
      const bool taken = judged.front().verdict == Verdict::accepted;
      ++(taken ? accepted : rejected);
      if (!taken) continue;
      const auto failure = unproved(judged.front().certificate);
      CHECK_MESSAGE(failure.empty(), ca->subject << ", bit " << bit << ": " << failure);
    }
  MESSAGE(accepted << " accepted, " << rejected << " rejected");
  CHECK(accepted > 500);
  CHECK(rejected > 500);
}
