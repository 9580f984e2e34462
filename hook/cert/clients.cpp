#include "cert/clients.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

using enum Client;
using enum Effect;
using enum Trait;

template <class... Clients>
constexpr std::uint16_t on(Clients... clients) {
  return static_cast<std::uint16_t>(((1U << static_cast<unsigned>(clients)) | ...));
}

// It looks at the validity of no anchor.
constexpr std::uint16_t kAllButJava = ((1U << kClients) - 1) ^ on(java, p11_kit);

constexpr ClientRule refuse(std::uint16_t clients, Trait trait, std::string_view source) {
  return {.clients = clients, .trait = trait, .effect = refuses, .source = source};
}

// ... loses others by it.
constexpr ClientRule lose(std::uint16_t clients, Trait trait, std::string_view source) {
  return {.clients = clients, .trait = trait, .effect = breaks, .source = source};
}

constexpr ClientRule from(std::string_view version, ClientRule rule) {
  rule.from = version;
  return rule;
}

constexpr ClientRule before(std::string_view version, ClientRule rule) {
  rule.fixed_in = version;
  return rule;
}

constexpr ClientRule of_a_ca(ClientRule rule) {
  rule.serves = false;
  return rule;
}

constexpr ClientRule of_a_server(ClientRule rule) {
  rule.issues = false;
  return rule;
}

// Sources. "Measured": the client itself was asked, by the kinds in tests/clients/kinds_test.cpp.
constexpr std::string_view kMeasured = "measured";
constexpr std::string_view kP11Kit = "p11-kit, trust/builder.c and trust/enumerate.c";
constexpr std::string_view kDer = "X.690, 10; all but OpenSSL read DER alone";
constexpr std::string_view kValidity = "RFC 5280, 4.1.2.5; OpenSSL refuses in the last second, too";
constexpr std::string_view kOpensslNames = "OpenSSL crypto/x509/x_name.c, x509_name_canon()";
constexpr std::string_view kOpensslNames2 = "OpenSSL crypto/x509/v3_ncons.c, nc_match()";
constexpr std::string_view kOpensslExtensions =
    "OpenSSL crypto/x509/v3_purp.c, ossl_x509v3_cache_extensions()";
constexpr std::string_view kOpensslCritical = "OpenSSL crypto/x509/v3_purp.c, X509_supported_extension()";
constexpr std::string_view kOpensslCa = "OpenSSL crypto/x509/v3_purp.c, check_ca()";
constexpr std::string_view kOpensslPurpose = "OpenSSL crypto/x509/v3_purp.c, check_purpose_ssl_server()";
constexpr std::string_view kOpensslSelf = "OpenSSL crypto/x509/x509_vfy.c, build_chain(): not self-signed";
constexpr std::string_view kOpensslCurve = "OpenSSL crypto/x509/x509_vfy.c, check_curve()";
constexpr std::string_view kOpensslKey = "OpenSSL crypto/x509/x_pubkey.c; OPENSSL_RSA_MAX_MODULUS_BITS";
constexpr std::string_view kOpensslLevel =
    "OpenSSL crypto/x509/x509_vfy.c, check_key_level(); level 2, as Debian sets";
constexpr std::string_view kOpensslMlDsa = "OpenSSL 3.5, CHANGES";
constexpr std::string_view kOpensslTime = "OpenSSL crypto/x509/x509_vfy.c, X509_cmp_time()";
constexpr std::string_view kStrict = "OpenSSL crypto/x509/x509_vfy.c, check_extensions()";
constexpr std::string_view kGoParser = "Go crypto/x509/parser.go";
constexpr std::string_view kGoNames = "Go crypto/x509/parser.go, parseASN1String()";
constexpr std::string_view kGoKey = "Go crypto/x509/parser.go, parsePublicKey()";
constexpr std::string_view kGoKeys = "Go crypto/x509/x509.go, getPublicKeyAlgorithmFromOID()";
constexpr std::string_view kGoSerial = "Go 1.23, GODEBUG x509negativeserial";
constexpr std::string_view kGoVerify = "Go crypto/x509/verify.go, isValid(), CheckSignatureFrom()";
constexpr std::string_view kGnutlsImport = "GnuTLS lib/x509/x509.c, gnutls_x509_crt_import()";
constexpr std::string_view kGnutlsOid = "GnuTLS lib/x509/x509_int.h, MAX_OID_SIZE";
constexpr std::string_view kGnutlsSanity = "GnuTLS lib/x509/x509.c, _gnutls_check_cert_sanity()";
constexpr std::string_view kGnutlsTime = "GnuTLS lib/x509/time.c";
constexpr std::string_view kGnutlsVerify = "GnuTLS lib/x509/verify.c";
constexpr std::string_view kGnutlsKey = "GnuTLS lib/x509/key_decode.c";
constexpr std::string_view kBoring = "BoringSSL crypto/x509/x_x509.cc, x509_parse()";
constexpr std::string_view kJep497 = "JEP 497";
constexpr std::string_view kMbedKeys = "Mbed TLS library/oid.c";

