#include "store/bucket.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;

namespace {

constexpr unsigned long kNumbers = 4;
using Targets = std::vector<std::string>;
const Targets kFour = {"a", "b", "c", "d"};
// Of which the last two are one anchor, by its two names.
const std::string kPlain = concat("node-ca-trust-", std::string(32, '0'), ".pem");
const std::string kBehind = concat("node-ca-trust-x", std::string(31, '0'), ".pem");
const Targets kTwoNames = {"a", "b", kPlain, kBehind};

std::string_view content_of(std::string_view target) {
  return target == kBehind ? std::string_view(kPlain) : target;
}

// Every way to fill the numbers below kNumbers, with gaps and with one target in several places.
std::vector<Bucket> all_buckets(const Targets& targets) {
  std::vector<Bucket> buckets{{}};
  for (unsigned long number = 0; number < kNumbers; ++number) {
    const auto without = buckets;
    for (const auto& bucket : without)
      for (const auto& target : targets) {
        buckets.push_back(bucket);
        buckets.back()[number] = target;
      }
  }
  return buckets;
}

// What openssl-rehash(1) makes: no gaps, every target once.
bool is_tidy(const Bucket& bucket) {
  std::vector<std::string_view> seen;
  unsigned long next = 0;
  for (const auto& [number, target] : bucket) {
    if (number != next++ || std::ranges::find(seen, content_of(target)) != seen.end()) return false;
    seen.push_back(content_of(target));
  }
  return true;
}

// The bucket before the change, and after each step of it.
struct History {
  std::vector<Bucket> states;
  std::size_t sets = 0;  // states[sets]: all links are set, none is removed yet
};

History history_of(const Bucket& now, const std::vector<BucketChange::Set>& sets,
                   const std::vector<unsigned long>& removals) {
  History history{.states = {now}, .sets = sets.size()};
  for (const auto& set : sets) {
    history.states.push_back(history.states.back());
    history.states.back()[set.number] = set.target;
  }
  for (const auto number : removals) {
    history.states.push_back(history.states.back());
    history.states.back().erase(number);
  }
  return history;
}

// Whether some reader that looks for `target` ends without it: it looks at number 0, 1, ... and stops at the
// first that is not there, and any number of steps may be taken between two looks, up to state `last`.
bool may_miss(const History& history, const std::string& target, std::size_t first, std::size_t last,
              unsigned long number = 0) {
  for (auto at = first; at <= last; ++at) {
    const auto link = history.states[at].find(number);
    if (link == history.states[at].end()) return true;
    if (content_of(link->second) != target && may_miss(history, target, at, last, number + 1)) return true;
  }
  return false;
}

bool may_miss(const History& history, const std::string& target, bool grace) {
  const auto end = history.states.size() - 1;
  if (!grace) return may_miss(history, target, 0, end);
  // Who began before the last link was set has ended when the first one is removed.
  return may_miss(history, target, 0, history.sets) || may_miss(history, target, history.sets, end);
}

bool reaches(const Bucket& bucket, const std::string& target) {
  for (unsigned long number = 0; bucket.contains(number); ++number)
    if (content_of(bucket.at(number)) == target) return true;
  return false;
}

std::string text_of(const Bucket& bucket) {
  std::string text;
  for (const auto& [number, target] : bucket)
    text += concat(std::to_string(number), ":", target, " ");
  return "{ " + text + "}";
}

}  // namespace

TEST_CASE("from any bucket to any other, no reader misses what both hold") {
  for (const auto& targets : {kFour, kTwoNames}) {
    std::size_t with_grace = 0;
    std::size_t readers = 0;
    const auto buckets = all_buckets(targets);
    for (const auto& wanted : buckets) {
      if (!is_tidy(wanted)) continue;
      for (const auto& now : buckets) {
        const auto change = change_of(now, wanted);
        // Names that are new may be given before those that get another target: node/ does it so.
        std::vector<BucketChange::Set> new_first;
        std::vector<BucketChange::Set> others;
        auto known = now;
        for (const auto& set : change.sets)
          (known.emplace(set.number, set.target).second ? new_first : others).push_back(set);
        new_first.insert(new_first.end(), others.begin(), others.end());
        for (const auto& sets : {change.sets, new_first}) {
          const auto history = history_of(now, sets, change.removals);
          std::string wrong;
          if (history.states.back() != wanted) wrong = "ends as " + text_of(history.states.back());
          for (const auto& target : targets) {
            if (content_of(target) != target || !reaches(now, target) || !reaches(wanted, target)) continue;
            ++readers;
            if (may_miss(history, target, change.readers_need_grace)) wrong = "a reader may miss " + target;
          }
          if (!wrong.empty()) FAIL_CHECK(text_of(now) << " to " << text_of(wanted) << ": " << wrong);
        }
        with_grace += change.readers_need_grace ? 1 : 0;
      }
    }
    CHECK(readers > 30'000);
    CHECK(with_grace > 1000);
  }
}

TEST_CASE("readers are waited for only where a certificate that stays moves down") {
  struct Row {
    Bucket now;
    Bucket wanted;
    bool grace;
  };
  const Row rows[] = {
      {{{0, "a"}}, {{0, "a"}, {1, "b"}}, false},                      // one more
      {{{0, "a"}, {1, "b"}}, {{0, "a"}}, false},                      // the last one leaves
      {{{0, "a"}, {1, "b"}}, {{0, "b"}}, true},                       // the first one leaves
      {{{0, "a"}, {1, "b"}}, {{0, "c"}, {1, "b"}}, false},            // the first one is replaced
      {{{0, "a"}, {2, "b"}}, {{0, "a"}, {1, "b"}}, false},            // behind a gap nobody reads
      {{{0, "a"}, {1, "a"}, {2, "b"}}, {{0, "a"}, {1, "b"}}, true},   // a copy leaves
      {{{0, "a"}, {1, "b"}}, {{0, "b"}, {1, "a"}}, true},             // they change places
      {{{0, "a"}, {1, "b"}}, {{0, "c"}, {1, "a"}, {2, "b"}}, false},  // both move up
      {{{0, kPlain}}, {{0, "a"}, {1, kBehind}}, false},               // its root comes
      {{{0, "a"}, {1, kBehind}}, {{0, kPlain}}, true},                // and goes
  };
  for (const auto& [now, wanted, grace] : rows) {
    CAPTURE(text_of(now));
    CAPTURE(text_of(wanted));
    CHECK(change_of(now, wanted).readers_need_grace == grace);
  }
}

TEST_CASE("a bucket that is as it should be is left alone") {
  const Bucket bucket{{0, "a"}, {1, "b"}};
  const auto change = change_of(bucket, bucket);
  CHECK(change.sets.empty());
  CHECK(change.removals.empty());
}
