// The strict reader of certificates: what is no certificate, and the least that shows each trait.
#include "cert/profile.hpp"

#include "clients/changes.hpp"
#include "support/der_builder.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
using namespace nct::asn1;

namespace {

constexpr std::string_view kRsa = "1.2.840.113549.1.1.1";
constexpr std::string_view kEc = "1.2.840.10045.2.1";
constexpr std::string_view kDsa = "1.2.840.10040.4.1";
const std::string kNone = tlv(kNull, "");
const std::string kSignature = tlv(kBitString, std::string("\0x", 2));

// Nothing in it needs a true signature.
std::string der_of(const Parts& parts, const std::string& behind = "",
                   const std::string& signature = kSignature) {
  std::string content = parts.version + parts.serial + parts.algorithm + parts.issuer + parts.validity +
                        parts.subject + parts.key + parts.unique_ids;
  if (!parts.without_extensions) content += tlv(0xA3, sequence(parts.extensions));
  return sequence({tlv(kSequence, content), parts.outer_algorithm, signature, behind});
}

const Parts& good_parts() {
  static const auto parts = ca_parts("A CA", new_signing_key());
  return parts;
}

struct Row {
  std::string what;
  Change change;
  Trait trait;
};

void check_has(const std::vector<Row>& rows, bool wanted) {
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto parts = good_parts();
    row.change(parts);
    const auto profile = profile_of(der_of(parts));
    CHECK(profile.has(row.trait) == wanted);
    if (row.trait != Trait::malformed) CHECK_FALSE(profile.has(Trait::malformed));
  }
}

Change key(std::string algorithm, const std::string& content, unsigned unused = 0) {
  return [made = sequence({std::move(algorithm), tlv(kBitString, static_cast<char>(unused) + content)})](
             Parts& parts) { parts.key = made; };
}

std::string algorithm(std::string_view dotted, const std::string& parameters = "") {
  return sequence({der_oid(dotted), parameters});
}

Change rsa(const std::string& modulus, const std::string& exponent, const std::string& behind = "") {
  return key(algorithm(kRsa, kNone), sequence({der_integer(modulus), der_integer(exponent), behind}));
}

Change ec(std::string_view curve, const std::string& point) {
  return key(algorithm(kEc, der_oid(curve)), point);
}

Change dsa(const std::string& domain, const std::string& y) {
  return key(algorithm(kDsa, domain), y);
}

Change times(const std::string& content) {
  return [content](Parts& parts) { parts.validity = tlv(kSequence, content); };
}

Change signed_by(std::string_view dotted) {
  return [dotted](Parts& parts) { parts.algorithm = parts.outer_algorithm = algorithm(dotted); };
}

Change only_extension(std::string element) {
  return [element = std::move(element)](Parts& parts) { parts.extensions = {element}; };
}

Change policies(const std::string& qualifiers) {
  return with(kPolicies, false, sequence({sequence({der_oid("1.2.3.4"), qualifiers})}));
}

Change point(const std::string& fields) {
  return with(kDistributionPoints, false, sequence({tlv(kSequence, fields)}));
}

const std::string kModulus = std::string(1, '\0') + std::string(256, '\xFF');
const std::string kExponent("\x01\x00\x01", 3);
const std::string kOne = der_integer("\x01");
const std::string kName = tlv(0xA0, tlv(0xA0, tlv(0x86, "http://ca.test/crl")));

}  // namespace

