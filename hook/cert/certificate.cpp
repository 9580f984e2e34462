#include "cert/certificate.hpp"

#include <chrono>
#include <ctime>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cert/clients.hpp"
#include "cert/libcrypto.hpp"
#include "cert/profile.hpp"
#include "cert/sha256.hpp"
#include "cert/tls_chain.hpp"

namespace nct {

namespace {

std::string rfc2253(const X509_NAME* name) {
  const BioHandle out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

std::string serial_hex(const X509& certificate) {
  const Handle<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  if (!number) return {};
  char* text = BN_bn2hex(number.get());
  if (text == nullptr) return {};
  std::string hex(text);
  OPENSSL_free(text);
  for (char& c : hex)
    c = ascii_lower(c);
  return hex;
}

std::optional<std::int64_t> unix_seconds(const ASN1_TIME* asn1) {
  std::tm parts{};
  if (asn1 == nullptr || ASN1_TIME_to_tm(asn1, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  const sys_days day = year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon + 1)) /
                       std::chrono::day(static_cast<unsigned>(parts.tm_mday));
  const auto time = day + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
  return time.time_since_epoch().count();
}

std::string name_constraints_of(const X509& certificate) {
  const int at = X509_get_ext_by_NID(&certificate, NID_name_constraints, -1);
  if (at < 0) return {};
  const auto* data = X509_EXTENSION_get_data(X509_get_ext(&certificate, at));
  return sha256({reinterpret_cast<const char*>(ASN1_STRING_get0_data(data)),
                 static_cast<std::size_t>(ASN1_STRING_length(data))})
      .hex();
}

// Where there is one.
std::optional<std::int64_t> moment_within(std::int64_t not_before, std::int64_t not_after) {
  if (not_after < not_before) return std::nullopt;
  return not_before + (not_after - not_before) / 2;
}

Certificate::KeyKind key_kind(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return Certificate::KeyKind::rsa;
    case EVP_PKEY_EC:
      return Certificate::KeyKind::ec;
    case EVP_PKEY_DSA:
      return Certificate::KeyKind::dsa;
    default:
      return Certificate::KeyKind::other;
  }
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view der) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = cursor + der.size();
  const X509Handle x509(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (!x509) return fail(Errc::input, concat("not an X.509 certificate: ", drain_libcrypto_errors()));
  if (cursor != end)
    return fail(Errc::input, concat(std::to_string(end - cursor), " bytes stand behind the certificate"));

  Certificate certificate;
  certificate.der = der_of(*x509);
  if (certificate.der != der) return fail(Errc::input, "encoded as BER, which DER would spell otherwise");
  certificate.fingerprint = sha256(der);

  int hashed = 0;
  const X509_NAME* subject = X509_get_subject_name(x509.get());
  certificate.subject_hash =
      static_cast<std::uint32_t>(X509_NAME_hash_ex(subject, nullptr, nullptr, &hashed));
  if (hashed != 1) return fail(Errc::bug, concat("X509_NAME_hash_ex: ", drain_libcrypto_errors()));
  certificate.subject = rfc2253(subject);
  certificate.issuer = rfc2253(X509_get_issuer_name(x509.get()));
  certificate.serial = serial_hex(*x509);

  const auto not_before = unix_seconds(X509_get0_notBefore(x509.get()));
  const auto not_after = unix_seconds(X509_get0_notAfter(x509.get()));
  if (!not_before || !not_after) return fail(Errc::input, "its validity is not a time");
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;

  auto* key = X509_get0_pubkey(x509.get());
  if (key != nullptr) {
    certificate.key_kind = key_kind(key);
    certificate.key_bits = static_cast<unsigned>(EVP_PKEY_get_bits(key));
  }
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(x509.get());
  certificate.key = sha256({reinterpret_cast<const char*>(ASN1_STRING_get0_data(bits)),
                            static_cast<std::size_t>(ASN1_STRING_length(bits))});
  if (const auto* id = X509_get0_subject_key_id(x509.get()))
    certificate.key_id = hex_of({reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                                 static_cast<std::size_t>(ASN1_STRING_length(id))});
  certificate.name_constraints = name_constraints_of(*x509);
  certificate.path_length = X509_get_pathlen(x509.get());
  certificate.self_issued = X509_NAME_cmp(subject, X509_get_issuer_name(x509.get())) == 0;
  const auto profile = profile_of(der, certificate.self_issued);
  certificate.ca = profile.ca;
  certificate.refused_by = refusing_clients(profile);
  certificate.chain_failure = anchor_failure({.anchor = x509.get(),
                                              .use = use_of(profile),
                                              .self_issued = certificate.self_issued,
                                              .at = moment_within(*not_before, *not_after)});
  certificate.self_signed = certificate.self_issued && key != nullptr && X509_verify(x509.get(), key) == 1;
  ERR_clear_error();
  return certificate;
}

std::string canonical_pem(std::string_view der) {
  constexpr std::size_t kBytesPerLine = 48;  // 64 characters
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  while (!der.empty()) {
    const auto line = der.substr(0, kBytesPerLine);
    unsigned char encoded[65];
    const int length = EVP_EncodeBlock(encoded, reinterpret_cast<const unsigned char*>(line.data()),
                                       static_cast<int>(line.size()));
    pem.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(length));
    pem += '\n';
    der.remove_prefix(line.size());
  }
  return pem + "-----END CERTIFICATE-----\n";
}

std::optional<std::string> der_from_pem(std::string_view pem) {
  auto der = first_block(pem, PEM_STRING_X509);
  ERR_clear_error();
  return der;
}

std::string_view libcrypto_version() {
  return OpenSSL_version(OPENSSL_VERSION);
}

void isolate_libcrypto() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
}

}  // namespace nct
