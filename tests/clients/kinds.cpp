#include "clients/kinds.hpp"

#include "clients/changes.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "intake/der.hpp"

namespace nct::test {

namespace {

using namespace asn1;

std::vector<Kind> names_in(std::string_view prefix, std::string_view dotted) {
  const auto kind = [&](std::string_view name, std::string names) {
    return Kind{std::string(prefix) + std::string(name), with(dotted, false, tlv(kSequence, names))};
  };
  return {
      kind("-empty-dns", tlv(0x82, "")),
      kind("-empty-seq", ""),
      kind("-edipartyname", tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x")))),
      kind("-x400", tlv(0xA3, tlv(kSequence, ""))),
      kind("-rid", tlv(0x88, octets({0x2A, 3, 4}))),
      kind("-ip-5", tlv(0x87, "12345")),
      kind("-uri-bad", tlv(0x86, "http://[::1:80/%zz")),
      kind("-dns-8bit", tlv(0x82, "caf\xE9.test")),
      kind("-othername", tlv(0xA0, der_oid("1.2.3.4") + tlv(0xA0, tlv(kUtf8String, "x")))),
      kind("-othername-null", tlv(0xA0, der_oid("1.2.3.4") + tlv(0xA0, tlv(kNull, "x")))),
      kind("-dirname", tlv(0xA4, common_name(kUtf8String, "x"))),
      kind("-dirname-empty-value", tlv(0xA4, common_name(kUtf8String, ""))),
      kind("-dns-nul", tlv(0x82, std::string("a\0b", 3))),
      kind("-email-empty", tlv(0x81, "")),
      kind("-uri", tlv(0x86, "https://ca.test/x?y=1#z")),
      kind("-dns", tlv(0x82, "ca.test")),
      kind("-ip", tlv(0x87, octets({10, 0, 0, 1}))),
      kind("-odd-tag", tlv(0x89, "x")),
      kind("-othername-bad", tlv(0xA0, "x")),
  };
}

std::vector<Kind> make_kinds() {
  std::vector<Kind> all{
      {"baseline", [](Parts&) {}},
      {"serial-negative", serial("\x81")},
      {"serial-zero", serial(std::string(1, '\0'))},
      {"serial-21-octets", serial(std::string(21, '\x11'))},
      {"serial-40-octets", serial(std::string(40, '\x11'))},
      {"serial-nonminimal", serial(octets({0, 1}))},
      {"bc-missing", without(kBasicConstraints)},
      {"ext-none-v3", without_any},
      {"v1", both(version(""), without_any)},
      {"v2", both(version(tlv(0xA0, der_integer("\x01"))), without_any)},
      {"bc-noncritical", with(kBasicConstraints, false, bc(kTrue))},
      {"bc-ca-false", both(with(kBasicConstraints, true, bc("")), without(kKeyUsage))},
      {"bc-explicit-false",
       both(with(kBasicConstraints, true, bc(tlv(kBoolean, std::string(1, '\0')))), without(kKeyUsage))},
      {"bc-true-as-01", with(kBasicConstraints, true, bc(tlv(kBoolean, "\x01")))},
      {"bc-malformed", with(kBasicConstraints, true, tlv(kOctetString, "x"))},
      {"crit-explicit-false", with_flag(kBasicConstraints, tlv(kBoolean, std::string(1, '\0')), bc(kTrue))},
      {"crit-true-as-01", with_flag(kBasicConstraints, tlv(kBoolean, "\x01"), bc(kTrue))},
      {"pathlen-0", with(kBasicConstraints, true, bc(kTrue + der_integer(std::string(1, '\0'))))},
      {"pathlen-negative", with(kBasicConstraints, true, bc(kTrue + der_integer("\xFF")))},
      {"pathlen-huge", with(kBasicConstraints, true, bc(kTrue + der_integer(std::string(5, '\x7F'))))},
      {"bc-trailing-inside", with(kBasicConstraints, true, bc(kTrue + tlv(kNull, "")))},
      {"bc-trailing", with(kBasicConstraints, true, bc(kTrue) + tlv(kNull, ""))},
      {"ku-no-certsign", with(kKeyUsage, true, tlv(kBitString, octets({5, 0xA0})))},
      {"ku-missing", without(kKeyUsage)},
      {"ku-empty", with(kKeyUsage, true, tlv(kBitString, std::string(1, '\0')))},
      {"ku-loose", with(kKeyUsage, true, tlv(kBitString, octets({0, 6})))},
      {"ku-padding", with(kKeyUsage, true, tlv(kBitString, octets({1, 7})))},
      {"ku-long", with(kKeyUsage, true, tlv(kBitString, octets({0, 6, 0, 0, 1})))},
      {"ku-malformed", with(kKeyUsage, true, tlv(kSequence, ""))},
      {"eku-server", with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")}))},
      {"eku-client-only", with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.2")}))},
      {"eku-code-only", with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.3")}))},
      {"eku-any", with(kExtendedKeyUsage, false, sequence({der_oid("2.5.29.37.0")}))},
      {"eku-any-and-server",
       with(kExtendedKeyUsage, false, sequence({der_oid("2.5.29.37.0"), der_oid("1.3.6.1.5.5.7.3.1")}))},
      {"eku-server-critical", with(kExtendedKeyUsage, true, sequence({der_oid("1.3.6.1.5.5.7.3.1")}))},
      {"eku-empty", with(kExtendedKeyUsage, false, sequence({}))},
      {"eku-malformed", with(kExtendedKeyUsage, false, sequence({tlv(kNull, "")}))},
      {"nc-permits-match", permits(tlv(0x82, "test"))},
      {"nc-noncritical", permits(tlv(0x82, "test"), false)},
      {"nc-email-at", with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x81, "@x@y")}))}))},
      {"nc-ip-badmask",
       with(kNameConstraints, true,
            sequence({tlv(0xA1, sequence({tlv(0x87, octets({10, 0, 0, 0, 255, 0, 255, 0}))}))}))},
      {"nc-ip", with(kNameConstraints, true,
                     sequence({tlv(0xA1, sequence({tlv(0x87, octets({10, 0, 0, 0, 255, 0, 0, 0}))}))}))},
      {"nc-leading-dot", permits(tlv(0x82, ".test"))},
      {"nc-dirname", permits(tlv(0xA4, common_name(kUtf8String, "leaf.test")))},
      {"nc-dirname-universal", permits(tlv(0xA4, common_name(kUniversalString, "leaf.test")), false)},
      {"nc-empty", with(kNameConstraints, true, sequence({}))},
      {"nc-minimum", with(kNameConstraints, true,
                          sequence({tlv(0xA0, sequence({tlv(0x82, "test"), tlv(0x80, "\x01")}))}))},
      {"nc-malformed", with(kNameConstraints, true, sequence({tlv(kNull, "")}))},
      {"nc-uri", with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x86, "x.test")}))}))},
      {"nc-uri-bad",
       with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x86, "https://x.test/")}))}))},
      {"nc-uri-bad-noncritical",
       with(kNameConstraints, false, sequence({tlv(0xA1, sequence({tlv(0x86, "https://x.test/")}))}))},
      {"nc-uri-empty", with(kNameConstraints, true, sequence({tlv(0xA1, sequence({tlv(0x86, "")}))}))},
      {"nc-edi",
       with(kNameConstraints, true,
            sequence({tlv(0xA1, sequence({tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x")))}))}))},
      {"nc-edi-noncritical",
       with(kNameConstraints, false,
            sequence({tlv(0xA1, sequence({tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x")))}))}))},
      {"nc-othername",
       with(kNameConstraints, true,
            sequence({tlv(0xA1, sequence({tlv(0xA0, der_oid("1.2.3.4") + tlv(0xA0, tlv(kNull, "")))}))}))},
      {"ext-unknown-critical", with("1.2.3.4.5", true, tlv(kNull, ""))},
      {"ext-unknown", with("1.2.3.4.5", false, "anything")},
      {"ext-duplicate-unknown",
       [](Parts& parts) { parts.extensions.insert(parts.extensions.end(), 2, extension("1.2.3.4.5", false, "x")); }},
      {"ext-duplicate-bc", doubled(0)},
      {"ext-duplicate-ku", doubled(1)},
      {"ext-empty-list", [](Parts& parts) { parts.extensions.clear(); }},
      {"ext-policy-critical", with(kPolicies, true, sequence({sequence({der_oid("2.5.29.32.0")})}))},
      {"ski-one-byte", with(kSubjectKeyId, false, tlv(kOctetString, "x"))},
      {"ski-missing", without(kSubjectKeyId)},
      {"ski-empty", with(kSubjectKeyId, false, tlv(kOctetString, ""))},
      {"ski-critical", with(kSubjectKeyId, true, tlv(kOctetString, "0123456789"))},
      {"ski-malformed", with(kSubjectKeyId, false, tlv(kSequence, "x"))},
      {"aki-self", with(kAuthorityKeyId, false, sequence({tlv(0x80, "a key identifier of 20")}))},
      {"aki-self-other", with(kAuthorityKeyId, false, sequence({tlv(0x80, "another")}))},
      {"aki-serial-other", with(kAuthorityKeyId, false,
                                sequence({tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "x"))),
                                          tlv(0x82, "\x01")}))},
      {"aki-critical", with(kAuthorityKeyId, true, sequence({tlv(0x80, "a key identifier of 20")}))},
      {"aki-malformed", with(kAuthorityKeyId, false, tlv(kOctetString, "x"))},
      {"aki-trailing", with(kAuthorityKeyId, false, sequence({tlv(0x80, "a key identifier of 20"), tlv(kNull, "")}))},
      {"crldp-malformed", with(kDistributionPoints, false, tlv(kOctetString, "x"))},
      {"crldp-empty", with(kDistributionPoints, false, sequence({}))},
      {"crldp-odd-name", with(kDistributionPoints, false, sequence({sequence({tlv(0xA0, tlv(0x86, "x"))})}))},
      {"crldp", with(kDistributionPoints, false, point_uri("http://x.test/a.crl"))},
      {"crldp-critical", with(kDistributionPoints, true, point_uri("http://x.test/a.crl"))},
      {"aia-malformed", with(kAccess, false, tlv(kOctetString, "x"))},
      {"aia", with(kAccess, false, sequence({sequence({der_oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, "http://x.test/")})}))},
      {"aia-duplicate",
       [](Parts& parts) {
         for (const auto* uri : {"http://a.test/", "http://b.test/"})
           parts.extensions.push_back(
               extension(kAccess, false, sequence({sequence({der_oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, uri)})})));
       }},
      {"aia-critical",
       with(kAccess, true, sequence({sequence({der_oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, "http://x.test/")})}))},
      {"policies-malformed", with(kPolicies, false, tlv(kOctetString, "x"))},
      {"policies-duplicate",
       with(kPolicies, false, sequence({sequence({der_oid("1.2.3.4")}), sequence({der_oid("1.2.3.4")})}))},
      {"policies-empty", with(kPolicies, false, sequence({}))},
      {"policymap-any", with("2.5.29.33", false, sequence({sequence({der_oid("2.5.29.32.0"), der_oid("1.2.3.4")})}))},
      {"policymap-critical", with("2.5.29.33", true, sequence({sequence({der_oid("2.5.29.32.0"), der_oid("1.2.3.4")})}))},
      {"policy-constraints", with("2.5.29.36", true, sequence({tlv(0x80, std::string(1, '\0'))}))},
      {"inhibit-any", with("2.5.29.54", true, der_integer("\x01"))},
      {"netscape", with("2.16.840.1.113730.1.1", false, tlv(kBitString, octets({0, 7})))},
      {"netscape-critical", with("2.16.840.1.113730.1.1", true, tlv(kBitString, octets({0, 7})))},
      {"netscape-malformed", with("2.16.840.1.113730.1.1", false, tlv(kNull, ""))},
      {"proxy", with("1.3.6.1.5.5.7.1.14", true, sequence({sequence({der_oid("1.3.6.1.5.5.7.21.1")})}))},
      {"ian-critical", with(kIssuerNames, true, sequence({tlv(0x82, "x.test")}))},
      {"san-critical-dirname", with(kSubjectNames, true, sequence({tlv(0xA4, common_name(kUtf8String, "x"))}))},
      {"san-trailing", with(kSubjectNames, false, sequence({tlv(0x82, "x.test")}) + "x")},
      {"v1-with-ext", version("")},
      {"v1-explicit", both(version(tlv(0xA0, der_integer(std::string(1, '\0')))), without_any)},
      {"v2-with-ext", version(tlv(0xA0, der_integer("\x01")))},
      {"v4-with-ext", version(tlv(0xA0, der_integer("\x03")))},
      {"version-negative", version(tlv(0xA0, der_integer("\xFF")))},
      {"issuer-uid", [](Parts& parts) { parts.unique_ids = tlv(0x81, octets({0, 1})); }},
      {"subject-uid", [](Parts& parts) { parts.unique_ids = tlv(0x82, octets({0, 1})); }},
      {"v1-uid",
       both(both(version(""), without_any), [](Parts& parts) { parts.unique_ids = tlv(0x81, octets({0, 1})); })},
      {"sig-ec-null",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.840.10045.4.3.2"), tlv(kNull, "")});
       }},
      {"sig-time", algorithm_with(tlv(kGeneralizedTime, "20400101"))},
      {"sig-utc-time-short", algorithm_with(tlv(kUtcTime, "400101000000"))},
      {"sig-utc-time", algorithm_with(tlv(kUtcTime, "400101000000Z"))},
      {"key-time",
       [](Parts& parts) {
         DerReader key(der_element(parts.key).value_or(DerElement{}).content);
         key.take();
         parts.key = sequence({sequence({der_oid("1.2.840.10045.2.1"), tlv(kGeneralizedTime, "20400101")}),
                               std::string(key.take().bytes)});
       }},
      {"sig-of-rsa",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.840.113549.1.1.11"), tlv(kNull, "")});
       }},
      {"sig-unknown",
       [](Parts& parts) { parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.3.4")}); }},
      {"sig-differ", [](Parts& parts) { parts.outer_algorithm = sequence({der_oid("1.2.840.10045.4.3.3")}); }},
      {"self-issued-bad-signature", [](Parts& parts) { parts.spoilt_signature = true; }},
      {"to-9999", until(kGeneralizedTime, "99991231235959Z")},
      {"gt-before-2050", until(kGeneralizedTime, "20400101000000Z")},
      {"gt-fraction", until(kGeneralizedTime, "20400101000000.5Z")},
      {"utc-no-seconds", until(kUtcTime, "4001010000Z")},
      {"utc-offset", until(kUtcTime, "400101000000+0100")},
      {"gt-no-z", until(kGeneralizedTime, "20400101000000")},
      {"utc-feb-30", until(kUtcTime, "400230000000Z")},
      {"utc-24h", until(kUtcTime, "400101240000Z")},
      {"utc-60s", until(kUtcTime, "400101000060Z")},
      {"time-octets", until(kOctetString, "400101000000Z")},
      {"time-never", validity(kUtcTime, "390101000000Z", kUtcTime, "390101000000Z")},
      {"from-1900", validity(kGeneralizedTime, "19000101000000Z", kUtcTime, "400101000000Z")},
      {"from-0000", validity(kGeneralizedTime, "00000101000000Z", kUtcTime, "400101000000Z")},
      {"utc-1950", validity(kUtcTime, "500101000000Z", kUtcTime, "400101000000Z")},
      {"subject-empty", named(sequence({}))},
      {"subject-long", named(common_name(kUtf8String, std::string(300, 'x')))},
      {"subject-bmp", named(common_name(kBmpString, octets({0, 'a', 0, 'b'})))},
      {"subject-bmp-surrogate", named(common_name(kBmpString, octets({0xD8, 0, 0, 'b'})))},
      {"subject-t61", named(common_name(kT61String, "caf\xE9"))},
      {"subject-universal", named(common_name(kUniversalString, octets({0, 0, 0, 'a'})))},
      {"subject-printable-at", named(common_name(kPrintableString, "a@b_c"))},
      {"subject-printable-star", named(common_name(kPrintableString, "a*b&c"))},
      {"subject-ia5", named(common_name(kIa5String, "abc"))},
      {"subject-ia5-8bit", named(common_name(kIa5String, "caf\xE9"))},
      {"subject-utf8-bad", named(common_name(kUtf8String, "caf\xE9"))},
      {"subject-numeric", named(common_name(kNumericString, "123 4"))},
      {"subject-numeric-bad", named(common_name(kNumericString, "12a"))},
      {"subject-nul", named(common_name(kUtf8String, std::string("a\0b", 3)))},
      {"subject-empty-value", named(common_name(kUtf8String, ""))},
      {"subject-bitstring", named(common_name(kBitString, octets({0, 1})))},
      {"subject-octetstring", named(common_name(kOctetString, "x"))},
      {"subject-visible", named(common_name(0x1A, "visible"))},
      {"subject-emoji", named(common_name(kUtf8String, "\xF0\x9F\x98\x80"))},
      {"subject-empty-set", named(sequence({tlv(kSet, "")}))},
      {"subject-large-oid",
       named(sequence({tlv(kSet, sequence({der_oid("1.2.99999999999.1"), tlv(kUtf8String, "x")}))}))},
      {"subject-multivalue",
       named(sequence({tlv(kSet, sequence({der_oid("2.5.4.3"), tlv(kUtf8String, "a")}) +
                                     sequence({der_oid("2.5.4.10"), tlv(kUtf8String, "b")}))}))},
      {"subject-set-unordered",
       named(sequence({tlv(kSet, sequence({der_oid("2.5.4.10"), tlv(kUtf8String, "b")}) +
                                     sequence({der_oid("2.5.4.3"), tlv(kUtf8String, "a")}))}))},
      {"many-ext",
       [](Parts& parts) {
         for (int i = 1; i < 80; ++i)
           parts.extensions.push_back(extension("1.2.3.4." + std::to_string(i), false, "x"));
       }},
      {"big-60k", with("1.2.3.4.5", false, std::string(60000, 'x'))},
      {"big-200k", with("1.2.3.4.5", false, std::string(200000, 'x'))},
      {"intermediate", [](Parts& parts) { parts.issuer = common_name(kUtf8String, "Somebody"); }},
      {"intermediate-no-bc",
       both(without(kBasicConstraints), [](Parts& p) { p.issuer = common_name(kUtf8String, "Somebody"); })},
      {"issuer-other-string", [](Parts& parts) { parts.issuer = common_name(kPrintableString, "A CA"); }},
      {"extension-trailing",
       [](Parts& parts) {
         parts.extensions.push_back(sequence({der_oid("1.2.3.4.5"), tlv(kOctetString, "x"), tlv(kNull, "")}));
       }},
      // What chance has found.
      {"extension-long-oid",
       [](Parts& parts) {
         std::string oid = "1.2.3";
         for (int i = 0; i < 70; ++i)
           oid += ".4";
         parts.extensions.push_back(extension(oid, false, "x"));
       }},
      {"addresses-critical", with("1.3.6.1.5.5.7.1.7", true, sequence({}))},
      {"freshest-critical", with("2.5.29.46", true, point_uri("http://x.test/a.crl"))},
      {"sia-critical",
       with("1.3.6.1.5.5.7.1.11", true,
            sequence({sequence({der_oid("1.3.6.1.5.5.7.48.5"), tlv(0x86, "http://x.test/")})}))},
      {"tls-feature", with("1.3.6.1.5.5.7.1.24", false, sequence({der_integer("\x05")}))},
      {"tls-feature-malformed", with("1.3.6.1.5.5.7.1.24", false, tlv(kNull, ""))},
      {"inhibit-any-malformed", with("2.5.29.54", false, tlv(kNull, ""))},
      {"policymap-malformed", with("2.5.29.33", false, tlv(kNull, ""))},
      {"san-dirname-utf8-bad", with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kUtf8String, "caf\xE9"))}))},
      {"sig-of-dsa",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm = sequence({der_oid("2.16.840.1.101.3.4.3.2")});
       }},
      {"sig-pss-malformed",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm =
             sequence({der_oid("1.2.840.113549.1.1.10"), tlv(kOctetString, "x")});
       }},
      {"ku-trailing", with(kKeyUsage, true, tlv(kBitString, octets({1, 6})) + tlv(kNull, ""))},
      {"ski-trailing", with(kSubjectKeyId, false, tlv(kOctetString, "0123456789") + tlv(kNull, ""))},
      {"eku-trailing",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")}) + tlv(kNull, ""))},
      {"self-signed-server-of-a-ca",
       both(with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})), with(kBasicConstraints, true, bc("")))},
      {"server-for-clients",
       both(with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})),
            both(with(kBasicConstraints, true, bc("")),
                 with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.2")}))))},
      {"server-eku-malformed",
       both(with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})),
            both(with(kBasicConstraints, true, bc("")), with(kExtendedKeyUsage, false, sequence({tlv(kNull, "")}))))},
      {"server-eku-empty",
       both(with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})),
            both(with(kBasicConstraints, true, bc("")), with(kExtendedKeyUsage, false, sequence({}))))},
      {"server-eku-trailing",
       both(with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})),
            both(with(kBasicConstraints, true, bc("")),
                 with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")}) + tlv(kNull, ""))))},
      {"issuer-other-case", [](Parts& parts) { parts.issuer = common_name(kUtf8String, "a ca"); }},
      {"issuer-other-case-no-bc",
       both(without(kBasicConstraints), [](Parts& p) { p.issuer = common_name(kUtf8String, "a ca"); })},
      {"utc-offset-zero", until(kUtcTime, "400101000000+0000")},
      {"length-not-minimal", [](Parts& parts) { parts.serial = octets({kInteger, 0x81, 1, 5}); }},
      {"element-behind-extensions", [](Parts& parts) { parts.unique_ids = tlv(0xA4, "x"); }},
  };
  for (auto& kind : names_in("san", kSubjectNames))
    all.push_back(std::move(kind));
  for (auto& kind : names_in("ian", kIssuerNames))
    all.push_back(std::move(kind));
  return all;
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const auto all = make_kinds();
  return all;
}

}  // namespace nct::test
