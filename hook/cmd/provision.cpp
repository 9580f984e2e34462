#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/follow_rotation.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "cmd/run_plan.hpp"
#include "node/kubelet_block.hpp"
#include "node/node.hpp"
#include "node/telling.hpp"
#include "services/boot_units.hpp"
#include "sys/clock.hpp"
#include "wish/desired.hpp"

namespace nct {

namespace {

bool changes_this_node(const Options& options) {
  return options.root == "/" && !options.dry_run;
}

// The bundles named on the command line, outside of any root; or those of the configuration that exist,
// inside it.
Result<std::vector<Document>> read_documents(const Options& options, const Node& node) {
  if (!options.from.empty()) return documents_from(options.from, options.as, node.config);
  std::vector<Document> documents;
  for (const auto& path : node.config.provision_from) {
    auto bytes = node.fs->read_start(path, node.config.intake.max_document_bytes);
    if (!bytes && (bytes.error().os_errno == ENOENT || bytes.error().os_errno == ENOTDIR)) continue;
    if (!bytes) return std::unexpected(std::move(bytes).error());
    documents.push_back({.name = path, .bytes = *std::move(bytes), .as = options.as});
  }
  return documents;
}

// Without a bundle, and with nothing of ours: the store is somebody else's altogether. What is damaged is
// mended, but takes no certificate away, and what cannot be mended is no failure of provisioning.
Result<void> mend(const Options& options, Node& node, Report& report) {
  const auto change = node.store->compare({});
  if (report.result == RunResult::failed) report.result = RunResult::nothing_to_do;
  if (!change) report.warnings.push_back(change.error().message);
  if (!change) return {};
  add_notices(report, (*change)->notices, false, *node.distro.family);
  if ((*change)->steps.empty() || stop_mending((*change)->notices, false)) return {};
  return run_plan(node, {}, options.dry_run, report);
}

ProvisionInputs inputs_of(const std::vector<Document>& documents, const Source& source, bool complete) {
  ProvisionInputs inputs{.names = source.custom_from, .complete = complete, .proxy = source.proxy_from};
  for (const auto& document : documents)
    if (!inputs.names.contains(document.name) || !inputs.proxy.contains(document.name))
      inputs.silent.insert(document.name);
  return inputs;
}

// Reads the bundles, and makes the store hold them.
Result<void> install(const Options& options, Node& node, Report& report) {
  NCT_TRY(const auto documents, read_documents(options, node));
  const auto& installed = node.state.manifest.anchors;
  if (documents.empty() && installed.empty() && !node.state.owes()) return mend(options, node, report);
  FingerprintSet distro;
  if (!documents.empty()) {
    NCT_TRY(distro, node.store->distro_roots());
  }
  auto source = read_source(documents, node.config, node.state.remembered.record, unix_time(), &distro);
  remember_parsed(source, node.state.remembered.record);
  const auto wish = [&] {
    auto anchors =
        desired_for_provision(installed, source, inputs_of(documents, source, !options.from.empty()));
    return without(std::move(anchors), node.config.policy.distrusted);
  };
  auto wanted = wish();
  NCT_TRY(const auto losses, node.store->losses(installed, wanted));
  for (const auto& loss : losses)
    refuse(source, loss.by, loss.code, loss.message);
  if (!losses.empty()) wanted = wish();
  std::ranges::move(removals(source, installed, wanted), std::back_inserter(source.findings));
  add_source(report, source, kProvisionSource);
  if (!documents.empty() && source.refused(node.config.provision_rejected))
    return fail(Errc::input, refusal(documents));
  return carry_out(node, wanted, options.dry_run, report);
}

// Neither half is a reason to leave the other undone. A restart that waits for nothing comes first: the first
// run of rotation, started in the other half, would find it owed, and might make it as well.
Result<void> tell_and_follow(Node& node, const std::vector<std::string>& owed_before, Report& report) {
  const auto left = until_turn(node);
  const bool waits = left && left->count() > 0;
  auto told = waits ? Result<void>() : tell_in_turn(node, owed_before, report);
  const auto followed = follow_rotation(node, false, report);
  if (waits && followed && *followed) told = leave_to_rotation(node, *left, report);
  if (waits && !(followed && *followed)) told = tell_in_turn(node, owed_before, report);
  NCT_CHECK(followed);
  return told;
}

Result<void> provision_node(const Options& options, Node& node, Report& report) {
  NCT_CHECK(open_configured(node, options.dry_run ? Access::read : Access::change));
  add_distro(report, node.distro);
  const auto owed_before = node.state.manifest.owed.consumers;
  // That a root cannot be taken out is no reason to leave the CAs out.
  const auto roots = change_roots(node, node.config.policy.distrusted, options.dry_run, report);
  NCT_CHECK(install(options, node, report));
  if (options.dry_run) {
    NCT_CHECK(follow_rotation(node, true, report));
    return roots;
  }
  // The store is proved, which is all that kubelet waits for.
  if (changes_this_node(options)) NCT_CHECK(unblock_kubelet(*node.fs));
  NCT_CHECK(tell_and_follow(node, owed_before, report));
  return roots;
}

}  // namespace

Result<void> provision(const Options& options, Report& report) {
  NCT_TRY(const auto node,
          configured_node(options.root, options.config, options.dry_run ? Access::read : Access::change));
  // What the model handed over is what kubelet waits for; a bundle that a person tries out is not.
  if (changes_this_node(options) && options.from.empty() &&
      node->config.on_failure == Config::OnFailure::block)
    NCT_CHECK(block_kubelet(*node->fs));
  return provision_node(options, *node, report);
}

}  // namespace nct
