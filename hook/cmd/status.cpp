#include "cmd/commands.hpp"
#include "cmd/rows.hpp"
#include "node/node.hpp"

namespace nct {

Result<void> status(const Options& options, Report& report) {
  NCT_TRY(const auto node, open_node(options.root, options.config, Access::read));
  report.distro = row_of(node->distro);
  const auto& anchors = node->state.manifest.anchors;
  report.anchors = rows_of(anchors, *node->distro.layout);
  NCT_TRY(const auto change, node->store->compare(anchors));
  report.drift = drift_of(node->state, *change);
  report.store = row_of(change->summary, report.drift->empty() && change->prove() && change->prove_on_disk());
  report.result = RunResult::unchanged;
  return {};
}

}  // namespace nct
