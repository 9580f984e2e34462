#include "store/p11kit/hashed_directory.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "store/link_changes.hpp"

namespace nct {

namespace {

using LinkMap = std::map<std::string, std::string>;

// Where a certificate's bytes lie while links are changed, by their SHA-256 in hexadecimal digits.
using Holders = std::map<std::string, std::string, std::less<>>;

// What a link leads to: the SHA-256 of it; where it leads nowhere that is known, the target itself, which no
// digits are.
std::string content_of(const std::string& target, const std::map<std::string, Fingerprint>& files) {
  const auto file = files.find(target);
  return file == files.end() ? concat("?", target) : file->second.hex();
}

LinkMap by_content(const LinkMap& links, const std::map<std::string, Fingerprint>& files) {
  LinkMap contents;
  for (const auto& [name, target] : links)
    contents.emplace(name, content_of(target, files));
  return contents;
}

Links views_of(const LinkMap& links) {
  Links views;
  for (const auto& [name, target] : links)
    views.emplace(name, target);
  return views;
}

struct DirectoryLinks {
  std::vector<LinkChange> set;
  std::vector<std::string> removed;
  std::vector<LinkChange> renamed;
  bool readers_need_grace = false;
};

// Of one directory of links: by content, so that a certificate is followed whatever its file is called.
DirectoryLinks directory_links(const LinkMap& now, const std::map<std::string, Fingerprint>& files_now,
                               const LinkMap& wanted, const std::map<std::string, Fingerprint>& files_wanted,
                               const Holders& holders) {
  DirectoryLinks changes;
  const auto contents_now = by_content(now, files_now);
  const auto contents_wanted = by_content(wanted, files_wanted);
  const auto by_bucket = link_changes(views_of(contents_now), views_of(contents_wanted), {});
  LinkMap present = now;
  for (const auto& [name, content, replaces] : by_bucket.hashes_set) {
    const auto& target = holders.at(content);
    changes.set.push_back({.name = name, .target = target, .replaces = replaces});
    present[name] = target;
  }
  for (const auto& name : by_bucket.hashes_removed)
    present.erase(name);
  changes.removed = by_bucket.hashes_removed;
  changes.readers_need_grace = by_bucket.readers_need_grace;
  // A link that leads to the right certificate by another name.
  for (const auto& [name, target] : wanted) {
    const auto& holder = holders.at(contents_wanted.at(name));
    if (present.at(name) != holder && present.at(name) != target) {
      changes.set.push_back({.name = name, .target = holder, .replaces = true});
      present[name] = holder;
    }
    if (present.at(name) != target)
      changes.renamed.push_back({.name = name, .target = target, .replaces = true});
  }
  return changes;
}

}  // namespace

LinksAbove links_to(const HashedDirectory& directory, bool names) {
  LinksAbove above{.links = directory.links, .names = {}};
  if (names)
    for (const auto& [name, digest] : directory.files)
      above.names.insert(name);
  return above;
}

bool HashedChanges::none() const {
  return added.empty() && beside.empty() && set.empty() && set_above.empty() && named_above.empty() &&
         removed_above.empty() && removed.empty() && renamed.empty() && renamed_above.empty() &&
         files_removed.empty();
}

HashedChanges hashed_changes(const HashedDirectory& now, const HashedDirectory& wanted,
                             const LinksAbove* above, bool names) {
  HashedChanges changes;
  Holders holders;
  for (const auto& [name, digest] : wanted.files) {
    const auto there = now.files.find(name);
    auto holder = name;
    if (there == now.files.end()) {
      changes.added.push_back(name);
    } else if (there->second != digest) {
      holder = concat("node-ca-trust-", digest.hex().substr(0, 32), ".new");
      changes.beside.emplace(name, holder);
    }
    holders.emplace(digest.hex(), std::move(holder));
  }
  auto here = directory_links(now.links, now.files, wanted.links, wanted.files, holders);
  changes.set = std::move(here.set);
  changes.removed = std::move(here.removed);
  changes.renamed = std::move(here.renamed);
  changes.readers_need_grace = here.readers_need_grace;
  if (above != nullptr) {
    auto there = directory_links(above->links, now.files, wanted.links, wanted.files, holders);
    changes.set_above = std::move(there.set);
    changes.removed_above = std::move(there.removed);
    const auto goal = links_to(wanted, names).names;
    std::ranges::set_difference(goal, above->names, std::back_inserter(changes.named_above));
    std::ranges::set_difference(above->names, goal, std::back_inserter(changes.removed_above));
    changes.renamed_above = std::move(there.renamed);
    changes.readers_need_grace = changes.readers_need_grace || there.readers_need_grace;
  }
  // One that waits beside may lie there already, since a run was broken off.
  const auto waits = [&](const std::string& name) {
    return std::ranges::any_of(changes.beside, [&](const auto& each) { return each.second == name; });
  };
  for (const auto& [name, digest] : now.files)
    if (!wanted.files.contains(name) && !waits(name)) changes.files_removed.push_back(name);
  return changes;
}

std::vector<std::string> reached(const std::map<std::string, std::string>& links,
                                 const std::map<std::string, Fingerprint>& files) {
  std::vector<std::string> names;
  for (const auto& [key, bucket] : buckets_of(views_of(links)))
    for (unsigned long number = 0; bucket.contains(number); ++number) {
      const std::string target(bucket.at(number));
      if (!files.contains(target)) break;
      names.push_back(target);
    }
  return names;
}

}  // namespace nct
