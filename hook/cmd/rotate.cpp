#include <algorithm>
#include <iterator>

#include "cmd/commands.hpp"
#include "cmd/rows.hpp"
#include "cmd/run_plan.hpp"
#include "node/rotation.hpp"
#include "node/telling.hpp"
#include "sys/input.hpp"

namespace nct {

namespace {

// What would be done in the end, without waiting for it.
Result<void> preview(const RotationRequest& request, Report& report) {
  NCT_TRY(const auto node, open_node(request.root, request.config, Access::read));
  add_distro(report, node->distro);
  NCT_TRY(const auto view, look(*node, request, nullptr));
  add_source(report, view.reading.source, kRotationSource);
  report.warnings = view.warnings;
  if (view.refusal) return std::unexpected(*view.refusal);
  return run_plan(*node, view.wish.late, true, report);
}

}  // namespace

Result<void> rotate(const Options& options, Report& report) {
  RotationRequest request{.root = options.root, .config = options.config, .directory = {}};
  if (options.directory) {
    NCT_TRY(request.directory, absolute_path(*options.directory));
  }
  if (options.dry_run) return preview(request, report);
  Rotation rotation;
  const auto followed = follow_directory(request, rotation);
  if (rotation.distro) add_distro(report, *rotation.distro);
  add_source(report, rotation.reading.source, kRotationSource);
  for (const auto& pass : rotation.passes) {
    add_applied(report, pass.before, pass.wanted, pass.applied, *rotation.distro->family);
    add_told(report, pass.told, pass.changed);
  }
  std::ranges::copy(rotation.warnings, std::back_inserter(report.warnings));
  if (rotation.passes.empty())
    report.result = rotation.idle ? RunResult::nothing_to_do : RunResult::unchanged;
  NCT_CHECK(followed);
  return rotation.passes.empty() ? Result<void>() : all_told(rotation.passes.back().told);
}

}  // namespace nct
