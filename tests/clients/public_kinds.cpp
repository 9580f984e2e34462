#include "clients/public_kinds.hpp"

#include "clients/changes.hpp"

#include <initializer_list>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdexcept>
#include <string_view>

#include "base/handle.hpp"
#include "intake/der.hpp"

namespace nct::test {

namespace {

using namespace asn1;

void as_it_is(Parts& parts) {
  (void)parts;
}

std::string attribute(std::string_view type, unsigned string_tag, std::string_view value) {
  return sequence({der_oid(type), tlv(string_tag, value)});
}

struct Attribute {
  std::string_view type;
  unsigned string_tag;
  std::string value;
};

// An RDN for each.
std::string name_of(std::initializer_list<Attribute> attributes) {
  std::string rdns;
  for (const auto& each : attributes)
    rdns += tlv(kSet, attribute(each.type, each.string_tag, each.value));
  return tlv(kSequence, rdns);
}

Change issued_by(std::string issuer) {
  return [issuer = std::move(issuer)](Parts& parts) { parts.issuer = issuer; };
}

Change excludes(std::string name) {
  return with(kNameConstraints, true, sequence({tlv(0xA1, sequence({std::move(name)}))}));
}

Change unique_ids(unsigned tag) {
  return [tag](Parts& parts) { parts.unique_ids = tlv(tag, octets({0, 1})); };
}

// The certificate says so; its signature, which nobody checks of a trust anchor, is another.
Change signed_with(std::string_view algorithm) {
  return [algorithm](Parts& parts) {
    parts.algorithm = parts.outer_algorithm = sequence({der_oid(algorithm), tlv(kNull, "")});
  };
}

std::string usage(unsigned unused_bits, unsigned bits) {
  return tlv(kBitString, octets({unused_bits, bits}));
}

std::string access(std::string_view uri) {
  return sequence({sequence({der_oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, uri)})});
}

std::string policy(std::string_view dotted) {
  return sequence({der_oid(dotted)});
}

// A policy with one user notice.
std::string notice(const std::string& content) {
  const auto qualifier = sequence({der_oid("1.3.6.1.5.5.7.2.2"), sequence({content})});
  return sequence({sequence({der_oid("1.2.3.4"), sequence({qualifier})})});
}

// The public key itself, without its algorithm.
std::string bits_of(const Parts& parts) {
  DerReader fields(der_element(parts.key).value_or(DerElement{}).content);
  fields.take(kSequence);
  return std::string(fields.take(kBitString).bytes);
}

void rsa_key_without_null(Parts& parts) {
  parts.key = sequence({sequence({der_oid("1.2.840.113549.1.1.1")}), bits_of(parts)});
}

void broken_key(Parts& parts) {
  parts.key =
      sequence({sequence({der_oid("1.2.840.113549.1.1.1"), tlv(kNull, "")}), tlv(kBitString, octets({0}))});
}

// The same key on the same curve, which its parameters describe.
void explicit_curve(Parts& parts) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(parts.key.data());
  const Handle<EVP_PKEY, EVP_PKEY_free> key(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(parts.key.size())));
  unsigned char* made = nullptr;
  int size = -1;
  if (key && EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1)
    size = i2d_PUBKEY(key.get(), &made);
  if (size <= 0) throw std::runtime_error("no explicit curve");
  parts.key.assign(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
  OPENSSL_free(made);
}

void many_constraints(Parts& parts) {
  std::string names;
  for (int i = 0; i < 2048; ++i)
    names += sequence({tlv(0x82, "x" + std::to_string(i) + ".example.com")});
  with(kNameConstraints, true, sequence({tlv(0xA1, names)}))(parts);
}