TEST_CASE("what is not the structure of a certificate in DER is malformed, and nothing else is said of it") {
  const auto good = der_of(good_parts());
  REQUIRE_FALSE(profile_of(good).has(Trait::malformed));
  const auto malformed_alone = Traits().set(static_cast<std::size_t>(Trait::malformed));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK((profile_of(good.substr(0, size)).traits == malformed_alone));
  CHECK(profile_of(good + "x").has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), kNone)).has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), "", tlv(kBitString, ""))).has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), "", tlv(kBitString, octets({1, 2})))).has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), "", tlv(kBitString, octets({1, 3})))).has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), "", tlv(kBitString, octets({8, 0})))).has(Trait::malformed));
  CHECK(profile_of(der_of(good_parts(), "", tlv(kOctetString, "x"))).has(Trait::malformed));

  const auto malformed = [](std::string what, Change change) {
    return Row{std::move(what), std::move(change), Trait::malformed};
  };
  const auto one_time = tlv(kUtcTime, "250101000000Z");
  check_has(
      {
          malformed("two versions", version(tlv(0xA0, kOne + kOne))),
          malformed("a version that is no integer", version(tlv(0xA0, tlv(kNull, "")))),
          malformed("a version with a zero too many", version(tlv(0xA0, der_integer(octets({0, 2}))))),
          malformed("a serial of nothing", serial("")),
          malformed("no serial", [](Parts& parts) { parts.serial = tlv(kNull, ""); }),
          malformed("no signature algorithm", [](Parts& parts) { parts.algorithm = sequence({}); }),
          malformed("no outer signature algorithm",
                    [](Parts& parts) { parts.outer_algorithm = sequence({}); }),
          malformed("two parameters",
                    [](Parts& parts) { parts.algorithm = sequence({der_oid("1.2.3"), kNone, kNone}); }),
          malformed("an identifier that does not end",
                    [](Parts& parts) { parts.algorithm = sequence({tlv(kObjectIdentifier, "\x2A\x86")}); }),
          malformed("a name of sequences", named(sequence({sequence({})}))),
          malformed("an RDN that is none", named(sequence({tlv(kSet, "x")}))),
          malformed("an attribute of one", named(sequence({tlv(kSet, sequence({der_oid("2.5.4.3")}))}))),
          malformed("an attribute of three",
                    named(sequence({tlv(kSet, sequence({der_oid("2.5.4.3"), kNone, kNone}))}))),
          malformed("an attribute without a type",
                    named(sequence({tlv(kSet, sequence({tlv(kObjectIdentifier, ""), kNone}))}))),
          malformed("one time", times(one_time)),
          malformed("three times", times(one_time + one_time + one_time)),
          malformed("a time that is none", times(one_time + kNone)),
          malformed("a key without its algorithm", key(sequence({}), "x")),
          malformed("a key of three",
                    [](Parts& parts) { parts.key = sequence({algorithm(kEc), kSignature, kNone}); }),
          malformed("a key without bits", [](Parts& parts) { parts.key = sequence({algorithm(kEc)}); }),
          malformed("a unique id without bits", [](Parts& parts) { parts.unique_ids = tlv(0x81, ""); }),
          malformed("an extension that is none", only_extension(kNone)),
          malformed("an extension without a type",
                    only_extension(sequence({tlv(kObjectIdentifier, ""), tlv(kOctetString, "")}))),
          malformed("an extension without a value", only_extension(sequence({der_oid("1.2.3")}))),
          malformed("an extension with something behind it",
                    only_extension(sequence({der_oid("1.2.3"), tlv(kOctetString, ""), kNone}))),
          malformed("a flag of two octets",
                    only_extension(sequence({der_oid("1.2.3"), tlv(kBoolean, "xx"), tlv(kOctetString, "")}))),
      },
      true);
}

TEST_CASE("times are of one form") {
  using enum Trait;
  check_has({{"a fraction", until(kGeneralizedTime, "20400101000000.5Z"), time_fraction},
             {"a fraction behind a comma", until(kGeneralizedTime, "20400101000000,5Z"), time_fraction},
             {"an offset to the east", until(kUtcTime, "400101000000+0100"), time_offset},
             {"an offset to the west", until(kUtcTime, "400101000000-0100"), time_offset},
             {"no seconds", until(kUtcTime, "4001010000Z"), time_without_seconds},
             {"no zone", until(kGeneralizedTime, "20400101000000"), time_without_zone},
             {"another zone", until(kUtcTime, "400101000000A"), time_malformed},
             {"a digit too many", until(kUtcTime, "4001010000000Z"), time_malformed},
             {"no digits", until(kUtcTime, "Z"), time_malformed},
             {"month 0", until(kUtcTime, "400001000000Z"), time_impossible},
             {"month 13", until(kUtcTime, "401301000000Z"), time_impossible},
             {"day 0", until(kUtcTime, "400100000000Z"), time_impossible},
             {"day 32", until(kUtcTime, "400132000000Z"), time_impossible},
             {"the 29th of February of a common year", until(kUtcTime, "410229000000Z"), time_impossible},
             {"the 29th of February of 2100", until(kGeneralizedTime, "21000229000000Z"), time_impossible},
             {"hour 24", until(kUtcTime, "400101240000Z"), time_impossible},
             {"minute 60", until(kUtcTime, "400101006000Z"), time_impossible},
             {"second 60", until(kUtcTime, "400101000060Z"), time_impossible},
             {"an end that is the begin", until(kUtcTime, "250101000000Z"), never_valid},
             {"an end before the begin", until(kUtcTime, "991231235959Z"), never_valid},
             {"the same of the other type", until(kGeneralizedTime, "20241231235959Z"), never_valid}},
            true);
  check_has({{"the 29th of February of a leap year", until(kUtcTime, "400229000000Z"), time_impossible},
             {"an end a second behind the begin", until(kUtcTime, "250101000001Z"), never_valid},
             {"an end behind 2050", until(kGeneralizedTime, "20500101000000Z"), never_valid},
             {"an end that is no time", until(kUtcTime, "240101000060Z"), never_valid},
             {"the 29th of February of 2400", until(kGeneralizedTime, "24000229000000Z"), time_impossible}},
            false);
}

