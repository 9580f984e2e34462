#include "node/replace_files.hpp"

#include <cerrno>
#include <vector>

#include "base/text.hpp"

namespace nct {

Result<void> replace_files(Fs& fs, std::span<const NewFile> files) {
  if (files.empty()) return {};
  std::vector<NewFile> aside(files.begin(), files.end());
  for (auto& file : aside) {
    file.path += ".new";
    NCT_CHECK(remove_if_there(fs, file.path));
  }
  NCT_CHECK(fs.write_files(aside));
  for (std::size_t i = 0; i < files.size(); ++i)
    NCT_CHECK(fs.rename(aside[i].path, files[i].path));
  return fs.sync_directory(files.front().path.substr(0, files.front().path.rfind('/')));
}

Result<void> remove_if_there(Fs& fs, const std::string& path) {
  auto removed = fs.remove_file(path);
  if (!removed && removed.error().os_errno == ENOENT) return {};
  return removed;
}

}  // namespace nct
