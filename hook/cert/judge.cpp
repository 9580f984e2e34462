#include "cert/judge.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr unsigned kLeastRsaBits = 2048;  // NIST SP 800-131A; CA/Browser Forum baseline requirements, 6.1.5
constexpr unsigned kLeastEcBits = 256;

class Judge {
 public:
  Judge(const Policy& policy, std::int64_t now) : policy_(policy), now_(now) {}

  JudgedCertificate judge(FoundCertificate found) {
    JudgedCertificate judged{.certificate = std::move(found.certificate), .origin = std::move(found.origin)};
    const auto& certificate = judged.certificate;
    const auto [known, first] = seen_.emplace(certificate.fingerprint);
    if (!first) {
      judged.verdict = Verdict::duplicate;
      say(judged, FindingCode::duplicate, Severity::warning, "the same certificate was delivered before");
      return judged;
    }
    judge_key(judged);
    judge_role(judged);
    judge_validity(judged);
    if (certificate.negative_serial())
      say(judged, FindingCode::negative_serial, Severity::warning,
          concat("its serial number is negative: ", certificate.serial));
    if (seen_.size() > policy_.max_certificates)
      say(judged, FindingCode::too_many, Severity::error,
          concat("certificate ", std::to_string(seen_.size()), " of at most ",
                 std::to_string(policy_.max_certificates)));
    if (judged.faulty() || now_ > certificate.not_after) judged.verdict = Verdict::rejected;
    return judged;
  }

 private:
  static void say(JudgedCertificate& judged, FindingCode code, Severity severity, std::string message) {
    judged.findings.push_back(
        {.code = code, .severity = severity, .origin = judged.origin, .message = std::move(message)});
  }

  static void judge_key(JudgedCertificate& judged) {
    const auto& certificate = judged.certificate;
    const auto bits = std::to_string(certificate.key_bits);
    using enum Certificate::KeyKind;
    switch (certificate.key_kind) {
      case rsa:
      case dsa:
        if (certificate.key_bits < kLeastRsaBits)
          say(judged, FindingCode::weak_key, Severity::error,
              concat(certificate.key_kind == rsa ? "RSA" : "DSA", " key of ", bits,
                     " bits, at least 2048 are needed"));
        break;
      case ec:
        if (certificate.key_bits < kLeastEcBits)
          say(judged, FindingCode::weak_key, Severity::error,
              concat("EC key of ", bits, " bits, at least 256 are needed"));
        break;
      case other:
        break;
    }
    if (certificate.weak_signature)
      say(judged, FindingCode::weak_signature, Severity::warning,
          certificate.self_signed
              ? "its own signature is MD5 or SHA-1; clients do not check that of an anchor"
              : "it is signed with MD5 or SHA-1");
  }

  static void judge_role(JudgedCertificate& judged) {
    const auto& certificate = judged.certificate;
    const bool issued_itself = certificate.subject == certificate.issuer;
    if (!certificate.ca && !certificate.self_signed && !issued_itself)
      say(judged, FindingCode::not_a_ca, Severity::error,
          concat("issued by ", certificate.issuer, ", and not a CA itself"));
    else if (!certificate.extensions_readable)
      say(judged, FindingCode::not_a_ca, Severity::error, "OpenSSL cannot make sense of its extensions");
    else if (!certificate.chain_failure.empty())
      say(judged, FindingCode::not_a_ca, Severity::error,
          concat("OpenSSL builds no chain to it: ", certificate.chain_failure));
    else if (!certificate.ca)
      say(judged, FindingCode::self_signed_leaf, Severity::warning,
          "a self-signed server certificate: it vouches for itself alone");
    else if (!certificate.self_signed)
      say(judged, FindingCode::not_self_signed, Severity::warning,
          concat("an intermediate, issued by ", certificate.issuer));
    if (!certificate.server_auth)
      say(judged, FindingCode::no_server_auth, Severity::warning,
          "its extended key usage does not admit TLS servers");
  }

  void judge_validity(JudgedCertificate& judged) const {
    const auto& certificate = judged.certificate;
    if (now_ > certificate.not_after)
      say(judged, FindingCode::expired, Severity::warning,
          concat("expired at ", rfc3339(certificate.not_after), ", skipped"));
    else if (certificate.not_after - now_ < policy_.expiry_warning_days * kSecondsPerDay)
      say(judged, FindingCode::expires_soon, Severity::warning,
          concat("expires at ", rfc3339(certificate.not_after)));
    if (now_ < certificate.not_before)
      say(judged, FindingCode::not_yet_valid, Severity::warning,
          concat("not valid before ", rfc3339(certificate.not_before), "; the clock says ", rfc3339(now_)));
  }

  const Policy& policy_;
  std::int64_t now_;
  std::unordered_set<Fingerprint, FingerprintHash> seen_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted:
      return "accepted";
    case Verdict::rejected:
      return "rejected";
    case Verdict::duplicate:
      return "duplicate";
  }
  return "";
}

bool JudgedCertificate::faulty() const {
  return std::ranges::any_of(findings,
                             [](const Finding& finding) { return finding.severity == Severity::error; });
}

std::vector<JudgedCertificate> judge(std::vector<FoundCertificate> found, const Policy& policy,
                                     std::int64_t now) {
  Judge judge(policy, now);
  std::vector<JudgedCertificate> judged;
  judged.reserve(found.size());
  for (auto& certificate : found)
    judged.push_back(judge.judge(std::move(certificate)));
  return judged;
}

}  // namespace nct
