#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "store/debian/paths.hpp"
#include "store/debian/store_directory.hpp"

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

// The extensions of apps/rehash.c, in any case; it does not look into directories.
bool is_hashed_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || name.contains('/')) return false;
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(), ascii_lower);
  return extension == "pem" || extension == "crt" || extension == "cer" || extension == "crl";
}

// The name within the store directory that a link text means, or nothing for a way out of it.
std::optional<std::string_view> name_inside(std::string_view target) {
  if (target.starts_with(debian::kStore) && target.substr(debian::kStore.size()).starts_with('/'))
    target.remove_prefix(debian::kStore.size() + 1);
  if (target.starts_with("./")) target.remove_prefix(2);
  if (target.empty() || target.contains('/')) return std::nullopt;
  return target;
}

class Directory {
 public:
  // The tool puts the link to a source in the place of any file, but in its first run a hash link still finds
  // the file and keeps its number; a second run would number anew. So the files in `linked` places count as
  // links.
  Directory(const StoreInput& input, const Links& linked) : local_directory_(input.local_directory) {
    for (const auto& entry : input.directory) {
      const auto source = linked.find(entry.name);
      const bool replaced = entry.kind == StoreEntry::Kind::file && source != linked.end();
      if (replaced) links.emplace(entry.name, source->second);
      if (replaced) continue;
      entries_.emplace(entry.name, &entry);
      if (entry.kind == StoreEntry::Kind::link) links.emplace(entry.name, entry.target);
    }
  }

  // `test -f`: it is, or leads to, a regular file.
  [[nodiscard]] bool is_file(std::string_view name) const { return is_file(name, 0); }

  [[nodiscard]] const StoreEntry* entry(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second;
  }

  // A link of the tool's.
  [[nodiscard]] bool points_at_certificate_files(std::string_view target) const {
    return target.starts_with(debian::kCertificates) || target.starts_with(local_directory_);
  }

  Links links;  // as they come to be; entries of other kinds stay what they are

 private:
  static constexpr int kMostLinks = 40;  // as the kernel follows, path_resolution(7)

  [[nodiscard]] bool is_file(std::string_view name, int followed) const {
    if (followed > kMostLinks) return false;
    const auto* known = entry(name);
    const auto link = links.find(name);
    if (link == links.end()) return known != nullptr && known->kind == StoreEntry::Kind::file;
    if (points_at_certificate_files(link->second)) return true;  // only links to existing sources are added
    const bool nested = name.contains('/');
    if (const auto inside = name_inside(link->second); inside && !nested)
      return is_file(*inside, followed + 1);
    return known != nullptr && known->leads_to_file;
  }

  std::string_view local_directory_;
  std::unordered_map<std::string_view, const StoreEntry*> entries_;
};

void clear_links(Directory& directory) {
  std::erase_if(directory.links,
                [&](const auto& link) { return directory.points_at_certificate_files(link.second); });
  std::vector<std::string_view> names;
  names.reserve(directory.links.size());
  for (const auto& [name, target] : directory.links)
    names.push_back(name);
  for (const auto name : names)
    if (!directory.is_file(name)) directory.links.erase(name);
}

// What openssl-rehash(1) comes to rest at. Of several stale hash links to one file a run takes the lowest
// away; only links to somebody else's files outlive the tool's next --fresh, and are there to be met by its
// next run.
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

std::string link_name(std::string_view path) {
  std::string name(stem(path));
  for (char& c : name) {
    if (c == ' ' || c == ',') c = '_';
    if (c == '(' || c == ')') c = '=';
  }
  return name + ".pem";
}

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

  Directory directory(input, source_links);
  clear_links(directory);
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