TEST_CASE("strings are of the characters of their type") {
  using enum Trait;
  const auto bmp = [](std::string text) { return named(common_name(kBmpString, text)); };
  check_has({{"half a character", bmp("abc"), bmp_string},
             {"a high half alone", bmp(octets({0xD8, 0, 0, 'b'})), bmp_string},
             {"a high half at the end", bmp(octets({0, 'b', 0xD8, 0})), bmp_string},
             {"a low half alone", bmp(octets({0xDC, 0})), bmp_string},
             {"a printable string with an underscore", named(common_name(kPrintableString, "a_b")),
              printable_string},
             {"a long form of UTF-8", named(common_name(kUtf8String, "\xC0\x80")), utf8_string},
             {"half a character of UTF-8", named(common_name(kUtf8String, "a\xE2\x82")), utf8_string},
             {"a surrogate in UTF-8", named(common_name(kUtf8String, "\xED\xA0\x80")), utf8_string},
             {"beyond Unicode", named(common_name(kUtf8String, "\xF4\x90\x80\x80")), utf8_string},
             {"a letter among numbers", named(common_name(kNumericString, "1a")), numeric_string},
             {"8 bits", named(common_name(kIa5String, "\xE9")), ia5_string}},
            true);
  check_has({{"above FFFF", bmp(octets({0xD8, 0x3D, 0xDE, 0})), bmp_string},
             {"everything that is printable", named(common_name(kPrintableString, "Az9 '()+,-./:=?*&")),
              printable_string},
             {"UTF-8 of four octets", named(common_name(kUtf8String, "\xF0\x9F\x98\x80")), utf8_string},
             {"numbers", named(common_name(kNumericString, "12 3")), numeric_string},
             {"an identifier as long as Java reads one",
              named(sequence({tlv(kSet, sequence({tlv(kObjectIdentifier, std::string(4096, '+')), kNone}))})),
              oid_very_long}},
            false);
}

