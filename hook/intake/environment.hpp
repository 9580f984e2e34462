// The environment of AKS's custom script extension: CUSTOM_CA_TRUST_COUNT, CUSTOM_CA_CERT_<n> from 0, and
// HTTP_PROXY_TRUSTED_CA, as assignments in a file, a script, or a command line.
#pragma once

#include <string_view>

#include "intake/field.hpp"

namespace nct {

// Whether one of them is assigned in `text`.
bool has_environment(std::string_view text);

// What the assignments hand over. Values stand bare or in quotes, as a shell reads them; nothing is expanded.
//   count-mismatch  the count is missing or no number, there are fewer certificates or more, or one is
//                   assigned twice with different values
// A count of 0 says that there is none; an empty proxy CA is how its writers say so.
Fields fields_of_environment(std::string_view text);

}  // namespace nct
