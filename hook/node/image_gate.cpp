#include "node/image_gate.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "node/image.hpp"
#include "node/known_roots.hpp"
#include "node/libraries.hpp"
#include "node/rotation_units.hpp"
#include "node/unit_files.hpp"
#include "services/boot_units.hpp"
#include "services/unit_rules.hpp"
#include "services/unit_settings.hpp"
#include "sys/guarded_directory.hpp"
#include "sys/ownership.hpp"

namespace nct {

namespace {

using Kind = ImageMiss::Kind;

constexpr std::size_t kMostUnitBytes = 1U << 20U;

class Gate {
 public:
  explicit Gate(Node& node) : node_(node), fs_(*node.fs), family_(*node.distro.family) {}

  Result<void> check() {
    NCT_TRY(layout_, installed_layout());
    NCT_CHECK(units());
    NCT_CHECK(drop_ins());
    NCT_CHECK(directories());
    NCT_CHECK(libraries());
    NCT_CHECK(leftovers());
    machine();
    return paths();
  }

  std::vector<ImageMiss> take() {
    std::ranges::sort(misses_, {},
                      [](const ImageMiss& each) { return std::tie(each.kind, each.subject, each.message); });
    return std::move(misses_);
  }

 private:
  void miss(Kind kind, std::string subject, std::string message) {
    misses_.push_back({.kind = kind, .subject = std::move(subject), .message = std::move(message)});
  }

  // By where the program is.
  Result<const Layout*> installed_layout() {
    NCT_TRY(const auto packaged, fs_.status(std::string(kPackaged.program), true));
    NCT_TRY(const auto in_opt, fs_.status(std::string(kInOpt.program), true));
    return !packaged && in_opt ? &kInOpt : &kPackaged;
  }

  Result<void> units() {
    NCT_TRY(const auto boot, installed_unit(fs_, kBootUnit));
    if (boot.masked)
      miss(Kind::unit_not_enabled, std::string(kBootUnit.name), "it is masked: no boot provisions");
    if (!boot.masked && !boot.enabled)
      miss(Kind::unit_not_enabled, std::string(kBootUnit.name), "it is not enabled: no boot provisions");
    NCT_TRY(const auto rotation, compare_rotation(fs_, nullptr, node_.config.rotation.directory));
    for (const auto& step : rotation.steps)  // who masked one wants no rotation to be followed
      if (!step.masked) miss(Kind::unit_not_enabled, step.unit, step.reason);

    // Where the drop-in that says the directory is amiss, that has been said.
    const auto directory = rotation.drop_in ? std::string() : node_.config.rotation.directory;
    for (const auto service : kServices)
      NCT_CHECK(unit(service, directory));
    for (const auto& each : rotation_units())
      NCT_CHECK(unit(each.name, directory));
    return {};
  }

  // One unit of ours, as systemd would load it.
  Result<void> unit(std::string_view name, std::string_view directory) {
    NCT_TRY(const auto file, unit_file(fs_, name));
    if (!file || file->state == UnitFile::State::broken) {
      miss(Kind::unit_missing, std::string(name),
           file ? concat("'", file->path, "' leads nowhere") : "it is in no directory of units");
      return {};
    }
    ours_.insert(file->path);
    NCT_TRY(const auto drop_ins, drop_ins_of(fs_, name));
    if (file->state == UnitFile::State::masked) return masked(name);
    LoadedUnit loaded{.name = std::string(name), .fragment = file->path, .settings = {}};
    NCT_TRY(loaded.settings, settings_in(file->path));
    for (const auto& drop_in : drop_ins) {
      NCT_TRY(const auto more, settings_in(drop_in));
      loaded.settings.insert(loaded.settings.end(), more.begin(), more.end());
    }
    for (auto& change : changes_of(loaded, *layout_, directory, waiting_units(node_.config)))
      miss(Kind::unit_changed, std::move(change.file), std::move(change.message));
    return {};
  }

  // Whether rotations are followed is decided by masking those that start the service, not the service.
  Result<void> masked(std::string_view name) {
    if (name != kServices[1]) return {};
    for (const auto& starter : rotation_units()) {
      NCT_TRY(const auto installed, installed_unit(fs_, starter));
      if (!installed.masked)
        miss(Kind::unit_not_enabled, std::string(name),
             concat("it is masked, and ", starter.name, " is not"));
    }
    return {};
  }

