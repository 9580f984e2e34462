#include "base/text.hpp"
#include "cmd/commands.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "cmd/run_plan.hpp"
#include "node/node.hpp"
#include "wish/desired.hpp"

namespace nct {

namespace {

Result<Removal> removal_from(const Options& options) {
  Removal removal{.all = options.all, .sources = options.sources, .fingerprints = {}};
  for (const auto& hex : options.fingerprints) {
    const auto fingerprint = Fingerprint::from_hex(hex);
    if (!fingerprint)
      return fail(Errc::usage,
                  concat("remove: '", printable(hex), "' is not a SHA-256 fingerprint of 64 hex digits"));
    removal.fingerprints.push_back(*fingerprint);
  }
  return removal;
}

}  // namespace

Result<void> remove(const Options& options, Report& report) {
  NCT_TRY(const auto removal, removal_from(options));
  NCT_TRY(const auto node,
          open_node(options.root, options.config, options.dry_run ? Access::read : Access::change));
  add_distro(report, node->distro);
  const auto& installed = node->state.manifest.anchors;
  for (const auto& fingerprint : removal.fingerprints)
    if (!installed.contains(fingerprint))
      report.warnings.push_back(
          concat(fingerprint.hex(), ": no anchor of ours; 'node-ca-trust status' lists them"));
  // The distribution's store as it was before we came.
  if (removal.all) NCT_CHECK(change_roots(*node, {}, options.dry_run, report));
  const auto wanted = desired_for_removal(installed, removal);
  if (wanted == installed && !node->state.owes()) {
    if (report.result == RunResult::planned) return {};
    report.result = RunResult::nothing_to_do;
    return {};
  }
  return run_plan(*node, wanted, options.dry_run, report);
}

}  // namespace nct
