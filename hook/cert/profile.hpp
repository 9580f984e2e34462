// What a certificate is by its bytes alone, held against RFC 5280 and X.690: the one strict reader of
// certificates here. It asks no library, so that the answer is the same wherever the certificate is looked
// at.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

namespace nct {

// In what a certificate leaves the profile, or what else clients differ in. Sections are of RFC 5280 unless
// another document is named. Each is in one place of the certificate, so that its name says what to look at.
enum class Trait : std::uint8_t {
  // The whole.
  malformed,    // not the structure of 4.1 in DER; nothing else is said of it
  ber_lengths,  // that structure, with lengths that DER does not allow (X.690, 10.1)
  version_1,
  version_spelled_out,     // version 1 written down, which is the default (X.690, 11.5)
  version_unknown,         // none of 1, 2 and 3
  extensions_before_v3,    // 4.1.2.9: extensions in version 1 or 2
  unique_ids,              // 4.1.2.8: issuerUniqueID or subjectUniqueID
  unique_ids_before_v2,    // the same in version 1
  no_extension_in_list,    // 4.1.2.9: a list of extensions without any
  known_extension_twice,   // ... one that every client reads
  extension_twice,         // 4.2: one extension more than once
  readable_twice,          // ... and both can be read
  critical_false_spelled,  // the default written down (X.690, 11.5)
  odd_boolean,             // TRUE as something else than FF (X.690, 11.1)
  oid_huge,                // an object identifier with a number of more than 31 bits
  oid_long,                // an extension's object identifier of more than 127 characters
  oid_very_long,           // an object identifier of more than 4,096 octets
  many_extensions,         // more than 32
  huge,                    // more than 64 KiB
  serial_negative,         // 4.1.2.2
  serial_zero,             //
  serial_long,             // of more than 20 octets
  serial_very_long,        // of more than 32 octets
  signatures_differ,       // 4.1.1.2: the two algorithm identifiers differ
  signatures_conflict,     // ... by more than a NULL that one of them leaves out
  algorithm_short_time,    // an algorithm's parameter is a time of fewer digits than one with seconds has
  signature_parameters,    // RFC 5758, 3.2: an ECDSA or EdDSA signature with parameters
  pss_parameters,          // RFC 4055, 3.1: RSASSA-PSS with parameters that are none
  signature_of_other_key,  // issued itself, with a signature algorithm that its own key cannot have
  weak_signature,          // signed with MD2, MD4, MD5 or SHA-1
  // Times (4.1.2.5).
  time_fraction,  // of a second
  time_offset,    // from UTC
  time_offset_zero,
  time_without_seconds,
  time_without_zone,
  time_impossible,  // a thirtieth of February, an hour 24, a second 60
  time_malformed,
  never_valid,  // it ends before it begins, or at that second
  // Names (4.1.2.4, 4.1.2.6; string types: X.520, X.680).
  subject_empty,
  issuer_empty,
  rdn_empty,         // an RDN without any attribute
  printable_string,  // a PrintableString with a character that is not in its alphabet
  ia5_string,        // an IA5String with an octet above 7F
  numeric_value,     // a NumericString
  numeric_string,    // a NumericString with something else than digits and blanks
  utf8_string,       // a UTF8String that is not UTF-8
  bmp_string,        // a BMPString of an odd length, or with half a surrogate pair
  universal_string,  // a UniversalString
  other_string,      // a value that is no string of characters
  empty_value,       // an attribute without any character
  set_of_several,    // an RDN of more than one attribute
  set_unordered,     // ... which do not stand in the order of DER (X.690, 11.6)
  // Keys (4.1.2.7, RFC 3279, RFC 5480, RFC 8410).
  key_malformed,  // its algorithm is known, and this is not how a key of it is written
  key_unknown,    // its algorithm is none of those below
  rsa_key,
  rsa_without_null,  // RFC 3279, 2.3.1: parameters are not NULL
  rsa_pss_key,       // bound to RSASSA-PSS (RFC 4055)
  rsa_over_4096,
  rsa_over_8192,
  rsa_over_16384,
  rsa_under_2041,  // as many octets as 2040 bits take
  rsa_under_2048,
  rsa_exponent_over_31_bits,
  rsa_exponent_over_33_bits,
  ec_key,
  ec_p224,
  ec_p521,
  ec_small,  // a curve below 224 bits
  ec_secp256k1,
  ec_brainpool,
  ec_other_curve,
  ec_explicit,    // RFC 5480, 2.1.1: the curve by its parameters instead of its name
  ec_compressed,  // RFC 5480, 2.2: the point by one coordinate
  ec_hybrid,      // X9.62, 4.3.6: the point by both, and the sign of one of them
  ed25519_key,
  dsa_key,
  ed448_key,
  ml_dsa_key,  // FIPS 204, RFC 9881
  // Extensions (4.2). Which stand in it, and how.
  bc_missing,                // 4.2.1.9; basicConstraints, in version 2 or 3
  bc_and_cert_sign_missing,  // nothing at all says that it is a CA
  bc_missing_and_aki_other,  // no basicConstraints, and an authority key identifier of another
  bc_of_issued_missing,      // no basicConstraints, and issued by another
  bc_malformed,
  bc_trailing,  // something behind what it may hold
  bc_longer,    // something in it, behind its two fields
  bc_not_critical,
  not_ca,  // basicConstraints say so
  path_length_negative,
  path_length_huge,  // of more than 31 bits
  path_length_without_cert_sign,
  ku_missing,  // 4.2.1.3
  ku_malformed,
  ku_trailing,  // something behind what it may hold
  ku_empty,     // no bit is set
  ku_without_cert_sign,
  ku_long,             // of more than two octets
  ku_padding,          // a bit is set that is said to be unused (X.690, 11.2.1)
  ku_loose_bits,       // zeros at the end of the list (X.690, 11.2.2)
  ku_without_server,   // neither digitalSignature nor keyEncipherment nor keyAgreement
  eku_without_server,  // 4.2.1.12: neither serverAuth nor anyExtendedKeyUsage
  eku_any_alone,       // anyExtendedKeyUsage, and not serverAuth
  eku_empty,
  eku_malformed,
  eku_trailing,       // something behind what it may hold
  names_constrained,  // 4.2.1.10, critical
  nc_malformed,
  nc_empty,
  nc_other_form,           // critical, with a form other than DNS, IP address, mail address or URI
  constrained_with_names,  // it has alternative names itself of a form that it constrains, or DNS names of
                           // which constraints cannot be asked
  nc_unusual_form,         // otherName, x400Address, ediPartyName or registeredID
  nc_ip_address,           // an address that is not address and mask, or whose mask has holes
  nc_name,                 // a DNS name, mail address or host of URIs that is none
  nc_uri,                  // critical, with a host of URIs that is none
  nc_edi,                  // critical, with an ediPartyName
  nc_distances,            // a minimum or maximum
  ski_missing,             // 4.2.1.2
  ski_malformed,
  ski_trailing,  // something behind what it may hold
  ski_empty,
  ski_critical,
  aki_malformed,       // 4.2.1.1
  aki_rest_malformed,  // what stands behind the key identifier
  aki_critical,
  aki_other_key,       // issued itself, and its two key identifiers differ
  aki_other_issuer,    // issued itself, and it names another issuer or serial number
  san_malformed,       // 4.2.1.6
  san_trailing,        // something behind what it may hold
  san_name_malformed,  // a name of a form that few read: otherName, directoryName, registeredID, none of them
  san_none,            // an empty list
  san_empty_name,      // a DNS name, mail address, URI or IP address without any octet
  san_empty_value,     // a directoryName with an attribute without any octet
  san_edi_or_x400,     // an ediPartyName or x400Address
  san_ip_address,      // neither 4 nor 16 octets
  san_8bit,            // an octet above 7F
  san_uri,             // a URI that is none
  san_without_common,  // critical, without any DNS name, IP address, mail address or URI
  ian_malformed,       // 4.2.1.7
  ian_trailing,        // something behind what it may hold
  ian_none,
  ian_empty_name,
  ian_empty_value,
  ian_edi_or_x400,
  ian_odd,          // one of the others above
  crldp_malformed,  // 4.2.1.13
  crldp_none,
  crldp_odd_name,      // a distribution point that no client can follow
  aia_malformed,       // 4.2.2.1
  policies_malformed,  // 4.2.1.4
  policies_none,
  policies_twice,
  policies_critical,
  policy_constraints,    // 4.2.1.11: critical
  policy_mapping,        // 4.2.1.5: critical
  inhibit_any_critical,  // 4.2.1.14
  tls_feature,           // RFC 7633: a list of TLS features, which what it issues must have, too
  netscape_malformed,
  netscape_without_server,
  other_malformed,      // one of the three about policies above
  other_odd,            // the same with nothing in it, or with more than its fields
  malformed_critical,   // one of the malformed ones is critical, and known to Java
  name_text,            // a directoryName whose string is not one of its type, or an ediPartyName of name
                        // constraints without a string
  proxy,                // RFC 3820: it is a proxy certificate
  addresses_malformed,  // RFC 3779, 2.2.3 and 3.2.3
  critical_unknown,     // a critical extension that RFC 5280 does not know
  // Critical ones that RFC 5280 or Netscape know, and that only some clients handle where they are.
  crldp_critical,
  access_critical,
  ian_critical,
  netscape_critical,
  proxy_critical,
  addresses_critical,
  rare_critical,    // 4.2.1.15, 4.2.2.2: the freshest CRL, or the subject's information access
  not_self_issued,  // subject and issuer differ
  count_
};

using Traits = std::bitset<static_cast<std::size_t>(Trait::count_)>;

// "its key is on a Brainpool curve"
std::string_view words_of(Trait trait);

struct Profile {
  Traits traits;
  int version = 0;           // 1, 2, 3, as people count
  bool self_issued = false;  // subject and issuer are the same
  bool ca = false;  // claims to be a CA: basicConstraints say so; without them, keyCertSign, or version 1
  bool names_a_server = false;  // a server could show it itself: by a DNS name or an address among its
                                // alternative names, or, without any, by a common name that is a host name
  std::string key_algorithm;    // of the public key, dotted
  std::string curve;            // of a named EC key, dotted

  [[nodiscard]] bool has(Trait trait) const { return traits.test(static_cast<std::size_t>(trait)); }
};

// Reads `der`, which may be anything. Subject and issuer of equal bytes are equal; where a library says that
// they are equal besides (X509_NAME_cmp(3) makes no difference between string types), `same_names` says so.
Profile profile_of(std::string_view der, bool same_names = false);

// What people call the algorithm of a key, "ML-DSA-65"; its OID where it has no name here.
std::string name_of_key_algorithm(const Profile& profile);

}  // namespace nct
