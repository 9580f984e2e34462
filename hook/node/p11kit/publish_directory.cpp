#include "node/p11kit/publish_directory.hpp"

#include "base/text.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

Result<void> replace_link(Fs& fs, const std::string& target, const std::string& staged,
                          const std::string& path) {
  NCT_CHECK(fs.make_link(target, staged));
  return fs.rename(staged, path);
}

Result<void> set_link(Fs& fs, const Family& family, std::string_view directory, const LinkChange& link) {
  const auto path = concat(directory, "/", link.name);
  if (!link.replaces) return fs.make_link(link.target, path);
  return replace_link(fs, link.target, staged_in(family, directory, link.name), path);
}

// In Family::store. Somebody else's link may have the name; the distribution's tool would replace it, too.
Result<void> set_above(Fs& fs, const Family& family, const LinkChange& link) {
  const auto path = concat(family.store, "/", link.name);
  const auto target = concat(family.into_view, link.target);
  if (!link.replaces && !family.store_has_names) return fs.make_link(target, path);
  return replace_link(fs, target, concat(family.store_staging, link.name), path);
}

constexpr std::uint32_t kWritable = 0755;  // for its owner, who has no capability to write it otherwise

}  // namespace

Result<void> let_write_views(Fs& fs, const Family& family, bool can) {
  if (family.view_directory.empty()) return {};
  return fs.set_mode(std::string(family.view_directory), can ? kWritable : kHashDirectoryMode);
}

std::string staged_view(const Family& family, std::string_view path) {
  return concat(family.bundle_staging, path.substr(path.rfind('/') + 1));
}

std::string staged_in(const Family& family, std::string_view directory, std::string_view name) {
  return concat(staged_view(family, directory), ".", name);
}

Result<void> publish_directory(Fs& fs, const Family& family, const std::string& directory,
                               const HashedChanges& changes, std::chrono::milliseconds reader_grace) {
  const auto place = [&](const std::string& name) -> Result<void> {
    const auto staged = staged_in(family, directory, name);
    NCT_CHECK(fs.copy_label(directory, staged));
    return fs.rename(staged, concat(directory, "/", name));
  };
  NCT_CHECK(fs.make_directories(directory));
  NCT_CHECK(fs.set_mode(directory, kWritable));
  for (const auto& name : changes.added)
    NCT_CHECK(place(name));
  for (const auto& [name, other] : changes.beside)
    NCT_CHECK(place(other));
  NCT_CHECK(fs.sync_directory(directory));
  for (const auto& link : changes.set)
    NCT_CHECK(set_link(fs, family, directory, link));
  for (const auto& link : changes.set_above)
    NCT_CHECK(set_above(fs, family, link));
  for (const auto& name : changes.named_above)
    NCT_CHECK(set_above(fs, family, {.name = name, .target = name, .replaces = false}));
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
    NCT_CHECK(set_above(fs, family, link));
  if (!changes.beside.empty() || !changes.files_removed.empty()) NCT_CHECK(sync());
  for (const auto& [name, other] : changes.beside)
    NCT_CHECK(fs.remove_file(concat(directory, "/", other)));
  for (const auto& name : changes.files_removed)
    NCT_CHECK(fs.remove_file(concat(directory, "/", name)));
  return fs.set_mode(directory, kHashDirectoryMode);
}

}  // namespace nct
