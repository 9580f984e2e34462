#include <algorithm>
#include <array>
#include <climits>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "store/files/store_directory.hpp"

namespace nct {

namespace {

constexpr std::size_t kMostInBucket = 256;
constexpr unsigned long kNoNumber = ULONG_MAX;

// What apps/rehash.c knows of one link target or file within a bucket.
struct Candidate {
  std::string_view name;
  std::optional<Fingerprint> content;  // set once a file was seen: it needs a link
  unsigned long number = kNoNumber;    // lowest number of a link to it

  [[nodiscard]] bool needed() const { return content.has_value(); }
};

struct Bucket {
  std::vector<Candidate> candidates;  // in the order of discovery
  std::size_t needed = 0;

  Candidate& named(std::string_view name) {
    const auto known = std::ranges::find(candidates, name, &Candidate::name);
    if (known != candidates.end()) return *known;
    return candidates.emplace_back(Candidate{.name = name});
  }
};

using BucketKey = std::pair<std::uint32_t, bool>;

}  // namespace

Result<Links> rehashed(Links links, std::span<const HashedFile> files, std::deque<std::string>& names) {
  // Links and files are met in one pass, in byte order of their names; the order of discovery decides
  // numbers.
  struct Met {
    std::string_view name;
    std::optional<std::string_view> target;  // of a link
    const StoreFile* facts = nullptr;
  };
  std::vector<Met> met;
  for (const auto& [name, target] : links)
    if (hash_link_from(name)) met.push_back({.name = name, .target = target});
  for (const auto& file : files)
    met.push_back({.name = file.name, .facts = file.facts});
  std::ranges::sort(met, {}, &Met::name);

  std::map<BucketKey, Bucket> buckets;
  for (const auto& item : met) {
    if (item.target) {
      const auto link = *hash_link_from(item.name);
      auto& candidate = buckets[{link.hash, link.crl}].named(*item.target);
      candidate.number = std::min(candidate.number, link.number);
      continue;
    }
    if (item.facts->only_key)
      return fail(Errc::in_the_way,
                  concat("'", printable(item.name),
                         "' holds a key and no certificate, and openssl-rehash fails on it"));
    if (item.facts->kind == StoreFile::Kind::unusable) continue;
    auto& bucket = buckets[{item.facts->name_hash, item.facts->kind == StoreFile::Kind::crl}];
    const auto& content = item.facts->certificates.front();
    const bool duplicate =
        std::ranges::any_of(bucket.candidates, [&](const auto& known) { return known.content == content; });
    if (duplicate) continue;
    if (bucket.needed == kMostInBucket)
      return fail(Errc::in_the_way, concat("more than 256 certificates share the subject of '",
                                           printable(item.name), "', and openssl-rehash fails on them"));
    auto& candidate = bucket.named(item.name);
    if (candidate.needed()) continue;
    candidate.content = content;
    ++bucket.needed;
  }

  for (const auto& [key, bucket] : buckets) {
    std::set<unsigned long> taken;
    for (const auto& candidate : bucket.candidates)
      if (candidate.number < bucket.needed) taken.insert(candidate.number);
    unsigned long next = 0;
    for (const auto& candidate : bucket.candidates) {
      if (candidate.number < bucket.needed) continue;
      if (candidate.needed()) {
        while (taken.contains(next))
          ++next;
        taken.insert(next);
        const auto& name =
            names.emplace_back(text_of({.hash = key.first, .crl = key.second, .number = next}));
        links[name] = candidate.name;
      } else {
        const auto name = text_of({.hash = key.first, .crl = key.second, .number = candidate.number});
        links.erase(name);
      }
    }
  }
  return links;
}

}  // namespace nct
