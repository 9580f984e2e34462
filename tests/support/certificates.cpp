#include "support/certificates.hpp"

#include <array>
#include <cstddef>
#include <ctime>
#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

#include "base/handle.hpp"
#include "base/text.hpp"

namespace nct::test {
namespace {

using Bio = Handle<BIO, BIO_free_all>;
using Cert = Handle<X509, X509_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Name = Handle<X509_NAME, X509_NAME_free>;

constexpr std::int64_t kDay = 86400;

// What OpenSSL answered, or an exception: a pointer is good unless null, a number if positive.
template <class T>
T good(T answer, const char* call) {
  if (answer > T{}) return answer;
  ERR_clear_error();
  throw std::runtime_error(concat("certificate factory: ", call, " failed"));
}

const unsigned char* octets(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Key new_key(TestKey kind) {
  const auto ec = [](const char* curve) { return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve); };
  const auto rsa = [](std::size_t bits) { return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits); };
  EVP_PKEY* key = nullptr;
  switch (kind) {
    case TestKey::ec_p256:
      key = ec("P-256");
      break;
    case TestKey::ec_p224:
      key = ec("P-224");
      break;
    case TestKey::ec_p384:
      key = ec("P-384");
      break;
    case TestKey::rsa_1024:
      key = rsa(1024);
      break;
    case TestKey::rsa_2048:
      key = rsa(2048);
      break;
    case TestKey::ed25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  return Key(good(key, "EVP_PKEY_Q_keygen"));
}

Cert cert_of(const std::string& der) {
  const unsigned char* at = octets(der);
  return Cert(good(d2i_X509(nullptr, &at, static_cast<long>(der.size())), "d2i_X509"));
}

Key key_of(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(good(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), "PEM_read_bio_PrivateKey"));
}

template <class Write>
std::string written(Write write) {
  const Bio bio(good(BIO_new(BIO_s_mem()), "BIO_new"));
  good(write(bio.get()), "write");
  const char* data = nullptr;
  const long size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<std::size_t>(size)};
}

Name subject_for(const CaOptions& options) {
  if (!options.subject_like_der.empty())
    return Name(
        good(X509_NAME_dup(X509_get_subject_name(cert_of(options.subject_like_der).get())), "X509_NAME_dup"));
  Name name(good(X509_NAME_new(), "X509_NAME_new"));
  const auto add = [&name](const char* field, const std::string& value) {
    if (value.empty()) return;
    good(X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_UTF8, octets(value),
                                    static_cast<int>(value.size()), -1, 0),
         "X509_NAME_add_entry_by_txt");
  };
  add("O", options.organization);
  add("CN", options.common_name);
  return name;
}

void set_serial(X509* cert, bool negative) {
  std::array<unsigned char, 8> bytes{};
  good(RAND_bytes(bytes.data(), bytes.size()), "RAND_bytes");
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3FU) | 0x40U);  // one length, never zero
  const Handle<BIGNUM, BN_free> number(good(BN_bin2bn(bytes.data(), bytes.size(), nullptr), "BN_bin2bn"));
  BN_set_negative(number.get(), negative ? 1 : 0);
  good(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert)), "BN_to_ASN1_INTEGER");
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      good(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), "X509V3_EXT_conf_nid"));
  good(X509_add_ext(cert, extension.get(), -1), "X509_add_ext");
}

void add_unknown_extension(X509* cert, bool critical) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> name(good(OBJ_txt2obj("1.2.3.4.5", 1), "OBJ_txt2obj"));
  const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> null(
      good(ASN1_OCTET_STRING_new(), "ASN1_OCTET_STRING_new"));
  good(ASN1_OCTET_STRING_set(null.get(), octets(std::string("\5\0", 2)), 2), "ASN1_OCTET_STRING_set");
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      good(X509_EXTENSION_create_by_OBJ(nullptr, name.get(), critical ? 1 : 0, null.get()),
           "X509_EXTENSION_create_by_OBJ"));
  good(X509_add_ext(cert, extension.get(), -1), "X509_add_ext");
}