constexpr auto kRules = std::to_array<ClientRule>({
    // What no client may be given.
    lose(on(boringssl, gnutls), malformed, kDer),
    refuse(on(openssl, openssl_strict, go, java, mbedtls, wolfssl, rustls, python_cryptography), malformed,
           kDer),
    lose(on(openssl, openssl_strict), utf8_string, kOpensslNames),
    lose(on(openssl, openssl_strict), bmp_string, kOpensslNames),
    lose(on(boringssl), utf8_string, kMeasured),
    lose(on(boringssl), bmp_string, kMeasured),
    refuse(kAllButJava, never_valid, kValidity),
    // What GnuTLS does not load, and then loads nothing.
    lose(on(gnutls), extension_twice, kGnutlsImport),
    lose(on(gnutls), san_empty_name, kGnutlsImport),
    lose(on(gnutls), san_empty_value, kGnutlsImport),
    lose(on(gnutls), san_edi_or_x400, kGnutlsImport),
    lose(on(gnutls), san_malformed, kGnutlsImport),
    lose(on(gnutls), san_trailing, kGnutlsImport),
    lose(on(gnutls), san_name_malformed, kGnutlsImport),
    lose(on(gnutls), ian_empty_name, kGnutlsImport),
    lose(on(gnutls), ian_empty_value, kGnutlsImport),
    lose(on(gnutls), ian_edi_or_x400, kGnutlsImport),
    lose(on(gnutls), ian_malformed, kGnutlsImport),
    lose(on(gnutls), ian_trailing, kGnutlsImport),
    lose(on(gnutls), oid_long, kGnutlsOid),
    lose(on(gnutls), signatures_conflict, kGnutlsSanity),
    lose(on(gnutls), extensions_before_v3, kGnutlsSanity),
    lose(on(gnutls), unique_ids_before_v2, kGnutlsSanity),
    lose(on(gnutls), time_fraction, kGnutlsTime),
    lose(on(gnutls), time_offset, kGnutlsTime),
    lose(on(gnutls), time_offset_zero, kGnutlsTime),
    lose(on(gnutls), time_without_zone, kGnutlsTime),
    lose(on(gnutls), time_impossible, kGnutlsTime),
    lose(on(gnutls), time_malformed, kGnutlsTime),
    // What later versions of OpenSSL do not load.
    from("OpenSSL 3.5", lose(on(openssl, openssl_strict), time_without_seconds, kMeasured)),
    from("OpenSSL 3.5", lose(on(openssl, openssl_strict), time_without_zone, kMeasured)),
    from("OpenSSL 3.5", lose(on(openssl, openssl_strict), algorithm_short_time, kMeasured)),
    // BoringSSL.
    lose(on(boringssl), extensions_before_v3, kBoring),
    lose(on(boringssl), unique_ids_before_v2, kBoring),
    lose(on(boringssl), version_unknown, kBoring),
    lose(on(boringssl), time_fraction, kBoring),
    lose(on(boringssl), time_without_seconds, kBoring),
    lose(on(boringssl), time_without_zone, kBoring),
    lose(on(boringssl), time_impossible, kBoring),
    lose(on(boringssl), time_malformed, kBoring),
    lose(on(boringssl), ber_lengths, kDer),
    lose(on(boringssl), rdn_empty, kDer),
    refuse(on(mbedtls, wolfssl, rustls, python_cryptography), ber_lengths, kDer),
    refuse(on(mbedtls, wolfssl, rustls, python_cryptography), rdn_empty, kDer),
    // How OpenSSL reads extensions, and what it asks of a CA.
    refuse(on(openssl, openssl_strict), bc_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), ku_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), eku_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), nc_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), ski_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), aki_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), san_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), san_name_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), name_text, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), bc_longer, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), aki_rest_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), netscape_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), crldp_malformed, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), crldp_odd_name, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), ku_empty, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), path_length_negative, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), known_extension_twice, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), critical_unknown, kOpensslCritical),
    refuse(on(openssl, openssl_strict), access_critical, kOpensslCritical),
    refuse(on(openssl, openssl_strict), ian_critical, kOpensslCritical),
    refuse(on(openssl, openssl_strict), ski_critical, kOpensslCritical),
    refuse(on(openssl, openssl_strict), aki_critical, kOpensslCritical),
    refuse(on(openssl, openssl_strict), rare_critical, kOpensslCritical),
    refuse(on(openssl, openssl_strict), proxy, kOpensslExtensions),
    refuse(on(openssl, openssl_strict), addresses_malformed, kOpensslExtensions),
    of_a_ca(refuse(on(openssl, openssl_strict), bc_and_cert_sign_missing, kOpensslCa)),
    of_a_ca(refuse(on(openssl, openssl_strict), not_ca, kOpensslCa)),
    of_a_ca(refuse(on(openssl, openssl_strict), ku_without_cert_sign, kOpensslCa)),
    refuse(on(openssl, openssl_strict), eku_without_server, kOpensslPurpose),
    refuse(on(openssl, openssl_strict), eku_any_alone, kOpensslPurpose),
    refuse(on(openssl, openssl_strict), eku_empty, kOpensslPurpose),
    of_a_server(refuse(on(openssl, openssl_strict), ku_without_server, kOpensslPurpose)),
    of_a_server(refuse(on(openssl, openssl_strict), netscape_without_server, kOpensslPurpose)),
    of_a_ca(refuse(on(openssl, openssl_strict), nc_distances, kOpensslNames2)),
    refuse(on(openssl), aki_other_key, kOpensslSelf),
    refuse(on(openssl), aki_other_issuer, kOpensslSelf),
    refuse(on(openssl), signature_of_other_key, kOpensslSelf),
    of_a_ca(refuse(on(openssl), not_self_issued, kOpensslSelf)),
    refuse(on(openssl, openssl_strict), ec_explicit, kOpensslCurve),
    refuse(on(openssl, openssl_strict), key_malformed, kOpensslKey),
    refuse(on(openssl, openssl_strict), key_unknown, kOpensslKey),
    refuse(on(openssl, openssl_strict), rsa_over_16384, kOpensslKey),
    refuse(on(openssl, openssl_strict), ec_small, kOpensslLevel),
    refuse(on(openssl, openssl_strict), rsa_under_2041, kOpensslLevel),
    before("OpenSSL 3.5", refuse(on(openssl, openssl_strict), ml_dsa_key, kOpensslMlDsa)),
    refuse(on(openssl, openssl_strict), time_fraction, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_offset, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_offset_zero, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_impossible, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_malformed, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_without_seconds, kOpensslTime),
    refuse(on(openssl, openssl_strict), time_without_zone, kOpensslTime),
    // What RFC 5280 asks besides, and X509_V_FLAG_X509_STRICT with it.
    of_a_ca(refuse(on(openssl_strict), bc_not_critical, kStrict)),
    of_a_ca(refuse(on(openssl_strict), ku_missing, kStrict)),
    of_a_ca(refuse(on(openssl_strict), ski_missing, kStrict)),
    of_a_ca(refuse(on(openssl_strict), version_1, kStrict)),
    of_a_ca(refuse(on(openssl_strict), bc_missing, kStrict)),
    of_a_ca(refuse(on(openssl_strict), subject_empty, kStrict)),
    of_a_ca(refuse(on(openssl_strict), issuer_empty, kStrict)),
    of_a_ca(refuse(on(openssl_strict), signatures_differ, kStrict)),
    of_a_ca(refuse(on(openssl_strict), path_length_without_cert_sign, kStrict)),
    of_a_ca(refuse(on(openssl_strict), extensions_before_v3, kStrict)),
    refuse(on(openssl_strict), san_none, kStrict),
    of_a_ca(refuse(on(openssl_strict), ski_empty, kStrict)),
    // What Go does not parse.
    refuse(on(go), odd_boolean, kGoParser),
    refuse(on(go), nc_name, kGoParser),
    refuse(on(go), nc_empty, kGoParser),
    refuse(on(go), nc_ip_address, kGoParser),
    refuse(on(go), nc_malformed, kGoParser),
    refuse(on(go), extension_twice, kGoParser),
    refuse(on(go), bc_malformed, kGoParser),
    refuse(on(go), ku_malformed, kGoParser),
    refuse(on(go), eku_malformed, kGoParser),
    refuse(on(go), ski_malformed, kGoParser),
    refuse(on(go), aki_malformed, kGoParser),
    refuse(on(go), san_malformed, kGoParser),
    refuse(on(go), crldp_malformed, kGoParser),
    refuse(on(go), crldp_odd_name, kGoParser),
    refuse(on(go), aia_malformed, kGoParser),
    refuse(on(go), policies_malformed, kGoParser),
    refuse(on(go), san_ip_address, kGoParser),
    refuse(on(go), san_uri, kGoParser),
    refuse(on(go), san_8bit, kGoParser),
    refuse(on(go), version_unknown, kGoParser),
    refuse(on(go), time_fraction, kGoParser),
    refuse(on(go), time_offset_zero, kGoParser),
    refuse(on(go), time_without_zone, kGoParser),
    refuse(on(go), time_impossible, kGoParser),
    refuse(on(go), time_malformed, kGoParser),
    refuse(on(go), printable_string, kGoNames),
    refuse(on(go), ia5_string, kGoNames),
    refuse(on(go), numeric_string, kGoNames),
    refuse(on(go), utf8_string, kGoNames),
    refuse(on(go), bmp_string, kGoNames),
    refuse(on(go), universal_string, kGoNames),
    refuse(on(go), other_string, kGoNames),
    refuse(on(go), oid_huge, kGoNames),
    refuse(on(go), ec_secp256k1, kGoKey),
    refuse(on(go), ec_brainpool, kGoKey),
    refuse(on(go), ec_other_curve, kGoKey),
    refuse(on(go), ec_small, kGoKey),
    refuse(on(go), ec_compressed, kGoKey),
    refuse(on(go), ec_hybrid, kGoKey),
    refuse(on(go), ber_lengths, kDer),
    refuse(on(go), ec_explicit, kGoKey),
    refuse(on(go), rsa_without_null, kGoKey),
    refuse(on(go), key_malformed, kGoKey),
    refuse(on(go), signatures_differ, kGoParser),
    from("Go 1.20", refuse(on(go), rsa_exponent_over_31_bits, kGoKey)),
    from("Go 1.23", refuse(on(go), serial_negative, kGoSerial)),
    from("Go 1.24", refuse(on(go), policies_twice, kGoParser)),
    from("Go 1.24", refuse(on(go), other_malformed, kGoParser)),
    from("Go 1.24", refuse(on(go), ski_critical, kGoParser)),
    from("Go 1.24", refuse(on(go), aki_critical, kGoParser)),
    from("Go 1.24", refuse(on(go), access_critical, kGoParser)),
    from("Go 1.27", refuse(on(go), path_length_negative, kGoParser)),
    from("Go 1.27", refuse(on(go), path_length_huge, kGoParser)),
    // What Go does not chain to.
    of_a_ca(refuse(on(go), bc_missing, kGoVerify)),
    of_a_ca(refuse(on(go), not_ca, kGoVerify)),
    of_a_ca(refuse(on(go), ku_without_cert_sign, kGoVerify)),
    of_a_ca(refuse(on(go), constrained_with_names, kGoVerify)),
    refuse(on(go), ku_padding, kGoParser),
    refuse(on(go), eku_without_server, kGoVerify),
    refuse(on(go), nc_other_form, kGoVerify),
    refuse(on(go), critical_unknown, kGoVerify),
    refuse(on(go), ian_critical, kGoVerify),
    refuse(on(go), netscape_critical, kGoVerify),
    refuse(on(go), proxy_critical, kGoVerify),
    refuse(on(go), addresses_critical, kGoVerify),
    refuse(on(go), rare_critical, kGoVerify),
    before("Go 1.24", refuse(on(go), policy_constraints, kGoVerify)),
    before("Go 1.24", refuse(on(go), policy_mapping, kGoVerify)),
    before("Go 1.24", refuse(on(go), inhibit_any_critical, kGoVerify)),
    refuse(on(go), san_without_common, kGoVerify),
    refuse(on(go), rsa_pss_key, kGoKeys),
    refuse(on(go), ed448_key, kGoKeys),
    refuse(on(go), dsa_key, kGoKeys),
    refuse(on(go), key_unknown, kGoKeys),
    before("Go 1.27", refuse(on(go), ml_dsa_key, kMeasured)),
    // What GnuTLS does not chain to.
    of_a_ca(refuse(on(gnutls), path_length_huge, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), bc_trailing, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), bc_malformed, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), ku_empty, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), ku_malformed, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), nc_malformed, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), critical_unknown, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), policy_constraints, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), policy_mapping, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), netscape_critical, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), addresses_critical, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), rare_critical, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), tls_feature, kGnutlsVerify)),
    of_a_server(refuse(on(gnutls), eku_malformed, kGnutlsVerify)),
    of_a_server(refuse(on(gnutls), eku_trailing, kGnutlsVerify)),
    of_a_server(refuse(on(gnutls), eku_without_server, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), bc_longer, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), ku_trailing, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), ec_hybrid, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ku_long, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), nc_unusual_form, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), bc_missing_and_aki_other, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), nc_ip_address, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), not_ca, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), ku_without_cert_sign, kGnutlsVerify)),
    of_a_ca(refuse(on(gnutls), bc_of_issued_missing, kGnutlsVerify)),
    of_a_ca(from("GnuTLS 3.8", refuse(on(gnutls), path_length_negative, kMeasured))),
    of_a_ca(refuse(on(gnutls), ec_secp256k1, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ec_brainpool, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ec_other_curve, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ec_explicit, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ec_compressed, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), key_malformed, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), key_unknown, kGnutlsKey)),
    of_a_ca(refuse(on(gnutls), ml_dsa_key, kGnutlsKey)),
    // Java.
    refuse(on(java), oid_very_long, kMeasured),
    refuse(on(java), readable_twice, kMeasured),
    refuse(on(java), bc_longer, kMeasured),
    of_a_ca(refuse(on(java), ski_trailing, kMeasured)),
    of_a_ca(refuse(on(java), bc_malformed, kMeasured)),
    refuse(on(java), pss_parameters, kMeasured),
    refuse(on(java), bc_trailing, kMeasured),
    refuse(on(java), extensions_before_v3, kMeasured),
    refuse(on(java), unique_ids_before_v2, kMeasured),
    refuse(on(java), path_length_huge, kMeasured),
    refuse(on(java), version_unknown, kMeasured),
    refuse(on(java), issuer_empty, kMeasured),
    refuse(on(java), subject_empty, kMeasured),
    refuse(on(java), time_without_zone, kMeasured),
    refuse(on(java), time_impossible, kMeasured),
    refuse(on(java), time_malformed, kMeasured),
    refuse(on(java), malformed_critical, kMeasured),
    refuse(on(java), nc_uri, kMeasured),
    refuse(on(java), nc_edi, kMeasured),
    refuse(on(java), ec_explicit, kMeasured),
    refuse(on(java), ec_compressed, kMeasured),
    refuse(on(java), ec_hybrid, kMeasured),
    refuse(on(java), key_malformed, kMeasured),
    of_a_ca(refuse(on(java), bc_missing, kMeasured)),
    of_a_ca(refuse(on(java), not_ca, kMeasured)),
    of_a_ca(refuse(on(java), ku_without_cert_sign, kMeasured)),
    of_a_ca(refuse(on(java), ku_empty, kMeasured)),
    refuse(on(java), path_length_negative, kMeasured),
    refuse(on(java), ec_p224, kMeasured),
    refuse(on(java), ec_small, kMeasured),
    refuse(on(java), ec_secp256k1, kMeasured),
    refuse(on(java), ec_brainpool, kMeasured),
    refuse(on(java), ec_other_curve, kMeasured),
    refuse(on(java), key_unknown, kMeasured),
    before("Java 24", refuse(on(java), ml_dsa_key, kJep497)),
    // BoringSSL, in pods.
    refuse(on(boringssl), time_offset, kMeasured),
    refuse(on(boringssl), time_offset_zero, kMeasured),
    refuse(on(boringssl), bc_malformed, kMeasured),
    refuse(on(boringssl), bc_longer, kMeasured),
    refuse(on(boringssl), ku_malformed, kMeasured),
    refuse(on(boringssl), ku_trailing, kMeasured),
    refuse(on(boringssl), eku_malformed, kMeasured),
    refuse(on(boringssl), eku_trailing, kMeasured),
    refuse(on(boringssl), nc_malformed, kMeasured),
    refuse(on(boringssl), ski_malformed, kMeasured),
    refuse(on(boringssl), ski_trailing, kMeasured),
    refuse(on(boringssl), aki_malformed, kMeasured),
    refuse(on(boringssl), aki_rest_malformed, kMeasured),
    refuse(on(boringssl), san_malformed, kMeasured),
    refuse(on(boringssl), san_trailing, kMeasured),
    refuse(on(boringssl), san_name_malformed, kMeasured),
    refuse(on(boringssl), crldp_malformed, kMeasured),
    refuse(on(boringssl), crldp_odd_name, kMeasured),
    refuse(on(boringssl), bc_trailing, kMeasured),
    refuse(on(boringssl), ku_empty, kMeasured),
    refuse(on(boringssl), path_length_negative, kMeasured),
    refuse(on(boringssl), known_extension_twice, kMeasured),
    refuse(on(boringssl), nc_distances, kMeasured),
    refuse(on(boringssl), rsa_without_null, kMeasured),
    refuse(on(boringssl), rsa_exponent_over_33_bits, kMeasured),
    refuse(on(boringssl), rsa_pss_key, kMeasured),
    refuse(on(boringssl), rsa_over_16384, kMeasured),
    refuse(on(boringssl), ec_small, kMeasured),
    refuse(on(boringssl), ec_secp256k1, kMeasured),
    refuse(on(boringssl), ec_brainpool, kMeasured),
    refuse(on(boringssl), ec_other_curve, kMeasured),
    refuse(on(boringssl), ec_explicit, kMeasured),
    refuse(on(boringssl), ec_hybrid, kMeasured),
    refuse(on(boringssl), dsa_key, kMeasured),
    refuse(on(boringssl), ed448_key, kMeasured),
    refuse(on(boringssl), key_malformed, kMeasured),
    refuse(on(boringssl), key_unknown, kMeasured),
    of_a_ca(refuse(on(boringssl), ku_without_cert_sign, kMeasured)),
    of_a_ca(refuse(on(boringssl), not_self_issued, kMeasured)),
    of_a_ca(refuse(on(boringssl), aki_other_key, kMeasured)),
    of_a_ca(refuse(on(boringssl), aki_other_issuer, kMeasured)),
    of_a_server(refuse(on(boringssl), not_ca, kMeasured)),
    of_a_server(refuse(on(boringssl), bc_missing, kMeasured)),
    // Mbed TLS, in pods.
    of_a_ca(refuse(on(mbedtls), bc_missing, kMeasured)),
    of_a_ca(refuse(on(mbedtls), bc_and_cert_sign_missing, kMeasured)),
    of_a_ca(refuse(on(mbedtls), not_ca, kMeasured)),
    of_a_ca(refuse(on(mbedtls), ku_without_cert_sign, kMeasured)),
    refuse(on(mbedtls), known_extension_twice, kMeasured),
    refuse(on(mbedtls), bc_malformed, kMeasured),
    refuse(on(mbedtls), bc_longer, kMeasured),
    refuse(on(mbedtls), ku_malformed, kMeasured),
    refuse(on(mbedtls), ku_trailing, kMeasured),
    refuse(on(mbedtls), eku_malformed, kMeasured),
    refuse(on(mbedtls), eku_trailing, kMeasured),
    refuse(on(mbedtls), bc_trailing, kMeasured),
    refuse(on(mbedtls), ku_empty, kMeasured),
    refuse(on(mbedtls), eku_empty, kMeasured),
    refuse(on(mbedtls), path_length_negative, kMeasured),
    refuse(on(mbedtls), path_length_huge, kMeasured),
    refuse(on(mbedtls), names_constrained, kMeasured),
    refuse(on(mbedtls), critical_unknown, kMeasured),
    refuse(on(mbedtls), crldp_critical, kMeasured),
    refuse(on(mbedtls), access_critical, kMeasured),
    refuse(on(mbedtls), ian_critical, kMeasured),
    refuse(on(mbedtls), netscape_critical, kMeasured),
    refuse(on(mbedtls), policy_constraints, kMeasured),
    refuse(on(mbedtls), policy_mapping, kMeasured),
    refuse(on(mbedtls), inhibit_any_critical, kMeasured),
    refuse(on(mbedtls), proxy_critical, kMeasured),
    refuse(on(mbedtls), addresses_critical, kMeasured),
    refuse(on(mbedtls), rare_critical, kMeasured),
    refuse(on(mbedtls), ski_critical, kMeasured),
    refuse(on(mbedtls), aki_critical, kMeasured),
    refuse(on(mbedtls), ski_malformed, kMeasured),
    refuse(on(mbedtls), ski_trailing, kMeasured),
    refuse(on(mbedtls), aki_malformed, kMeasured),
    refuse(on(mbedtls), aki_rest_malformed, kMeasured),
    refuse(on(mbedtls), san_malformed, kMeasured),
    refuse(on(mbedtls), san_trailing, kMeasured),
    refuse(on(mbedtls), san_name_malformed, kMeasured),
    refuse(on(mbedtls), san_ip_address, kMeasured),
    refuse(on(mbedtls), policies_malformed, kMeasured),
    refuse(on(mbedtls), policies_none, kMeasured),
    refuse(on(mbedtls), issuer_empty, kMeasured),
    refuse(on(mbedtls), extensions_before_v3, kMeasured),
    refuse(on(mbedtls), version_unknown, kMeasured),
    refuse(on(mbedtls), unique_ids, kMeasured),
    refuse(on(mbedtls), signatures_differ, kMeasured),
    refuse(on(mbedtls), time_fraction, kMeasured),
    refuse(on(mbedtls), time_offset, kMeasured),
    refuse(on(mbedtls), time_offset_zero, kMeasured),
    refuse(on(mbedtls), time_without_seconds, kMeasured),
    refuse(on(mbedtls), time_impossible, kMeasured),
    refuse(on(mbedtls), time_malformed, kMeasured),
    refuse(on(mbedtls), rsa_under_2048, kMeasured),
    refuse(on(mbedtls), rsa_pss_key, kMeasured),
    refuse(on(mbedtls), rsa_over_8192, kMeasured),
    refuse(on(mbedtls), ec_p224, kMeasured),
    refuse(on(mbedtls), ec_small, kMeasured),
    refuse(on(mbedtls), ec_secp256k1, kMeasured),
    refuse(on(mbedtls), ec_other_curve, kMeasured),
    refuse(on(mbedtls), ec_explicit, kMeasured),
    refuse(on(mbedtls), ec_hybrid, kMeasured),
    refuse(on(mbedtls), ec_compressed, kMeasured),
    refuse(on(mbedtls), key_malformed, kMeasured),
    refuse(on(mbedtls), key_unknown, kMeasured),
    refuse(on(mbedtls), ed25519_key, kMbedKeys),
    refuse(on(mbedtls), ed448_key, kMbedKeys),
    refuse(on(mbedtls), dsa_key, kMbedKeys),
    refuse(on(mbedtls), ml_dsa_key, kMbedKeys),
    // wolfSSL, in pods.
    of_a_ca(refuse(on(wolfssl), ski_missing, kMeasured)),
    of_a_ca(from("wolfSSL 5.7", refuse(on(wolfssl), bc_missing, kMeasured))),
    of_a_ca(from("wolfSSL 5.7", refuse(on(wolfssl), not_ca, kMeasured))),
    before("wolfSSL 5.7", refuse(on(wolfssl), serial_zero, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), bc_trailing, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), policies_none, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), set_of_several, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), set_unordered, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), empty_value, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), numeric_value, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), other_string, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), utf8_string, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), unique_ids, kMeasured)),
    before("wolfSSL 5.7", refuse(on(wolfssl), time_without_seconds, kMeasured)),
    refuse(on(wolfssl), ku_empty, kMeasured),
    refuse(on(wolfssl), ku_malformed, kMeasured),
    refuse(on(wolfssl), ku_trailing, kMeasured),
    refuse(on(wolfssl), serial_very_long, kMeasured),
    refuse(on(wolfssl), many_extensions, kMeasured),
    refuse(on(wolfssl), known_extension_twice, kMeasured),
    refuse(on(wolfssl), bc_malformed, kMeasured),
    refuse(on(wolfssl), bc_longer, kMeasured),
    refuse(on(wolfssl), path_length_huge, kMeasured),
    refuse(on(wolfssl), path_length_negative, kMeasured),
    refuse(on(wolfssl), critical_unknown, kMeasured),
    refuse(on(wolfssl), crldp_critical, kMeasured),
    refuse(on(wolfssl), access_critical, kMeasured),
    refuse(on(wolfssl), ian_critical, kMeasured),
    refuse(on(wolfssl), netscape_critical, kMeasured),
    refuse(on(wolfssl), policy_constraints, kMeasured),
    refuse(on(wolfssl), policy_mapping, kMeasured),
    refuse(on(wolfssl), inhibit_any_critical, kMeasured),
    refuse(on(wolfssl), proxy_critical, kMeasured),
    refuse(on(wolfssl), addresses_critical, kMeasured),
    refuse(on(wolfssl), rare_critical, kMeasured),
    refuse(on(wolfssl), ski_critical, kMeasured),
    refuse(on(wolfssl), aki_critical, kMeasured),
    refuse(on(wolfssl), ski_malformed, kMeasured),
    refuse(on(wolfssl), ski_trailing, kMeasured),
    refuse(on(wolfssl), aki_malformed, kMeasured),
    refuse(on(wolfssl), aki_rest_malformed, kMeasured),
    refuse(on(wolfssl), san_malformed, kMeasured),
    refuse(on(wolfssl), san_trailing, kMeasured),
    refuse(on(wolfssl), san_name_malformed, kMeasured),
    refuse(on(wolfssl), san_none, kMeasured),
    refuse(on(wolfssl), san_ip_address, kMeasured),
    refuse(on(wolfssl), crldp_malformed, kMeasured),
    refuse(on(wolfssl), crldp_none, kMeasured),
    refuse(on(wolfssl), aia_malformed, kMeasured),
    refuse(on(wolfssl), policies_malformed, kMeasured),
    refuse(on(wolfssl), extensions_before_v3, kMeasured),
    refuse(on(wolfssl), nc_malformed, kMeasured),
    refuse(on(wolfssl), nc_other_form, kMeasured),
    refuse(on(wolfssl), eku_malformed, kMeasured),
    refuse(on(wolfssl), eku_trailing, kMeasured),
    from("wolfSSL 5.7", refuse(on(wolfssl), signature_parameters, kMeasured)),
    from("wolfSSL 5.7", refuse(on(wolfssl), signatures_differ, kMeasured)),
    refuse(on(wolfssl), rsa_over_4096, kMeasured),
    refuse(on(wolfssl), ec_small, kMeasured),
    refuse(on(wolfssl), ec_explicit, kMeasured),
    refuse(on(wolfssl), ec_hybrid, kMeasured),
    refuse(on(wolfssl), dsa_key, kMeasured),
    refuse(on(wolfssl), ml_dsa_key, kMeasured),
    refuse(on(wolfssl), key_malformed, kMeasured),
    refuse(on(wolfssl), key_unknown, kMeasured),
    // rustls, in pods.
    refuse(on(rustls), known_extension_twice, kMeasured),
    refuse(on(rustls), version_spelled_out, kMeasured),
    refuse(on(rustls), bc_trailing, kMeasured),
    refuse(on(rustls), bc_malformed, kMeasured),
    refuse(on(rustls), bc_longer, kMeasured),
    refuse(on(rustls), eku_malformed, kMeasured),
    refuse(on(rustls), eku_trailing, kMeasured),
    refuse(on(rustls), critical_unknown, kMeasured),
    refuse(on(rustls), crldp_critical, kMeasured),
    refuse(on(rustls), access_critical, kMeasured),
    refuse(on(rustls), ian_critical, kMeasured),
    refuse(on(rustls), netscape_critical, kMeasured),
    refuse(on(rustls), policies_critical, kMeasured),
    refuse(on(rustls), policy_constraints, kMeasured),
    refuse(on(rustls), policy_mapping, kMeasured),
    refuse(on(rustls), inhibit_any_critical, kMeasured),
    refuse(on(rustls), proxy_critical, kMeasured),
    refuse(on(rustls), addresses_critical, kMeasured),
    refuse(on(rustls), rare_critical, kMeasured),
    refuse(on(rustls), ski_critical, kMeasured),
    refuse(on(rustls), aki_critical, kMeasured),
    refuse(on(rustls), crldp_malformed, kMeasured),
    refuse(on(rustls), extensions_before_v3, kMeasured),
    refuse(on(rustls), version_unknown, kMeasured),
    refuse(on(rustls), unique_ids, kMeasured),
    refuse(on(rustls), signatures_differ, kMeasured),
    refuse(on(rustls), huge, kMeasured),
    refuse(on(rustls), nc_malformed, kMeasured),
    of_a_ca(refuse(on(rustls), nc_other_form, kMeasured)),
    refuse(on(rustls), rsa_without_null, kMeasured),
    refuse(on(rustls), rsa_under_2041, kMeasured),
    refuse(on(rustls), rsa_exponent_over_33_bits, kMeasured),
    refuse(on(rustls), rsa_pss_key, kMeasured),
    refuse(on(rustls), rsa_over_8192, kMeasured),
    refuse(on(rustls), ec_p224, kMeasured),
    refuse(on(rustls), ec_p521, kMeasured),
    refuse(on(rustls), ec_small, kMeasured),
    refuse(on(rustls), ec_secp256k1, kMeasured),
    refuse(on(rustls), ec_brainpool, kMeasured),
    refuse(on(rustls), ec_other_curve, kMeasured),
    // p11-kit extracts what is a CA by basicConstraints, or is of version 1 and signed by itself, and by its
    // extended key usage for servers.
    refuse(on(p11_kit), bc_missing, kP11Kit),
    refuse(on(p11_kit), bc_and_cert_sign_missing, kP11Kit),
    refuse(on(p11_kit), bc_of_issued_missing, kP11Kit),
    refuse(on(p11_kit), bc_malformed, kP11Kit),
    refuse(on(p11_kit), bc_trailing, kP11Kit),
    refuse(on(p11_kit), bc_longer, kP11Kit),
    refuse(on(p11_kit), not_ca, kP11Kit),
    refuse(on(p11_kit), eku_without_server, kP11Kit),
    refuse(on(p11_kit), eku_empty, kP11Kit),
    refuse(on(p11_kit), eku_malformed, kP11Kit),
    refuse(on(p11_kit), eku_trailing, kP11Kit),
    refuse(on(rustls), ec_explicit, kMeasured),
    refuse(on(rustls), ec_hybrid, kMeasured),
    refuse(on(rustls), ec_compressed, kMeasured),
    refuse(on(rustls), ed448_key, kMeasured),
    refuse(on(rustls), dsa_key, kMeasured),
    refuse(on(rustls), ml_dsa_key, kMeasured),
    refuse(on(rustls), key_malformed, kMeasured),
    refuse(on(rustls), key_unknown, kMeasured),
});