TEST_CASE("keys are written as their algorithm says") {
  using enum Trait;
  const auto point32 = "\x04" + std::string(64, 'x');
  const auto domain = sequence({kOne, kOne, kOne});
  check_has(
      {
          {"RSA of bits that are not octets",
           key(algorithm(kRsa, kNone),
               sequence({der_integer(kModulus), der_integer(kExponent)}) + octets({0}), 1),
           key_malformed},
          {"RSA that is no sequence", key(algorithm(kRsa, kNone), kNone), key_malformed},
          {"RSA with a third number", rsa(kModulus, kExponent, kOne), key_malformed},
          {"RSA with something behind it",
           key(algorithm(kRsa, kNone), sequence({der_integer(kModulus), der_integer(kExponent)}) + kNone),
           key_malformed},
          {"an even modulus", rsa(std::string(256, '\x7E'), kExponent), key_malformed},
          {"a negative modulus", rsa(std::string(256, '\xFE') + "\xFF", kExponent), key_malformed},
          {"a modulus with a zero too many", rsa(octets({0, 1}), kExponent), key_malformed},
          {"an even exponent", rsa(kModulus, "\x02"), key_malformed},
          {"an exponent of 1", rsa(kModulus, "\x01"), key_malformed},
          {"no parameters", key(algorithm(kRsa), sequence({der_integer(kModulus), der_integer(kExponent)})),
           rsa_without_null},
          {"an EC key without a curve", key(algorithm(kEc), point32), key_malformed},
          {"an EC key with two", key(sequence({der_oid(kEc), kNone}), point32), key_malformed},
          {"a curve that has no name", key(sequence({der_oid(kEc), tlv(kObjectIdentifier, "")}), point32),
           key_malformed},
          {"a point at infinity", ec("1.2.840.10045.3.1.7", octets({0})), key_malformed},
          {"a point of an unknown form", ec("1.2.840.10045.3.1.7", "\x05" + std::string(64, 'x')),
           key_malformed},
          {"a point that is too short", ec("1.2.840.10045.3.1.7", "\x04" + std::string(63, 'x')),
           key_malformed},
          {"a point of one coordinate", ec("1.2.840.10045.3.1.7", "\x03" + std::string(32, 'x')),
           ec_compressed},
          {"a point on a curve that is not known", ec("1.2.3.4", "\x02" + std::string(32, 'x')),
           ec_other_curve},
          {"a point of half an octet", ec("1.2.3.4", "\x04" + std::string(63, 'x')), key_malformed},
          {"explicit parameters", key(algorithm(kEc, sequence({kOne})), point32), ec_explicit},
          {"DSA of three", dsa(domain, kOne), dsa_key},
          {"DSA of two", dsa(sequence({kOne, kOne}), kOne), key_malformed},
          {"DSA of four", dsa(sequence({kOne, kOne, kOne, kOne}), kOne), key_malformed},
          {"DSA without parameters", dsa("", kOne), key_malformed},
          {"DSA of a negative number", dsa(sequence({kOne, der_integer("\xFF"), kOne}), kOne), key_malformed},
          {"DSA of a number with a zero too many",
           dsa(sequence({der_integer(octets({0, 1})), kOne, kOne}), kOne), key_malformed},
          {"DSA that is no number", dsa(domain, kNone), key_malformed},
          {"DSA that is negative", dsa(domain, der_integer("\xFF")), key_malformed},
          {"DSA with a zero too many", dsa(domain, der_integer(octets({0, 1}))), key_malformed},
          {"Ed25519 with parameters", key(algorithm("1.3.101.112", kNone), std::string(32, 'x')),
           key_malformed},
          {"Ed25519 that is too short", key(algorithm("1.3.101.112"), std::string(31, 'x')), key_malformed},
          {"Ed448 that is too long", key(algorithm("1.3.101.113"), std::string(58, 'x')), key_malformed},
          {"ML-DSA-44 of the size of another",
           key(algorithm("2.16.840.1.101.3.4.3.17"), std::string(1952, 'x')), key_malformed},
          {"ML-DSA-87 with parameters",
           key(algorithm("2.16.840.1.101.3.4.3.19", kNone), std::string(2592, 'x')), key_malformed},
          {"an algorithm that nobody knows", key(algorithm("1.2.3.4"), "x"), key_unknown},
          {"a neighbour of ML-DSA", key(algorithm("2.16.840.1.101.3.4.3.20"), "x"), key_unknown},
      },
      true);
  check_has(
      {
          {"RSA", rsa(kModulus, kExponent), key_malformed},
          {"P-256", ec("1.2.840.10045.3.1.7", point32), key_malformed},
          {"DSA", dsa(domain, kOne), key_malformed},
          {"Ed25519", key(algorithm("1.3.101.112"), std::string(32, 'x')), key_malformed},
          {"Ed448", key(algorithm("1.3.101.113"), std::string(57, 'x')), key_malformed},
          {"ML-DSA-44", key(algorithm("2.16.840.1.101.3.4.3.17"), std::string(1312, 'x')), key_malformed},
          {"ML-DSA-65", key(algorithm("2.16.840.1.101.3.4.3.18"), std::string(1952, 'x')), key_malformed},
          {"ML-DSA-87", key(algorithm("2.16.840.1.101.3.4.3.19"), std::string(2592, 'x')), key_malformed},
      },
      false);
}