TestCa described(const X509* cert, const EVP_PKEY* key) {
  TestCa made;
  made.der = written([&](BIO* bio) { return i2d_X509_bio(bio, cert); });
  made.pem = written([&](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
  if (key != nullptr)
    made.key_pem = written(
        [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
  std::array<unsigned char, 32> digest{};
  good(EVP_Q_digest(nullptr, "SHA256", nullptr, made.der.data(), made.der.size(), digest.data(), nullptr),
       "EVP_Q_digest");
  made.fingerprint_hex = hex_of({reinterpret_cast<const char*>(digest.data()), digest.size()});
  int ok = 0;
  const unsigned long hash = X509_NAME_hash_ex(X509_get_subject_name(cert), nullptr, nullptr, &ok);
  good(ok, "X509_NAME_hash_ex");
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    const char octet = static_cast<char>(hash >> shift & 0xFFU);
    made.subject_hash_hex += hex_of({&octet, 1});
  }
  made.subject = written(
      [&](BIO* bio) { return X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0, XN_FLAG_RFC2253) + 1; });
  return made;
}

TestCa make(const CaOptions& options, const TestCa* issuer, const std::string& alternative_name = "") {
  const Key key = options.key_pem.empty() ? new_key(options.key) : key_of(options.key_pem);
  const Key issuer_key = issuer != nullptr ? key_of(issuer->key_pem) : nullptr;
  const Cert issuer_cert = issuer != nullptr ? cert_of(issuer->der) : nullptr;
  const Name subject = subject_for(options);
  const Cert cert(good(X509_new(), "X509_new"));
  X509* signing_cert = issuer != nullptr ? issuer_cert.get() : cert.get();
  EVP_PKEY* signing_key = issuer != nullptr ? issuer_key.get() : key.get();

  good(X509_set_version(cert.get(), options.version - 1), "X509_set_version");
  set_serial(cert.get(), options.negative_serial);
  good(X509_set_subject_name(cert.get(), subject.get()), "X509_set_subject_name");
  good(X509_set_issuer_name(cert.get(), X509_get_subject_name(signing_cert)), "X509_set_issuer_name");
  good(X509_set_pubkey(cert.get(), key.get()), "X509_set_pubkey");
  const std::int64_t now = std::time(nullptr);
  good(ASN1_TIME_set(X509_getm_notBefore(cert.get()),
                     options.not_before.value_or(now - options.days_before * kDay)),
       "ASN1_TIME_set");
  good(ASN1_TIME_set(X509_getm_notAfter(cert.get()),
                     options.not_after.value_or(now + options.days_after * kDay)),
       "ASN1_TIME_set");

  if (options.version == 3) {
    const auto add = [&](int nid, const std::string& value) {
      add_extension(cert.get(), signing_cert, nid, value);
    };
    if (options.basic_constraints == BasicConstraints::ca) {
      add(NID_basic_constraints, "critical,CA:TRUE");
      add(NID_key_usage, options.key_usage);
    } else if (options.basic_constraints == BasicConstraints::not_ca) {
      add(NID_basic_constraints, "critical,CA:FALSE");
    }
    if (!options.extended_key_usage.empty()) add(NID_ext_key_usage, options.extended_key_usage);
    if (!options.name_constraints.empty())
      add(NID_name_constraints, concat("critical,", options.name_constraints));
    if (options.unknown_extension) add_unknown_extension(cert.get(), true);
    for (int i = 0; options.extension_twice && i < 2; ++i)
      add_unknown_extension(cert.get(), false);
    if (!alternative_name.empty()) add(NID_subject_alt_name, alternative_name);
    if (options.key_ids) {
      add(NID_subject_key_identifier, "hash");
      if (X509_get_ext_by_NID(signing_cert, NID_subject_key_identifier, -1) >= 0)
        add(NID_authority_key_identifier, "keyid:always");
    }
  }
  const EVP_MD* digest = options.sha1_signature ? EVP_sha1() : EVP_sha256();
  if (EVP_PKEY_is_a(signing_key, "ED25519") == 1) digest = nullptr;  // has its own
  good(X509_sign(cert.get(), signing_key, digest), "X509_sign");
  if (!options.spoilt_signature) return described(cert.get(), key.get());
  auto der = described(cert.get(), nullptr).der;  // the signature's last bit is its own
  der.back() = static_cast<char>(der.back() ^ 1);
  return described(cert_of(der).get(), key.get());
}

}  // namespace

TestCa make_ca(const CaOptions& options) {
  return make(options, nullptr);
}

TestCa make_ca(const CaOptions& options, const TestCa& issuer) {
  return make(options, &issuer);
}

TestCa make_leaf(const TestCa& issuer, std::string_view dns_name) {
  return make({.common_name = std::string(dns_name),
               .days_after = 365,
               .basic_constraints = BasicConstraints::not_ca,
               .extended_key_usage = "serverAuth"},
              &issuer, concat("DNS:", dns_name));
}

TestCa read_ca(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Cert cert(good(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), "PEM_read_bio_X509"));
  return described(cert.get(), nullptr);
}

}  // namespace nct::test
