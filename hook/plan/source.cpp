#include "plan/source.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

// Takes down what `delivery` says about one of its sources, where `said` is that. Certificates are judged.
void note_said(const Document& document, Says said, bool proxy, Source& source) {
  auto& from = proxy ? source.proxy_from : source.custom_from;
  if (said == Says::nothing) return;
  if (said == Says::none) {
    from.insert(document.name);
    return;
  }
  source.may_be_empty = false;
  bool any = false;
  for (const auto& judged : source.certificates) {
    if (judged.origin.file != document.name || judged.origin.proxy != proxy) continue;
    if (judged.verdict != Verdict::rejected) from.insert(document.name);
    if (judged.verdict != Verdict::rejected || judged.faulty()) return;
    any = true;
  }
  const bool explained = std::ranges::any_of(source.findings, [&](const Finding& finding) {
    return is_error(finding) && finding.origin.file == document.name;
  });
  if (explained) return;
  source.findings.push_back(
      {.code = FindingCode::no_certificates,
       .severity = Severity::error,
       .origin = {.file = document.name},
       .message = concat(any ? "every certificate in it was skipped" : "there is no certificate in it",
                         proxy ? ", of the proxy" : "")});
}

// Each source has limits and duplicates of its own. In the order they were found.
std::vector<JudgedCertificate> judge_apart(std::vector<FoundCertificate> found, const Policy& policy,
                                           std::int64_t now) {
  std::vector<bool> is_proxy;
  std::vector<FoundCertificate> custom;
  std::vector<FoundCertificate> proxy;
  for (auto& each : found) {
    is_proxy.push_back(each.origin.proxy);
    (each.origin.proxy ? proxy : custom).push_back(std::move(each));
  }
  auto judged_custom = judge(std::move(custom), policy, now);
  if (proxy.empty()) return judged_custom;
  auto judged_proxy = judge(std::move(proxy), policy, now);
  std::vector<JudgedCertificate> judged;
  auto next_custom = judged_custom.begin();
  auto next_proxy = judged_proxy.begin();
  for (const bool of_proxy : is_proxy)
    judged.push_back(std::move(of_proxy ? *next_proxy++ : *next_custom++));
  return judged;
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
  return key || (!any && !may_be_empty);
}

Source read_source(std::span<const Document> documents, const Config& config, const Record& known,
                   std::int64_t now) {
  Source source;
  source.may_be_empty = !documents.empty();
  std::vector<std::pair<Says, Says>> said;  // of custom CAs, of the proxy's
  std::vector<FoundCertificate> found;
  for (const auto& document : documents) {
    auto delivery = read_document(document.name, document.bytes, config.intake, document.as);
    said.emplace_back(delivery.custom, delivery.proxy);
    auto reading = read_certificates(delivery.entries, known);
    std::ranges::move(delivery.findings, std::back_inserter(source.findings));
    std::ranges::move(reading.findings, std::back_inserter(source.findings));
    std::ranges::move(reading.certificates, std::back_inserter(found));
  }
  source.certificates = judge_apart(std::move(found), config.policy, now);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    note_said(documents[i], said[i].first, false, source);
    note_said(documents[i], said[i].second, true, source);
    if (said[i] == std::pair(Says::nothing, Says::nothing)) source.silent.insert(documents[i].name);
  }
  return source;
}

void remember_parsed(const Source& source, Record& record) {
  for (const auto& judged : source.certificates)
    remember(judged.certificate, record);
}

}  // namespace nct
