#include "node/apply.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "config/paths.hpp"
#include "node/replace_files.hpp"

namespace nct {

namespace {

constexpr int kMostPasses = 8;

// What earlier runs owe and what this one adds, each name where it belongs now.
Owed together(const Owed& earlier, const Owed& now) {
  std::set<std::string> added(earlier.hooks_added.begin(), earlier.hooks_added.end());
  std::set<std::string> removed(earlier.hooks_removed.begin(), earlier.hooks_removed.end());
  for (const auto& name : now.hooks_added) {
    added.insert(name);
    removed.erase(name);
  }
  for (const auto& name : now.hooks_removed) {
    removed.insert(name);
    added.erase(name);
  }
  return {.hooks_added = {added.begin(), added.end()},
          .hooks_removed = {removed.begin(), removed.end()},
          .consumers = earlier.consumers};
}

void forget_hooks(Owed& owed) {
  owed.hooks_added.clear();
  owed.hooks_removed.clear();
}

void owe(Owed& owed, const std::vector<std::string>& consumers) {
  std::set<std::string> all(owed.consumers.begin(), owed.consumers.end());
  all.insert(consumers.begin(), consumers.end());
  owed.consumers.assign(all.begin(), all.end());
}

// Whether the manifest does not know the anchors of a store that is as `wanted`: the power went before both
// were durable.
bool is_forgotten(const NodeState& state, const AnchorSet& wanted) {
  const auto same = [](const auto& one, const auto& other) { return one.first == other.first; };
  return state.has_manifest ? !std::ranges::equal(state.manifest.anchors, wanted, same) : !wanted.empty();
}

void note(Applied& applied, const StoreChange& change) {
  std::ranges::copy(change.steps, std::back_inserter(applied.steps));
  std::ranges::copy(change.repairs, std::back_inserter(applied.repairs));
  applied.changed = applied.changed || !change.steps.empty();
  for (const auto& notice : change.notices)
    if (std::ranges::find(applied.notices, notice) == applied.notices.end())
      applied.notices.push_back(notice);
  applied.summary = change.summary;
  applied.others = change.others;
  applied.namesakes = change.namesakes;
  applied.unproved = change.unproved;
}

}  // namespace

Result<Applied> apply(Fs& fs, Store& store, NodeState& state, const AnchorSet& wanted,
                      const Telling& telling) {
  Applied applied;
  Manifest manifest{.anchors = wanted, .owed = state.manifest.owed, .changed = state.manifest.changed};
  // A run that was broken off while it changed them left consumers owed; when it ended is not known.
  bool anchors_change = state.interrupted && !manifest.owed.consumers.empty();
  std::optional<Manifest> pending;
  // Directories for anchors and state that an earlier run made, and did not come to sync, look like any
  // other.
  const bool may_be_new = state.interrupted || !state.has_manifest || state.manifest.anchors.empty();
  std::set<std::string> unsynced;  // directories in which names came or went
  std::string last_failure;        // why the pass before this one failed
  NCT_TRY(const bool hooks, store.has_hooks());
  if (!hooks) forget_hooks(manifest.owed);

  for (int pass = 1;; ++pass) {
    NCT_CHECK(store.sweep());  // (1)
    if (pass == 1 && !state.interrupted) {
      NCT_TRY(auto untouched, store.untouched(wanted));
      if (untouched) {
        applied.summary = std::move(untouched->summary);
        applied.others = std::move(untouched->others);
        applied.notices = std::move(untouched->notices);
        applied.namesakes = std::move(untouched->namesakes);
        applied.unproved = std::move(untouched->unproved);
        break;
      }
    }
    NCT_TRY(const auto change, store.compare(wanted));
    note(applied, *change);
    const bool forgotten = change->steps.empty() && is_forgotten(state, wanted);
    if (change->steps.empty() && !state.interrupted && !forgotten && !pending) {
      NCT_CHECK(write_record(fs, state, {.digests = change->digests, .anchors = wanted}));
      // Who made it so may have been broken off before it was durable.
      NCT_CHECK(sync_directories(fs, change->directories()));
      if (state.has_manifest) NCT_CHECK(sync_directories(fs, state_directories()));
      write_seen(fs, state.seen);
      break;
    }
    if (hooks) manifest.owed = together(manifest.owed, change->owed);
    if (forgotten || std::ranges::any_of(change->steps, &changes_anchors)) {
      anchors_change = true;
      owe(manifest.owed, telling.consumers);
    }

    const auto published = [&]() -> Result<void> {
      NCT_CHECK(change->prove());  // (2)
      NCT_TRY(auto staging, change->stage());
      unsynced.insert(staging.made_in.begin(), staging.made_in.end());
      NCT_TRY(const auto state_made_in,
              write_pending(fs, manifest, state, {.digests = change->digests, .anchors = wanted},
                            std::move(staging.files)));  // (3)
      unsynced.insert(state_made_in.begin(), state_made_in.end());
      pending = manifest;
      std::vector<std::string> staged_in(unsynced.begin(), unsynced.end());
      staged_in.emplace_back(kStateDirectory);
      // Hooks are told of nothing that a power cut can still undo.
      NCT_CHECK(change->publish(staged_in, hooks));  // (4) (5)
      NCT_CHECK(change->prove_on_disk());
      NCT_TRY(const auto retired_in, change->retire());  // (6)
      unsynced.insert(retired_in.begin(), retired_in.end());
      if (may_be_new) {
        std::ranges::copy(change->directories(), std::inserter(unsynced, unsynced.end()));
        unsynced.insert(state_directories().front());
      }
      return {};
    }();
    if (published) break;
    // On a full disk, room helps others; should this fail, too, what failed first is what the caller needs to
    // hear.
    (void)store.sweep();
    // A store that somebody changes while it is read can fail any proof; one that rests fails the same twice.
    const auto& error = published.error();
    const bool may_be_others =
        error.code == Errc::busy || (error.code == Errc::in_the_way && error.message != last_failure);
    if (!may_be_others || pass == kMostPasses) return std::unexpected(error);
    last_failure = error.message;
    NCT_CHECK(store.wait_for_others());
  }

  if (anchors_change && telling.now) manifest.changed = telling.now();

  if (manifest.owed.hooks()) {  // (7)
    NCT_TRY(applied.warnings, store.run_hooks(manifest.owed));
    if (applied.warnings.empty()) forget_hooks(manifest.owed);
  }
  if (pending || !state.has_manifest || manifest != state.manifest)
    NCT_CHECK(settle(fs, manifest, pending, {unsynced.begin(), unsynced.end()}));  // (8)
  if (pending) write_seen(fs, state.seen);  // by which the next run may take all this for done
  state.manifest = std::move(manifest);
  return applied;
}

}  // namespace nct
