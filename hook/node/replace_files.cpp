#include "node/replace_files.hpp"

#include <cerrno>
#include <utility>

#include "base/text.hpp"

namespace nct {

std::string aside(std::string_view path) {
  return concat(path, ".new");
}

Result<void> place_files(Fs& fs, std::span<const NewFile> files, std::vector<NewFile> beside) {
  auto written = std::move(beside);
  for (auto file : files) {
    file.path = aside(file.path);
    NCT_CHECK(remove_if_there(fs, file.path));
    written.push_back(std::move(file));
  }
  NCT_CHECK(fs.write_files(written));
  for (const auto& file : files)
    NCT_CHECK(fs.rename(aside(file.path), file.path));
  return {};
}

Result<void> replace_files(Fs& fs, std::span<const NewFile> files) {
  if (files.empty()) return {};
  NCT_CHECK(place_files(fs, files));
  return fs.sync_directory(files.front().path.substr(0, files.front().path.rfind('/')));
}

Result<void> make_durable_directories(Fs& fs, const std::string& path) {
  NCT_TRY(const auto made_in, fs.make_directories(path));
  return sync_directories(fs, made_in);
}

Result<void> sync_directories(Fs& fs, std::span<const std::string> directories) {
  for (const auto& directory : directories) {
    auto synced = fs.sync_directory(directory);
    if (!synced && synced.error().os_errno != ENOENT) return synced;
  }
  return {};
}

Result<void> remove_if_there(Fs& fs, const std::string& path) {
  auto removed = fs.remove_file(path);
  if (!removed && removed.error().os_errno == ENOENT) return {};
  return removed;
}

}  // namespace nct