TEST_CASE("a signature algorithm belongs to its kind of key") {
  const auto rsa_key = rsa(kModulus, kExponent);
  const auto dsa_key = dsa(sequence({kOne, kOne, kOne}), kOne);
  const auto ed_key = key(algorithm("1.3.101.112"), std::string(32, 'x'));
  const auto trait = Trait::signature_of_other_key;
  check_has({{"RSA, SHA-1 of the first days", both(rsa_key, signed_by("1.3.14.3.2.29")), trait},
             {"ECDSA with SHA-3", signed_by("2.16.840.1.101.3.4.3.10"), trait},
             {"DSA with SHA-1", both(dsa_key, signed_by("1.2.840.10040.4.3")), trait},
             {"DSA with SHA-256", both(dsa_key, signed_by("2.16.840.1.101.3.4.3.2")), trait},
             {"DSA, SHA-1 of the first days", both(dsa_key, signed_by("1.3.14.3.2.27")), trait},
             {"Ed25519", both(ed_key, signed_by("1.3.101.112")), trait}},
            false);
  check_has({{"ECDSA of an RSA key", both(rsa_key, signed_by("1.2.840.10045.4.3.2")), trait},
             {"RSA of an EC key", signed_by("1.2.840.113549.1.1.11"), trait},
             {"RSA of a DSA key", both(dsa_key, signed_by("1.2.840.113549.1.1.11")), trait},
             {"Ed448 of an Ed25519 key", both(ed_key, signed_by("1.3.101.113")), trait}},
            true);
}