std::vector<PublicKind> zlint_extension_kinds() {
  return {
      {"zlint", "e_cert_ext_invalid_der", "A +++++",
       with_flag(kKeyUsage, tlv(kBoolean, octets({0})), usage(1, 0x06))},
      {"zlint", "e_ext_aia_marked_critical", "A --+~+", with(kAccess, true, access("http://ca.test/ca.crt"))},
      {"zlint", "e_ext_authority_key_identifier_critical", "A --+~+",
       with(kAuthorityKeyId, true, sequence({tlv(0x80, "a key identifier of 20")}))},
      {"zlint", "e_ext_authority_key_identifier_no_key_identifier", "A +++++",
       with(kAuthorityKeyId, false, sequence({}))},
      {"zlint", "e_ext_cannot_be_empty_sequence", "A +++++", with(kDistributionPoints, false, sequence({}))},
      {"zlint", "e_ext_cert_policy_disallowed_any_policy_qualifier", "A +++++",
       with(kPolicies, false,
            sequence({sequence(
                {der_oid("2.5.29.32.0"), sequence({sequence({der_oid("1.2.3.4"), tlv(kNull, "")})})})}))},
      {"zlint", "e_ext_cert_policy_duplicate", "A +++~+",
       with(kPolicies, false, sequence({policy("1.2.3.4"), policy("1.2.3.4")}))},
      {"zlint", "e_ext_cert_policy_explicit_text_ia5_string", "A +++++",
       with(kPolicies, false, notice(tlv(kIa5String, "Read this.")))},
      {"zlint", "e_ext_cert_policy_explicit_text_too_long", "A +++++",
       with(kPolicies, false, notice(tlv(kUtf8String, std::string(300, 'x'))))},
      {"zlint", "e_ext_duplicate_extension", "R ++P--",
       [](Parts& parts) {
         parts.extensions.insert(parts.extensions.end(), 2, extension("1.2.3.4.5", false, tlv(kNull, "")));
       }},
      {"zlint", "e_ext_freshest_crl_marked_critical", "A ----+",
       with("2.5.29.46", true, point_uri("http://ca.test/delta"))},
      {"zlint", "e_ext_ian_dns_not_ia5_string", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x82, "caf\xE9.test")}))},
      {"zlint", "e_ext_ian_empty_name", "R ++P++", with(kIssuerNames, false, sequence({tlv(0x82, "")}))},
      {"zlint", "e_ext_ian_no_entries", "A +++++", with(kIssuerNames, false, sequence({}))},
      {"zlint", "e_ext_ian_rfc822_format_invalid", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x81, "<ca@ca.test>")}))},
      {"zlint", "e_ext_ian_space_dns_name", "A +++++", with(kIssuerNames, false, sequence({tlv(0x82, " ")}))},
      {"zlint", "e_ext_ian_uri_format_invalid", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x86, "://ca.test")}))},
      {"zlint", "e_ext_ian_uri_host_not_fqdn_or_ip", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x86, "http://ca_test_/x")}))},
      {"zlint", "e_ext_ian_uri_not_ia5", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x86, "http://caf\xE9.test/")}))},
      {"zlint", "e_ext_ian_uri_relative", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x86, "/ca.crt")}))},
      {"zlint", "e_ext_san_dns_not_ia5_string", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x82, "caf\xE9.test")}))},
      {"zlint", "e_ext_san_empty_name", "R ++P++", with(kSubjectNames, false, sequence({tlv(0x82, "")}))},
      {"zlint", "e_ext_san_no_entries", "A +-+++", with(kSubjectNames, false, sequence({}))},
      {"zlint", "e_ext_san_rfc822_format_invalid", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0x81, "<ca@ca.test>")}))},
      {"zlint", "e_ext_san_space_dns_name", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0x82, " ")}))},
      {"zlint", "e_ext_san_uri_format_invalid", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x86, "://ca.test")}))},
      {"zlint", "e_ext_san_uri_host_not_fqdn_or_ip", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0x86, "http://ca_test_/x")}))},
      {"zlint", "e_ext_san_uri_not_ia5", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x86, "http://caf\xE9.test/")}))},
      {"zlint", "e_ext_san_uri_relative", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x86, "/ca.crt")}))},
      {"zlint", "e_ext_key_usage_cert_sign_without_ca", "R -----",
       both(with(kBasicConstraints, true, bc(tlv(kBoolean, octets({0})))),
            with(kKeyUsage, true, usage(2, 0x04)))},
      {"zlint", "e_ext_key_usage_without_bits", "A ---+-",
       with(kKeyUsage, true, tlv(kBitString, octets({0})))},
      {"zlint", "e_ext_name_constraints_not_critical", "A +++++", permits(tlv(0x82, "test"), false)},
      {"zlint", "e_ext_nc_intersects_reserved_ip", "A +++++",
       excludes(tlv(0x87, octets({10, 0, 0, 0, 255, 0, 0, 0})))},
      {"zlint", "e_ext_policy_constraints_empty", "A ++-~-", with("2.5.29.36", true, sequence({}))},
      {"zlint", "e_ext_policy_constraints_not_critical", "A +++++",
       with("2.5.29.36", false, sequence({tlv(0x81, octets({0}))}))},
      {"zlint", "e_ext_policy_map_any_policy", "A ++-~+",
       both(with(kPolicies, false, sequence({policy("1.2.3.4")})),
            with("2.5.29.33", true, sequence({sequence({der_oid("2.5.29.32.0"), der_oid("1.2.3.4")})})))},
      {"zlint", "e_ext_san_directory_name_present", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0xA4, common_name(kUtf8String, "x"))}))},
      {"zlint", "e_ext_san_dns_name_too_long", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0x82, std::string(300, 'x') + ".test")}))},
      {"zlint", "e_ext_san_edi_party_name_present", "R ++P++",
       with(kSubjectNames, false, sequence({tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x")))}))},
      {"zlint", "e_ext_san_not_critical_without_subject", "A +-++-",
       both(named(sequence({})), with(kSubjectNames, false, sequence({tlv(0x82, "ca.test")})))},
      {"zlint", "e_ext_san_other_name_present", "A +++++",
       with(kSubjectNames, false,
            sequence({tlv(0xA0, der_oid("1.2.3.4") + tlv(0xA0, tlv(kUtf8String, "x")))}))},
      {"zlint", "e_ext_san_registered_id_present", "A +++++",
       with(kSubjectNames, false, sequence({tlv(0x88, octets({0x2A, 3, 4}))}))},
      {"zlint", "e_ext_subject_directory_attr_critical", "R ----+",
       with("2.5.29.9", true,
            sequence({sequence({der_oid("1.3.6.1.5.5.7.9.3"), tlv(kSet, tlv(kPrintableString, "F"))})}))},
      {"zlint", "e_ext_subject_key_identifier_critical", "A --+~+",
       with(kSubjectKeyId, true, tlv(kOctetString, "a key identifier of 20"))},
      {"zlint", "e_ext_subject_key_identifier_missing_ca", "A +-+++", without(kSubjectKeyId)},
      {"zlint", "w_ext_aia_access_location_missing", "A +++++",
       with(kAccess, false,
            sequence({sequence({der_oid("1.3.6.1.5.5.7.48.2"), tlv(0xA4, common_name(kUtf8String, "x"))})}))},
      {"zlint", "w_ext_cert_policy_contains_noticeref", "A +++++",
       with(kPolicies, false,
            notice(sequence({tlv(kUtf8String, "We"), sequence({der_integer(octets({1}))})})))},
      {"zlint", "w_ext_ian_critical", "A --+-+", with(kIssuerNames, true, sequence({tlv(0x82, "ca.test")}))},
      {"zlint", "w_ext_policy_map_not_critical", "A +++++",
       with("2.5.29.33", false, sequence({sequence({der_oid("1.2.3.4"), der_oid("1.2.3.5")})}))},
      {"zlint", "w_ext_san_critical_with_subject_dn", "A +++++",
       with(kSubjectNames, true, sequence({tlv(0x82, "ca.test")}))},
  };
}

std::vector<PublicKind> zlint_name_kinds() {
  return {
      {"zlint", "e_ca_common_name_missing", "A +++++",
       named(name_of({{"2.5.4.10", kUtf8String, "Organization"}}))},
      {"zlint", "e_ca_country_name_invalid", "A +++++",
       named(name_of({{"2.5.4.6", kPrintableString, "ZZZ"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_ca_country_name_missing", "A +++++", as_it_is},
      {"zlint", "e_ca_organization_name_missing", "A +++++",
       named(name_of({{"2.5.4.6", kPrintableString, "DE"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_ca_subject_field_empty", "A +-++-", named(sequence({}))},
      {"zlint", "e_crlissuer_must_not_be_present_in_cdp", "A +++++",
       with(kDistributionPoints, false,
            sequence({sequence({tlv(0xA0, tlv(0xA0, tlv(0x86, "http://ca.test/crl"))),
                                tlv(0xA2, tlv(0xA4, common_name(kUtf8String, "A CA")))})}))},
      {"zlint", "e_duplicate_subject_attribs", "A +++++",
       named(name_of({{"2.5.4.3", kUtf8String, "A CA"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_ian_bare_wildcard", "A +++++", with(kIssuerNames, false, sequence({tlv(0x82, "*")}))},
      {"zlint", "e_ian_dns_name_includes_null_char", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x82, octets({'a', 0, 'b'}))}))},
      {"zlint", "e_ian_dns_name_starts_with_period", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x82, ".test")}))},
      {"zlint", "e_ian_wildcard_not_first", "A +++++",
       with(kIssuerNames, false, sequence({tlv(0x82, "www.*.test")}))},
      {"zlint", "e_issuer_dn_country_not_printable_string", "A +++++",
       named(name_of({{"2.5.4.6", kUtf8String, "DE"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_issuer_field_empty", "A --++-", issued_by(sequence({}))},
      {"zlint", "e_name_constraint_empty", "A +++-+", with(kNameConstraints, true, sequence({}))},
      {"zlint", "e_name_constraint_maximum_not_absent", "A --+++",
       with(kNameConstraints, true,
            sequence({tlv(0xA0, sequence({tlv(0x82, "test"), tlv(0x81, octets({5}))}))}))},
      {"zlint", "e_name_constraint_minimum_non_zero", "A --+++",
       with(kNameConstraints, true,
            sequence({tlv(0xA0, sequence({tlv(0x82, "test"), tlv(0x80, octets({1}))}))}))},
      {"zlint", "e_name_constraint_not_fqdn", "A ++++-", excludes(tlv(0x86, "https://x.test/"))},
      {"zlint", "e_subj_orgunit_in_ca_cert", "A +++++",
       named(name_of({{"2.5.4.11", kUtf8String, "Unit"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_subject_common_name_max_length", "A +++++",
       named(common_name(kUtf8String, std::string(65, 'x')))},
      {"zlint", "e_subject_dn_not_printable_characters", "A +++++",
       named(common_name(kUtf8String, "A\x01 CA"))},
      {"zlint", "e_subject_dn_serial_number_max_length", "A +++++",
       named(
           name_of({{"2.5.4.5", kPrintableString, std::string(70, '1')}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_subject_dn_serial_number_not_printable_string", "A +++++",
       named(name_of({{"2.5.4.5", kUtf8String, "123"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"zlint", "e_subject_info_access_marked_critical", "A ----+",
       with("1.3.6.1.5.5.7.1.11", true,
            sequence({sequence({der_oid("1.3.6.1.5.5.7.48.5"), tlv(0x86, "http://ca.test/")})}))},
      {"zlint", "e_subject_not_dn", "N",
       named(sequence({sequence({der_oid("2.5.4.3"), tlv(kUtf8String, "A CA")})}))},
      {"zlint", "e_subject_printable_string_badalpha", "A +++-+",
       named(common_name(kPrintableString, "a@b_c"))},
      {"zlint", "n_multiple_subject_rdn", "A +++++",
       named(sequence(
           {tlv(kSet, attribute("2.5.4.3", kUtf8String, "a") + attribute("2.5.4.10", kUtf8String, "b"))}))},
      {"zlint", "w_multiple_issuer_rdn", "A +++++",
       named(sequence(
           {tlv(kSet, attribute("2.5.4.10", kUtf8String, "b") + attribute("2.5.4.3", kUtf8String, "a"))}))},
      {"zlint", "w_name_constraint_on_edi_party_name", "A ++---",
       excludes(tlv(0xA5, tlv(0xA1, tlv(kUtf8String, "x"))))},
      {"zlint", "w_name_constraint_on_registered_id", "A ++--+", excludes(tlv(0x88, octets({0x2A, 3, 4})))},
      {"zlint", "w_name_constraint_on_x400", "A ++--+", excludes(tlv(0xA3, tlv(kSequence, "")))},
      {"zlint", "w_subject_dn_leading_whitespace", "A +++++", named(common_name(kUtf8String, " A CA"))},
      {"zlint", "w_subject_dn_trailing_whitespace", "A +++++", named(common_name(kUtf8String, "A CA "))},
  };
}

std::vector<PublicKind> other_zlint_kinds() {
  return {
      {"zlint", "e_basic_constr_invalid_der", "A +++-+",
       with(kBasicConstraints, true, bc(tlv(kBoolean, "\x01")))},
      {"zlint", "e_basic_constraints_not_critical", "A +-+++", with(kBasicConstraints, false, bc(kTrue))},
      {"zlint", "e_ca_aia_non_http_url", "A +++++", with(kAccess, false, access("ldap://ca.test/o=CA"))},
      {"zlint", "e_ca_invalid_eku", "A +++++",
       with(kExtendedKeyUsage, false,
            sequence({der_oid("1.3.6.1.5.5.7.3.1"), der_oid("1.3.6.1.5.5.7.3.3")}))},
      {"zlint", "e_ca_is_ca", "R -----", with(kBasicConstraints, true, bc(""))},
      {"zlint", "e_ca_key_cert_sign_not_set", "R -----", with(kKeyUsage, true, usage(1, 0x02))},
      {"zlint", "e_ca_key_usage_missing", "A +-+++", without(kKeyUsage)},
      {"zlint", "e_ca_key_usage_not_critical", "A +++++", with(kKeyUsage, false, usage(1, 0x06))},
      {"zlint", "e_ca_multiple_reserved_policy_oids", "A +++++",
       with(kPolicies, false, sequence({policy("2.23.140.1.2.1"), policy("2.23.140.1.2.2")}))},
      {"zlint", "e_cert_contains_unique_identifier", "A +++++", unique_ids(0x82)},
      {"zlint", "e_cert_extensions_version_not_3", "R +-P+-", version("")},
      {"zlint", "e_cert_sig_alg_not_match_tbs_sig_alg", "R +-P-+",
       [](Parts& parts) { parts.outer_algorithm = sequence({der_oid("1.2.840.10045.4.3.3")}); }},
      {"zlint", "e_cert_unique_identifier_version_not_2_or_3", "R +-P+-",
       both(both(version(""), without_any), unique_ids(0x81))},
      {"zlint", "e_ec_improper_curves", "A ++---", as_it_is, "EC", "brainpoolP256r1"},
      {"zlint", "e_ecdsa_allowed_ku", "A +++++", with(kKeyUsage, true, usage(1, 0x26))},
      {"zlint", "e_generalized_time_does_not_include_seconds", "R pp+++",
       until(kGeneralizedTime, "204001010000Z")},
      {"zlint", "e_generalized_time_includes_fraction_seconds", "R --P-+",
       until(kGeneralizedTime, "20400101000000.5Z")},
      {"zlint", "e_generalized_time_not_in_zulu", "R --P++", until(kGeneralizedTime, "20400101000000+0100")},
      {"zlint", "e_inhibit_any_policy_not_critical", "A +++++",
       with("2.5.29.54", false, der_integer(octets({0})))},
      {"zlint", "e_invalid_certificate_version", "A +-+++", both(version(""), without_any)},
      {"zlint", "e_invalid_cps_uri", "A +++++",
       with(kPolicies, false,
            sequence({sequence({der_oid("1.2.3.4"), sequence({sequence({der_oid("1.3.6.1.5.5.7.2.1"),
                                                                        tlv(kIa5String, "ca.test")})})})}))},
      {"zlint", "e_mp_ecdsa_pub_key_encoding_correct", "R -----", explicit_curve},
      {"zlint", "e_mp_ecdsa_signature_encoding_correct", "A +++++",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.840.10045.4.3.2"), tlv(kNull, "")});
       }},
      {"zlint", "e_mp_rsassa-pss_in_spki", "A +++-+", as_it_is, "RSA-PSS", ""},
      {"zlint", "e_old_root_ca_rsa_mod_less_than_2048_bits", "R --+++",
       both(validity(kUtcTime, "100101000000Z", kUtcTime, "400101000000Z"), as_it_is), "RSA", "1024"},
      {"zlint", "e_path_len_constraint_improperly_included", "R -----",
       both(with(kBasicConstraints, true, bc(kTrue + der_integer(octets({1})))),
            with(kKeyUsage, true, usage(1, 0x02)))},
      {"zlint", "e_path_len_constraint_zero_or_less", "A --~~-",
       with(kBasicConstraints, true, bc(kTrue + der_integer("\xFF")))},
      {"zlint", "e_root_ca_extended_key_usage_present", "A +++++",
       with(kExtendedKeyUsage, false,
            sequence({der_oid("1.3.6.1.5.5.7.3.1"), der_oid("1.3.6.1.5.5.7.3.2")}))},
      {"zlint", "e_rsa_allowed_ku_ca", "A +++++", with(kKeyUsage, true, usage(1, 0x0E)), "RSA", "2048"},
      {"zlint", "e_rsa_mod_less_than_2048_bits", "R --+++", as_it_is, "RSA", "1024"},
      {"zlint", "e_serial_number_longer_than_20_octets", "A +++++", serial(std::string(21, '\x11'))},
      {"zlint", "e_serial_number_not_positive", "A +++~+", serial("\x81")},
      {"zlint", "e_spki_rsa_encryption_parameter_not_null", "A +++-+", rsa_key_without_null, "RSA", "2048"},
      {"zlint", "e_sub_ca_crl_distribution_points_does_not_contain_url", "A +++++",
       with(kDistributionPoints, false,
            sequence({sequence({tlv(0xA0, tlv(0xA0, tlv(0xA4, common_name(kUtf8String, "x"))))})}))},
      {"zlint", "e_sub_ca_crl_distribution_points_marked_critical", "A +++++",
       with(kDistributionPoints, true, point_uri("http://ca.test/crl"))},
      {"zlint", "e_tbs_signature_rsa_encryption_parameter_not_null", "A +++++",
       [](Parts& parts) {
         parts.algorithm = parts.outer_algorithm = sequence({der_oid("1.2.840.113549.1.1.11")});
       },
       "RSA", "2048"},
      {"zlint", "e_utc_time_does_not_include_seconds", "R pp+++", until(kUtcTime, "4001010000Z")},
      {"zlint", "e_utc_time_not_in_zulu", "R --P++", until(kUtcTime, "400101000000+0100")},
      {"zlint", "e_validity_time_not_positive", "R ----+",
       validity(kUtcTime, "300101000000Z", kUtcTime, "250101000000Z"), "EC", "P-256", Asked::outside},
      {"zlint", "e_wrong_time_format_pre2050", "A +++++", until(kGeneralizedTime, "20400101000000Z")},
      {"zlint", "n_ca_digital_signature_not_set", "A +++++", with(kKeyUsage, true, usage(1, 0x86))},
      {"zlint", "n_sub_ca_eku_not_technically_constrained", "A --+-+",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.4")}))},
      {"zlint", "w_root_ca_basic_constraints_path_len_constraint_field_present", "A +++++",
       with(kBasicConstraints, true, bc(kTrue + der_integer(octets({3}))))},
      {"zlint", "w_root_ca_contains_cert_policy", "A +++++",
       with(kPolicies, false, sequence({policy("2.5.29.32.0")}))},
      {"zlint", "w_sub_ca_certificate_policies_marked_critical", "A +++++",
       with(kPolicies, true, sequence({policy("2.5.29.32.0")}))},
      {"zlint", "w_sub_ca_eku_critical", "A +++++",
       with(kExtendedKeyUsage, true, sequence({der_oid("1.3.6.1.5.5.7.3.1")}))},
  };
}

std::vector<PublicKind> limbo_kinds() {
  return {
      {"x509-limbo", "invalid::invalid_issuer_key", "R -----", broken_key},
      {"x509-limbo", "pathlen::ee_with_intermediate_pathlen_0", "A -++++",
       both(issued_by(common_name(kUtf8String, "Somebody")),
            with(kBasicConstraints, true, bc(kTrue + der_integer(octets({0})))))},
      {"x509-limbo", "pathlen::ee_with_intermediate_pathlen_1", "A -++++",
       both(issued_by(common_name(kUtf8String, "Somebody")),
            with(kBasicConstraints, true, bc(kTrue + der_integer(octets({1})))))},
      {"x509-limbo", "pathological::nc_dos_1", "A +++++", many_constraints},
      {"x509-limbo", "rfc5280::aki::critical_aki", "A --+~+",
       with(kAuthorityKeyId, true, sequence({tlv(0x80, "a key identifier of 20")}))},
      {"x509-limbo", "rfc5280::aki::cross_signed_root_missing_aki", "A -++++",
       issued_by(common_name(kUtf8String, "Another root"))},
      {"x509-limbo", "rfc5280::aki::self_signed_root_missing_aki", "A +++++", as_it_is},
      {"x509-limbo", "rfc5280::ca_empty_subject", "A +-++-", named(sequence({}))},
      {"x509-limbo", "rfc5280::ica_ku_keycertsign", "R -----",
       both(issued_by(common_name(kUtf8String, "Somebody")),
            both(with(kBasicConstraints, true, bc(kTrue + der_integer(octets({0})))),
                 with(kKeyUsage, true, usage(7, 0x80))))},
      {"x509-limbo", "rfc5280::intermediate_ca_missing_basic_constraints", "R -----",
       both(issued_by(common_name(kUtf8String, "Somebody")), without(kBasicConstraints))},
      {"x509-limbo", "rfc5280::intermediate_ca_without_ca_bit", "R +++++",
       both(issued_by(common_name(kUtf8String, "Somebody")), with(kBasicConstraints, true, bc("")))},
      {"x509-limbo", "rfc5280::mismatching_signature_algorithm", "R +-P-+",
       [](Parts& parts) {
         parts.outer_algorithm = sequence({der_oid("1.2.840.113549.1.1.11"), tlv(kNull, "")});
       }},
      {"x509-limbo", "rfc5280::nc::excluded_different_constraint_type", "A +++++",
       excludes(tlv(0x87, octets({192, 0, 2, 0, 255, 255, 255, 0})))},
      {"x509-limbo", "rfc5280::nc::excluded_dn_match", "A +++-+",
       excludes(tlv(0xA4, common_name(kUtf8String, "leaf.test"))), "EC", "P-256", Asked::outside},
      {"x509-limbo", "rfc5280::nc::excluded_dns_match", "A +++++", excludes(tlv(0x82, "leaf.test")), "EC",
       "P-256", Asked::outside},
      {"x509-limbo", "rfc5280::nc::excluded_ipv6_match", "A +++++",
       excludes(tlv(0x87, std::string(15, '\0') + "\x01" + std::string(16, '\xFF')))},
      {"x509-limbo", "rfc5280::nc::excluded_match_permitted_and_excluded", "A +++++",
       with(kNameConstraints, true,
            sequence({tlv(0xA0, sequence({tlv(0x82, "leaf.test")})),
                      tlv(0xA1, sequence({tlv(0x82, "leaf.test")}))})),
       "EC", "P-256", Asked::outside},
      {"x509-limbo", "rfc5280::nc::invalid_dnsname_leading_period", "A +++++", permits(tlv(0x82, ".test"))},
      {"x509-limbo", "rfc5280::nc::invalid_dnsname_wildcard", "A +++++",
       excludes(tlv(0x82, "*.example.com"))},
      {"x509-limbo", "rfc5280::nc::invalid_email_address", "A +++++",
       permits(tlv(0x81, "invalid@invalid@example.com"))},
      {"x509-limbo", "rfc5280::nc::invalid_ipv4_address", "A ++--+",
       permits(tlv(0x87, octets({127, 0, 0, 1})))},
      {"x509-limbo", "rfc5280::nc::invalid_ipv6_address", "A ++--+",
       permits(tlv(0x87, std::string(15, '\0') + "\x01"))},
      {"x509-limbo", "rfc5280::nc::nc_forbids_dnsname_wildcard_san", "A +++++",
       excludes(tlv(0x82, "bar.test"))},
      {"x509-limbo", "rfc5280::nc::nc_forbids_othername_noop", "A ++--+",
       excludes(tlv(0xA0, der_oid("1.3.6.1.4.1.55738.666.1") + tlv(0xA0, tlv(kUtf8String, "x"))))},
      {"x509-limbo", "rfc5280::nc::nc_permits_email_domain", "A +++++", permits(tlv(0x81, "example.com"))},
      {"x509-limbo", "rfc5280::nc::nc_permits_email_exact", "A +++++", permits(tlv(0x81, "foo@example.com"))},
      {"x509-limbo", "rfc5280::nc::nc_permits_email_literal_asterisk_exact_match", "A +++++",
       permits(tlv(0x81, "*@example.com"))},
      {"x509-limbo", "rfc5280::nc::permitted_different_constraint_type", "A +++++",
       permits(tlv(0x87, octets({192, 0, 2, 0, 255, 255, 255, 0})))},
      {"x509-limbo", "rfc5280::nc::permitted_dn_match", "A +++-+",
       permits(tlv(0xA4, common_name(kUtf8String, "leaf.test")))},
      {"x509-limbo", "rfc5280::nc::permitted_dn_mismatch", "A +++-+",
       permits(tlv(0xA4, common_name(kUtf8String, "foo"))), "EC", "P-256", Asked::outside},
      {"x509-limbo", "rfc5280::nc::permitted_dns_match", "A +++++", permits(tlv(0x82, "leaf.test"))},
      {"x509-limbo", "rfc5280::nc::permitted_dns_match_more", "A +++++", permits(tlv(0x82, "test"))},
      {"x509-limbo", "rfc5280::nc::permitted_dns_match_noncritical", "A +++++",
       permits(tlv(0x82, "leaf.test"), false)},
      {"x509-limbo", "rfc5280::nc::permitted_dns_mismatch", "A +++++", permits(tlv(0x82, "example.com")),
       "EC", "P-256", Asked::outside},
      {"x509-limbo", "rfc5280::pc::ica_noncritical_pc", "A -++++",
       both(issued_by(common_name(kUtf8String, "Somebody")),
            with("2.5.29.36", false, sequence({tlv(0x80, octets({0}))})))},
      {"x509-limbo", "rfc5280::root_and_intermediate_swapped", "A -++++",
       issued_by(common_name(kUtf8String, "Root"))},
      {"x509-limbo", "rfc5280::root_inconsistent_ca_extensions", "R -----",
       with(kKeyUsage, true, usage(1, 0x02))},
      {"x509-limbo", "rfc5280::root_missing_basic_constraints", "A +-+--", without(kBasicConstraints)},
      {"x509-limbo", "rfc5280::root_non_critical_basic_constraints", "A +-+++",
       with(kBasicConstraints, false, bc(kTrue))},
      {"x509-limbo", "rfc5280::serial::negative", "A +++~+", serial(octets({0xFF, 0x7F}))},
      {"x509-limbo", "rfc5280::serial::too_long", "A +++++", serial(std::string(22, '\x7F'))},
      {"x509-limbo", "rfc5280::serial::zero", "A +++++", serial(octets({0}))},
      {"x509-limbo", "rfc5280::ski::critical_ski", "A --+~+",
       with(kSubjectKeyId, true, tlv(kOctetString, "a key identifier of 20"))},
      {"x509-limbo", "rfc5280::ski::intermediate_missing_ski", "A --+++",
       both(issued_by(common_name(kUtf8String, "Somebody")), without(kSubjectKeyId))},
      {"x509-limbo", "rfc5280::ski::root_missing_ski", "A +-+++", without(kSubjectKeyId)},
      {"x509-limbo", "rfc5280::unknown_critical_extension_root", "R ----+",
       with("1.3.6.1.4.1.55738.666.1", true, "")},
      {"x509-limbo", "rfc5280::validity::expired_root", "R +++++",
       validity(kUtcTime, "150101000000Z", kUtcTime, "200101000000Z"), "EC", "P-256", Asked::outside},
      {"x509-limbo", "webpki::aki::root_with_aki_all_fields", "A +++++",
       with(kAuthorityKeyId, false,
            sequence({tlv(0x80, "a key identifier of 20"),
                      tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "A CA"))),
                      tlv(0x82, "\x11\x22\x33\x44\x55\x66\x77")}))},
      {"x509-limbo", "webpki::aki::root_with_aki_authoritycertissuer", "A +++++",
       with(kAuthorityKeyId, false,
            sequence({tlv(0x80, "a key identifier of 20"),
                      tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "A CA")))}))},
      {"x509-limbo", "webpki::aki::root_with_aki_authoritycertserialnumber", "A +++++",
       with(kAuthorityKeyId, false,
            sequence({tlv(0x80, "a key identifier of 20"), tlv(0x82, "\x11\x22\x33\x44\x55\x66\x77")}))},
      {"x509-limbo", "webpki::aki::root_with_aki_missing_keyidentifier", "A +++++",
       with(kAuthorityKeyId, false,
            sequence({tlv(0xA1, tlv(0xA4, common_name(kUtf8String, "A CA"))),
                      tlv(0x82, "\x11\x22\x33\x44\x55\x66\x77")}))},
      {"x509-limbo", "webpki::aki::root_with_aki_ski_mismatch", "A -++++",
       with(kAuthorityKeyId, false, sequence({tlv(0x80, "another")}))},
      {"x509-limbo", "webpki::eku::root_has_eku", "A +++++",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")}))},
      {"x509-limbo", "webpki::explicit_curve", "R -----", explicit_curve},
      {"x509-limbo", "webpki::forbidden_p192_root", "R --+--", as_it_is, "EC", "P-192"},
      {"x509-limbo", "webpki::forbidden_rsa_not_divisible_by_8_in_root", "A +++++", as_it_is, "RSA", "2052"},
      {"x509-limbo", "webpki::forbidden_weak_rsa_key_in_root", "R --+++", as_it_is, "RSA", "1024"},
      {"x509-limbo", "webpki::malformed_aia", "A +++-+", with(kAccess, false, tlv(kUtf8String, "malformed"))},
      {"x509-limbo", "webpki::nc::intermediate_permitted_excluded_subtrees_both_empty_sequences", "A +++-+",
       with(kNameConstraints, true, sequence({tlv(0xA0, ""), tlv(0xA1, "")}))},
      {"x509-limbo", "webpki::nc::intermediate_permitted_excluded_subtrees_both_null", "R -----",
       with(kNameConstraints, true, sequence({tlv(kNull, ""), tlv(kNull, "")}))},
      {"x509-limbo", "webpki::v1_cert", "A --+++",
       both(version(tlv(0xA0, der_integer(octets({1})))), without_any)},
  };
}

std::vector<PublicKind> openssl_kinds() {
  return {
      {"openssl", "bad-othername-namec", "A ++--+",
       permits(tlv(0xA0, der_oid("1.3.6.1.5.5.7.8.9") + tlv(0xA0, tlv(kUtf8String, "@good.org"))))},
      {"openssl", "ca-anyEKU", "A --+++", with(kExtendedKeyUsage, false, sequence({der_oid("2.5.29.37.0")}))},
      {"openssl", "ca-cert", "A -++++", issued_by(common_name(kUtf8String, "Root CA"))},
      {"openssl", "ca-cert-768i", "R --+++", as_it_is, "RSA", "768"},
      {"openssl", "ca-cert-ec-explicit", "R -----",
       both(issued_by(common_name(kUtf8String, "Root CA")), explicit_curve)},
      {"openssl", "ca-cert-ec-named", "A +++++", as_it_is, "EC", "P-384"},
      {"openssl", "ca-cert-md5", "A -++++",
       both(issued_by(common_name(kUtf8String, "Root CA")), signed_with("1.2.840.113549.1.1.4")), "RSA",
       "2048"},
      {"openssl", "ca-expired", "R -++++",
       both(issued_by(common_name(kUtf8String, "Root CA")),
            validity(kUtcTime, "150101000000Z", kUtcTime, "200101000000Z")),
       "EC", "P-256", Asked::outside},
      {"openssl", "ca-nonbc", "R -----",
       both(issued_by(common_name(kUtf8String, "Root CA")), without(kBasicConstraints))},
      {"openssl", "ca-nonca", "R +++++",
       both(issued_by(common_name(kUtf8String, "Root CA")),
            both(with(kBasicConstraints, true, bc("")), without(kKeyUsage)))},
      {"openssl", "ca-pss-cert", "A +++++", signed_with("1.2.840.113549.1.1.10"), "RSA", "2048"},
      {"openssl", "cca-cert", "A --+-+",
       both(issued_by(common_name(kUtf8String, "Root CA")),
            with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.2")})))},
      {"openssl", "croot-cert", "A --+-+",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.2")}))},
      {"openssl", "ee-self-signed", "R -----",
       both(without(kBasicConstraints), with(kKeyUsage, true, usage(7, 0x80)))},
      {"openssl", "ncca1-cert", "A +++++",
       with(kNameConstraints, true,
            sequence({tlv(0xA0, sequence({tlv(0x82, "leaf.test")}) + sequence({tlv(0x81, "good@good.org")}) +
                                    sequence({tlv(0x87, octets({127, 0, 0, 1, 255, 255, 255, 255}))}))}))},
      {"openssl", "ncca2-cert", "A +++++",
       with(kNameConstraints, true,
            sequence({tlv(0xA1, sequence({tlv(0x82, "bad.com")}) + sequence({tlv(0x81, "bad@bad.org")}) +
                                    sequence({tlv(0x87, octets({10, 0, 0, 0, 255, 0, 0, 0}))}))}))},
      {"openssl", "root-cert", "A +++++", as_it_is, "RSA", "2048"},
      {"openssl", "root-cert-768", "R --+++", as_it_is, "RSA", "768"},
      {"openssl", "root-cert-md5", "A +++++", signed_with("1.2.840.113549.1.1.4"), "RSA", "2048"},
      {"openssl", "root-ed448-cert", "A +++-+", as_it_is, "ED448", ""},
      {"openssl", "root-ed25519", "A +++++", as_it_is, "ED25519", ""},
      {"openssl", "root-expired", "R +++++", validity(kUtcTime, "150101000000Z", kUtcTime, "200101000000Z"),
       "EC", "P-256", Asked::outside},
      {"openssl", "root-nonca", "R -----", both(with(kBasicConstraints, true, bc("")), without(kKeyUsage))},
      {"openssl", "sca-cert", "A -++++",
       both(issued_by(common_name(kUtf8String, "Root CA")),
            with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")})))},
      {"openssl", "sroot-cert", "A +++++",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")}))},
  };
}

std::vector<PublicKind> go_kinds() {
  return {
      {"go", "TestAdditionFieldsInGeneralSubtree", "A --+++",
       with(kNameConstraints, true,
            sequence(
                {tlv(0xA0, sequence({tlv(0x82, "test"), tlv(0x80, octets({0})), tlv(0x81, octets({9}))}))}))},
      {"go", "TestAuthKeyIdOptional", "A +++++", with(kAuthorityKeyId, false, sequence({}))},
      {"go", "TestBadIPMask", "A ++--+", excludes(tlv(0x87, octets({16, 5, 13, 0, 255, 0, 255, 0})))},
      {"go", "TestBadNamesInConstraints dns:foo.com.", "A +++-+", excludes(tlv(0x82, "foo.com."))},
      {"go", "TestBadNamesInConstraints email:abc@foo.com.", "A +++-+", excludes(tlv(0x81, "abc@foo.com."))},
      {"go", "TestBadNamesInConstraints email:foo.com.", "A +++-+", excludes(tlv(0x81, "foo.com."))},
      {"go", "TestBadNamesInConstraints uri:1.2.3.4", "A +++-+", excludes(tlv(0x86, "1.2.3.4"))},
      {"go", "TestBadNamesInConstraints uri:example.com.", "A +++--", excludes(tlv(0x86, "example.com."))},
      {"go", "TestBadNamesInConstraints uri:ffff::1", "A +++--", excludes(tlv(0x86, "ffff::1"))},
      {"go", "TestBadNamesInConstraints dns:not-hyphen", "A +++-+",
       excludes(tlv(0x82, "not\xE2\x80\x93hyphen.com"))},
      {"go", "TestBadNamesInSANs invalidip:0102", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x87, octets({1, 2}))}))},
      {"go", "TestBadNamesInSANs invalidip:0102030405", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x87, octets({1, 2, 3, 4, 5}))}))},
      {"go", "TestBadNamesInSANs uri:https://example.com./dsf", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x86, "https://example.com./dsf")}))},
      {"go", "TestConstraintCases leading period matches subdomains", "A +++++", permits(tlv(0x82, ".test"))},
      {"go", "TestConstraintCases URI constraint", "A +++++", permits(tlv(0x86, "foo.com"))},
      {"go", "TestConstraintCases email subdomain constraint", "A +++++", permits(tlv(0x81, ".example.com"))},
      {"go", "TestConstraintCases IPv6 permitted constraint does not affect DNS", "A +++++",
       permits(tlv(0x87, octets({0x20, 0,   0xAB, 0xCD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                 255,  255, 255,  255,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})))},
      {"go", "TestConstraintCases roots exclusions are effective", "A +++++", excludes(tlv(0x82, ".test")),
       "EC", "P-256", Asked::outside},
      {"go", "TestCriticalNameConstraintWithUnknownType", "A +++-+",
       permits(tlv(0xA4, common_name(kUtf8String, "leaf.test")))},
      {"go", "TestDisableSHA1ForCertOnly", "A +++++", signed_with("1.2.840.113549.1.1.5"), "RSA", "2048"},
      {"go", "TestDuplicateExtensionsCert", "R --P--",
       [](Parts& parts) { parts.extensions.insert(parts.extensions.end(), 2, parts.extensions.at(2)); }},
      {"go", "TestEKUEnforcement", "A --+-+",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.4")}))},
      {"go", "TestEd25519SelfSigned", "A +++++", as_it_is, "ED25519", ""},
      {"go", "TestEmptyNameConstraints", "A +++++",
       with(kNameConstraints, true, sequence({tlv(0xA0, sequence({tlv(0x82, "")}))}))},
      {"go", "TestEmptySubject", "A +-++-", named(sequence({}))},
      {"go", "TestIA5SANEnforcement", "A +++-+",
       with(kSubjectNames, false, sequence({tlv(0x82, "mail\xC2\xA7.test")}))},
      {"go", "TestISOOIDInCertificate", "A +++++", signed_with("1.3.14.3.2.29"), "RSA", "2048"},
      {"go", "TestLargeOID", "A +++-+",
       named(name_of({{"1.2.3.4.5.4294967296", kUtf8String, "x"}, {"2.5.4.3", kUtf8String, "A CA"}}))},
      {"go", "TestMaxPathLen", "A +++++",
       with(kBasicConstraints, true, bc(kTrue + der_integer(octets({1}))))},
      {"go", "TestMismatchedSignatureAlgorithm", "R +-P-+",
       [](Parts& parts) { parts.algorithm = sequence({der_oid("1.2.840.10045.4.3.4")}); }},
      {"go", "TestMultipleRDN", "A +++++",
       named(sequence({tlv(kSet, attribute("2.5.4.10", kUtf8String, "a")),
                       tlv(kSet, attribute("2.5.4.10", kUtf8String, "b")),
                       tlv(kSet, attribute("2.5.4.3", kUtf8String, "A CA"))}))},
      {"go", "TestMultipleURLsInCRLDP", "A +++++",
       with(kDistributionPoints, false,
            sequence({sequence(
                {tlv(0xA0, tlv(0xA0, tlv(0x86, "http://a.test/crl") + tlv(0x86, "http://b.test/crl")))})}))},
      {"go", "TestNoAuthorityKeyIdInSelfSignedCert", "A +++++", as_it_is},
      {"go", "TestNoSubjectKeyIdInCert", "A +-+++",
       both(without(kSubjectKeyId),
            with(kAuthorityKeyId, false, sequence({tlv(0x80, "a key identifier of 20")})))},
      {"go", "TestParseASN1String BMPString (invalid length)", "N", named(common_name(kBmpString, "abc"))},
      {"go", "TestParseASN1String IA5String (invalid)", "A +++-+", named(common_name(kIa5String, "\xFF"))},
      {"go", "TestParseASN1String NumericString (invalid)", "A +++-+",
       named(common_name(kNumericString, "P"))},
      {"go", "TestParseASN1String NumericString", "A +++++", named(common_name(kNumericString, "12"))},
      {"go", "TestParseASN1String PrintableString (invalid)", "A +++-+",
       named(common_name(kPrintableString, "\x01\x02\x03"))},
      {"go", "TestParseASN1String T61String", "A +++++", named(common_name(kT61String, "PQR"))},
      {"go", "TestParseASN1String UTF8String (invalid)", "N", named(common_name(kUtf8String, "\xFF"))},
      {"go", "TestParseASN1String BMPString", "A +++++", named(common_name(kBmpString, "PQ"))},
      {"go", "TestParseNegativeSerial", "A +++~+", serial(octets({0x8B, 1, 1, 1, 1, 1, 1, 1}))},
      {"go", "TestParseUniqueID", "A +++++",
       [](Parts& parts) { parts.unique_ids = tlv(0x81, octets({0, 1})) + tlv(0x82, octets({0, 2})); }},
      {"go", "TestRSAMissingNULLParameters", "A +++-+", rsa_key_without_null, "RSA", "2048"},
      {"go", "TestRSAPSSSelfSigned", "A +++++", signed_with("1.2.840.113549.1.1.10"), "RSA", "2048"},
      {"go", "TestSHA1", "A +++++", signed_with("1.2.840.10045.4.1")},
      {"go", "TestUnknownExtKey", "A +++++",
       with(kExtendedKeyUsage, false, sequence({der_oid("1.2.3.4.5"), der_oid("1.3.6.1.5.5.7.3.1")}))},
      {"go", "TestVerifyEKURootAsLeaf", "A +++++",
       both(without(kBasicConstraints),
            both(without(kKeyUsage),
                 both(with(kExtendedKeyUsage, false, sequence({der_oid("1.3.6.1.5.5.7.3.1")})),
                      with(kSubjectNames, false, sequence({tlv(0x82, "leaf.test")})))))},
  };
}

}  // namespace

const std::vector<PublicKind>& public_kinds() {
  static const auto all = [] {
    std::vector<PublicKind> made;
    for (auto* kinds_of :
         {zlint_extension_kinds, zlint_name_kinds, other_zlint_kinds, limbo_kinds, openssl_kinds, go_kinds})
      for (auto& kind : kinds_of())
        made.push_back(std::move(kind));
    return made;
  }();
  return all;
}

}  // namespace nct::test
