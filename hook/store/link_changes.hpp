// What must change in a store directory's links, parted by what its readers need.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/bucket.hpp"
#include "store/hash_link.hpp"

namespace nct {

struct LinkChanges {
  struct Set {
    std::string name;
    std::string target;
    bool replaces = false;  // something has that name now
  };
  std::vector<Set> added;                   // links to certificate files whose names are new
  std::vector<Set> replaced;                // links to certificate files that get another target
  std::vector<std::string> removed;         // links to certificate files
  std::vector<Set> hashes_set;              // hash links, in the order of store/bucket.hpp
  std::vector<std::string> hashes_removed;  // hash links, likewise
  bool readers_need_grace = false;          // between setting hash links and removing some
  bool in_shared_bucket = false;            // a bucket that changes holds several links, before or after

  [[nodiscard]] std::size_t size() const {
    return added.size() + replaced.size() + removed.size() + hashes_set.size() + hashes_removed.size();
  }
};

// From `now` to `wanted`; `files` are names in the directory that are not links.
LinkChanges link_changes(const Links& now, const Links& wanted, const std::set<std::string_view>& files);

// The hash links of a directory by bucket. A CRL's bucket is another one than a certificate's.
using BucketKey = std::pair<std::uint32_t, bool>;
std::map<BucketKey, Bucket> buckets_of(const Links& links);

}  // namespace nct
