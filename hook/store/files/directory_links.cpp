#include "store/files/directory_links.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "store/debian/paths.hpp"

namespace nct {

namespace {

constexpr int kMostLinks = 40;  // as the kernel follows, path_resolution(7)

// The name within the store directory that a link text means, or nothing for a way out of it.
std::optional<std::string_view> name_inside(std::string_view target) {
  if (target.starts_with(debian::kStore) && target.substr(debian::kStore.size()).starts_with('/'))
    target.remove_prefix(debian::kStore.size() + 1);
  if (target.starts_with("./")) target.remove_prefix(2);
  if (target.empty() || target.contains('/')) return std::nullopt;
  return target;
}

}  // namespace

// The tool puts the link to a source in the place of any file, but in its first run a hash link still finds
// the file and keeps its number; a second run would number anew. So the files in `replaced` places count as
// links.
DirectoryLinks::DirectoryLinks(std::span<const StoreEntry> entries, LinkRules rules, const Links& replaced)
    : rules_(std::move(rules)) {
  for (const auto& entry : entries) {
    const auto source = replaced.find(entry.name);
    const bool is_replaced = entry.kind == StoreEntry::Kind::file && source != replaced.end();
    if (is_replaced) links.emplace(entry.name, source->second);
    if (is_replaced) continue;
    entries_.emplace(entry.name, &entry);
    if (entry.kind == StoreEntry::Kind::link) links.emplace(entry.name, entry.target);
  }
}

const StoreEntry* DirectoryLinks::entry(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : found->second;
}

bool DirectoryLinks::points_at_source(std::string_view target) const {
  return std::ranges::any_of(rules_.sources,
                             [&](std::string_view source) { return target.starts_with(source); });
}

bool DirectoryLinks::leads_somewhere(std::string_view name, int followed) const {
  if (followed > kMostLinks) return false;
  if (rules_.files.contains(name)) return true;
  const auto* known = entry(name);
  const auto link = links.find(name);
  if (link == links.end())
    return known != nullptr && (known->kind == StoreEntry::Kind::file ||
                                (!rules_.only_files && known->kind == StoreEntry::Kind::other));
  if (points_at_source(link->second)) return true;  // only links to existing sources are added
  const bool nested = name.contains('/');
  if (const auto inside = name_inside(link->second); inside && !nested)
    return leads_somewhere(*inside, followed + 1);
  return known != nullptr && known->leads_to_file;
}

void DirectoryLinks::remove_dangling() {
  std::vector<std::string_view> names;
  names.reserve(links.size());
  for (const auto& [name, target] : links)
    names.push_back(name);
  for (const auto name : names)
    if (!leads_somewhere(name)) links.erase(name);
}

}  // namespace nct
