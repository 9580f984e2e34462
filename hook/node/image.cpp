#include "node/image.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "node/replace_files.hpp"
#include "node/rotation_units.hpp"
#include "node/unit_files.hpp"
#include "services/boot_units.hpp"
#include "sys/guarded_directory.hpp"
#include "sys/ownership.hpp"

namespace nct {

namespace {

constexpr std::uint32_t kDirectoryMode = 0755;

std::string written_drop_in(const std::string& unit) {
  return concat(kAdministratorsUnits, "/", unit, ".d/", kOrderDropIn);
}

Result<void> compare_directories(Node& node, std::vector<ImageStep>& steps) {
  NCT_TRY(const auto root, open_directory(node.root));
  for (const auto& path : image_directories(node.config)) {
    NCT_TRY(const auto found, ownership_of(root, path, true));
    ImageStep step{.kind = ImageStep::Kind::make_directory, .subject = path};
    if (!found)
      step.reason = "it is not there";
    else if (found->kind != FileKind::directory)
      return fail(Errc::in_the_way, concat("'", path, "' is no directory"));
    else if (!found->roots_alone())
      step.reason = "it must be root's, and writable by root alone";
    if (!step.reason.empty()) steps.push_back(std::move(step));
  }
  return {};
}

Result<void> compare_units(Node& node, std::vector<ImageStep>& steps) {
  for (const auto& unit : waiting_units(node.config)) {
    NCT_TRY(const auto drop_ins, drop_ins_of(*node.fs, unit));
    const auto is_order = [](const std::string& path) { return path.ends_with(concat("/", kOrderDropIn)); };
    if (std::ranges::none_of(drop_ins, is_order))
      steps.push_back({.kind = ImageStep::Kind::write_drop_in,
                       .subject = written_drop_in(unit),
                       .reason = concat(unit, " must start after provisioning")});
  }
  NCT_TRY(const auto boot, installed_unit(*node.fs, kBootUnit));
  NCT_TRY(const auto rotation, compare_rotation(*node.fs, nullptr, node.config.rotation.directory));
  if (!boot.file || !rotation.installed)
    return fail(Errc::systemd,
                concat("the units of node-ca-trust are not installed below '", node.root, "'"));
  if (boot.masked || !boot.enabled)
    steps.push_back({.kind = ImageStep::Kind::enable_unit,
                     .subject = std::string(kBootUnit.name),
                     .reason = boot.masked ? "it is masked" : "it is not enabled",
                     .masked = boot.masked});
  for (const auto& step : rotation.steps)
    steps.push_back({.kind = ImageStep::Kind::enable_unit,
                     .subject = step.unit,
                     .reason = step.reason,
                     .masked = step.masked});
  return {};
}

Result<void> make_root_directory(Node& node, const Fd& root, const std::string& path) {
  NCT_CHECK(make_durable_directories(*node.fs, path));
  NCT_TRY(const auto found, ownership_of(root, path, true));
  if (found && found->roots_alone()) return {};
  return give_to_root(root, path, found ? found->mode & ~022U : kDirectoryMode);
}

}  // namespace

std::vector<std::string> image_directories(const Config& config) {
  return {std::string(kConfigHome), std::string(kConfigDirectory), std::string(kStateDirectory),
          config.rotation.directory};
}

Result<std::vector<ImageStep>> compare_image(Node& node) {
  std::vector<ImageStep> steps;
  NCT_CHECK(compare_directories(node, steps));
  NCT_CHECK(compare_units(node, steps));
  return steps;
}

Result<void> prepare_image(Node& node, const std::vector<ImageStep>& steps) {
  NCT_TRY(const auto root, open_directory(node.root));
  for (const auto& step : steps) {
    switch (step.kind) {
      case ImageStep::Kind::make_directory:
        NCT_CHECK(make_root_directory(node, root, step.subject));
        break;
      case ImageStep::Kind::write_drop_in: {
        NCT_CHECK(make_durable_directories(*node.fs, step.subject.substr(0, step.subject.rfind('/'))));
        const NewFile file{.path = step.subject, .bytes = order_drop_in()};
        NCT_CHECK(replace_files(*node.fs, {&file, 1}));
        break;
      }
      case ImageStep::Kind::enable_unit:
        if (step.subject == kBootUnit.name && !step.masked) NCT_CHECK(link_unit(*node.fs, kBootUnit));
        break;
    }
  }
  const auto& directory = node.config.rotation.directory;
  NCT_TRY(const auto rotation, compare_rotation(*node.fs, nullptr, directory));
  NCT_CHECK(enable_rotation(*node.fs, nullptr, rotation, directory));
  // It may be root's, and lie in one that others can move it out of: no rotation would be followed.
  auto guarded = GuardedDirectory::open(root, directory);
  if (guarded) return {};
  guarded.error().code = Errc::in_the_way;
  return std::unexpected(guarded.error());
}

bool forget_machine(NodeState& state) {
  auto& manifest = state.manifest;
  if (!manifest.changed && manifest.owed.consumers.empty()) return false;
  manifest.changed.reset();
  manifest.owed.consumers.clear();
  state.has_manifest = false;
  return true;
}

Result<bool> record_proof(Node& node) {
  const auto& anchors = node.state.manifest.anchors;
  NCT_TRY(const auto change, node.store->compare(anchors));
  NCT_CHECK(change->prove());
  NCT_CHECK(change->prove_on_disk());
  return renew_record(*node.fs, node.state.remembered, {.digests = change->digests, .anchors = anchors});
}

std::vector<std::string> traces_of_runs() {
  std::vector<std::string> paths;
  for (const auto path : {kBoot, kSeen, kLastProvision, kLastRotate, kKubeletBlocked, kTracesLock, kLock})
    paths.emplace_back(path);
  return paths;
}

Result<void> leave_no_trace(Node& node) {
  NCT_CHECK(remove_if_there(*node.fs, std::string(kMetricsPlace)));
  if (has_systemd(node)) return {};
  for (const auto& path : traces_of_runs())
    NCT_CHECK(remove_if_there(*node.fs, path));
  NCT_TRY(const bool removed, node.fs->remove_directory(std::string(kRunDirectory)));
  return removed ? node.fs->sync_directory("/run") : Result<void>();
}

}  // namespace nct
