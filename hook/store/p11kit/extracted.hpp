// What trust(1) extracts, read as its clients do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "cert/record.hpp"
#include "store/family.hpp"

namespace nct {

// The arguments of trust(1) that write what `extract` is to the file or directory `path`: those of
// update-ca-trust(8).
std::vector<std::string> arguments_of(const Extract& extract, std::string path);

// Whether what TLS servers show is verified with it.
constexpr bool is_for_servers(const Extract& extract) {
  return extract.purpose == "server-auth";
}

// The lines of comment that a bundle begins with.
std::string_view heading_of(std::string_view bundle);

// The certificates of a file of the form `form`, in order. Errc::in_the_way where a client could not load it,
// and why. A Java keystore is JKS with certificates alone (sun.security.provider.JavaKeyStore); EDK2's file
// is a row of EFI_SIGNATURE_LIST of X.509 certificates (UEFI 2.10, 32.4.1). Of certificates in `known` the
// bytes are not parsed again.
Result<std::vector<Fingerprint>> certificates_of(Extract::Form form, std::string_view bytes,
                                                 const FingerprintSet& known);

}  // namespace nct
