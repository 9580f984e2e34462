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

// Sources. "Measured": the client itself was asked, by the kinds in tests/clients/kinds.
constexpr std::string_view kMeasured = "measured";
constexpr std::string_view kDer = "X.690, 10; all but OpenSSL read DER alone";
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
constexpr std::string_view kGnutlsSanity = "GnuTLS lib/x509/x509.c, _gnutls_check_cert_sanity()";
constexpr std::string_view kGnutlsTime = "GnuTLS lib/x509/time.c";
constexpr std::string_view kGnutlsVerify = "GnuTLS lib/x509/verify.c";
constexpr std::string_view kGnutlsKey = "GnuTLS lib/x509/key_decode.c";
constexpr std::string_view kBoring = "BoringSSL crypto/x509/x_x509.cc, x509_parse()";
constexpr std::string_view kJep497 = "JEP 497";
constexpr std::string_view kMbedKeys = "Mbed TLS library/oid.c";

constexpr auto kRules = std::to_array<ClientRule>({
    // What no client may be given.
    {on(boringssl, gnutls), malformed, breaks, kDer},
    {on(openssl, openssl_strict, go, java, mbedtls, wolfssl, rustls, python_cryptography), malformed, refuses,
     kDer},
    {on(openssl, openssl_strict), utf8_string, breaks, kOpensslNames},
    {on(openssl, openssl_strict), bmp_string, breaks, kOpensslNames},
    {on(boringssl), utf8_string, breaks, kMeasured},
    {on(boringssl), bmp_string, breaks, kMeasured},
    // What GnuTLS does not load, and then loads nothing.
    {on(gnutls), extension_twice, breaks, kGnutlsImport},
    {on(gnutls), san_empty_name, breaks, kGnutlsImport},
    {on(gnutls), san_edi_or_x400, breaks, kGnutlsImport},
    {on(gnutls), san_malformed, breaks, kGnutlsImport},
    {on(gnutls), ian_empty_name, breaks, kGnutlsImport},
    {on(gnutls), ian_edi_or_x400, breaks, kGnutlsImport},
    {on(gnutls), ian_malformed, breaks, kGnutlsImport},
    {on(gnutls), signatures_differ, breaks, kGnutlsSanity},
    {on(gnutls), extensions_before_v3, breaks, kGnutlsSanity},
    {on(gnutls), unique_ids_before_v2, breaks, kGnutlsSanity},
    {on(gnutls), time_fraction, breaks, kGnutlsTime},
    {on(gnutls), time_offset, breaks, kGnutlsTime},
    {on(gnutls), time_without_zone, breaks, kGnutlsTime},
    {on(gnutls), time_impossible, breaks, kGnutlsTime},
    {on(gnutls), time_malformed, breaks, kGnutlsTime},
    // What later versions of OpenSSL do not load.
    {on(openssl, openssl_strict), time_without_seconds, breaks, kMeasured, "OpenSSL 3.5"},
    {on(openssl, openssl_strict), time_without_zone, breaks, kMeasured, "OpenSSL 3.5"},
    // BoringSSL.
    {on(boringssl), extensions_before_v3, breaks, kBoring},
    {on(boringssl), unique_ids_before_v2, breaks, kBoring},
    {on(boringssl), version_unknown, breaks, kBoring},
    {on(boringssl), time_fraction, breaks, kBoring},
    {on(boringssl), time_without_seconds, breaks, kBoring},
    {on(boringssl), time_without_zone, breaks, kBoring},
    {on(boringssl), time_impossible, breaks, kBoring},
    {on(boringssl), time_malformed, breaks, kBoring},
    // How OpenSSL reads extensions, and what it asks of a CA.
    {on(openssl, openssl_strict), bc_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), ku_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), eku_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), nc_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), ski_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), aki_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), san_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), crldp_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), crldp_odd_name, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), other_malformed, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), ku_empty, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), path_length_negative, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), known_extension_twice, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), critical_unknown, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), malformed_critical, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), access_critical, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), ian_critical, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), ski_critical, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), aki_critical, refuses, kOpensslCritical},
    {on(openssl, openssl_strict), proxy_or_addresses, refuses, kOpensslExtensions},
    {on(openssl, openssl_strict), bc_and_cert_sign_missing, refuses, kOpensslCa, "", "", true, false},
    {on(openssl, openssl_strict), not_ca, refuses, kOpensslCa, "", "", true, false},
    {on(openssl, openssl_strict), ku_without_cert_sign, refuses, kOpensslCa, "", "", true, false},
    {on(openssl, openssl_strict), eku_without_server, refuses, kOpensslPurpose},
    {on(openssl, openssl_strict), eku_any_alone, refuses, kOpensslPurpose},
    {on(openssl, openssl_strict), eku_empty, refuses, kOpensslPurpose},
    {on(openssl, openssl_strict), nc_distances, refuses, kOpensslNames2, "", "", true, false},
    {on(openssl), aki_other_key, refuses, kOpensslSelf, "", "", true, false},
    {on(openssl), aki_other_issuer, refuses, kOpensslSelf, "", "", true, false},
    {on(openssl), signature_of_other_key, refuses, kOpensslSelf, "", "", true, false},
    {on(openssl), not_self_issued, refuses, kOpensslSelf, "", "", true, false},
    {on(openssl, openssl_strict), ec_explicit, refuses, kOpensslCurve},
    {on(openssl, openssl_strict), key_malformed, refuses, kOpensslKey},
    {on(openssl, openssl_strict), key_unknown, refuses, kOpensslKey},
    {on(openssl, openssl_strict), rsa_over_16384, refuses, kOpensslKey},
    {on(openssl, openssl_strict), ec_small, refuses, kOpensslLevel},
    {on(openssl, openssl_strict), rsa_under_2041, refuses, kOpensslLevel},
    {on(openssl, openssl_strict), ml_dsa_key, refuses, kOpensslMlDsa, "", "OpenSSL 3.5"},
    {on(openssl, openssl_strict), time_fraction, refuses, kOpensslTime},
    {on(openssl, openssl_strict), time_offset, refuses, kOpensslTime},
    {on(openssl, openssl_strict), time_impossible, refuses, kOpensslTime},
    {on(openssl, openssl_strict), time_malformed, refuses, kOpensslTime},
    {on(openssl, openssl_strict), time_without_seconds, refuses, kOpensslTime},
    {on(openssl, openssl_strict), time_without_zone, refuses, kOpensslTime},
    // What RFC 5280 asks besides, and X509_V_FLAG_X509_STRICT with it.
    {on(openssl_strict), bc_not_critical, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), ku_missing, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), ski_missing, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), version_1, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), bc_missing, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), subject_empty, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), issuer_empty, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), signatures_differ, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), path_length_without_cert_sign, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), extensions_before_v3, refuses, kStrict, "", "", true, false},
    {on(openssl_strict), san_none, refuses, kStrict},
    {on(openssl_strict), ski_empty, refuses, kStrict, "", "", true, false},
    // What Go does not parse.
    {on(go), odd_boolean, refuses, kGoParser},
    {on(go), nc_name, refuses, kGoParser},
    {on(go), nc_empty, refuses, kGoParser},
    {on(go), nc_ip_address, refuses, kGoParser},
    {on(go), nc_malformed, refuses, kGoParser},
    {on(go), extension_twice, refuses, kGoParser},
    {on(go), bc_malformed, refuses, kGoParser},
    {on(go), ku_malformed, refuses, kGoParser},
    {on(go), eku_malformed, refuses, kGoParser},
    {on(go), ski_malformed, refuses, kGoParser},
    {on(go), aki_malformed, refuses, kGoParser},
    {on(go), san_malformed, refuses, kGoParser},
    {on(go), crldp_malformed, refuses, kGoParser},
    {on(go), crldp_odd_name, refuses, kGoParser},
    {on(go), aia_malformed, refuses, kGoParser},
    {on(go), policies_malformed, refuses, kGoParser},
    {on(go), san_ip_address, refuses, kGoParser},
    {on(go), san_uri, refuses, kGoParser},
    {on(go), san_8bit, refuses, kGoParser},
    {on(go), version_unknown, refuses, kGoParser},
    {on(go), time_fraction, refuses, kGoParser},
    {on(go), time_offset, refuses, kGoParser},
    {on(go), time_without_zone, refuses, kGoParser},
    {on(go), time_impossible, refuses, kGoParser},
    {on(go), time_malformed, refuses, kGoParser},
    {on(go), printable_string, refuses, kGoNames},
    {on(go), ia5_string, refuses, kGoNames},
    {on(go), numeric_string, refuses, kGoNames},
    {on(go), utf8_string, refuses, kGoNames},
    {on(go), bmp_string, refuses, kGoNames},
    {on(go), universal_string, refuses, kGoNames},
    {on(go), other_string, refuses, kGoNames},
    {on(go), oid_huge, refuses, kGoNames},
    {on(go), ec_secp256k1, refuses, kGoKey},
    {on(go), ec_brainpool, refuses, kGoKey},
    {on(go), ec_other_curve, refuses, kGoKey},
    {on(go), ec_small, refuses, kGoKey},
    {on(go), ec_compressed, refuses, kGoKey},
    {on(go), ec_explicit, refuses, kGoKey},
    {on(go), rsa_without_null, refuses, kGoKey},
    {on(go), key_malformed, refuses, kGoKey},
    {on(go), signatures_differ, refuses, kGoParser},
    {on(go), rsa_exponent_over_31_bits, refuses, kGoKey, "Go 1.20"},
    {on(go), serial_negative, refuses, kGoSerial, "Go 1.23"},
    {on(go), policies_twice, refuses, kGoParser, "Go 1.24"},
    {on(go), ski_critical, refuses, kGoParser, "Go 1.24"},
    {on(go), aki_critical, refuses, kGoParser, "Go 1.24"},
    {on(go), access_critical, refuses, kGoParser, "Go 1.24"},
    {on(go), path_length_negative, refuses, kGoParser, "Go 1.27"},
    {on(go), path_length_huge, refuses, kGoParser, "Go 1.27"},
    // What Go does not chain to.
    {on(go), bc_missing, refuses, kGoVerify, "", "", true, false},
    {on(go), not_ca, refuses, kGoVerify, "", "", true, false},
    {on(go), ku_without_cert_sign, refuses, kGoVerify, "", "", true, false},
    {on(go), constrained_with_names, refuses, kGoVerify, "", "", true, false},
    {on(go), malformed_critical, refuses, kGoVerify},
    {on(go), ku_padding, refuses, kGoParser},
    {on(go), eku_without_server, refuses, kGoVerify},
    {on(go), nc_other_form, refuses, kGoVerify},
    {on(go), critical_unknown, refuses, kGoVerify},
    {on(go), ian_critical, refuses, kGoVerify},
    {on(go), netscape_critical, refuses, kGoVerify},
    {on(go), proxy_critical, refuses, kGoVerify},
    {on(go), policy_constraints, refuses, kGoVerify},
    {on(go), policy_mapping, refuses, kGoVerify},
    {on(go), inhibit_any_critical, refuses, kGoVerify},
    {on(go), san_without_common, refuses, kGoVerify},
    {on(go), rsa_pss_key, refuses, kGoKeys},
    {on(go), ed448_key, refuses, kGoKeys},
    {on(go), dsa_key, refuses, kGoKeys},
    {on(go), key_unknown, refuses, kGoKeys},
    {on(go), ml_dsa_key, refuses, kMeasured, "", "Go 1.27"},
    // What GnuTLS does not chain to.
    {on(gnutls), path_length_huge, refuses, kGnutlsVerify},
    {on(gnutls), bc_trailing, refuses, kGnutlsVerify},
    {on(gnutls), bc_malformed, refuses, kGnutlsVerify},
    {on(gnutls), ku_empty, refuses, kGnutlsVerify},
    {on(gnutls), ku_malformed, refuses, kGnutlsVerify},
    {on(gnutls), nc_malformed, refuses, kGnutlsVerify},
    {on(gnutls), critical_unknown, refuses, kGnutlsVerify},
    {on(gnutls), policy_constraints, refuses, kGnutlsVerify},
    {on(gnutls), policy_mapping, refuses, kGnutlsVerify},
    {on(gnutls), netscape_critical, refuses, kGnutlsVerify},
    {on(gnutls), malformed_critical, refuses, kGnutlsVerify},
    {on(gnutls), ku_long, refuses, kGnutlsVerify},
    {on(gnutls), nc_unusual_form, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), bc_missing_and_aki_other, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), nc_ip_address, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), not_ca, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), ku_without_cert_sign, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), bc_of_issued_missing, refuses, kGnutlsVerify, "", "", true, false},
    {on(gnutls), path_length_negative, refuses, kMeasured, "GnuTLS 3.8"},
    {on(gnutls), ec_secp256k1, refuses, kGnutlsKey},
    {on(gnutls), ec_brainpool, refuses, kGnutlsKey},
    {on(gnutls), ec_other_curve, refuses, kGnutlsKey},
    {on(gnutls), ec_explicit, refuses, kGnutlsKey},
    {on(gnutls), ec_compressed, refuses, kGnutlsKey},
    {on(gnutls), key_malformed, refuses, kGnutlsKey},
    {on(gnutls), key_unknown, refuses, kGnutlsKey},
    {on(gnutls), ml_dsa_key, refuses, kGnutlsKey},
    // Java.
    {on(java), extension_twice, refuses, kMeasured},
    {on(java), bc_trailing, refuses, kMeasured},
    {on(java), extensions_before_v3, refuses, kMeasured},
    {on(java), unique_ids_before_v2, refuses, kMeasured},
    {on(java), path_length_huge, refuses, kMeasured},
    {on(java), version_unknown, refuses, kMeasured},
    {on(java), issuer_empty, refuses, kMeasured},
    {on(java), subject_empty, refuses, kMeasured},
    {on(java), time_without_zone, refuses, kMeasured},
    {on(java), time_impossible, refuses, kMeasured},
    {on(java), time_malformed, refuses, kMeasured},
    {on(java), malformed_critical, refuses, kMeasured},
    {on(java), ec_explicit, refuses, kMeasured},
    {on(java), ec_compressed, refuses, kMeasured},
    {on(java), key_malformed, refuses, kMeasured},
    {on(java), bc_missing, refuses, kMeasured, "", "", true, false},
    {on(java), bc_and_cert_sign_missing, refuses, kMeasured, "", "", true, false},
    {on(java), not_ca, refuses, kMeasured, "", "", true, false},
    {on(java), ku_without_cert_sign, refuses, kMeasured, "", "", true, false},
    {on(java), ku_empty, refuses, kMeasured},
    {on(java), path_length_negative, refuses, kMeasured},
    {on(java), ec_p224, refuses, kMeasured},
    {on(java), ec_small, refuses, kMeasured},
    {on(java), ec_secp256k1, refuses, kMeasured},
    {on(java), ec_brainpool, refuses, kMeasured},
    {on(java), ec_other_curve, refuses, kMeasured},
    {on(java), key_unknown, refuses, kMeasured},
    {on(java), ml_dsa_key, refuses, kJep497, "", "Java 24"},
    // BoringSSL, in pods.
    {on(boringssl), time_offset, refuses, kMeasured},
    {on(boringssl), bc_malformed, refuses, kMeasured},
    {on(boringssl), ku_malformed, refuses, kMeasured},
    {on(boringssl), eku_malformed, refuses, kMeasured},
    {on(boringssl), nc_malformed, refuses, kMeasured},
    {on(boringssl), ski_malformed, refuses, kMeasured},
    {on(boringssl), aki_malformed, refuses, kMeasured},
    {on(boringssl), san_malformed, refuses, kMeasured},
    {on(boringssl), crldp_malformed, refuses, kMeasured},
    {on(boringssl), crldp_odd_name, refuses, kMeasured},
    {on(boringssl), bc_trailing, refuses, kMeasured},
    {on(boringssl), ku_empty, refuses, kMeasured},
    {on(boringssl), path_length_negative, refuses, kMeasured},
    {on(boringssl), known_extension_twice, refuses, kMeasured},
    {on(boringssl), nc_distances, refuses, kMeasured},
    {on(boringssl), rsa_without_null, refuses, kMeasured},
    {on(boringssl), rsa_exponent_over_33_bits, refuses, kMeasured},
    {on(boringssl), rsa_pss_key, refuses, kMeasured},
    {on(boringssl), rsa_over_16384, refuses, kMeasured},
    {on(boringssl), ec_small, refuses, kMeasured},
    {on(boringssl), ec_secp256k1, refuses, kMeasured},
    {on(boringssl), ec_brainpool, refuses, kMeasured},
    {on(boringssl), ec_other_curve, refuses, kMeasured},
    {on(boringssl), ec_explicit, refuses, kMeasured},
    {on(boringssl), dsa_key, refuses, kMeasured},
    {on(boringssl), ed448_key, refuses, kMeasured},
    {on(boringssl), key_malformed, refuses, kMeasured},
    {on(boringssl), key_unknown, refuses, kMeasured},
    {on(boringssl), ku_without_cert_sign, refuses, kMeasured, "", "", true, false},
    {on(boringssl), not_self_issued, refuses, kMeasured, "", "", true, false},
    {on(boringssl), aki_other_key, refuses, kMeasured, "", "", true, false},
    {on(boringssl), aki_other_issuer, refuses, kMeasured, "", "", true, false},
    {on(boringssl), not_ca, refuses, kMeasured, "", "", false, true},
    {on(boringssl), bc_missing, refuses, kMeasured, "", "", false, true},
    // Mbed TLS, in pods.
    {on(mbedtls), bc_missing, refuses, kMeasured, "", "", true, false},
    {on(mbedtls), bc_and_cert_sign_missing, refuses, kMeasured, "", "", true, false},
    {on(mbedtls), not_ca, refuses, kMeasured, "", "", true, false},
    {on(mbedtls), ku_without_cert_sign, refuses, kMeasured, "", "", true, false},
    {on(mbedtls), known_extension_twice, refuses, kMeasured},
    {on(mbedtls), bc_malformed, refuses, kMeasured},
    {on(mbedtls), ku_malformed, refuses, kMeasured},
    {on(mbedtls), eku_malformed, refuses, kMeasured},
    {on(mbedtls), bc_trailing, refuses, kMeasured},
    {on(mbedtls), ku_empty, refuses, kMeasured},
    {on(mbedtls), eku_empty, refuses, kMeasured},
    {on(mbedtls), path_length_negative, refuses, kMeasured},
    {on(mbedtls), path_length_huge, refuses, kMeasured},
    {on(mbedtls), names_constrained, refuses, kMeasured},
    {on(mbedtls), critical_unknown, refuses, kMeasured},
    {on(mbedtls), crldp_critical, refuses, kMeasured},
    {on(mbedtls), access_critical, refuses, kMeasured},
    {on(mbedtls), ian_critical, refuses, kMeasured},
    {on(mbedtls), netscape_critical, refuses, kMeasured},
    {on(mbedtls), policy_constraints, refuses, kMeasured},
    {on(mbedtls), policy_mapping, refuses, kMeasured},
    {on(mbedtls), inhibit_any_critical, refuses, kMeasured},
    {on(mbedtls), proxy_critical, refuses, kMeasured},
    {on(mbedtls), ski_critical, refuses, kMeasured},
    {on(mbedtls), aki_critical, refuses, kMeasured},
    {on(mbedtls), ski_malformed, refuses, kMeasured},
    {on(mbedtls), aki_malformed, refuses, kMeasured},
    {on(mbedtls), san_malformed, refuses, kMeasured},
    {on(mbedtls), san_ip_address, refuses, kMeasured},
    {on(mbedtls), policies_malformed, refuses, kMeasured},
    {on(mbedtls), policies_none, refuses, kMeasured},
    {on(mbedtls), issuer_empty, refuses, kMeasured},
    {on(mbedtls), extensions_before_v3, refuses, kMeasured},
    {on(mbedtls), version_unknown, refuses, kMeasured},
    {on(mbedtls), unique_ids, refuses, kMeasured},
    {on(mbedtls), signatures_differ, refuses, kMeasured},
    {on(mbedtls), time_fraction, refuses, kMeasured},
    {on(mbedtls), time_offset, refuses, kMeasured},
    {on(mbedtls), time_without_seconds, refuses, kMeasured},
    {on(mbedtls), time_impossible, refuses, kMeasured},
    {on(mbedtls), time_malformed, refuses, kMeasured},
    {on(mbedtls), rsa_under_2048, refuses, kMeasured},
    {on(mbedtls), rsa_pss_key, refuses, kMeasured},
    {on(mbedtls), rsa_over_8192, refuses, kMeasured},
    {on(mbedtls), ec_p224, refuses, kMeasured},
    {on(mbedtls), ec_small, refuses, kMeasured},
    {on(mbedtls), ec_secp256k1, refuses, kMeasured},
    {on(mbedtls), ec_other_curve, refuses, kMeasured},
    {on(mbedtls), ec_explicit, refuses, kMeasured},
    {on(mbedtls), ec_compressed, refuses, kMeasured},
    {on(mbedtls), key_malformed, refuses, kMeasured},
    {on(mbedtls), key_unknown, refuses, kMeasured},
    {on(mbedtls), ed25519_key, refuses, kMbedKeys},
    {on(mbedtls), ed448_key, refuses, kMbedKeys},
    {on(mbedtls), dsa_key, refuses, kMbedKeys},
    {on(mbedtls), ml_dsa_key, refuses, kMbedKeys},
    // wolfSSL, in pods.
    {on(wolfssl), ski_missing, refuses, kMeasured, "", "", true, false},
    {on(wolfssl), bc_missing, refuses, kMeasured, "wolfSSL 5.7", "", true, false},
    {on(wolfssl), not_ca, refuses, kMeasured, "wolfSSL 5.7", "", true, false},
    {on(wolfssl), serial_zero, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), bc_trailing, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), policies_none, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), set_of_several, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), set_unordered, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), empty_value, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), numeric_value, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), other_string, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), utf8_string, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), unique_ids, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), time_without_seconds, refuses, kMeasured, "", "wolfSSL 5.7"},
    {on(wolfssl), ku_empty, refuses, kMeasured},
    {on(wolfssl), ku_malformed, refuses, kMeasured},
    {on(wolfssl), serial_very_long, refuses, kMeasured},
    {on(wolfssl), many_extensions, refuses, kMeasured},
    {on(wolfssl), known_extension_twice, refuses, kMeasured},
    {on(wolfssl), bc_malformed, refuses, kMeasured},
    {on(wolfssl), path_length_huge, refuses, kMeasured},
    {on(wolfssl), path_length_negative, refuses, kMeasured},
    {on(wolfssl), critical_unknown, refuses, kMeasured},
    {on(wolfssl), crldp_critical, refuses, kMeasured},
    {on(wolfssl), access_critical, refuses, kMeasured},
    {on(wolfssl), ian_critical, refuses, kMeasured},
    {on(wolfssl), netscape_critical, refuses, kMeasured},
    {on(wolfssl), policy_constraints, refuses, kMeasured},
    {on(wolfssl), policy_mapping, refuses, kMeasured},
    {on(wolfssl), inhibit_any_critical, refuses, kMeasured},
    {on(wolfssl), proxy_critical, refuses, kMeasured},
    {on(wolfssl), ski_critical, refuses, kMeasured},
    {on(wolfssl), aki_critical, refuses, kMeasured},
    {on(wolfssl), ski_malformed, refuses, kMeasured},
    {on(wolfssl), aki_malformed, refuses, kMeasured},
    {on(wolfssl), san_malformed, refuses, kMeasured},
    {on(wolfssl), san_none, refuses, kMeasured},
    {on(wolfssl), san_ip_address, refuses, kMeasured},
    {on(wolfssl), crldp_malformed, refuses, kMeasured},
    {on(wolfssl), crldp_none, refuses, kMeasured},
    {on(wolfssl), aia_malformed, refuses, kMeasured},
    {on(wolfssl), policies_malformed, refuses, kMeasured},
    {on(wolfssl), extensions_before_v3, refuses, kMeasured},
    {on(wolfssl), nc_malformed, refuses, kMeasured},
    {on(wolfssl), nc_other_form, refuses, kMeasured},
    {on(wolfssl), eku_malformed, refuses, kMeasured},
    {on(wolfssl), signature_parameters, refuses, kMeasured, "wolfSSL 5.7"},
    {on(wolfssl), signatures_differ, refuses, kMeasured, "wolfSSL 5.7"},
    {on(wolfssl), rsa_over_4096, refuses, kMeasured},
    {on(wolfssl), ec_small, refuses, kMeasured},
    {on(wolfssl), ec_explicit, refuses, kMeasured},
    {on(wolfssl), dsa_key, refuses, kMeasured},
    {on(wolfssl), ml_dsa_key, refuses, kMeasured},
    {on(wolfssl), key_malformed, refuses, kMeasured},
    {on(wolfssl), key_unknown, refuses, kMeasured},
    // rustls, in pods.
    {on(rustls), known_extension_twice, refuses, kMeasured},
    {on(rustls), version_spelled_out, refuses, kMeasured},
    {on(rustls), bc_trailing, refuses, kMeasured},
    {on(rustls), bc_malformed, refuses, kMeasured},
    {on(rustls), eku_malformed, refuses, kMeasured},
    {on(rustls), critical_unknown, refuses, kMeasured},
    {on(rustls), crldp_critical, refuses, kMeasured},
    {on(rustls), access_critical, refuses, kMeasured},
    {on(rustls), ian_critical, refuses, kMeasured},
    {on(rustls), netscape_critical, refuses, kMeasured},
    {on(rustls), policies_critical, refuses, kMeasured},
    {on(rustls), policy_constraints, refuses, kMeasured},
    {on(rustls), policy_mapping, refuses, kMeasured},
    {on(rustls), inhibit_any_critical, refuses, kMeasured},
    {on(rustls), proxy_critical, refuses, kMeasured},
    {on(rustls), ski_critical, refuses, kMeasured},
    {on(rustls), aki_critical, refuses, kMeasured},
    {on(rustls), crldp_malformed, refuses, kMeasured},
    {on(rustls), extensions_before_v3, refuses, kMeasured},
    {on(rustls), version_unknown, refuses, kMeasured},
    {on(rustls), unique_ids, refuses, kMeasured},
    {on(rustls), signatures_differ, refuses, kMeasured},
    {on(rustls), huge, refuses, kMeasured},
    {on(rustls), nc_malformed, refuses, kMeasured},
    {on(rustls), nc_other_form, refuses, kMeasured, "", "", true, false},
    {on(rustls), rsa_without_null, refuses, kMeasured},
    {on(rustls), rsa_under_2041, refuses, kMeasured},
    {on(rustls), rsa_exponent_over_33_bits, refuses, kMeasured},
    {on(rustls), rsa_pss_key, refuses, kMeasured},
    {on(rustls), rsa_over_8192, refuses, kMeasured},
    {on(rustls), ec_p224, refuses, kMeasured},
    {on(rustls), ec_p521, refuses, kMeasured},
    {on(rustls), ec_small, refuses, kMeasured},
    {on(rustls), ec_secp256k1, refuses, kMeasured},
    {on(rustls), ec_brainpool, refuses, kMeasured},
    {on(rustls), ec_other_curve, refuses, kMeasured},
    {on(rustls), ec_explicit, refuses, kMeasured},
    {on(rustls), ec_compressed, refuses, kMeasured},
    {on(rustls), ed448_key, refuses, kMeasured},
    {on(rustls), dsa_key, refuses, kMeasured},
    {on(rustls), ml_dsa_key, refuses, kMeasured},
    {on(rustls), key_malformed, refuses, kMeasured},
    {on(rustls), key_unknown, refuses, kMeasured},
});

