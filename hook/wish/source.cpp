#include "wish/source.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "cert/relations.hpp"

namespace nct {

namespace {

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

// Whether what is left of a source is more than nothing: something that was not rejected.
bool is_left(const Source& source, bool proxy) {
  return std::ranges::any_of(source.certificates, [&](const auto& judged) {
    return judged.origin.proxy == proxy && judged.verdict != Verdict::rejected;
  });
}

// Takes down what a document says about one of its sources. Certificates are judged.
void note_said(const Document& document, Says said, bool proxy, Source& source) {
  auto& from = proxy ? source.proxy_from : source.custom_from;
  if (said == Says::nothing) return;
  if (said == Says::none) {
    from.insert(document.name);
    (proxy ? source.no_proxy : source.no_custom).insert(document.name);
    return;
  }
  source.may_be_empty = false;
  bool any = false;
  bool faulty = false;
  bool good = false;
  for (const auto& judged : source.certificates) {
    if (judged.origin.file != document.name || judged.origin.proxy != proxy) continue;
    any = true;
    faulty = faulty || judged.faulty();
    good = good || judged.verdict != Verdict::rejected;
  }
  const bool expired = any && !faulty && !good;
  if (good || (expired && is_left(source, proxy))) from.insert(document.name);
  if (good || faulty || (expired && is_left(source, proxy))) return;
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
      certificates, [](const auto& certificate) { return certificate.verdict != Verdict::rejected; });
  return key || (!any && !may_be_empty);
}

Source read_source(std::span<const Document> documents, const Config& config, const Record& known,
                   std::int64_t now, const FingerprintSet* distro) {
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
  source.certificates = judge(std::move(found), config.policy, now, distro);
  relate(source.certificates);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    note_said(documents[i], said[i].first, false, source);
    note_said(documents[i], said[i].second, true, source);
    if (said[i] == std::pair(Says::nothing, Says::nothing)) source.silent.insert(documents[i].name);
  }
  return source;
}

void refuse(Source& source, const Fingerprint& fingerprint, FindingCode code, const std::string& message) {
  const auto brings_any = [&](const std::string& document, bool proxy) {
    return std::ranges::any_of(source.certificates, [&](const auto& judged) {
      return judged.origin.file == document && judged.origin.proxy == proxy &&
             judged.verdict != Verdict::rejected;
    });
  };
  for (auto& judged : source.certificates) {
    if (judged.certificate.fingerprint != fingerprint || judged.verdict == Verdict::rejected) continue;
    judged.verdict = Verdict::rejected;
    judged.findings.push_back(
        {.code = code, .severity = Severity::error, .origin = judged.origin, .message = message, .what = {}});
    auto& from = judged.origin.proxy ? source.proxy_from : source.custom_from;
    if (!brings_any(judged.origin.file, judged.origin.proxy)) from.erase(judged.origin.file);
  }
}

std::vector<Finding> removals(const Source& source) {
  std::vector<Finding> findings;
  const auto note = [&](const std::set<std::string>& from, std::string_view what) {
    for (const auto& name : from)
      findings.push_back(
          {.code = FindingCode::removes,
           .severity = Severity::warning,
           .origin = {.file = name},
           .message = concat("says that there is no ", what, ": what was installed from it goes")});
  };
  note(source.no_custom, "custom CA");
  note(source.no_proxy, "CA of a proxy");
  return findings;
}

void remember_parsed(const Source& source, Record& record) {
  for (const auto& judged : source.certificates)
    remember(judged.certificate, record);
}

}  // namespace nct
