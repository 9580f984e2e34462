#include "cert/judge.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr unsigned kLeastRsaBits = 2048;  // NIST SP 800-131A; CA/Browser Forum baseline requirements, 6.1.5
constexpr unsigned kLeastEcBits = 256;

Profile whole_profile_of(const Certificate& certificate) {
  auto profile = profile_of(certificate.der, certificate.self_issued);
  // That a point lies on its curve takes arithmetic, and every libcrypto can do that for what is named here.
  if (!profile.has(Trait::key_unknown) && !profile.has(Trait::ml_dsa_key) && certificate.key_bits == 0)
    profile.traits.set(static_cast<std::size_t>(Trait::key_malformed));
  return profile;
}

// Said only where every libcrypto can tell.
bool is_signed_wrongly(const Certificate& certificate, const Profile& profile) {
  return certificate.self_issued && !certificate.self_signed && certificate.key_bits != 0 &&
         !profile.has(Trait::key_unknown) && !profile.has(Trait::ml_dsa_key);
}

ClientFindings findings_of(const Certificate& certificate, const Profile& profile, bool issuer_is_there,
                           bool p11_kit) {
  ClientFindings asked{.clients = client_verdicts(profile, use_of(profile)), .findings = {}};
  auto& clients = asked.clients;
  const auto say = [&](FindingCode code, Severity severity, std::string message) {
    asked.findings.push_back(
        {.code = code, .severity = severity, .origin = {}, .message = std::move(message), .what = {}});
  };
  bool left_out = false;  // of all views
  std::erase_if(clients, [&](const ClientVerdict& verdict) {
    if (verdict.client == Client::p11_kit) {
      left_out = p11_kit;
      return !p11_kit;
    }
    return verdict.trait == Trait::not_self_issued && (issuer_is_there || certificate.self_issued);
  });
  if (profile.has(Trait::ml_dsa_key) || profile.has(Trait::key_unknown))
    say(FindingCode::unknown_algorithm, Severity::warning,
        concat("its key is of the algorithm ", name_of_key_algorithm(profile),
               profile.has(Trait::ml_dsa_key) ? ", which OpenSSL knows from 3.5 on"
                                              : ", which no client is known to know"));
  std::vector<ClientVerdict> broken;
  std::ranges::copy_if(clients, std::back_inserter(broken),
                       [](const ClientVerdict& verdict) { return verdict.effect == Effect::breaks; });
  if (!broken.empty()) {
    say(FindingCode::breaks_clients, Severity::error,
        concat("with it in the store these clients would load nothing of it: ", words_of(broken)));
  } else if (!is_usable(clients) || left_out) {
    say(FindingCode::unusable, Severity::error,
        concat("no client would accept a server by it: ", words_of(clients)));
  } else if (!clients.empty()) {
    say(FindingCode::refused_by_clients, Severity::warning,
        concat("not accepted by all clients: ", words_of(clients)));
  }
  return asked;
}

class Judge {
 public:
  Judge(const Policy& policy, std::int64_t now, std::span<const FoundCertificate> all,
        const FingerprintSet* distro)
      : policy_(policy), now_(now), distro_(distro) {
    for (const auto& found : all)
      subjects_.insert(found.certificate.subject);
  }

  JudgedCertificate judge(FoundCertificate found) {
    JudgedCertificate judged{.certificate = std::move(found.certificate), .origin = std::move(found.origin)};
    const auto& certificate = judged.certificate;
    auto& source = judged.origin.proxy ? proxy_ : custom_;
    if (!source.seen.emplace(certificate.fingerprint).second) {
      judged.verdict = Verdict::duplicate;
      say(judged, FindingCode::duplicate, Severity::warning, "the same certificate was delivered before");
      return judged;
    }
    if (policy_.distrusted.contains(certificate.fingerprint)) {
      judged.verdict = Verdict::rejected;
      say(judged, FindingCode::distrusted, Severity::warning,
          "the configuration distrusts it; not installed");
      return judged;
    }
    const bool in_distro = distro_ != nullptr && distro_->contains(certificate.fingerprint);
    if (in_distro && !policy_.install_distro_roots) {
      judged.verdict = Verdict::duplicate;
      say(judged, FindingCode::in_distro_store, Severity::warning,
          "the distribution trusts it already; not installed once more");
      return judged;
    }
    const auto profile = whole_profile_of(certificate);
    judge_key(judged, profile);
    judge_role(judged, profile);
    judge_validity(judged, profile);
    if (certificate.negative_serial())
      say(judged, FindingCode::negative_serial, Severity::warning,
          concat("its serial number is negative: ", certificate.serial));
    if (judged.faulty() || now_ > certificate.not_after)
      judged.verdict = Verdict::rejected;
    else
      count(judged, source);
    return judged;
  }

 private:
  struct Counted {
    FingerprintSet seen;
    std::size_t accepted = 0;  // those over the limit among them
  };

  void count(JudgedCertificate& judged, Counted& source) const {
    const auto most = judged.origin.proxy ? policy_.max_proxy_certificates : policy_.max_certificates;
    if (++source.accepted <= most) return;
    judged.verdict = Verdict::rejected;
    say(judged, FindingCode::too_many, Severity::error,
        concat("certificate ", std::to_string(source.accepted), " of at most ", std::to_string(most),
               distro_ == nullptr
                   ? "; roots that a node's distribution trusts count too, since no trust store "
                     "was found here"
                   : ""));
  }

