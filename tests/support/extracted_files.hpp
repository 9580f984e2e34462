// Files of certificates (DER), as trust(1) extracts them.
#pragma once

#include <string>
#include <vector>

namespace nct::test {

// JKS; its digest is not made of it.
std::string java_keystore(const std::vector<std::string>& certificates);

// A row of EFI_SIGNATURE_LIST.
std::string signature_lists(const std::vector<std::string>& certificates);

}  // namespace nct::test
