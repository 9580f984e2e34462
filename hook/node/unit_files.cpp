#include "node/unit_files.hpp"

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "node/replace_files.hpp"

namespace nct {

namespace {

// The first of the places that has a file of this name, followed to its end or not.
Result<std::optional<std::string>> first_of(Fs& fs, std::string_view name, bool follow) {
  for (const auto directory : unit_directories()) {
    auto path = concat(directory, "/", name);
    NCT_TRY(const auto status, fs.status(path, follow));
    if (status) return std::optional(std::move(path));
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> unit_file(Fs& fs, std::string_view unit) {
  return first_of(fs, unit, true);
}

Result<std::optional<std::string>> drop_in_file(Fs& fs, std::string_view unit, std::string_view name) {
  return first_of(fs, concat(unit, ".d/", name), false);
}

Result<bool> is_masked(Fs& fs, std::string_view unit) {
  for (const auto directory : {kAdministratorsUnits, kRuntimeUnits}) {
    const auto entries = fs.list_directory(std::string(directory));
    if (!entries && entries.error().os_errno == ENOENT) continue;
    if (!entries) return std::unexpected(entries.error());
    const bool masked = std::ranges::any_of(*entries, [&](const DirectoryEntry& entry) {
      return entry.name == unit && entry.kind == FileKind::link && entry.target == "/dev/null";
    });
    if (masked) return true;
  }
  return false;
}

Result<bool> is_enabled(Fs& fs, const RotationUnit& unit) {
  NCT_TRY(const auto link, fs.status(enabling_link(unit), false));
  return link.has_value();
}

Result<void> link_unit(Fs& fs, const RotationUnit& unit) {
  NCT_TRY(const auto file, unit_file(fs, unit.name));
  if (!file) return fail(Errc::systemd, concat("enable '", unit.name, "': it is not installed"));
  const auto link = enabling_link(unit);
  const auto directory = link.substr(0, link.rfind('/'));
  NCT_CHECK(make_durable_directories(fs, directory));
  NCT_CHECK(fs.make_link(*file, link));
  return fs.sync_directory(directory);
}

}  // namespace nct
