#include "cmd/commands.hpp"
#include "cmd/hints.hpp"
#include "cmd/rows.hpp"
#include "node/node.hpp"

namespace nct {

Result<void> verify(const Options& options, Report& report) {
  NCT_TRY(const auto node, open_node(options.root, options.config, Access::read));
  report.distro = row_of(node->distro);
  node->state.record = {};  // a gate takes nothing on trust
  node->state.seen = {};
  NCT_TRY(const auto change, node->store->compare(node->state.manifest.anchors));
  report.drift = drift_of(node->state, *change);
  auto proof = change->prove();
  if (proof && change->steps.empty()) proof = change->prove_on_disk();
  if (!proof) {
    if (proof.error().code != Errc::in_the_way && proof.error().code != Errc::busy) return proof;
    report.drift->push_back({.kind = "proof-failed",
                             .subject = change->summary.bundle,
                             .message = proof.error().message,
                             .hint = std::string(hint_for(proof.error()))});
  }
  report.store = row_of(change->summary, report.drift->empty());
  report.result = report.drift->empty() ? RunResult::unchanged : RunResult::failed;
  return {};
}

}  // namespace nct
