#include "store/link_changes.hpp"

#include <algorithm>
#include <utility>

namespace nct {

namespace {

// A hash link as the tools write its name; "0AB1CD2E.00" is a name like any other.
std::optional<HashLinkName> canonical_hash_link(std::string_view name) {
  const auto link = hash_link_from(name);
  return link && text_of(*link) == name ? link : std::nullopt;
}

void add_bucket_changes(const BucketKey& key, Bucket now, const Bucket& wanted,
                        const std::set<std::string_view>& files, LinkChanges& changes) {
  const auto change = change_of(now, wanted);
  const auto links_now = now.size();
  const auto name = [&](unsigned long number) {
    return text_of(HashLinkName{.hash = key.first, .crl = key.second, .number = number});
  };
  for (const auto& [number, target] : change.sets) {
    const bool replaces = now.contains(number) || files.contains(name(number));
    now[number] = target;
    changes.hashes_set.push_back({.name = name(number), .target = std::string(target), .replaces = replaces});
  }
  for (const auto number : change.removals)
    changes.hashes_removed.push_back(name(number));
  changes.readers_need_grace = changes.readers_need_grace || change.readers_need_grace;
  const bool changed = !change.sets.empty() || !change.removals.empty();
  changes.in_shared_bucket = changes.in_shared_bucket || (changed && std::max(links_now, wanted.size()) > 1);
}

}  // namespace

std::map<BucketKey, Bucket> buckets_of(const Links& links) {
  std::map<BucketKey, Bucket> buckets;
  for (const auto& [name, target] : links)
    if (const auto link = canonical_hash_link(name))
      buckets[{link->hash, link->crl}].emplace(link->number, target);
  return buckets;
}

LinkChanges link_changes(const Links& now, const Links& wanted, const std::set<std::string_view>& files) {
  LinkChanges changes;
  if (now == wanted) return changes;
  for (const auto& [name, target] : wanted) {
    const auto known = now.find(name);
    if ((known != now.end() && known->second == target) || canonical_hash_link(name)) continue;
    const bool replaces = known != now.end() || files.contains(name);
    (replaces ? changes.replaced : changes.added)
        .push_back({.name = std::string(name), .target = std::string(target), .replaces = replaces});
  }
  for (const auto& [name, target] : now)
    if (!wanted.contains(name) && !canonical_hash_link(name)) changes.removed.emplace_back(name);

  auto buckets_now = buckets_of(now);
  auto buckets_wanted = buckets_of(wanted);
  for (const auto& [key, bucket] : buckets_now)
    buckets_wanted.try_emplace(key);
  for (const auto& [key, bucket] : buckets_wanted)
    add_bucket_changes(key, std::move(buckets_now[key]), bucket, files, changes);
  return changes;
}

}  // namespace nct
