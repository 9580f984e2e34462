#include "store/files/store_directory.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "store/debian/fresh_store.hpp"
#include "store/debian/paths.hpp"
#include "store/files/files_in_store.hpp"

namespace nct {

Result<StoreResult> finished_store(const Family& family, const StoreInput& input) {
  switch (family.mechanism) {
    case Mechanism::certificate_files:
      return fresh_store(input);
    case Mechanism::rehashed_files:
      return rehashed_store(input);
    case Mechanism::c_rehashed_files:
      return c_rehashed_store(input);
    case Mechanism::extracts:
      break;
  }
  return fail(Errc::bug, concat("no store of files is made on ", family.name));
}

std::string link_name(std::string_view path) {
  constexpr std::string_view kSuffix = ".crt";
  std::string name(path.substr(path.rfind('/') + 1));
  if (path.size() == debian::kStore.size() + 1 + name.size() && path.starts_with(debian::kStore)) return name;
  if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
  for (char& c : name) {
    if (c == ' ' || c == ',') c = '_';
    if (c == '(' || c == ')') c = '=';
  }
  return name + ".pem";
}

bool is_hashed_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || name.contains('/')) return false;
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(), ascii_lower);
  return extension == "pem" || extension == "crt" || extension == "cer" || extension == "crl";
}

Result<Links> settled(Links links, std::span<const HashedFile> files, const Links& linked,
                      std::deque<std::string>& names) {
  const auto left_to_meet = [&](const Links& from) {
    Links left;
    for (const auto& [name, target] : from)
      if (!hash_link_from(name) || !linked.contains(target)) left.emplace(name, target);
    return left;
  };
  while (true) {
    NCT_TRY(auto after, rehashed(links, files, names));
    auto next = left_to_meet(after);
    if (next == links) return after;
    links = std::move(next);
  }
}

}  // namespace nct
