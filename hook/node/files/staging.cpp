#include "node/files/staging.hpp"

#include <cerrno>
#include <set>

#include "base/text.hpp"

namespace nct {

std::string staged_link(const Family& family, std::string_view name) {
  return concat(family.store_staging, name);
}

std::string staged_bundle(const Family& family) {
  return concat(family.bundle_staging, family.bundle.substr(family.bundle.rfind('/') + 1));
}

std::string staged_anchor(const Family& family, std::string_view path) {
  return concat(family.anchor_staging, path.substr(path.rfind('/') + 1), ".new");
}

Result<std::vector<std::string>> staged(Fs& fs, const Family& family) {
  std::vector<std::string> paths;
  const std::set<std::string_view> places{family.store_staging, family.anchor_staging, family.bundle_staging};
  for (const auto staging : places) {
    const auto slash = staging.rfind('/');
    const auto directory = staging.substr(0, slash);
    const auto entries = fs.list_names(std::string(directory));
    if (!entries && entries.error().os_errno == ENOENT) continue;
    if (!entries) return std::unexpected(entries.error());
    for (const auto& entry : *entries)
      if (entry.name.starts_with(staging.substr(slash + 1)))
        paths.push_back(concat(directory, "/", entry.name));
  }
  return paths;
}

}  // namespace nct