struct ClientWords {
  Client client;
  std::string_view name;
  std::string_view words;
};

constexpr auto kClientWords = std::to_array<ClientWords>({
    {.client = openssl, .name = "openssl", .words = "OpenSSL (Python, Ruby, nginx)"},
    {.client = openssl_strict, .name = "openssl_strict", .words = "Python 3.13 and later"},
    {.client = go, .name = "go", .words = "Go (containerd and kubelet would not see it)"},
    {.client = gnutls, .name = "gnutls", .words = "GnuTLS (apt, wget, git)"},
    {.client = java, .name = "java", .words = "Java"},
    {.client = p11_kit, .name = "p11_kit", .words = "p11-kit (it makes all views of the store here)"},
    {.client = boringssl, .name = "boringssl", .words = "BoringSSL (Envoy, Cilium)"},
    {.client = mbedtls, .name = "mbedtls", .words = "Mbed TLS"},
    {.client = wolfssl, .name = "wolfssl", .words = "wolfSSL"},
    {.client = rustls, .name = "rustls", .words = "rustls"},
    {.client = python_cryptography, .name = "python_cryptography", .words = "Python's cryptography"},
});
static_assert(kClientWords.size() == kClients);

// Go reads no extensions before version 3 (crypto/x509/parser.go), and whatever stands in them is no matter.
bool reads(Client client, Trait trait, const Profile& profile) {
  const bool of_extensions = (trait >= bc_missing && trait <= rare_critical) || trait == odd_boolean ||
                             trait == extension_twice || trait == known_extension_twice;
  return client != go || profile.version >= 3 || !of_extensions;
}

