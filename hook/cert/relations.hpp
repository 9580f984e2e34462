// What certificates of one name do to each other in a store, where clients look an issuer up by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "cert/certificate.hpp"
#include "cert/clients.hpp"
#include "cert/judge.hpp"

namespace nct {

// What is to be said of `one`, since `other` is in the same store, from `where`:
//   cross-signed  the same subject and key, issued twice, not both times by itself
//   same-name     the same subject, and clients may take one for the other, and then refuse what it issued:
//                 it has another key that no key identifier tells apart, or it is narrower, or refused
// Nothing of other pairs, or where neither is a CA.
std::optional<Finding> relation_of(const Certificate& one, const Certificate& other, std::string_view where);

// Says it of the accepted certificates of one delivery.
void relate(std::span<JudgedCertificate> certificates);

// Whether there is a moment at which both are valid: otherwise nobody takes one for the other.
bool valid_together(const Certificate& one, const Certificate& other);

// Where an issuer is looked up: in a file, in its order; or in the bucket of a hash directory.
enum class View : std::uint8_t { bundle, bucket };

// A client that verifies what `whose` issued takes `by` for its issuer, and refuses.
struct Taken {
  Client client{};
  const Certificate* whose = nullptr;
  const Certificate* by = nullptr;
};

// Who takes whose chains where these, all of one subject, stand in this order. As measured, of those that fit
// by key identifier and time OpenSSL takes the first one (x509_lu.c, X509_STORE_CTX_get1_issuer()), and
// GnuTLS, which reads the bundle alone, the last one; Java any that has the issuer's key. BoringSSL and
// others in pods are not looked at here: no order serves them. Intermediates whose issuers are among
// `issuers` lead on to them.
std::vector<Taken> taken_chains(std::span<const Certificate* const> in_order, View view,
                                const std::set<std::string>& issuers = {});

// Those chains of certificates of a store that worked as it was `before`, and are taken by what it has
// `after` and did not have. Each is the whole view in its order, or all that have some of its subjects. What
// has expired at `now` takes nothing, and nothing is lost with it. `issuers` are as above, of both.
std::vector<Taken> newly_taken(std::span<const Certificate* const> before,
                               std::span<const Certificate* const> after, View view, std::int64_t now,
                               const std::set<std::string>& issuers = {});

// Those of `certificates` that must come behind another one of their subject, so that the fewest chains are
// taken. Where clients want it both ways, OpenSSL's chains count before GnuTLS's, and these before those of
// strict OpenSSL.
std::set<Fingerprint> behind(std::span<const Certificate* const> certificates);

}  // namespace nct
