// The policy: which certificates may become anchors.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "cert/certificate.hpp"
#include "cert/clients.hpp"
#include "cert/read.hpp"

namespace nct {

struct Policy {
  std::size_t max_certificates = 10;        // of a source: those that become anchors of ours
  std::size_t max_proxy_certificates = 20;  // of the CA of the HTTP proxy
  std::int64_t expiry_warning_days = 30;    // expires-soon from then on
  bool install_distro_roots = false;        // what the distribution trusts becomes an anchor of ours, too
  bool p11_kit = false;                     // it makes the store: what it leaves out is unusable
  std::set<Fingerprint> distrusted;         // no source brings these
};

enum class Verdict { accepted, rejected, duplicate };
std::string_view name_of(Verdict verdict);

struct JudgedCertificate {
  Certificate certificate;
  Origin origin;
  Verdict verdict = Verdict::accepted;
  std::vector<Finding> findings;       // about this certificate
  std::vector<ClientVerdict> clients;  // those that refuse it; of a duplicate its first copy says so

  // Some finding is an error: a strict source is refused as a whole.
  [[nodiscard]] bool faulty() const;
};

// Verdicts for the certificates of one run, in their order. `now` is seconds since 1970-01-01 UTC. Custom CAs
// and the CA of the HTTP proxy (Origin::proxy) are two sources: each has duplicates and a limit of its own.
// `distro` is what the distribution trusts without us, null where that is not known.
// Errors reject: a critical extension that nobody knows (not-a-ca), breaks-clients, unusable, weak-key (RSA
// and DSA < 2048, EC < 256), not-a-ca unless self-issued, too-many (from the first one over the limit on;
// what is rejected or a duplicate does not count). A warning accepts, but for an expired one, which is
// rejected without being an error: trusting it would help nobody; and so is what the policy distrusts
// (distrusted). not-yet-valid accepts, since clocks are wrong at first boot. A second copy is a duplicate,
// and so is, unless Policy::install_distro_roots, what the distribution trusts (in-distro-store): it is not
// judged further.
std::vector<JudgedCertificate> judge(std::vector<FoundCertificate> found, const Policy& policy,
                                     std::int64_t now, const FingerprintSet* distro = nullptr);

// What the clients make of one certificate alone, and the findings that follow: breaks-clients or unusable,
// refused-by-clients, unknown-algorithm. `issuer_is_there` says that its issuer's certificate is in the store
// as well; `p11_kit` that p11-kit makes it.
struct ClientFindings {
  std::vector<ClientVerdict> clients;
  std::vector<Finding> findings;
};
ClientFindings ask_clients(const Certificate& certificate, bool issuer_is_there, bool p11_kit = false);

}  // namespace nct
