#include "store/debian/fresh_store.hpp"

#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "store/debian/paths.hpp"
#include "store/files/directory_links.hpp"

namespace nct {

namespace {

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// basename PATH .crt
std::string_view stem(std::string_view path) {
  constexpr std::string_view kSuffix = ".crt";
  auto name = base_name(path);
  if (name.size() > kSuffix.size() && name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  return name;
}

const StoreFile* only_object_of(const StoreInput& input) {
  const StoreFile* only = nullptr;
  for (const auto* list : {&input.selected, &input.local})
    for (const auto& source : *list) {
      if (source.facts->certificates.empty() && !source.facts->only_key) continue;
      if (only != nullptr || source.facts->kind == StoreFile::Kind::unusable) return nullptr;
      only = source.facts;
    }
  return only;
}

}  // namespace

Result<StoreResult> fresh_store(const StoreInput& input) {
  StoreResult result;
  struct Source {
    const SourceFile* file;
    std::string_view link;
  };
  std::vector<Source> sources;
  sources.reserve(input.selected.size() + input.local.size());
  Links source_links;
  for (const auto* list : {&input.selected, &input.local})
    for (const auto& file : *list) {
      const std::string_view link = result.names.emplace_back(link_name(file.path));
      sources.push_back({.file = &file, .link = link});
      source_links[link] = file.path;
    }

  DirectoryLinks directory(
      input.directory,
      {.sources = {debian::kCertificates, input.local_directory}, .files = {}, .only_files = true},
      source_links);
  std::erase_if(directory.links, [&](const auto& link) { return directory.points_at_source(link.second); });
  directory.remove_dangling();
  for (const auto& path : input.deselected) {
    const auto name = concat(stem(path), ".pem");
    directory.links.erase(name);
  }

  std::unordered_map<std::string_view, const StoreFile*> linked;  // by link name
  std::size_t size = 0;
  for (const auto& source : sources)
    size += source.file->bytes.size() + 1;
  if (!sources.empty()) result.bundle.emplace().reserve(size);
  auto selected_left = static_cast<std::ptrdiff_t>(input.selected.size());
  for (const auto& [source, name] : sources) {
    const auto* in_place = directory.entry(name);
    if (in_place != nullptr && in_place->kind == StoreEntry::Kind::other)
      return fail(Errc::in_the_way, concat("'", debian::kStore, "/", printable(name),
                                           "' is neither file nor link, and the link to '",
                                           printable(source->path), "' must go there"));
    directory.links[name] = source->path;
    linked[name] = source->facts;
    *result.bundle += source->bytes;
    result.bundled.push_back(source);
    if (!source->bytes.empty() && source->bytes.back() != '\n') *result.bundle += '\n';
    if (--selected_left == 0) result.selected_bytes = result.bundle->size();
  }

  std::vector<HashedFile> files;
  for (const auto& [name, target] : directory.links) {
    if (hash_link_from(name) || !is_hashed_name(name)) continue;
    const auto source = linked.find(name);
    const auto* entry = directory.entry(name);
    const auto* facts = source != linked.end() ? source->second : entry != nullptr ? entry->facts : nullptr;
    if (facts != nullptr && facts->only_key)
      return fail(
          Errc::in_the_way,
          concat("'",
                 printable(source != linked.end() ? std::string(target) : concat(debian::kStore, "/", name)),
                 "' holds a key and no certificate, and openssl-rehash fails on it"));
    if (facts != nullptr) files.push_back({.name = name, .facts = facts});
  }
  for (const auto& entry : input.directory) {
    const bool bundle = entry.name == debian::kBundleName;
    if (entry.kind != StoreEntry::Kind::file || bundle || directory.links.contains(entry.name)) continue;
    if (is_hashed_name(entry.name) && entry.facts != nullptr)
      files.push_back({.name = entry.name, .facts = entry.facts});
  }
  // A bundle of one certificate is itself a file that a hash link may point to.
  result.bundle_facts = only_object_of(input);
  if (result.bundle_facts != nullptr)
    files.push_back({.name = debian::kBundleName, .facts = result.bundle_facts});

  NCT_TRY(result.links, settled(std::move(directory.links), files, source_links, result.names));
  return result;
}

}  // namespace nct