  // Of a unit file or drop-in; none of one that is not there, as systemd takes it.
  Result<std::vector<UnitSetting>> settings_in(const std::string& path) {
    NCT_TRY(const auto status, fs_.status(path, true));
    if (!status || status->kind != FileKind::regular) return std::vector<UnitSetting>();
    ours_.insert(path);
    NCT_TRY(const auto text, fs_.read_file(path, kMostUnitBytes));
    return unit_settings(text, path);
  }

  Result<void> drop_ins() {
    for (const auto service : kServices) {
      NCT_TRY(const auto settings, drop_in_settings(service, kSandboxDropIn));
      if (settings &&
          std::ranges::none_of(*settings, [](const auto& each) { return each.section == "Service"; }))
        miss(Kind::drop_in_missing, concat(service, ".d/", kSandboxDropIn),
             "it is empty: the service has no sandbox");
    }
    for (const auto& unit : waiting_units(node_.config)) {
      NCT_TRY(const auto settings, drop_in_settings(unit, kOrderDropIn));
      if (settings && !waits_for_boot_unit(*settings))
        miss(Kind::drop_in_missing, concat(unit, ".d/", kOrderDropIn),
             concat("it does not say that ", unit, " starts after ", kBootUnit.name));
    }
    return {};
  }

  // What the drop-in that counts under this name says; nothing, and it is noted, where there is none.
  Result<std::optional<std::vector<UnitSetting>>> drop_in_settings(std::string_view unit,
                                                                   std::string_view name) {
    NCT_TRY(const auto drop_ins, drop_ins_of(fs_, unit));
    for (const auto& path : drop_ins) {
      if (!path.ends_with(concat("/", name))) continue;
      ours_.insert(path);
      NCT_TRY(auto settings, settings_in(path));
      return std::optional(std::move(settings));
    }
    miss(Kind::drop_in_missing, concat(unit, ".d/", name), "it is in no directory of units");
    return std::nullopt;
  }

  Result<void> directories() {
    for (const auto& path : image_directories(node_.config)) {
      NCT_TRY(const auto status, fs_.status(path, true));
      if (status && status->kind == FileKind::directory)
        ours_.insert(path);
      else
        miss(Kind::directory_missing, path, status ? "it is no directory" : "it is not there");
    }
    return {};
  }

  Result<void> libraries() {
    NCT_TRY(const auto missing, missing_libraries(fs_, std::string(layout_->program)));
    for (const auto& each : missing)
      miss(each.missing ? Kind::library_missing : Kind::library_unfit, each.subject, each.message);
    return {};
  }

  // What runs that were broken off have left, ours and the distribution's. (A pending manifest is drift.)
  Result<void> leftovers() {
    NCT_TRY(auto left, node_.store->leftovers());
    for (auto& path : left)
      miss(Kind::leftover, std::move(path), "a run that was broken off left it");
    NCT_TRY(const auto state, names_in(kStateDirectory));
    for (const auto& path : state)
      if (path == kManifest || path == kRecord || path == kRoots)
        ours_.insert(path);
      else if (path != kPendingManifest && path != kMetricsPlace)
        miss(Kind::leftover, path, "no finished run has such a file");
    if (node_.state.manifest.owed.hooks())
      miss(Kind::leftover, std::string(kManifest),
           concat("hooks in '", family_.hooks, "' are still to be told of a change"));
    return {};
  }

  void machine() {
    const auto& manifest = node_.state.manifest;
    if (manifest.changed)
      miss(Kind::machine_specific, std::string(kManifest),
           "it tells when the anchors of one machine changed");
    if (!manifest.owed.consumers.empty())
      miss(Kind::machine_specific, std::string(kManifest),
           "it tells of consumers that one machine is to restart");
    const auto missed = [](const auto& root) { return root.second.missed.has_value(); };
    if (std::ranges::any_of(read_known_roots(fs_), missed))
      miss(Kind::machine_specific, std::string(kRoots),
           "it tells when one machine missed roots of the distribution");
    if (has_systemd(node_)) return;  // then /run is no part of the image
    for (const auto& path : traces_of_runs())
      if (const auto status = fs_.status(path, false); status && *status)
        miss(Kind::machine_specific, path, "it is of one boot of one machine, and would be in every image");
  }

