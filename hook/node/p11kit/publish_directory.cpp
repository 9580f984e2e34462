#include "node/p11kit/publish_directory.hpp"

#include "base/text.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

Result<void> set_link(Fs& fs, const Family& family, std::string_view directory, const LinkChange& link) {
  const auto path = concat(directory, "/", link.name);
  if (!link.replaces) return fs.make_link(link.target, path);
  NCT_CHECK(fs.make_link(link.target, staged_view(family, link.name)));
  return fs.rename(staged_view(family, link.name), path);
}

}  // namespace

std::string staged_view(const Family& family, std::string_view path) {
  return concat(family.store_staging, path.substr(path.rfind('/') + 1));
}

Result<void> publish_directory(Fs& fs, const Family& family, const std::string& directory,
                               const HashedChanges& changes, std::chrono::milliseconds reader_grace) {
  constexpr std::uint32_t kWritable = 0755;  // for its owner, who has no capability to write it otherwise
  const auto place = [&](const std::string& name) -> Result<void> {
    NCT_CHECK(fs.copy_label(directory, staged_view(family, name)));
    return fs.rename(staged_view(family, name), concat(directory, "/", name));
  };
  const auto above = [&](const LinkChange& link) {
    return LinkChange{
        .name = link.name, .target = concat(directory, "/", link.target), .replaces = link.replaces};
  };
  NCT_CHECK(fs.set_mode(directory, kWritable));
  for (const auto& name : changes.added)
    NCT_CHECK(place(name));
  for (const auto& [name, other] : changes.beside)
    NCT_CHECK(place(other));
  NCT_CHECK(fs.sync_directory(directory));
  for (const auto& link : changes.set)
    NCT_CHECK(set_link(fs, family, directory, link));
  for (const auto& link : changes.set_above)
    NCT_CHECK(set_link(fs, family, family.store, above(link)));
  if (changes.readers_need_grace) wait_until(std::chrono::steady_clock::now() + reader_grace);
  for (const auto& name : changes.removed_above)
    NCT_CHECK(fs.remove_file(concat(family.store, "/", name)));
  for (const auto& name : changes.removed)
    NCT_CHECK(fs.remove_file(concat(directory, "/", name)));
  const auto sync = [&]() -> Result<void> {
    NCT_CHECK(fs.sync_directory(directory));
    return family.store.empty() ? Result<void>() : fs.sync_directory(std::string(family.store));
  };
  if (!changes.beside.empty()) NCT_CHECK(sync());
  for (const auto& [name, other] : changes.beside)
    NCT_CHECK(place(name));
  for (const auto& link : changes.renamed)
    NCT_CHECK(set_link(fs, family, directory, link));
  for (const auto& link : changes.renamed_above)
    NCT_CHECK(set_link(fs, family, family.store, above(link)));
  if (!changes.beside.empty() || !changes.files_removed.empty()) NCT_CHECK(sync());
  for (const auto& [name, other] : changes.beside)
    NCT_CHECK(fs.remove_file(concat(directory, "/", other)));
  for (const auto& name : changes.files_removed)
    NCT_CHECK(fs.remove_file(concat(directory, "/", name)));
  return fs.set_mode(directory, kHashDirectoryMode);
}

}  // namespace nct