// Whether `rule` tells more of a client than `known` does.
bool is_worse(const ClientRule& rule, const ClientVerdict& known) {
  if (rule.effect != known.effect) return rule.effect == breaks;
  return !known.always && rule.from.empty() && rule.fixed_in.empty();
}

ClientVerdict verdict_of(Client client, const ClientRule& rule) {
  std::string reason(words_of(rule.trait));
  if (!rule.from.empty()) reason += concat(" (from ", rule.from, " on)");
  if (!rule.fixed_in.empty()) reason += concat(" (before ", rule.fixed_in, ")");
  return {.client = client,
          .effect = rule.effect,
          .trait = rule.trait,
          .always = rule.from.empty() && rule.fixed_in.empty(),
          .reason = std::move(reason)};
}

}  // namespace

std::string_view name_of(Client client) {
  return kClientWords[static_cast<std::size_t>(client)].name;
}

std::string_view words_of(Client client) {
  return kClientWords[static_cast<std::size_t>(client)].words;
}

bool is_in_pods(Client client) {
  return client >= boringssl;
}

std::span<const ClientRule> client_rules() {
  return kRules;
}

std::vector<ClientVerdict> client_verdicts(const Profile& profile, Use use) {
  std::array<std::optional<ClientVerdict>, kClients> worst;
  for (const auto& rule : kRules) {
    if (!profile.has(rule.trait) || !rule.is_about(use)) continue;
    for (std::size_t i = 0; i < kClients; ++i) {
      const auto client = static_cast<Client>(i);
      auto& verdict = worst.at(i);
      if (rule.concerns(client) && reads(client, rule.trait, profile) &&
          (!verdict || is_worse(rule, *verdict)))
        verdict = verdict_of(client, rule);
    }
  }
  std::vector<ClientVerdict> verdicts;
  for (auto& verdict : worst)
    if (verdict) verdicts.push_back(*std::move(verdict));
  return verdicts;
}

