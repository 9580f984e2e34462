#include "clients/libraries.hpp"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdexcept>

#include "base/handle.hpp"

// GnuTLS 3.7 leaks some bytes of certificates that it refuses. The sanitizer asks for this
// (lsan_interface.h).
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libgnutls.so";
}

namespace nct::test {

namespace {

using Bio = Handle<BIO, BIO_free_all>;

std::string bundle_of(const std::vector<std::string>& certificates) {
  const Bio bio(BIO_new(BIO_s_mem()));
  for (const auto& der : certificates)
    PEM_write_bio(bio.get(), "CERTIFICATE", "", reinterpret_cast<const unsigned char*>(der.data()),
                  static_cast<long>(der.size()));
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// ---- OpenSSL

using X509Handle = Handle<X509, X509_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
void free_infos(STACK_OF(X509_INFO) * infos) {
  sk_X509_INFO_pop_free(infos, X509_INFO_free);
}

bool openssl_verifies(X509_STORE& store, const std::string& server, bool strict) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(server.data());
  const X509Handle leaf(d2i_X509(nullptr, &cursor, static_cast<long>(server.size())));
  const Handle<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  if (!leaf || X509_STORE_CTX_init(context.get(), &store, leaf.get(), nullptr) != 1) return false;
  auto* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_auth_level(param, 2);
  unsigned long flags = X509_V_FLAG_TRUSTED_FIRST;
  if (strict) flags |= X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
  X509_VERIFY_PARAM_set_flags(param, flags);
  return X509_verify_cert(context.get()) == 1;
}

// ---- GnuTLS

gnutls_datum_t datum(const std::string& bytes) {
  // GnuTLS takes what it only reads through a pointer to non-const.
  return {.data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())),  // NOLINT
          .size = static_cast<unsigned>(bytes.size())};
}

void free_list(gnutls_x509_trust_list_t list) {
  gnutls_x509_trust_list_deinit(list, 1);
}

bool gnutls_verifies(gnutls_x509_trust_list_t list, const std::string& server) {
  gnutls_x509_crt_t leaf = nullptr;
  if (gnutls_x509_crt_init(&leaf) != 0) return false;
  const Handle<gnutls_x509_crt_int, gnutls_x509_crt_deinit> owner(leaf);
  const auto bytes = datum(server);
  if (gnutls_x509_crt_import(leaf, &bytes, GNUTLS_X509_FMT_DER) != 0) return false;
  unsigned status = 0;
  gnutls_typed_vdata_st purpose{.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                .data = reinterpret_cast<unsigned char*>(  // NOLINT
                                    const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER)),
                                .size = 0};
  return gnutls_x509_trust_list_verify_crt2(list, &leaf, 1, &purpose, 1, 0, &status, nullptr) == 0 &&
         status == 0;
}

}  // namespace

std::string openssl_version() {
  return OpenSSL_version(OPENSSL_VERSION_STRING);
}

std::string gnutls_version() {
  return gnutls_check_version(nullptr);
}

Answer ask_openssl(const Question& question, bool strict) {
  const auto bundle = bundle_of(question.store);
  const Bio bio(BIO_new_mem_buf(bundle.data(), static_cast<int>(bundle.size())));
  const Handle<STACK_OF(X509_INFO), free_infos> infos(
      PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr));
  const StoreHandle store(X509_STORE_new());
  for (int i = 0; infos && i < sk_X509_INFO_num(infos.get()); ++i)
    if (auto* const x509 = sk_X509_INFO_value(infos.get(), i)->x509; x509 != nullptr)
      X509_STORE_add_cert(store.get(), x509);
  Answer answer;
  for (const auto& server : question.servers)
    answer += openssl_verifies(*store, server, strict) ? '+' : '-';
  ERR_clear_error();
  return answer;
}

Answer ask_gnutls(const Question& question) {
  const auto bundle = bundle_of(question.store);
  gnutls_x509_trust_list_t list = nullptr;
  if (gnutls_x509_trust_list_init(&list, 0) != 0) throw std::runtime_error("gnutls_x509_trust_list_init");
  const Handle<gnutls_x509_trust_list_st, free_list> owner(list);
  const auto bytes = datum(bundle);
  gnutls_x509_trust_list_add_trust_mem(list, &bytes, nullptr, GNUTLS_X509_FMT_PEM, 0, 0);
  Answer answer;
  for (const auto& server : question.servers)
    answer += gnutls_verifies(list, server) ? '+' : '-';
  return answer;
}

}  // namespace nct::test