TEST_CASE("extensions are written as RFC 5280 says") {
  using enum Trait;
  const auto qualifier = sequence({der_oid("1.3.6.1.5.5.7.2.1"), tlv(kIa5String, "https://ca.test/cps")});
  const auto access = [](const std::string& descriptions) {
    return with(kAccess, false, sequence({descriptions}));
  };
  const auto kBits = tlv(kBitString, octets({0, 10}));
  const auto issuers = with("2.5.29.33", false, "x");
  const auto blocks = [](const std::string& families) {
    return with("1.3.6.1.5.5.7.1.7", false, sequence({families}));
  };
  const auto long_extension = [](Parts& parts) {
    std::string oid = "1.2.3";
    for (int i = 0; i < 62; ++i)
      oid += ".4";
    parts.extensions.push_back(extension(oid, false, "x"));
  };
  check_has(
      {
          {"a CA by two octets", with(kBasicConstraints, true, bc(tlv(kBoolean, "xx"))), bc_malformed},
          {"a path length with a zero too many",
           with(kBasicConstraints, true, bc(kTrue + der_integer(octets({0, 1})))), bc_malformed},
          {"no purposes, but a NULL", with(kExtendedKeyUsage, false, kNone), eku_malformed},
          {"a purpose that is none", with(kExtendedKeyUsage, false, sequence({kNone})), eku_malformed},
          {"a critical extension that nobody knows", with("1.2.3.4", true, ""), critical_unknown},
          {"policies of NULL", with(kPolicies, false, kNone), policies_malformed},
          {"a policy that is none", with(kPolicies, false, sequence({kNone})), policies_malformed},
          {"a policy without an identifier",
           with(kPolicies, false, sequence({sequence({tlv(kObjectIdentifier, "")})})), policies_malformed},
          {"no qualifiers in a list of them", policies(sequence({})), policies_malformed},
          {"something behind the qualifiers", policies(sequence({qualifier}) + kNone), policies_malformed},
          {"a qualifier that is none", policies(sequence({kNone})), policies_malformed},
          {"a qualifier without an identifier",
           policies(sequence({sequence({tlv(kObjectIdentifier, ""), kNone})})), policies_malformed},
          {"a qualifier of one", policies(sequence({sequence({der_oid("1.2.3")})})), policies_malformed},
          {"a qualifier of three", policies(sequence({sequence({der_oid("1.2.3"), kNone, kNone})})),
           policies_malformed},
          {"reasons without bits", point(kName + tlv(0x81, "")), crldp_malformed},
          {"something behind the point", point(kName + kNone), crldp_malformed},
          {"no point, but a NULL", with(kDistributionPoints, false, sequence({kNone})), crldp_malformed},
          {"a point by two names", point(tlv(0xA0, tlv(0xA0, tlv(0x86, "http://ca.test/")) + kNone)),
           crldp_odd_name},
          {"a point without a name", point(tlv(0xA0, tlv(0xA0, ""))), crldp_odd_name},
          {"an access that is none", access(kNone), aia_malformed},
          {"an access without a method", access(sequence({tlv(kObjectIdentifier, ""), tlv(0x86, "x")})),
           aia_malformed},
          {"an access without a place", access(sequence({der_oid("1.2.3")})), aia_malformed},
          {"an access of three", access(sequence({der_oid("1.2.3"), tlv(0x86, "x"), kNone})), aia_malformed},
          {"a proxy certificate", with("1.3.6.1.5.5.7.1.14", false, sequence({})), proxy},
          {"no address blocks, but a NULL", with("1.3.6.1.5.5.7.1.7", false, kNone), addresses_malformed},
          {"an address block that is none", blocks(sequence({kNone})), addresses_malformed},
          {"an address block of no bits",
           blocks(sequence({tlv(kOctetString, octets({0, 1})), sequence({tlv(kBitString, "")})})),
           addresses_malformed},
          {"numbers of networks that are none",
           with("1.3.6.1.5.5.7.1.8", false, sequence({tlv(0xA0, sequence({tlv(kUtf8String, "1")}))})),
           addresses_malformed},
          {"critical address blocks", with("1.3.6.1.5.5.7.1.7", true, sequence({})), addresses_critical},
          {"a critical freshest CRL", with("2.5.29.46", true, sequence({})), rare_critical},
          {"critical access to its information", with("1.3.6.1.5.5.7.1.11", true, sequence({})),
           rare_critical},
          {"... that is none", with("1.3.6.1.5.5.7.1.11", true, kNone), malformed_critical},
          {"a list of TLS features", with("1.3.6.1.5.5.7.1.24", false, sequence({der_integer("\x05")})),
           tls_feature},
          {"a long identifier", long_extension, oid_long},
          {"a very long identifier",
           named(sequence({tlv(kSet, sequence({tlv(kObjectIdentifier, std::string(4097, '+')), kNone}))})),
           oid_very_long},
          {"a directory's name without a value",
           with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kUtf8String, ""))})), san_empty_value},
          {"an address without an octet", with(kSubjectNames, false, sequence({tlv(0x87, "")})),
           san_empty_name},
          {"constraints with a field too many",
           with("2.5.29.36", false, sequence({tlv(0x80, octets({0})), kNone})), other_odd},
          {"something behind constraints",
           with("2.5.29.36", false, sequence({tlv(0x80, octets({0}))}) + kNone), other_odd},
          {"something behind a number of policies", with("2.5.29.54", false, der_integer("\x01") + kNone),
           other_odd},
          {"the issuer's directory's name without a value",
           with(kIssuerNames, false, sequence({tlv(0xA4, common_name(kUtf8String, ""))})), ian_empty_value},
          {"a third field", with(kBasicConstraints, true, bc(kTrue + kNone)), bc_longer},
          {"more than usages", with(kKeyUsage, true, tlv(kBitString, octets({1, 6})) + kNone), ku_trailing},
          {"more than purposes", with(kExtendedKeyUsage, false, sequence({}) + kNone), eku_trailing},
          {"more than an identifier", with(kSubjectKeyId, false, tlv(kOctetString, "x") + kNone),
           ski_trailing},
          {"more than an authority", with(kAuthorityKeyId, false, sequence({kNone})), aki_rest_malformed},
          {"more than names", with(kSubjectNames, false, sequence({}) + kNone), san_trailing},
          {"more than the issuer's names", with(kIssuerNames, false, sequence({}) + kNone), ian_trailing},
          {"a name of no form", with(kSubjectNames, false, sequence({tlv(0x89, "x")})), san_name_malformed},
          {"a directory's name in Latin-1",
           with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kUtf8String, "caf\xE9"))})), name_text},
          {"Netscape's type of a CA", with("2.16.840.1.113730.1.1", false, tlv(kBitString, octets({0, 7}))),
           netscape_without_server},
          {"Netscape's type of nothing", with("2.16.840.1.113730.1.1", false, kNone), netscape_malformed},
          {"constraints without a number", with("2.5.29.36", false, sequence({})), other_odd},
          {"usages of no server", with(kKeyUsage, true, tlv(kBitString, octets({1, 6}))), ku_without_server},
          {"a mapping that is none", issuers, other_malformed},
          {"a number of policies that is none", with("2.5.29.54", false, kNone), other_malformed},
          {"its key by another's name",
           with(kAuthorityKeyId, false,
                sequence({tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "Another"))),
                          tlv(0x82, "\x11\x22\x33\x44\x55\x66\x77")})),
           aki_other_issuer},
          {"its key by another's serial number",
           with(kAuthorityKeyId, false,
                sequence({tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "A CA"))), tlv(0x82, "\x11")})),
           aki_other_issuer},
          {"an address of another size",
           with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x87, "123456")}))})),
           nc_ip_address},
          {"a tree without a name", with(kNameConstraints, true, sequence({tlv(0xA0, sequence({}))})),
           nc_malformed},
          {"trees that are none", with(kNameConstraints, true, sequence({tlv(0xA0, kNone)})), nc_malformed},
          {"a mailbox of nobody", permits(tlv(0x81, "@ca.test")), nc_name},
          {"a mailbox that begins with a dot", permits(tlv(0x81, ".a@ca.test")), nc_name},
          {"a mailbox that ends with a dot", permits(tlv(0x81, "a.@ca.test")), nc_name},
          {"a mailbox of two dots", permits(tlv(0x81, "a..b@ca.test")), nc_name},
          {"a mailbox with a blank", permits(tlv(0x81, "a b@ca.test")), nc_name},
          {"an address for a host", permits(tlv(0x86, "10.0.0.1")), nc_name},
          {"an address of version 6 for a host", permits(tlv(0x86, "ffff::1")), nc_name},
          {"a host with an empty label", permits(tlv(0x82, "ca..test")), nc_name},
          {"a host with a blank", permits(tlv(0x82, "ca test")), nc_name},
          {"a host of 8 bits", permits(tlv(0x82, "caf\xE9.test")), nc_name},
          {"a URI for its host", permits(tlv(0x86, "https://ca.test/")), nc_uri},
          {"an ediPartyName", permits(tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x")))), nc_edi},
          {"an ediPartyName of an odd string", permits(tlv(0xA5, tlv(0xA1, tlv(0x20, "x"))), false),
           name_text},
          {"an ediPartyName that is not UTF-8", permits(tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "caf\xE9")))),
           name_text},
          {"an ediPartyName without its name",
           permits(tlv(0xA5, tlv(0xA0, tlv(kBmpString, octets({0, 65}))))), name_text},
          {"a directory's name of a time",
           with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kGeneralizedTime, "x"))})), name_text},
          {"a directory's name of octets",
           with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kOctetString, "x"))})), name_text},
          {"a directory's name of a broken UniversalString",
           permits(tlv(0xA4, common_name(kUniversalString, "leaf.test"))), name_text},
          {"a directory's name of code points that are none",
           permits(tlv(0xA4, common_name(kUniversalString, octets({0, 0x11, 0, 0})))), name_text},
          {"a directory's name of half a surrogate pair",
           permits(tlv(0xA4, common_name(kUniversalString, octets({0, 0, 0xD8, 0})))), name_text},
          {"names that are constrained, and one that is no name of a host",
           both(permits(tlv(0x86, "x.test")),
                with(kSubjectNames, false, sequence({tlv(0x82, std::string("a\0b", 3))}))),
           constrained_with_names},
          {"an ediPartyName with nothing in it", permits(tlv(0xA5, "")), name_text},
          {"an ediPartyName assigned by nobody",
           permits(tlv(0xA5, tlv(0xA0, "") + tlv(0xA1, tlv(kUtf8String, "x")))), name_text},
          {"a host that ends with a dot", permits(tlv(0x82, "ca.test.")), nc_name},
      },
      true);
  check_has(
      {
          {"qualifiers", policies(sequence({qualifier, qualifier})), policies_malformed},
          {"no address blocks", blocks(""), addresses_malformed},
          {"address blocks, a range among them",
           blocks(sequence({tlv(kOctetString, octets({0, 1})), sequence({kBits, sequence({kBits, kBits})})})),
           addresses_malformed},
          {"address blocks of the issuer",
           blocks(sequence({tlv(kOctetString, octets({0, 1})), tlv(kNull, "")})), addresses_malformed},
          {"numbers of networks",
           with("1.3.6.1.5.5.7.1.8", false,
                sequence({tlv(0xA0, sequence({der_integer("\x01"),
                                              sequence({der_integer("\x02"), der_integer("\x03")})}))})),
           addresses_malformed},
          {"no TLS features", with("1.3.6.1.5.5.7.1.24", false, sequence({})), tls_feature},
          {"a mapping", with("2.5.29.33", false, sequence({sequence({der_oid("1.2.3"), der_oid("1.2.4")})})),
           other_malformed},
          {"constraints with a number", with("2.5.29.36", false, sequence({tlv(0x80, octets({0}))})),
           other_malformed},
          {"usages of a server", with(kKeyUsage, true, tlv(kBitString, octets({0, 0xA4}))),
           ku_without_server},
          {"Netscape's type of a server",
           with("2.16.840.1.113730.1.1", false, tlv(kBitString, octets({0, 0x40}))), netscape_without_server},
          {"a point with reasons and an issuer",
           point(kName + tlv(0x81, octets({1, 6})) + tlv(0xA2, tlv(0xA4, common_name(kUtf8String, "x")))),
           crldp_malformed},
          {"an address with its mask",
           with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x87, std::string(32, '\0'))}))})),
           nc_ip_address},
          {"a mailbox", permits(tlv(0x81, "a.b+c@ca.test")), nc_name},
          {"the mailboxes of a host", permits(tlv(0x81, "ca.test")), nc_name},
          {"the mailboxes below a domain", permits(tlv(0x81, ".ca.test")), nc_name},
          {"the mailboxes of what is no host", permits(tlv(0x81, "a@b@ca.test")), nc_name},
          {"a host with a star", permits(tlv(0x82, "*.ca.test")), nc_name},
          {"a whole URI", permits(tlv(0x86, "https://ca.test/")), nc_name},
          {"a host of a URI", permits(tlv(0x86, "1.ca.test")), nc_name},
          {"a URI for its host, not critical", permits(tlv(0x86, "https://ca.test/"), false), nc_uri},
          {"everything", permits(tlv(0x82, "")), nc_name},
          {"a directory's name of a UniversalString",
           permits(tlv(0xA4, common_name(kUniversalString, octets({0, 1, 0xF6, 0})))), name_text},
          {"names of another form that are constrained",
           both(permits(tlv(0x86, "x.test")), with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")}))),
           constrained_with_names},
          {"an ediPartyName assigned by somebody",
           permits(tlv(0xA5, tlv(0xA0, tlv(kBmpString, octets({0, 65}))) + tlv(0xA1, tlv(kT61String, "x")))),
           name_text},
          {"its key by its own name and serial number",
           with(kAuthorityKeyId, false,
                sequence({tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "A CA"))),
                          tlv(0x82, "\x11\x22\x33\x44\x55\x66\x77")})),
           aki_other_issuer},
      },
      false);
}

TEST_CASE("a URI among the alternative names is one, or it is said") {
  for (const auto* uri : {"http://ca.test", "http://ca.test/a%20b?c=d#e", "http://ca.test:8080/",
                          "ldap:///cn=x", "urn:x", "a+b.c-1://x"}) {
    CAPTURE(uri);
    auto parts = good_parts();
    with(kSubjectNames, false, sequence({tlv(0x86, uri)}))(parts);
    CHECK_FALSE(profile_of(der_of(parts)).has(Trait::san_uri));
  }
  for (const auto* uri : {"ca.test", ":x", "1a:x", "a_b:x", "http://ca.test/%2", "http://ca.test/%zz",
                          "http://ca.test/%", "http://ca.test:8x/", "http://ca..test/", "http://ca test/"}) {
    CAPTURE(uri);
    auto parts = good_parts();
    with(kSubjectNames, false, sequence({tlv(0x86, uri)}))(parts);
    CHECK(profile_of(der_of(parts)).has(Trait::san_uri));
  }
}