  static void say(JudgedCertificate& judged, FindingCode code, Severity severity, std::string message) {
    judged.findings.push_back(
        {.code = code, .severity = severity, .origin = judged.origin, .message = std::move(message)});
  }

  static void judge_key(JudgedCertificate& judged, const Profile& profile) {
    const auto& certificate = judged.certificate;
    const auto bits = std::to_string(certificate.key_bits);
    using enum Certificate::KeyKind;
    switch (certificate.key_kind) {
      case rsa:
      case dsa:
        if (certificate.key_bits < kLeastRsaBits)
          say(judged, FindingCode::weak_key, Severity::error,
              concat(certificate.key_kind == rsa ? "RSA" : "DSA", " key of ", bits,
                     " bits; the policy asks for at least 2048"));
        break;
      case ec:
        if (certificate.key_bits < kLeastEcBits)
          say(judged, FindingCode::weak_key, Severity::error,
              concat("EC key of ", bits, " bits; the policy asks for at least 256"));
        break;
      case other:
        break;
    }
    if (profile.has(Trait::weak_signature))
      say(judged, FindingCode::weak_signature, Severity::warning,
          certificate.self_issued
              ? "its own signature is MD5 or SHA-1; clients do not check that of an anchor"
              : "it is signed with MD5 or SHA-1");
  }

  void judge_role(JudgedCertificate& judged, const Profile& profile) const {
    const auto& certificate = judged.certificate;
    if (!profile.ca && !certificate.self_issued)
      return say(judged, FindingCode::not_a_ca, Severity::error,
                 concat("issued by ", certificate.issuer, ", and not a CA itself"));
    // RFC 5280, 4.2: to be refused by all. Java alone does not look at anchors.
    if (profile.has(Trait::critical_unknown))
      say(judged, FindingCode::not_a_ca, Severity::error, std::string(words_of(Trait::critical_unknown)));
    if (!certificate.self_issued)
      say(judged, FindingCode::not_self_signed, Severity::warning,
          concat("an intermediate, issued by ", certificate.issuer));
    else if (use_of(profile) == Use::serves)
      say(judged, FindingCode::self_signed_leaf, Severity::warning,
          "a self-signed server certificate: it vouches for itself alone");
    if (profile.has(Trait::eku_without_server) || profile.has(Trait::eku_empty))
      say(judged, FindingCode::no_server_auth, Severity::warning,
          "its extended key usage does not admit TLS servers");
    if (is_signed_wrongly(certificate, profile))
      say(judged, FindingCode::bad_signature, Severity::warning,
          "it issued itself, and its signature is not of its own key; clients do not check that of an "
          "anchor");
    // Its own subject may read like its issuer, and be another name: string types make a difference.
    const bool issuer_is_there =
        certificate.issuer != certificate.subject && subjects_.contains(certificate.issuer);
    auto asked = findings_of(certificate, profile, issuer_is_there, policy_.p11_kit);
    judged.clients = std::move(asked.clients);
    for (auto& finding : asked.findings) {
      finding.origin = judged.origin;
      judged.findings.push_back(std::move(finding));
    }
  }

  void judge_validity(JudgedCertificate& judged, const Profile& profile) const {
    const auto& certificate = judged.certificate;
    if (now_ > certificate.not_after)
      say(judged, FindingCode::expired, Severity::warning,
          concat("expired at ", rfc3339(certificate.not_after), ", skipped"));
    else if (profile.has(Trait::never_valid))
      return say(judged, FindingCode::unusable, Severity::error,
                 concat("it is never valid: it ends at ", rfc3339(certificate.not_after), " and begins at ",
                        rfc3339(certificate.not_before)));
    else if (certificate.not_after - now_ < policy_.expiry_warning_days * kSecondsPerDay)
      say(judged, FindingCode::expires_soon, Severity::warning,
          concat("expires at ", rfc3339(certificate.not_after)));
    if (now_ < certificate.not_before)
      say(judged, FindingCode::not_yet_valid, Severity::warning,
          concat("not valid before ", rfc3339(certificate.not_before), "; the clock says ", rfc3339(now_)));
  }

  const Policy& policy_;
  std::int64_t now_;
  std::unordered_set<std::string> subjects_;  // of all that were delivered together
  const FingerprintSet* distro_;
  Counted custom_;
  Counted proxy_;
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

ClientFindings ask_clients(const Certificate& certificate, bool issuer_is_there, bool p11_kit) {
  return findings_of(certificate, whole_profile_of(certificate), issuer_is_there, p11_kit);
}

std::vector<JudgedCertificate> judge(std::vector<FoundCertificate> found, const Policy& policy,
                                     std::int64_t now, const FingerprintSet* distro) {
  Judge judge(policy, now, found, distro);
  std::vector<JudgedCertificate> judged;
  judged.reserve(found.size());
  for (auto& certificate : found)
    judged.push_back(judge.judge(std::move(certificate)));
  return judged;
}

}  // namespace nct
