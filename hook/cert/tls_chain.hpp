// What TLS clients of OpenSSL make of an anchor, asked of OpenSSL; for the .cpp files of this layer only.
// They verify for the purpose sslserver, at security level 2 (Debian's; no distribution asks for more).
// Answers are why it fails, in libcrypto's words; empty where it does not.
#pragma once

#include <cstdint>
#include <openssl/x509.h>
#include <optional>
#include <span>
#include <string>

#include "cert/clients.hpp"

namespace nct {

struct AnchorQuestion {
  X509* anchor = nullptr;
  Use use = Use::issues;
  bool self_issued = true;         // otherwise it is not asked for its issuer
  std::optional<std::int64_t> at;  // a moment, unix seconds; without one the clock does not count
};

// Whether a chain may end with the anchor, where nothing else is in the store: its key and the parameters of
// that, its purpose, its times; of one that serves, whether it verifies itself. Its own signature is not
// asked for, since no client asks for that of an anchor.
std::string anchor_failure(const AnchorQuestion& question);

// Whether a server's certificate that the anchor issued verifies where `store` is all there is, in its order:
// a certificate that names it by its subject and its subject key identifier. That nobody signed that one is
// passed over, and then the anchor's key must be the one that was taken. The clock does not count.
std::string chain_failure(X509& anchor, std::span<X509* const> store);

}  // namespace nct
