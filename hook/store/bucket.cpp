#include "store/bucket.hpp"

#include <algorithm>
#include <ranges>

#include "store/anchor_name.hpp"

namespace nct {

namespace {

unsigned long first_gap(const Bucket& bucket) {
  unsigned long number = 0;
  while (bucket.contains(number))
    ++number;
  return number;
}

// Some target that a reader finds now is wanted, but only below where it is now.
bool moves_down(const Bucket& now, const Bucket& wanted) {
  const auto gap = first_gap(now);
  return std::ranges::any_of(now, [&](const auto& link) {
    if (link.first >= gap) return false;
    const auto stays = [&](const auto& other) { return link_to_the_same(other.second, link.second); };
    const auto above = std::ranges::subrange(wanted.lower_bound(link.first), wanted.end());
    return std::ranges::any_of(wanted, stays) && std::ranges::none_of(above, stays);
  });
}

}  // namespace

BucketChange change_of(const Bucket& now, const Bucket& wanted) {
  BucketChange change;
  if (now == wanted) return change;
  change.readers_need_grace = moves_down(now, wanted);

  Bucket present = now;
  const auto set = [&](unsigned long number, std::string_view target) {
    auto& place = present[number];
    if (place == target) return;
    place = target;
    change.sets.push_back({.number = number, .target = target});
  };
  for (const auto& [number, target] : wanted)
    if (!present.contains(number)) set(number, target);
  // Where something moves down, all that is wanted stands behind both sets while the lower links are
  // replaced.
  if (change.readers_need_grace) {
    auto behind = first_gap(present);
    for (const auto& [number, target] : wanted)
      set(behind++, target);
  }
  // From the top down: what moves up is in its new place before its old one is replaced.
  for (const auto& [number, target] : std::views::reverse(wanted))
    set(number, target);

  for (const auto& [number, target] : std::views::reverse(present))
    if (!wanted.contains(number)) change.removals.push_back(number);
  return change;
}

}  // namespace nct
