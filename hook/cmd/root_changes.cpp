#include "cmd/root_changes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cmd/rows.hpp"
#include "node/telling.hpp"

namespace nct {

namespace {

std::string_view name_of(DistrustedRoot::State state) {
  switch (state) {
    case DistrustedRoot::State::absent:
      return "absent";
    case DistrustedRoot::State::taken_out:
      return "taken-out";
    case DistrustedRoot::State::trusted:
      return "trusted";
  }
  return "";
}

Report::Step row_of(const RootChange& change, std::string_view outcome) {
  return {.step = change.restores ? "restore-root" : "distrust-root",
          .subject = change.place,
          .reason = reason_of(change),
          .outcome = std::string(outcome)};
}

void add_distrusted(Report& report, const DistrustChange& change) {
  if (change.roots.empty()) return;
  report.distrusted.emplace();
  for (const auto& root : change.roots)
    report.distrusted->push_back({.fingerprint_sha256 = root.fingerprint.hex(),
                                  .state = std::string(name_of(root.state)),
                                  .file = root.place});
}

// What comes of it is owed before it is done. What an interrupted run owes is finished by apply().
Result<void> carry_out(Node& node, const DistrustChange& change) {
  auto manifest = node.state.manifest;
  const auto telling = telling_of(node);
  std::set<std::string> consumers(manifest.owed.consumers.begin(), manifest.owed.consumers.end());
  consumers.insert(telling.consumers.begin(), telling.consumers.end());
  manifest.owed.consumers.assign(consumers.begin(), consumers.end());
  NCT_CHECK(owe(*node.fs, manifest));
  const auto done = carry_out(*node.fs, change);
  NCT_CHECK(read_again(node));
  return done;
}

}  // namespace

Result<void> change_roots(Node& node, const std::set<Fingerprint>& distrusted, bool dry_run, Report& report) {
  NCT_TRY(const auto change, node.store->distrust(distrusted));
  add_distrusted(report, change);
  for (auto& row : still_trusted(change)) {
    if (!report.drift) report.drift.emplace();
    report.drift->push_back(std::move(row));
  }
  std::ranges::copy(change.collateral, std::back_inserter(report.warnings));
  if (change.changes.empty()) return {};
  if (!dry_run) NCT_CHECK(carry_out(node, change));
  if (!report.plan) report.plan.emplace();
  for (const auto& each : change.changes)
    report.plan->push_back(row_of(each, dry_run ? "" : "done"));
  report.result = dry_run ? RunResult::planned : RunResult::changed;
  return {};
}

void add_withdrawn(Report& report, const KnownRoots& withdrawn) {
  if (withdrawn.empty()) return;
  report.withdrawn.emplace();
  for (const auto& [fingerprint, root] : withdrawn)
    report.withdrawn->push_back(
        {.fingerprint_sha256 = fingerprint.hex(), .name = root.name, .since = root.missed});
}

std::vector<Report::Drift> look_at_roots(const DistrustChange& change, Report& report) {
  add_distrusted(report, change);
  auto rows = still_trusted(change);
  std::ranges::move(owed(change), std::back_inserter(rows));
  return rows;
}

}  // namespace nct
