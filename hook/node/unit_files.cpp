#include "node/unit_files.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/text.hpp"
#include "node/replace_files.hpp"

namespace nct {

namespace {

bool is_unit_directory(std::string_view path) {
  return std::ranges::find(unit_directories(), path) != unit_directories().end();
}

// Without "." and ".."; of a path in which no directory is a link.
std::string lexical(std::string_view path) {
  std::string plain;
  while (!path.empty()) {
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (name == "..")
      plain.resize(plain.empty() ? 0 : plain.rfind('/'));
    else if (!name.empty() && name != ".")
      plain += concat("/", name);
  }
  return plain;
}

// Where the link `path` leads, one step; nothing where it is no link.
Result<std::optional<std::string>> target_of(Fs& fs, const std::string& path) {
  const auto entries = fs.list_directory(std::string(directory_of(path)));
  if (!entries && (entries.error().os_errno == ENOENT || entries.error().os_errno == ENOTDIR))
    return std::nullopt;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries)
    if (entry.name == name_in(path) && entry.kind == FileKind::link)
      return lexical(entry.target.starts_with('/') ? entry.target
                                                   : concat(directory_of(path), "/", entry.target));
  return std::nullopt;
}

// Of a link that leads nowhere: whether it would lead to /dev/null, which a root that does not run may be
// without.
Result<bool> leads_to_null(Fs& fs, std::string path) {
  constexpr int kMostLinks = 40;
  for (int i = 0; i < kMostLinks; ++i) {
    NCT_TRY(const auto target, target_of(fs, path));
    if (!target) return false;
    if (*target == "/dev/null") return true;
    path = *target;
  }
  return false;
}

// Nothing where there is no such file.
Result<std::optional<UnitFile::State>> state_of(Fs& fs, const std::string& path) {
  NCT_TRY(const auto itself, fs.status(path, false));
  if (!itself) return std::nullopt;
  NCT_TRY(const auto status, fs.status(path, true));
  if (!status) {
    NCT_TRY(const bool null, leads_to_null(fs, path));
    return null ? UnitFile::State::masked : UnitFile::State::broken;
  }
  if (status->kind == FileKind::other || (status->kind == FileKind::regular && status->size == 0))
    return UnitFile::State::masked;
  return status->kind == FileKind::regular ? UnitFile::State::loadable : UnitFile::State::broken;
}

// The link that enables it, in the first directory that has one.
Result<std::optional<UnitFile>> wanted_by(Fs& fs, const RotationUnit& unit) {
  for (const auto directory : unit_directories()) {
    auto path = concat(directory, "/", unit.target, ".wants/", unit.name);
    NCT_TRY(const auto state, state_of(fs, path));
    if (state) return UnitFile{.path = std::move(path), .state = *state};
  }
  return std::nullopt;
}

// Links in the directories of units that lead to one of this name: systemd reads their drop-ins, too.
Result<std::vector<std::string>> other_names(Fs& fs, std::string_view unit) {
  std::vector<std::string> names;
  for (const auto directory : unit_directories()) {
    const auto entries = fs.list_directory(std::string(directory));
    if (!entries && (entries.error().os_errno == ENOENT || entries.error().os_errno == ENOTDIR)) continue;
    if (!entries) return std::unexpected(entries.error());
    for (const auto& entry : *entries) {
      if (entry.kind != FileKind::link || name_in(entry.target) != unit || entry.name == unit) continue;
      const auto target =
          lexical(entry.target.starts_with('/') ? entry.target : concat(directory, "/", entry.target));
      if (is_unit_directory(directory_of(target))) names.push_back(entry.name);
    }
  }
  return names;
}

// "a-b.service", "a-.service": the names that lend their drop-ins to a unit, itself first.
std::vector<std::string> lenders_of(std::string_view unit) {
  const auto dot = unit.rfind('.');
  const auto suffix = unit.substr(dot);
  auto prefix = unit.substr(0, dot);
  std::vector<std::string> names{std::string(unit)};
  while (true) {
    const auto end = prefix.ends_with('-') ? prefix.substr(0, prefix.size() - 1) : prefix;
    const auto dash = end.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return names;
    prefix = prefix.substr(0, dash + 1);
    names.push_back(concat(prefix, suffix));
  }
}

// Adds those of one directory whose names are not there yet.
Result<void> add_drop_ins(Fs& fs, const std::string& directory, std::map<std::string, std::string>& found) {
  const auto entries = fs.list_names(directory);
  if (!entries && (entries.error().os_errno == ENOENT || entries.error().os_errno == ENOTDIR)) return {};
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries)
    if (entry.name.ends_with(".conf") && !entry.name.starts_with('.'))
      found.try_emplace(entry.name, concat(directory, "/", entry.name));
  return {};
}

}  // namespace

Result<std::optional<UnitFile>> unit_file(Fs& fs, std::string_view unit) {
  for (const auto directory : unit_directories()) {
    auto path = concat(directory, "/", unit);
    NCT_TRY(const auto state, state_of(fs, path));
    if (!state) continue;
    if (*state == UnitFile::State::broken) {
      NCT_TRY(const auto target, target_of(fs, path));
      if (target && name_in(*target) == unit && is_unit_directory(directory_of(*target))) continue;
    }
    return UnitFile{.path = std::move(path), .state = *state};
  }
  return std::nullopt;
}

Result<std::vector<std::string>> drop_ins_of(Fs& fs, std::string_view unit) {
  std::map<std::string, std::string> found;  // by name: the first directory that has it counts
  NCT_TRY(auto names, other_names(fs, unit));
  names.insert(names.begin(), std::string(unit));
  for (const auto& name : names)
    for (const auto directory : unit_directories())
      for (const auto& lender : lenders_of(name))
        NCT_CHECK(add_drop_ins(fs, concat(directory, "/", lender, ".d"), found));
  for (const auto directory : unit_directories())
    NCT_CHECK(add_drop_ins(fs, concat(directory, "/", unit.substr(unit.rfind('.') + 1), ".d"), found));
  std::vector<std::string> paths;
  for (auto& [name, path] : found)
    paths.push_back(std::move(path));
  return paths;
}

Result<InstalledUnit> installed_unit(Fs& fs, const RotationUnit& unit) {
  InstalledUnit installed;
  NCT_TRY(installed.file, unit_file(fs, unit.name));
  NCT_TRY(const auto link, wanted_by(fs, unit));
  const auto is_masked = [](const std::optional<UnitFile>& each) {
    return each && each->state == UnitFile::State::masked;
  };
  installed.masked = is_masked(installed.file) || is_masked(link);
  installed.enabled = link && !is_masked(link);
  return installed;
}

Result<void> link_unit(Fs& fs, const RotationUnit& unit) {
  NCT_TRY(const auto file, unit_file(fs, unit.name));
  if (!file) return fail(Errc::systemd, concat("enable '", unit.name, "': it is not installed"));
  const auto link = enabling_link(unit);
  const auto directory = link.substr(0, link.rfind('/'));
  NCT_CHECK(make_durable_directories(fs, directory));
  NCT_CHECK(fs.make_link(file->path, link));
  return fs.sync_directory(directory);
}

}  // namespace nct
