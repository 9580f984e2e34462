#include "base/text.hpp"
#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "cmd/run_plan.hpp"
#include "config/paths.hpp"
#include "node/apply.hpp"
#include "node/image.hpp"
#include "node/known_roots.hpp"
#include "node/node.hpp"
#include "sys/clock.hpp"
#include "wish/desired.hpp"

namespace nct {

namespace {

// What the image's store shall hold: what it holds, and in place of what it was given before, the files
// named.
Result<AnchorSet> wanted_for(const Options& options, Node& node, Report& report) {
  const auto& installed = node.state.manifest.anchors;
  if (options.from.empty()) return installed;
  NCT_TRY(const auto documents, documents_from(options.from, options.as, node.config));
  NCT_TRY(const auto distro, node.store->distro_roots());
  auto source = read_source(documents, node.config, node.state.remembered.record, unix_time(), &distro);
  remember_parsed(source, node.state.remembered.record);
  NCT_TRY(const auto losses, node.store->losses(installed, desired_for_image(installed, source)));
  for (const auto& loss : losses)
    refuse(source, loss.by, loss.code, loss.message);
  add_source(report, source, kBakedSource);
  if (source.refused(node.config.provision_rejected)) return fail(Errc::input, refusal(documents));
  return desired_for_image(installed, source);
}

// Nobody is told: who runs on the builder is no part of the image, and every machine made from it starts
// afresh. Whether there was something to put on record.
Result<bool> install(Node& node, const AnchorSet& wanted, Report& report) {
  const auto before = node.state.manifest.anchors;
  NCT_TRY(const auto applied, apply(*node.fs, *node.store, node.state, wanted));
  add_applied(report, before, wanted, applied, *node.distro.family);
  NCT_CHECK(record_roots(node));
  return record_proof(node);
}

Result<bool> preview(Node& node, const AnchorSet& wanted, Report& report) {
  NCT_TRY(std::ignore, add_planned(node, wanted, report));
  return node.state.remembered.record.size() != node.state.remembered.recorded;
}

Report::Step row_of(const ImageStep& step) {
  Report::Step row{.subject = step.subject, .reason = step.reason};
  switch (step.kind) {
    case ImageStep::Kind::make_directory:
      row.step = "make-directory";
      break;
    case ImageStep::Kind::write_drop_in:
      row.step = "write-drop-in";
      break;
    case ImageStep::Kind::enable_unit:
      row.step = "enable-unit";
      break;
  }
  if (step.masked) row.outcome = "skipped";
  return row;
}

Result<void> bake_node(const Options& options, Node& node, Report& report) {
  add_distro(report, node.distro);
  const bool had_manifest = node.state.has_manifest;
  const bool forgot = forget_machine(node.state);
  const auto& distrusted = node.config.policy.distrusted;
  NCT_CHECK(change_roots(node, distrusted, options.dry_run, report));
  NCT_TRY(auto asked_for, wanted_for(options, node, report));
  const auto wanted = without(std::move(asked_for), distrusted);
  NCT_TRY(const auto steps, compare_image(node));
  std::vector<Report::Step> rows;
  for (const auto& step : steps)
    rows.push_back(row_of(step));
  if (!had_manifest)
    rows.push_back(
        {.step = "write-manifest", .subject = std::string(kManifest), .reason = "it is not there"});
  if (forgot)
    rows.push_back({.step = "write-manifest",
                    .subject = std::string(kManifest),
                    .reason = "it tells of this machine, not of the image"});
  NCT_TRY(const bool records,
          options.dry_run ? preview(node, wanted, report) : install(node, wanted, report));
  if (records)
    rows.push_back({.step = "write-record",
                    .subject = std::string(kRecord),
                    .reason = "what is proved here need not be proved at the first boot"});
  if (!options.dry_run) NCT_CHECK(prepare_image(node, steps));
  for (auto& row : rows) {
    if (row.outcome.empty()) {
      row.outcome = options.dry_run ? "" : "done";
      report.result = options.dry_run ? RunResult::planned : RunResult::changed;
    }
    report.plan->push_back(std::move(row));
  }
  return {};
}

}  // namespace

Result<void> bake(const Options& options, Report& report) {
  const auto access = options.dry_run ? Access::read : Access::change;
  NCT_TRY(const auto node, open_node(options.root, options.config, access));
  const auto baked = bake_node(options, *node, report);
  if (options.dry_run) return baked;
  const auto left = leave_no_trace(*node);
  return baked ? left : baked;
}

}  // namespace nct
