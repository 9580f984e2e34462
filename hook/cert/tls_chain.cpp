#include "cert/tls_chain.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string_view>

#include "base/text.hpp"
#include "cert/libcrypto.hpp"
#include "intake/der.hpp"

namespace nct {

namespace {

using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using ContextHandle = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr int kSecurityLevel = 2;

std::string words_of_error(int error) {
  return X509_verify_cert_error_string(error);
}

std::string tlv(unsigned tag, std::string_view content) {
  constexpr std::size_t kShort = 0x80;
  std::string length;
  for (auto rest = content.size(); rest != 0; rest >>= 8U)
    length.insert(length.begin(), static_cast<char>(rest & 0xFFU));
  if (content.size() >= kShort)
    length.insert(length.begin(), static_cast<char>(kShort | length.size()));
  else
    length.assign(1, static_cast<char>(content.size()));
  return concat(std::string(1, static_cast<char>(tag)), length, content);
}

// Of the signatures that a key makes: an issuer whose key cannot have made one is not taken for the issuer.
int signature_of(const EVP_PKEY& key) {
  if (EVP_PKEY_is_a(&key, "RSA") == 1) return NID_sha256WithRSAEncryption;
  if (EVP_PKEY_is_a(&key, "RSA-PSS") == 1) return NID_rsassaPss;
  if (EVP_PKEY_is_a(&key, "EC") == 1) return NID_ecdsa_with_SHA256;
  if (EVP_PKEY_is_a(&key, "DSA") == 1) return NID_dsa_with_SHA256;
  const char* name = EVP_PKEY_get0_type_name(&key);
  return name == nullptr ? NID_undef : OBJ_sn2nid(name);  // Ed25519 and the like: key and signature are one
}

std::string algorithm(int nid) {
  const auto* object = OBJ_nid2obj(nid);
  return tlv(asn1::kSequence,
             tlv(asn1::kObjectIdentifier,
                 {reinterpret_cast<const char*>(OBJ_get0_data(object)), OBJ_length(object)}));
}

std::string key_id_extension(X509& issuer) {
  using namespace asn1;
  const auto* id = X509_get0_subject_key_id(&issuer);
  if (id == nullptr) return {};
  const std::string_view key_id(reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                                static_cast<std::size_t>(ASN1_STRING_length(id)));
  const auto value = tlv(kOctetString, tlv(kSequence, tlv(context(0), key_id)));
  const auto extension = tlv(kSequence, concat(tlv(kObjectIdentifier, "\x55\x1D\x23"), value));
  return tlv(context_constructed(3), tlv(kSequence, extension));
}

// A server's certificate that names `anchor` as its issuer. Key and signature are empty, its subject is
// empty, so that no constraint on names concerns it, and it is valid for ever.
X509Handle server_below(X509& anchor, const EVP_PKEY& anchor_key) {
  using namespace asn1;
  unsigned char* raw = nullptr;
  const int length = i2d_X509_NAME(X509_get_subject_name(&anchor), &raw);
  if (length <= 0) return nullptr;
  const std::string issuer(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  OPENSSL_free(raw);
  const auto signature = algorithm(signature_of(anchor_key));
  const auto always = tlv(
      kSequence, concat(tlv(kGeneralizedTime, "00010101000000Z"), tlv(kGeneralizedTime, "99991231235959Z")));
  const auto key = tlv(kSequence, concat(algorithm(NID_ED25519), tlv(kBitString, std::string(33, '\0'))));
  const auto content =
      tlv(kSequence, concat(tlv(context_constructed(0), tlv(kInteger, "\x02")), tlv(kInteger, "\x01"),
                            signature, issuer, always, tlv(kSequence, ""), key, key_id_extension(anchor)));
  const auto der = tlv(kSequence, concat(content, signature, tlv(kBitString, std::string(2, '\0'))));
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  return X509Handle(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

// That nobody signed server_below(), how nobody did, and that its key is none.
int pass_over_the_server(int good, X509_STORE_CTX* context) {
  if (good == 1 || X509_STORE_CTX_get_error_depth(context) != 0) return good;
  switch (X509_STORE_CTX_get_error(context)) {
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_EE_KEY_TOO_SMALL:
      return 1;
    default:
      return 0;
  }
}

// A chain to `leaf` in a store.
class Chain {
 public:
  // False where libcrypto has no memory.
  bool prepare(X509& leaf, std::span<X509* const> store, const std::optional<std::int64_t>& at) {
    if (!store_ || !context_) return false;
    for (auto* each : store)
      if (X509_STORE_add_cert(store_.get(), each) != 1) return false;
    if (X509_STORE_CTX_init(context_.get(), store_.get(), &leaf, nullptr) != 1) return false;
    auto* const settings = X509_STORE_CTX_get0_param(context_.get());
    X509_VERIFY_PARAM_set_auth_level(settings, kSecurityLevel);
    if (at)
      X509_VERIFY_PARAM_set_time(settings, *at);
    else
      X509_VERIFY_PARAM_set_flags(settings, X509_V_FLAG_NO_CHECK_TIME);
    return true;
  }
  void set_flags(unsigned long flags) {
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context_.get()), flags);
  }
  X509_STORE_CTX& context() { return *context_; }

  // One of X509_STORE_CTX_get_error(3)'s.
  int verify() {
    if (X509_verify_cert(context_.get()) == 1) return X509_V_OK;
    const int error = X509_STORE_CTX_get_error(context_.get());
    return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
  }

 private:
  StoreHandle store_{X509_STORE_new()};
  ContextHandle context_{X509_STORE_CTX_new()};
};

std::string failure_of_server_below(X509& anchor, const EVP_PKEY& key, std::span<X509* const> store) {
  const auto server = server_below(anchor, key);
  Chain chain;
  if (!server || !chain.prepare(*server, store, std::nullopt) ||
      X509_STORE_CTX_set_purpose(&chain.context(), X509_PURPOSE_SSL_SERVER) != 1)
    return drain_libcrypto_errors();
  X509_STORE_CTX_set_verify_cb(&chain.context(), pass_over_the_server);
  if (const int error = chain.verify(); error != X509_V_OK) return words_of_error(error);
  const auto* taken = sk_X509_value(X509_STORE_CTX_get0_chain(&chain.context()), 1);
  if (X509_PUBKEY_eq(X509_get_X509_PUBKEY(taken), X509_get_X509_PUBKEY(&anchor)) != 1)
    return "another certificate of the same name is taken for it";
  return {};
}

std::string failure_of_anchor(X509& anchor, const AnchorQuestion& question) {
  Chain chain;
  if (!chain.prepare(anchor, {&question.anchor, 1}, question.at)) return drain_libcrypto_errors();
  if (question.use == Use::serves &&
      X509_STORE_CTX_set_purpose(&chain.context(), X509_PURPOSE_SSL_SERVER) != 1)
    return drain_libcrypto_errors();
  if (!question.self_issued) chain.set_flags(X509_V_FLAG_PARTIAL_CHAIN);
  if (const int error = chain.verify(); error != X509_V_OK) return words_of_error(error);
  if (question.use == Use::serves) return {};
  // As check_chain() in OpenSSL's x509_vfy.c asks of who issued a server's certificate.
  if (X509_check_ca(&anchor) == 0) return words_of_error(X509_V_ERR_INVALID_CA);
  if (X509_check_purpose(&anchor, X509_PURPOSE_SSL_SERVER, 1) == 0)
    return words_of_error(X509_V_ERR_INVALID_PURPOSE);
  return {};
}

}  // namespace

std::string anchor_failure(const AnchorQuestion& question) {
  std::string failure;
  if (X509_get0_pubkey(question.anchor) == nullptr)
    failure = words_of_error(X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY);
  else
    failure = failure_of_anchor(*question.anchor, question);
  ERR_clear_error();
  return failure;
}

std::string chain_failure(X509& anchor, std::span<X509* const> store) {
  const auto* const key = X509_get0_pubkey(&anchor);
  auto failure = key == nullptr ? words_of_error(X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY)
                                : failure_of_server_below(anchor, *key, store);
  ERR_clear_error();
  return failure;
}

}  // namespace nct
