#include "node/debian/staging.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "store/debian/paths.hpp"

namespace nct {

std::string staged_link_or_bundle(std::string_view name) {
  return concat(debian::kStoreStaging, name);
}

std::string staged_anchor(std::string_view path) {
  return concat(debian::kAnchorStaging, path.substr(path.rfind('/') + 1));
}

Result<std::vector<std::string>> staged(Fs& fs) {
  std::vector<std::string> paths;
  for (const auto staging : {debian::kStoreStaging, debian::kAnchorStaging}) {
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