std::vector<ClientVerdict> broken_clients(const Profile& profile) {
  static const Traits breaking = [] {
    Traits traits;
    for (const auto& rule : kRules)
      if (rule.effect == breaks) traits.set(static_cast<std::size_t>(rule.trait));
    return traits;
  }();
  std::vector<ClientVerdict> broken;
  if ((profile.traits & breaking).none()) return broken;
  for (auto& verdict : client_verdicts(profile, Use::issues))
    if (verdict.effect == breaks) broken.push_back(std::move(verdict));
  return broken;
}

bool refuses(Client client, const Profile& profile) {
  const auto use = use_of(profile);
  return std::ranges::any_of(kRules, [&](const ClientRule& rule) {
    return rule.is_about(use) && rule.concerns(client) && profile.has(rule.trait) &&
           reads(client, rule.trait, profile);
  });
}

std::uint16_t refusing_clients(const Profile& profile) {
  std::uint16_t clients = 0;
  for (const auto& rule : kRules) {
    if (!rule.issues || rule.trait == not_self_issued || !profile.has(rule.trait)) continue;
    for (std::size_t i = 0; i < kClients; ++i)
      if (const auto client = static_cast<Client>(i);
          rule.concerns(client) && reads(client, rule.trait, profile))
        clients |= on(client);
  }
  return clients;
}