  // Nobody but root may write what is ours, what we read, or what leads there.
  Result<void> paths() {
    for (const auto path :
         {layout_->program, kVendorConfig, family_.store, family_.bundle, family_.local, family_.anchors})
      if (!path.empty()) ours_.emplace(path);
    ours_.insert(family_.sources.begin(), family_.sources.end());
    for (const auto& extract : family_.extracts)
      ours_.emplace(extract.path);
    NCT_TRY(const auto anchors, names_in(family_.anchors));
    ours_.insert(anchors.begin(), anchors.end());
    for (const auto directory : {kConfigHome, kConfigDirectory}) {
      NCT_TRY(const auto files, names_in(directory));
      ours_.insert(files.begin(), files.end());
    }
    NCT_TRY(const auto root, open_directory(node_.root));
    std::set<std::string> above;
    for (const auto& path : ours_) {
      NCT_TRY(const auto found, ownership_of(root, path, true));
      if (!found || found->kind == FileKind::other) continue;  // /dev/null stands for nothing
      if (found->uid != 0)
        miss(Kind::unsafe_path, path, concat("it belongs to user ", std::to_string(found->uid)));
      else if ((found->mode & 002U) != 0)
        miss(Kind::unsafe_path, path, "everybody may write it");
      else if ((found->mode & 020U) != 0 && found->gid != 0)
        miss(Kind::unsafe_path, path, concat("group ", std::to_string(found->gid), " may write it"));
      for (auto slash = path.rfind('/'); slash != std::string::npos && slash > 0;
           slash = path.rfind('/', slash - 1))
        above.insert(path.substr(0, slash));
    }
    above.insert("/");
    for (const auto& path : above) {
      if (ours_.contains(path)) continue;
      NCT_TRY(const auto found, ownership_of(root, path, true));
      constexpr std::uint32_t kSticky = 01000;
      if (found && found->uid != 0)
        miss(Kind::unsafe_path, path, concat("it belongs to user ", std::to_string(found->uid)));
      if (!found || (found->mode & kSticky) != 0) continue;
      if ((found->mode & 002U) != 0)
        miss(Kind::unsafe_path, path, "everybody may write it, and so replace what lies in it");
      else if ((found->mode & 020U) != 0 && found->gid != 0)
        miss(Kind::unsafe_path, path,
             concat("group ", std::to_string(found->gid), " may write it, and so replace what lies in it"));
    }
    const auto guarded = GuardedDirectory::open(root, node_.config.rotation.directory);
    const auto said = [&](const ImageMiss& each) {
      return each.kind == Kind::unsafe_path && node_.config.rotation.directory.starts_with(each.subject);
    };
    if (!guarded && std::ranges::none_of(misses_, said))
      miss(Kind::unsafe_path, node_.config.rotation.directory, guarded.error().message);
    return {};
  }

  // Full paths; none where there is no such directory.
  Result<std::vector<std::string>> names_in(std::string_view directory) {
    std::vector<std::string> paths;
    const auto entries = fs_.list_directory(std::string(directory));
    if (!entries && (entries.error().os_errno == ENOENT || entries.error().os_errno == ENOTDIR)) return paths;
    if (!entries) return std::unexpected(entries.error());
    for (const auto& entry : *entries)
      paths.push_back(concat(directory, "/", entry.name));
    return paths;
  }

  const Layout* layout_ = &kPackaged;
  Node& node_;
  Fs& fs_;
  const Family& family_;
  std::vector<ImageMiss> misses_;
  std::set<std::string> ours_;
};

}  // namespace

Result<std::vector<ImageMiss>> image_misses(Node& node) {
  Gate gate(node);
  NCT_CHECK(gate.check());
  return gate.take();
}

bool is_recorded(const Record& before, const Record& proved) {
  const auto in = [](const FingerprintSet& all) {
    return [&all](const auto& each) { return all.contains(each); };
  };
  return std::ranges::all_of(proved.loaded, in(before.loaded)) &&
         std::ranges::all_of(proved.chained, in(before.chained));
}

}  // namespace nct
