// How the links of one hash bucket are changed while readers walk it. A reader tries HASH.0, HASH.1, ... and
// stops at the first number it cannot open (OpenSSL, crypto/x509/by_dir.c), so a bucket must at every moment
// be without a gap, and a certificate that stays must never move past a reader.
#pragma once

#include <map>
#include <string_view>
#include <vector>

namespace nct {

// Link texts by number: views of what they were made from.
using Bucket = std::map<unsigned long, std::string_view>;

struct BucketChange {
  struct Set {
    unsigned long number = 0;
    std::string_view target;
  };
  std::vector<Set> sets;                // first, in this order; each replaces a link of its number at once
  std::vector<unsigned long> removals;  // last, in this order
  // A certificate that stays goes to a lower number: a reader that is already past it needs its old place for
  // the rest of its walk, so the removals must wait that long.
  bool readers_need_grace = false;
};

// The change from `now` to `wanted`, which has no gaps. An anchor that gets its other name stays. While it is
// carried out, every target that `now` (up to its first gap) and `wanted` both hold can be reached.
BucketChange change_of(const Bucket& now, const Bucket& wanted);

}  // namespace nct
