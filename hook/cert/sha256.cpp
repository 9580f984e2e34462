// With the functions that libcrypto has had since before its providers: the first digest that is fetched from
// a provider loads it, and all digests it has, which costs 0.6 ms, as much as all the rest of a run that
// finds nothing changed. They are the same code behind, and work where a provider is configured away.
#undef OPENSSL_NO_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT(readability-identifier-naming): libcrypto's name
#include "cert/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace nct {

Fingerprint sha256(std::string_view bytes) {
  static_assert(sizeof(Fingerprint::bytes) == SHA256_DIGEST_LENGTH);
  Fingerprint fingerprint;
  SHA256_CTX context;
  const bool done = SHA256_Init(&context) == 1 && SHA256_Update(&context, bytes.data(), bytes.size()) == 1 &&
                    SHA256_Final(fingerprint.bytes.data(), &context) == 1;
  // Every proof rests on this value; a libcrypto without SHA-256 leaves nothing sensible to do.
  if (!done) OPENSSL_die("no SHA-256 in libcrypto", __FILE__, __LINE__);
  return fingerprint;
}

}  // namespace nct
