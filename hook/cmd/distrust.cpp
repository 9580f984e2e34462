#include "cmd/commands.hpp"
#include "cmd/follow_rotation.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "cmd/run_plan.hpp"
#include "node/node.hpp"
#include "node/telling.hpp"
#include "wish/desired.hpp"

namespace nct {

Result<void> distrust(const Options& options, Report& report) {
  NCT_TRY(const auto node,
          open_node(options.root, options.config, options.dry_run ? Access::read : Access::change));
  add_distro(report, node->distro);
  const auto& distrusted = node->config.policy.distrusted;
  NCT_CHECK(change_roots(*node, distrusted, options.dry_run, report));
  const auto& installed = node->state.manifest.anchors;
  const auto wanted = without(installed, distrusted);
  if (wanted == installed && !node->state.owes()) {
    if (report.result != RunResult::planned) report.result = RunResult::nothing_to_do;
    return {};
  }
  const auto owed_before = node->state.manifest.owed.consumers;
  NCT_CHECK(carry_out(*node, wanted, options.dry_run, report));
  if (options.dry_run) return {};
  const auto left = until_turn(*node);
  if (left && left->count() > 0 && leave_to_rotation(*node, *left, report)) return {};
  return tell_in_turn(*node, owed_before, report);
}

}  // namespace nct
