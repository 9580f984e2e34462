#include "node/rotation_units.hpp"

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "node/replace_files.hpp"
#include "node/unit_files.hpp"
#include "services/rotation_units.hpp"

namespace nct {

namespace {

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

Result<bool> drop_in_differs(Fs& fs, const std::string& wanted) {
  constexpr std::size_t kMostBytes = 65536;
  const auto found = fs.read_file(std::string(kPathDropIn), kMostBytes);
  if (found) return *found != wanted;
  if (found.error().os_errno == ENOENT || found.error().os_errno == ENOTDIR) return !wanted.empty();
  return std::unexpected(found.error());
}

Result<void> write_drop_in(Fs& fs, const std::string& text) {
  const std::string path(kPathDropIn);
  if (text.empty()) {
    NCT_CHECK(remove_if_there(fs, path));
    NCT_CHECK(fs.sync_directory(parent_of(path)));
    NCT_TRY(const bool removed, fs.remove_directory(parent_of(path)));
    return removed ? fs.sync_directory(parent_of(parent_of(path))) : Result<void>();
  }
  NCT_CHECK(make_durable_directories(fs, parent_of(path)));
  const NewFile file{.path = path, .bytes = text};
  return replace_files(fs, {&file, 1});
}

Result<void> link_units(Fs& fs, const RotationChange& change) {
  for (const auto& unit : rotation_units())
    if (std::ranges::find(change.to_enable, unit.name) != change.to_enable.end())
      NCT_CHECK(link_unit(fs, unit));
  return {};
}

}  // namespace

Result<RotationChange> compare_rotation(Fs& fs, ServiceManager* services, std::string_view directory) {
  RotationChange change;
  NCT_TRY(change.drop_in, drop_in_differs(fs, path_drop_in(directory)));
  for (const auto& unit : rotation_units()) {
    NCT_TRY(const auto installed, installed_unit(fs, unit));
    if (!installed.file) return RotationChange{};
    UnitStep step{.unit = std::string(unit.name), .masked = installed.masked};
    const auto add_reason = [&](std::string_view reason) {
      step.reason += concat(step.reason.empty() ? "" : ", ", reason);
    };
    if (step.masked) {
      add_reason("it is masked");
    } else {
      if (!installed.enabled) {
        add_reason("it is not enabled");
        change.to_enable.push_back(step.unit);
      }
      if (change.drop_in && unit.name.ends_with(".path")) add_reason(concat("it shall watch ", directory));
      if (services != nullptr) {
        NCT_TRY(const auto status, services->status(step.unit));
        if (!status.runs()) add_reason("it does not run");
      }
    }
    if (!step.reason.empty()) change.steps.push_back(std::move(step));
  }
  change.installed = true;
  return change;
}

Result<void> enable_rotation(Fs& fs, ServiceManager* services, const RotationChange& change,
                             std::string_view directory) {
  if (change.drop_in) NCT_CHECK(write_drop_in(fs, path_drop_in(directory)));
  if (services == nullptr) return link_units(fs, change);
  if (!change.to_enable.empty()) NCT_CHECK(services->enable(change.to_enable));
  // Only a unit file that systemd may have read before needs this: it takes longer than all of the rest.
  if (change.drop_in) NCT_CHECK(services->reload());
  for (const auto& step : change.steps) {
    if (step.masked) continue;
    const bool afresh = change.drop_in && step.unit.ends_with(".path");
    NCT_CHECK(services->start(step.unit, afresh ? Start::afresh : Start::if_needed));
  }
  return {};
}

}  // namespace nct