struct ClientWords {
  Client client;
  std::string_view name;
  std::string_view words;
};

constexpr auto kClientWords = std::to_array<ClientWords>({
    {openssl, "openssl", "OpenSSL (Python, Ruby, nginx)"},
    {openssl_strict, "openssl_strict", "Python 3.13 and later"},
    {go, "go", "Go (containerd and kubelet would not see it)"},
    {gnutls, "gnutls", "GnuTLS (apt, wget, git)"},
    {java, "java", "Java"},
    {boringssl, "boringssl", "BoringSSL (Envoy, Cilium)"},
    {mbedtls, "mbedtls", "Mbed TLS"},
    {wolfssl, "wolfssl", "wolfSSL"},
    {rustls, "rustls", "rustls"},
    {python_cryptography, "python_cryptography", "Python's cryptography"},
});
static_assert(kClientWords.size() == kClients);

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
    if (!profile.has(rule.trait) || !(use == Use::issues ? rule.issues : rule.serves)) continue;
    for (std::size_t i = 0; i < kClients; ++i) {
      const auto client = static_cast<Client>(i);
      auto& verdict = worst.at(i);
      if (rule.concerns(client) && (!verdict || is_worse(rule, *verdict))) verdict = verdict_of(client, rule);
    }
  }
  std::vector<ClientVerdict> verdicts;
  for (auto& verdict : worst)
    if (verdict) verdicts.push_back(*std::move(verdict));
  return verdicts;
}

bool refuses(Client client, const Profile& profile) {
  return std::ranges::any_of(kRules, [&](const ClientRule& rule) {
    return rule.issues && rule.concerns(client) && profile.has(rule.trait);
  });
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
