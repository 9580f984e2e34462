#include "cmd/follow_rotation.hpp"

#include <algorithm>

#include "cmd/run_plan.hpp"
#include "node/rotation_units.hpp"
#include "node/telling.hpp"
#include "services/boot_units.hpp"

namespace nct {

Result<bool> follow_rotation(Node& node, bool dry_run, Report& report) {
  const auto& directory = node.config.rotation.directory;
  // Without systemd first: where nothing is installed, nobody is asked.
  NCT_TRY(auto change, compare_rotation(*node.fs, nullptr, directory));
  if (!change.installed) return false;
  if (node.root == "/" && !has_systemd(node)) {
    if (!change.steps.empty())
      report.warnings.emplace_back("systemd does not run here, so rotation is not enabled");
    return false;
  }
  NCT_TRY(auto* services, systemd_of(node));
  if (services != nullptr) {
    NCT_TRY(change, compare_rotation(*node.fs, services, directory));
  }
  const bool followed =
      services != nullptr && !dry_run && std::ranges::none_of(change.steps, &UnitStep::masked);
  if (change.steps.empty()) return followed;
  const auto enabled = dry_run ? Result<void>() : enable_rotation(*node.fs, services, change, directory);
  if (!report.plan) report.plan.emplace();
  bool acted = false;
  for (const auto& step : change.steps) {
    const std::string done = dry_run ? "" : enabled ? "done" : "failed";
    report.plan->push_back({.step = "enable-unit",
                            .subject = step.unit,
                            .reason = step.reason,
                            .outcome = step.masked ? "skipped" : done});
    acted = acted || !step.masked;
  }
  NCT_CHECK(enabled);
  if (acted) report.result = dry_run ? RunResult::planned : RunResult::changed;
  return followed;
}

Result<void> leave_to_rotation(Node& node, std::chrono::milliseconds left, Report& report) {
  NCT_TRY(const auto consumers, owed_consumers(node));
  add_left(report, consumers, node.state.manifest.changed, left);
  NCT_TRY(auto* services, systemd_of(node));
  return services->start(std::string(kRotateService), Start::if_needed);
}

}  // namespace nct
