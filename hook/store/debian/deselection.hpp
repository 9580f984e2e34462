// Lines of ca-certificates.conf(5) that the configuration takes out of the store.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fingerprint.hpp"

namespace nct {

// By the name of a file, below the directory of certificates: the certificate for which its line is
// deselected.
using Deselections = std::map<std::string, Fingerprint, std::less<>>;

// What we have deselected in this file.
Deselections deselected_in(std::string_view conf);

// `conf` with those of `wanted` deselected, and no others by us. Such a line has a '!' in front, as
// update-ca-certificates(8) has it, and above it a comment that tells whose it is and for which certificate;
// where it is let in again both go, and not a byte else changes. A line that somebody else deselected stays
// as it is. So the file says all that there is to remember, and Debian's package keeps comments and
// deselected lines when it rewrites it (ca-certificates.postinst).
std::string conf_with(std::string_view conf, const Deselections& wanted);

}  // namespace nct
