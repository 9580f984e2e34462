#include "cert/relations.hpp"

#include <map>
#include <utility>

#include "base/text.hpp"

namespace nct {

std::optional<Finding> relation_of(const Certificate& one, const Certificate& other, std::string_view where) {
  if (one.fingerprint == other.fingerprint || one.subject_hash != other.subject_hash) return std::nullopt;
  if (!one.ca || !other.ca) return std::nullopt;
  const auto finding = [](FindingCode code, std::string message) {
    return Finding{
        .code = code, .severity = Severity::warning, .origin = {}, .message = std::move(message), .what = {}};
  };
  if (one.key == other.key) {
    if (one.self_signed && other.self_signed) return std::nullopt;
    return finding(FindingCode::cross_signed,
                   concat("the same subject and key were issued ",
                          other.self_signed ? "by itself" : concat("by ", other.issuer), ", too: ", where));
  }
  if (one.has_key_id && other.has_key_id) return std::nullopt;
  const auto lacking = !one.has_key_id && !other.has_key_id ? "neither has"
                       : one.has_key_id                     ? "that one has no"
                                                            : "this one has no";
  return finding(FindingCode::same_name,
                 concat("another CA has this subject and another key, and ", lacking,
                        one.has_key_id || other.has_key_id ? "" : " a", " subject key identifier: ", where));
}

void relate(std::span<JudgedCertificate> certificates) {
  std::map<std::uint32_t, std::vector<JudgedCertificate*>> by_name;
  for (auto& judged : certificates)
    if (judged.verdict == Verdict::accepted) by_name[judged.certificate.subject_hash].push_back(&judged);
  for (const auto& [hash, namesakes] : by_name)
    for (auto* one : namesakes)
      for (const auto* other : namesakes)
        if (auto finding = relation_of(one->certificate, other->certificate, other->origin.text())) {
          finding->origin = one->origin;
          one->findings.push_back(*std::move(finding));
        }
}

std::set<Fingerprint> cross_signed(std::span<const Certificate* const> certificates) {
  std::set<std::pair<std::uint32_t, Fingerprint>> roots;
  for (const auto* certificate : certificates)
    if (certificate->self_signed) roots.emplace(certificate->subject_hash, certificate->key);
  std::set<Fingerprint> behind;
  for (const auto* certificate : certificates)
    if (!certificate->self_signed && roots.contains({certificate->subject_hash, certificate->key}))
      behind.insert(certificate->fingerprint);
  return behind;
}

}  // namespace nct
