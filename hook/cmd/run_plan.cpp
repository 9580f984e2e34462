#include "cmd/run_plan.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "cmd/hints.hpp"
#include "cmd/rows.hpp"
#include "node/apply.hpp"
#include "node/known_roots.hpp"
#include "node/telling.hpp"
#include "services/boot_units.hpp"

namespace nct {

namespace {

bool has(const Report::Certificate& row, FindingCode code) {
  return std::ranges::any_of(row.findings, [&](const auto& each) { return each.finding.code == code; });
}

void note_distro_roots(const FingerprintSet& others, const std::vector<Namesake>& namesakes, Report& report,
                       const Family& family) {
  if (!report.certificates) return;
  for (auto& row : *report.certificates) {
    const auto& fingerprint = row.certificate.fingerprint;
    if (row.verdict != Verdict::accepted || !others.contains(fingerprint)) continue;
    if (has(row, FindingCode::in_distro_store)) continue;
    Finding finding{.code = FindingCode::in_distro_store,
                    .severity = Severity::warning,
                    .origin = {},
                    .message = "this node trusts it already, without us",
                    .what = {}};
    const auto linked = std::ranges::find_if(namesakes, [&](const Namesake& each) {
      return each.linked_for_ours && each.certificate.fingerprint == fingerprint &&
             each.path.starts_with(family.local);
    });
    if (linked != namesakes.end()) {
      finding.message += concat(", by '", printable(linked->path), "', and the hash directory leads there");
      finding.what = kLinkedFile;
    }
    row.findings.push_back(row_of(finding));
  }
}

void note_repairs(const std::vector<Damage>& repairs, Report& report) {
  for (const auto& damage : repairs)
    report.repairs.push_back(concat(damage.subject, ": ", damage.message));
}

void note_unproved(const std::vector<std::string>& unproved, Report& report) {
  for (const auto& each : unproved)
    if (std::ranges::find(report.warnings, each) == report.warnings.end()) report.warnings.push_back(each);
}

Result<void> note_withdrawn(Node& node, Report& report) {
  NCT_TRY(const auto missed, remember_roots(node));
  if (missed > 0)
    report.warnings.push_back(
        concat("the distribution trusts ", std::to_string(missed), missed == 1 ? " root" : " roots",
               " no more that it did when a run last looked; 'node-ca-trust status' lists them"));
  return {};
}

Report::Step step_of(const Consumer& consumer) {
  Report::Step step{.step = "tell-consumer",
                    .subject = consumer.unit,
                    .reason = "it was started before the anchors changed",
                    .outcome = "done"};
  if (consumer.queued) step.reason += "; its restart waits for the unit that this run is part of";
  if (!consumer.failure.empty()) {
    step.reason += concat("; ", consumer.failure);
    step.outcome = "failed";
  }
  return step;
}

}  // namespace

void add_notices(Report& report, const std::vector<Notice>& notices, bool done, const Family& family) {
  for (const auto& notice : notices) {
    if (!report.drift) report.drift.emplace();
    auto row = row_of(notice, done, family);
    const bool said = std::ranges::any_of(*report.drift, [&](const Report::Drift& other) {
      return other.kind == row.kind && other.subject == row.subject && other.message == row.message;
    });
    if (!said) report.drift->push_back(std::move(row));
  }
}

void add_applied(Report& report, const AnchorSet& before, const AnchorSet& wanted, const Applied& applied,
                 const Family& family) {
  note_distro_roots(applied.others, applied.namesakes, report, family);
  if (report.certificates) add_relations(*report.certificates, applied.namesakes);
  note_repairs(applied.repairs, report);
  add_notices(report, applied.notices, true, family);
  note_unproved(applied.unproved, report);
  if (!report.plan) report.plan.emplace();
  std::ranges::move(rows_of(applied.steps, before, wanted, "done"), std::back_inserter(*report.plan));
  report.warnings.insert(report.warnings.end(), applied.warnings.begin(), applied.warnings.end());
  report.store = row_of(applied.summary, true);
  if (report.result != RunResult::changed)
    report.result = applied.changed ? RunResult::changed : RunResult::unchanged;
}

void add_told(Report& report, const std::vector<Consumer>& consumers, const std::optional<Moment>& changed) {
  if (consumers.empty()) return;
  report.consumers = rows_of(consumers, changed);
  if (!report.plan) report.plan.emplace();
  for (const auto& consumer : consumers) {
    if (consumer.state == ConsumerState::restarted || !consumer.failure.empty())
      report.plan->push_back(step_of(consumer));
    if (consumer.state == ConsumerState::restarted) report.result = RunResult::changed;
  }
}

void add_left(Report& report, const std::vector<Consumer>& consumers, const std::optional<Moment>& changed,
              std::chrono::milliseconds left) {
  report.consumers = rows_of(consumers, changed);
  if (!report.plan) report.plan.emplace();
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
  for (const auto& consumer : consumers)
    if (consumer.state == ConsumerState::stale)
      report.plan->push_back(
          {.step = "tell-consumer",
           .subject = consumer.unit,
           .reason = concat("it was started before the anchors changed; the turn of this "
                            "machine comes in ",
                            std::to_string(seconds), " s, and is left to ", kRotateService),
           .outcome = "skipped"});
}

Result<bool> add_planned(Node& node, const AnchorSet& wanted, Report& report) {
  NCT_TRY(const auto change, node.store->compare(wanted));
  note_distro_roots(change->others, change->namesakes, report, *node.distro.family);
  if (report.certificates) add_relations(*report.certificates, change->namesakes);
  note_repairs(change->repairs, report);
  add_notices(report, change->notices, false, *node.distro.family);
  note_unproved(change->unproved, report);
  if (!report.plan) report.plan.emplace();
  std::ranges::move(rows_of(change->steps, node.state.manifest.anchors, wanted, ""),
                    std::back_inserter(*report.plan));
  NCT_CHECK(change->prove());
  report.store = row_of(change->summary, change->steps.empty());
  if (report.result != RunResult::planned)
    report.result = change->steps.empty() ? RunResult::unchanged : RunResult::planned;
  return std::ranges::any_of(change->steps, &changes_anchors);
}

Result<void> carry_out(Node& node, const AnchorSet& wanted, bool dry_run, Report& report) {
  const auto before = node.state.manifest.anchors;
  if (dry_run) {
    NCT_TRY(const bool changes, add_planned(node, wanted, report));
    if (!changes) return {};
    NCT_TRY(const auto units, concerned(node));
    for (const auto& unit : units)
      report.plan->push_back({.step = "tell-consumer",
                              .subject = unit,
                              .reason = "it was started before the anchors change",
                              .outcome = ""});
    return {};
  }
  NCT_TRY(const auto applied, apply(*node.fs, *node.store, node.state, wanted, telling_of(node)));
  add_applied(report, before, wanted, applied, *node.distro.family);
  return applied.looked ? note_withdrawn(node, report) : Result<void>();
}

Result<void> tell_in_turn(Node& node, const std::vector<std::string>& owed_before, Report& report) {
  NCT_TRY(const auto told, tell_in_turn(node, owed_before));
  add_told(report, told, node.state.manifest.changed);
  return all_told(told);
}

Result<void> run_plan(Node& node, const AnchorSet& wanted, bool dry_run, Report& report) {
  const auto owed_before = node.state.manifest.owed.consumers;
  NCT_CHECK(carry_out(node, wanted, dry_run, report));
  if (dry_run) return {};
  return tell_in_turn(node, owed_before, report);
}

}  // namespace nct
