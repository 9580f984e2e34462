#include "plan/source.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.hpp"

namespace nct {

namespace {

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

void note_barren(const Document& document, Source& source) {
  std::size_t certificates = 0;
  for (const auto& judged : source.certificates) {
    if (judged.origin.file != document.name) continue;
    if (judged.verdict != Verdict::rejected || judged.faulty()) return;
    ++certificates;
  }
  const bool said = std::ranges::any_of(source.findings, [&](const Finding& finding) {
    return is_error(finding) && finding.origin.file == document.name;
  });
  if (said) return;
  source.findings.push_back({.code = FindingCode::no_certificates,
                             .severity = Severity::error,
                             .origin = {.file = document.name},
                             .message = certificates == 0 ? "there is no certificate in it"
                                                          : "every certificate in it was skipped"});
}

}  // namespace

bool Source::has_errors() const {
  return std::ranges::any_of(findings, is_error) ||
         std::ranges::any_of(certificates, [](const auto& certificate) { return certificate.faulty(); });
}

bool Source::refused(Config::OnRejected on_rejected) const {
  if (on_rejected == Config::OnRejected::fail) return has_errors();
  const bool key = std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.code == FindingCode::private_key; });
  const bool any = std::ranges::any_of(
      certificates, [](const auto& certificate) { return certificate.verdict == Verdict::accepted; });
  return key || (!any && !says_none);
}

Source read_source(std::span<const Document> documents, const Config& config, const Record& known,
                   std::int64_t now) {
  Source source;
  source.says_none = !documents.empty();
  std::set<std::string> empty;
  std::vector<FoundCertificate> found;
  for (const auto& document : documents) {
    auto delivery = read_document(document.name, document.bytes, config.intake, document.as);
    source.says_none = source.says_none && delivery.says_none;
    if (delivery.says_none) empty.insert(document.name);
    auto reading = read_certificates(delivery.entries, known);
    std::ranges::move(delivery.findings, std::back_inserter(source.findings));
    std::ranges::move(reading.findings, std::back_inserter(source.findings));
    std::ranges::move(reading.certificates, std::back_inserter(found));
  }
  source.certificates = judge(std::move(found), config.policy, now);
  for (const auto& document : documents)
    if (!empty.contains(document.name)) note_barren(document, source);
  return source;
}

}  // namespace nct
