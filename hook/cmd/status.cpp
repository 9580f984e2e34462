#include <algorithm>
#include <iterator>

#include "cmd/at_rest.hpp"
#include "cmd/commands.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "node/boot.hpp"
#include "node/node.hpp"
#include "node/rotation_units.hpp"
#include "services/rotation_units.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// What can be said of it without systemd, and what systemd says.
Result<void> add_rotation(Node& node, ServiceManager* services, Report& report) {
  report.rotation = {.directory = node.config.rotation.directory, .units = {}};
  NCT_TRY(const auto change, compare_rotation(*node.fs, nullptr, node.config.rotation.directory));
  if (!change.installed) return {};
  for (const auto& unit : rotation_units()) {
    Report::Unit row{.unit = std::string(unit.name), .state = {}, .file_state = "enabled"};
    for (const auto& step : change.steps)
      if (step.unit == unit.name && step.masked) row.file_state = "masked";
    for (const auto& name : change.to_enable)
      if (name == unit.name) row.file_state = "disabled";
    if (services != nullptr) {
      NCT_TRY(const auto status, services->status(row.unit));
      row.state = status.state;
    }
    report.rotation->units.push_back(std::move(row));
  }
  return {};
}

// systemd out of reach (a person without rights, say) takes nothing away from the rest of the answer.
Result<void> add_services(Node& node, Report& report) {
  const auto services = systemd_of(node);
  if (!services) report.warnings.push_back(services.error().message);
  auto* const systemd = services.value_or(nullptr);
  NCT_CHECK(add_rotation(node, systemd, report));
  if (systemd == nullptr) return {};
  NCT_TRY(const auto consumers,
          look_at_consumers(*systemd, node.config.consumers, node.state, this_boot(*node.fs)));
  report.consumers = rows_of(consumers, node.state.manifest.changed);
  return {};
}

}  // namespace

Result<void> status(const Options& options, Report& report) {
  NCT_TRY(const auto node, open_node(options.root, options.config, Access::read));
  add_distro(report, node->distro);
  NCT_TRY(auto seen, drift_at_rest(*node, [&]() -> Result<std::vector<Report::Drift>> {
            const auto& anchors = node->state.manifest.anchors;
            report.anchors = rows_of(anchors, *node->distro.family);
            NCT_TRY(const auto change, node->store->compare(anchors));
            add_relations(*report.anchors, change->namesakes);
            auto drift = drift_of(node->state, *change, *node->distro.family);
            report.store =
                row_of(change->summary, drift.empty() && change->prove() && change->prove_on_disk());
            NCT_TRY(const auto roots, node->store->distrust(node->config.policy.distrusted));
            std::ranges::move(look_at_roots(roots, report), std::back_inserter(drift));
            NCT_TRY(const auto withdrawn, withdrawn_roots(*node));
            add_withdrawn(report, withdrawn);
            return drift;
          }));
  if (seen.at_work) report.warnings.emplace_back(kAtWork);
  report.drift = std::move(seen.rows);
  report.result = RunResult::unchanged;
  return add_services(*node, report);
}

}  // namespace nct
