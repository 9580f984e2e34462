#include "cmd/run_plan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cmd/hints.hpp"
#include "cmd/rows.hpp"
#include "cmd/tell.hpp"
#include "node/apply.hpp"

namespace nct {

namespace {

void note_distro_roots(const FingerprintSet& others, Report& report) {
  if (!report.certificates) return;
  for (auto& row : *report.certificates)
    if (row.verdict == Verdict::accepted && others.contains(row.certificate.fingerprint))
      row.findings.push_back({.finding = {.code = FindingCode::in_distro_store,
                                          .severity = Severity::warning,
                                          .message = "this node trusts it already, without us"},
                              .hint = std::string(hint_for(FindingCode::in_distro_store))});
}

void note_repairs(const std::vector<Damage>& repairs, Report& report) {
  for (const auto& damage : repairs)
    report.repairs.push_back(concat(damage.subject, ": ", damage.message));
}

}  // namespace

Result<void> run_plan(Node& node, const AnchorSet& wanted, bool dry_run, Report& report) {
  const auto before = node.state.manifest.anchors;
  if (dry_run) {
    NCT_TRY(const auto change, node.store->compare(wanted));
    note_distro_roots(change->others, report);
    note_repairs(change->repairs, report);
    report.plan = rows_of(change->steps, before, wanted, "");
    NCT_CHECK(change->prove());
    report.store = row_of(change->summary, change->steps.empty());
    report.result = change->steps.empty() ? RunResult::unchanged : RunResult::planned;
    return std::ranges::any_of(change->steps, &changes_anchors) ? add_tell_steps(node, report)
                                                                : Result<void>();
  }
  const auto owed_before = node.state.manifest.owed.consumers;
  NCT_TRY(auto applied, apply(*node.fs, *node.store, node.state, wanted, telling_of(node)));
  note_distro_roots(applied.others, report);
  note_repairs(applied.repairs, report);
  report.plan = rows_of(applied.steps, before, wanted, "done");
  report.warnings = std::move(applied.warnings);
  report.store = row_of(applied.summary, true);
  report.result = applied.changed ? RunResult::changed : RunResult::unchanged;
  return tell(node, owed_before, report);
}

}  // namespace nct
