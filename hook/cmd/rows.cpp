#include "cmd/rows.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cert/relations.hpp"
#include "cmd/hints.hpp"
#include "config/paths.hpp"
#include "store/anchor_name.hpp"
#include "store/family.hpp"

namespace nct {

namespace {

std::string_view name_of(StepKind kind) {
  switch (kind) {
    case StepKind::add_anchor:
      return "add-anchor";
    case StepKind::remove_anchor:
      return "remove-anchor";
    case StepKind::publish_store:
      return "publish-store";
  }
  return "";
}

std::string_view name_of(ConsumerState state) {
  switch (state) {
    case ConsumerState::restarted:
      return "restarted";
    case ConsumerState::fresh:
      return "fresh";
    case ConsumerState::stale:
      return "stale";
    case ConsumerState::inactive:
      return "inactive";
  }
  return "";
}

std::string who_asks(const Anchor& anchor) {
  const auto& owner = anchor.owners.front();
  return owner.origin.empty() ? owner.source : owner.origin;
}

// Reasons of the store speak of files; what is new or leaves has a better one.
std::string reason_of(const Step& step, const AnchorSet& before, const AnchorSet& wanted) {
  const auto was = before.find(step.fingerprint);
  const auto is = wanted.find(step.fingerprint);
  if (step.kind == StepKind::add_anchor && is != wanted.end())
    return concat(is->second.subject, " from ", who_asks(is->second),
                  was == before.end() ? std::string() : concat("; ", step.reason));
  if (step.kind == StepKind::remove_anchor && was != before.end())
    return concat(was->second.subject, " of ", who_asks(was->second), "; ", step.reason);
  return step.reason;
}

// At most `most` of `items`, in their order: those that are `grave` before all others.
template <class Item, class Grave>
std::vector<const Item*> most_telling(const std::vector<Item>& items, std::size_t most, Grave grave) {
  const auto all = static_cast<std::size_t>(std::ranges::count_if(items, grave));
  std::size_t graves = std::min(most, all);
  std::size_t others = std::min(most - graves, items.size() - all);
  std::vector<const Item*> kept;
  for (const auto& item : items) {
    auto& room = grave(item) ? graves : others;
    if (room == 0) continue;
    --room;
    kept.push_back(&item);
  }
  return kept;
}

Report::Drift drift(std::string kind, std::string subject, std::string message) {
  const auto hint = hint_for_drift(kind);
  return {.kind = std::move(kind),
          .subject = std::move(subject),
          .message = std::move(message),
          .hint = std::string(hint)};
}

Report::Drift drift_for(const Notice& notice) {
  switch (notice.kind) {
    case Notice::Kind::key_published:
      return drift("private-key-published", notice.subject, notice.message);
    case Notice::Kind::key_in_file:
      return drift("private-key-in-file", notice.subject, notice.message);
    case Notice::Kind::leaves_bundle:
      return drift("leaves-bundle", notice.subject, notice.message);
    case Notice::Kind::other_local_directory:
      return drift("other-local-directory", notice.subject, notice.message);
    case Notice::Kind::breaks_clients:
      return drift("breaks-clients", notice.subject, notice.message);
    case Notice::Kind::copy_of_store:
      return drift("copy-of-store", notice.subject, notice.message);
  }
  return {};
}

}  // namespace

Report::Finding row_of(const Finding& finding) {
  return {.finding = finding, .hint = hint_for(finding)};
}

void add_relations(std::vector<Report::Certificate>& rows, const std::vector<Namesake>& namesakes) {
  // What came together was related when it was judged.
  std::set<Fingerprint> delivered;
  for (const auto& row : rows)
    if (row.verdict == Verdict::accepted) delivered.insert(row.certificate.fingerprint);
  for (auto& row : rows) {
    if (row.verdict && row.verdict != Verdict::accepted) continue;
    for (const auto& namesake : namesakes) {
      if (delivered.contains(namesake.certificate.fingerprint)) continue;
      const auto finding = relation_of(row.certificate, namesake.certificate, printable(namesake.path));
      if (!finding) continue;
      const bool said = std::ranges::any_of(row.findings, [&](const Report::Finding& other) {
        return other.finding.code == finding->code && other.finding.message == finding->message;
      });
      if (!said) row.findings.push_back(row_of(*finding));
    }
  }
}

void add_distro(Report& report, const Distro& distro) {
  report.distro = {.id = distro.id, .family = std::string(distro.family->name)};
  if (distro.likeness.empty()) return;
  report.warnings.push_back(concat("nothing is known of the system '", printable(distro.id),
                                   "'; since it says that it is like '", distro.likeness,
                                   "', its trust store is taken for one of the family '", distro.family->name,
                                   "' (store.family in the configuration settles it)"));
}

Report::Store row_of(const StoreSummary& summary, bool proved) {
  return {.bundle = summary.bundle, .roots = summary.roots, .anchors = summary.anchors, .proved = proved};
}

void add_source(Report& report, const Source& source, std::string_view source_name) {
  // A distribution's store fits several times.
  constexpr std::size_t kMostRows = 500;
  report.certificates.emplace();
  report.findings.emplace();
  const auto certificates = most_telling(
      source.certificates, kMostRows, [](const auto& judged) { return judged.verdict == Verdict::rejected; });
  report.more_certificates = source.certificates.size() - certificates.size();
  for (const auto* each : certificates) {
    const auto& judged = *each;
    Report::Certificate row{.certificate = judged.certificate,
                            .source = std::string(judged.origin.proxy ? kProxySource : source_name),
                            .origin = judged.origin.text(),
                            .verdict = judged.verdict,
                            .clients = judged.clients,
                            .findings = {}};
    for (const auto& finding : judged.findings)
      row.findings.push_back(row_of(finding));
    report.certificates->push_back(std::move(row));
  }
  const auto findings = most_telling(
      source.findings, kMostRows, [](const Finding& finding) { return finding.severity == Severity::error; });
  report.more_findings = source.findings.size() - findings.size();
  for (const auto* finding : findings)
    report.findings->push_back(row_of(*finding));
}

std::vector<Report::Certificate> rows_of(const AnchorSet& anchors, const Family& family) {
  std::vector<Report::Certificate> rows;
  const auto issuer_is_there = [&](const Certificate& certificate) {
    return std::ranges::any_of(
        anchors, [&](const auto& anchor) { return anchor.second.subject == certificate.issuer; });
  };
  for (const auto& [fingerprint, anchor] : anchors) {
    auto certificate = parse_certificate(anchor.der);
    Report::Certificate row{.source = anchor.owners.front().source,
                            .origin = anchor.owners.front().origin,
                            .owners = anchor.owners};
    if (certificate) {
      auto asked =
          ask_clients(*certificate, issuer_is_there(*certificate), family.mechanism == Mechanism::extracts);
      row.clients = std::move(asked.clients);
      for (const auto& finding : asked.findings)
        row.findings.push_back(row_of(finding));
      row.certificate = *std::move(certificate);
    }
    row.certificate.fingerprint = fingerprint;
    rows.push_back(std::move(row));
  }
  std::vector<const Certificate*> certificates;
  for (const auto& row : rows)
    certificates.push_back(&row.certificate);
  const auto after_others = behind(certificates);
  for (auto& row : rows) {
    const auto& fingerprint = row.certificate.fingerprint;
    row.file =
        concat(family.anchors, "/",
               anchor_file_name(fingerprint.hex(), after_others.contains(fingerprint), family.anchor_suffix));
  }
  return rows;
}

std::vector<Report::Step> rows_of(const std::vector<Step>& steps, const AnchorSet& before,
                                  const AnchorSet& wanted, std::string_view outcome) {
  std::vector<Report::Step> rows;
  for (const auto& step : steps)
    rows.push_back({.step = std::string(name_of(step.kind)),
                    .subject = step.subject,
                    .reason = reason_of(step, before, wanted),
                    .outcome = std::string(outcome)});
  return rows;
}

std::vector<Report::Consumer> rows_of(const std::vector<Consumer>& consumers,
                                      const std::optional<Moment>& changed) {
  std::vector<Report::Consumer> rows;
  for (const auto& consumer : consumers) {
    Report::Consumer row{.unit = consumer.unit, .state = std::string(name_of(consumer.state))};
    if (consumer.state == ConsumerState::stale && consumer.started != 0) row.started = consumer.started;
    if (consumer.state == ConsumerState::stale && changed) row.changed = changed->unix_time;
    rows.push_back(std::move(row));
  }
  return rows;
}

Report::Drift row_of(const Notice& notice, bool done, const Family& family) {
  auto row = drift_for(notice);
  row.hint = hint_for(notice, done, family);
  return row;
}

std::vector<Report::Drift> drift_of(const NodeState& state, const StoreChange& change, const Family& family) {
  std::vector<Report::Drift> rows;
  const bool ours = !state.manifest.anchors.empty() || state.owes();
  if (!state.damage.empty())
    rows.push_back(drift("manifest-unreadable", std::string(kManifest), state.damage));
  if (state.interrupted && state.lock != LockState::held)
    rows.push_back(drift("interrupted", std::string(kPendingManifest),
                         state.lock == LockState::free
                             ? "a run was broken off before its end"
                             : "a run was broken off before its end, or is at work: without rights that "
                               "cannot be told"));
  for (const auto& step : change.steps) {
    if (step.kind == StepKind::remove_anchor)
      rows.push_back(drift("anchor-unlisted", step.subject, "the manifest does not list it"));
    if (step.kind == StepKind::add_anchor)
      rows.push_back(drift(step.damaged ? "anchor-edited" : "anchor-missing", step.subject, step.reason));
    if (step.kind == StepKind::publish_store) {
      rows.push_back(drift(
          "store-differs", step.subject,
          concat("the store is not what its certificate files and our anchors make up: ", step.reason)));
      if (stop_mending(change.notices, ours))
        rows.back().hint = "see to what is named below first; then 'node-ca-trust provision' puts it right";
    }
  }
  for (const auto& shadow : change.shadows)
    rows.push_back(drift("anchor-shadowed", shadow.anchor,
                         concat("'", shadow.by, "' hides it from the hash directory")));
  for (const auto& notice : change.notices)
    rows.push_back(row_of(notice, false, family));
  for (const auto& repair : change.repairs)
    rows.push_back(drift("store-damaged", repair.subject, repair.message));
  return rows;
}

std::string reason_of(const RootChange& change) {
  return concat(
      printable(change.reason), change.reason.empty() ? "" : ", ", "sha256 ", change.fingerprint.hex(),
      change.restores ? ": the configuration no longer distrusts it" : ": the configuration distrusts it");
}

std::vector<Report::Drift> owed(const DistrustChange& change) {
  std::vector<Report::Drift> rows;
  for (const auto& each : change.changes)
    rows.push_back(drift("distrust-owed", each.place, reason_of(each)));
  return rows;
}

std::vector<Report::Drift> still_trusted(const DistrustChange& change) {
  std::vector<Report::Drift> rows;
  for (const auto& root : change.roots)
    if (root.state == DistrustedRoot::State::trusted)
      rows.push_back(drift("still-trusted", root.place,
                           concat("it holds sha256 ", root.fingerprint.hex(),
                                  ", which the configuration distrusts; ", root.reason)));
  return rows;
}

}  // namespace nct
