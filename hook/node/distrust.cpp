#include "node/distrust.hpp"

#include <optional>
#include <set>

#include "base/text.hpp"
#include "node/replace_files.hpp"

namespace nct {

namespace {

// In place of what is there, with its mode and label.
Result<void> put(Fs& fs, const DistrustChange::Replacement& file) {
  constexpr std::uint32_t kMode = 0644;
  NCT_CHECK(remove_if_there(fs, file.staged));
  NCT_TRY(const auto there, fs.status(file.path, false));
  const NewFile staged{.path = file.staged, .bytes = file.bytes, .mode = there ? there->mode : kMode};
  NCT_CHECK(fs.write_files({&staged, 1}));
  NCT_CHECK(fs.copy_label(there ? file.path : std::string(directory_of(file.path)), file.staged));
  return fs.rename(file.staged, file.path);
}

}  // namespace

Result<void> carry_out(Fs& fs, const DistrustChange& change) {
  std::set<std::string> directories;
  for (const auto& file : change.files) {
    NCT_CHECK(make_durable_directories(fs, std::string(directory_of(file.path))));
    NCT_CHECK(put(fs, file));
    directories.emplace(directory_of(file.path));
  }
  for (const auto& path : change.removed) {
    NCT_CHECK(fs.remove_file(path));
    directories.emplace(directory_of(path));
  }
  for (const auto& directory : directories)
    NCT_CHECK(fs.sync_directory(directory));
  return {};
}

}  // namespace nct
