// GnuTLS, asked in this process.
#pragma once

#include <string>
#include <vector>

namespace nct::test {

// Whether the certificate of a server, in DER, verifies where a bundle holds `store`, in this order.
bool gnutls_verifies(const std::vector<std::string>& store, const std::string& server);

}  // namespace nct::test