Use use_of(const Profile& profile) {
  if (!profile.self_issued || !profile.names_a_server) return Use::issues;
  return profile.ca && is_usable(client_verdicts(profile, Use::issues)) ? Use::issues : Use::serves;
}

bool is_usable(std::span<const ClientVerdict> verdicts) {
  return std::ranges::any_of(std::array{openssl, go, gnutls, java}, [&](Client client) {
    return std::ranges::none_of(
        verdicts, [&](const ClientVerdict& verdict) { return verdict.client == client && verdict.always; });
  });
}

std::string words_of(std::span<const ClientVerdict> verdicts) {
  std::string text;
  for (const bool pods : {false, true}) {
    std::string_view joint = pods ? "; in pods, " : "; ";
    std::vector<std::string_view> told;
    for (const auto& first : verdicts) {
      if (is_in_pods(first.client) != pods || std::ranges::find(told, first.reason) != told.end()) continue;
      told.push_back(first.reason);
      std::string clients;
      for (const auto& verdict : verdicts)
        if (is_in_pods(verdict.client) == pods && verdict.reason == first.reason)
          clients += concat(clients.empty() ? "" : ", ", words_of(verdict.client));
      text += concat(text.empty() ? (pods ? "in pods, " : "") : joint, clients, ": ", first.reason);
      joint = "; ";
    }
  }
  return text;
}

}  // namespace nct
