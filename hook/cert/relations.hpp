// What two CAs of one name do to each other in a store, where clients look an issuer up by its name.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "cert/certificate.hpp"
#include "cert/judge.hpp"

namespace nct {

// What is to be said of `one`, since `other` is in the same store, from `where`:
//   cross-signed  the same subject and key, issued twice, not both times by itself: OpenSSL builds the chain
//   with
//                 the one it finds first (x509_lu.c, X509_STORE_CTX_get1_issuer), and fails where that one's
//                 issuer is missing
//   same-name     the same subject and another key, and one of the two has no subject key identifier: a
//   client
//                 may take the wrong one
// Nothing of other pairs, or where one is no CA.
std::optional<Finding> relation_of(const Certificate& one, const Certificate& other, std::string_view where);

// Says it of the accepted certificates of one delivery.
void relate(std::span<JudgedCertificate> certificates);

// Those that must come behind another one, the self-signed one of the same subject and key.
std::set<Fingerprint> cross_signed(std::span<const Certificate* const> certificates);

}  // namespace nct
