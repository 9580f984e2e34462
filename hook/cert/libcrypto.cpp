#include "cert/libcrypto.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/provider.h>

namespace nct {

namespace {

void release(OSSL_PROVIDER* provider) {
  OSSL_PROVIDER_unload(provider);
}

}  // namespace

BioHandle memory_bio(std::string_view bytes) {
  if (bytes.size() > INT_MAX) return nullptr;
  return BioHandle(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

void* no_pass_phrase() {
  static char empty[] = "";
  return empty;
}

std::optional<std::string> first_block(std::string_view pem, const char* label) {
  const auto bio = memory_bio(pem);
  unsigned char* bytes = nullptr;
  long size = 0;
  if (!bio || PEM_bytes_read_bio(&bytes, &size, nullptr, label, bio.get(), nullptr, no_pass_phrase()) != 1)
    return std::nullopt;
  std::string block(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return block;
}

OSSL_LIB_CTX* keyless_context() {
  static const Handle<OSSL_LIB_CTX, OSSL_LIB_CTX_free> context(OSSL_LIB_CTX_new());
  // Without any provider of its own it would load the default one at first use.
  static const Handle<OSSL_PROVIDER, release> none(context ? OSSL_PROVIDER_load(context.get(), "null")
                                                           : nullptr);
  return none ? context.get() : nullptr;
}

std::string drain_libcrypto_errors() {
  const unsigned long first = ERR_get_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

std::string der_of(const X509& certificate) {
  unsigned char* raw = nullptr;
  const int length = i2d_X509(&certificate, &raw);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  OPENSSL_free(raw);
  return der;
}

}  // namespace nct
