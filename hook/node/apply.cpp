#include "node/apply.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

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

// One run of apply(), step by step as its header says.
class Application {
 public:
  Application(Fs& fs, Store& store, NodeState& state, const AnchorSet& wanted, const Telling& telling)
      : fs_(fs),
        store_(store),
        state_(state),
        wanted_(wanted),
        telling_(telling),
        manifest_{.anchors = wanted, .owed = state.manifest.owed, .changed = state.manifest.changed},
        anchors_change_(state.interrupted && !state.manifest.owed.consumers.empty()),
        may_be_new_(state.interrupted || !state.has_manifest || state.manifest.anchors.empty()) {}

  Result<void> begin() {
    NCT_TRY(lock_, store_.lock());
    NCT_TRY(hooks_, store_.has_hooks());
    if (!hooks_) forget_hooks(manifest_.owed);
    return {};
  }

  // Compares the store with what is wanted, unless nobody touched it. Whether that leaves nothing to do.
  Result<bool> compare(int pass) {
    if (pass == 1 && !state_.interrupted) {
      NCT_TRY(auto untouched, store_.untouched(wanted_));
      if (untouched) {
        note(*std::move(untouched));
        return true;
      }
    }
    NCT_TRY(change_, store_.compare(wanted_));
    applied_.looked = true;
    note(*change_);
    const bool forgotten = change_->steps.empty() && is_forgotten();
    if (change_->steps.empty() && !state_.interrupted && !forgotten && !pending_) {
      NCT_CHECK(leave_durable());
      return true;
    }
    if (hooks_) manifest_.owed = together(manifest_.owed, change_->owed);
    if (forgotten || std::ranges::any_of(change_->steps, &changes_anchors)) {
      anchors_change_ = true;
      owe(manifest_.owed, telling_.consumers);
    }
    return false;
  }

  Result<void> prove() { return change_->prove(); }

  Result<void> write_aside() {
    NCT_TRY(auto staging, change_->stage());
    unsynced_.insert(staging.made_in.begin(), staging.made_in.end());
    NCT_TRY(const auto made_in,
            write_pending(fs_, manifest_, state_, {.digests = change_->digests, .anchors = wanted_},
                          std::move(staging.files)));
    unsynced_.insert(made_in.begin(), made_in.end());
    pending_ = manifest_;
    pending_digests_ = change_->digests;
    return {};
  }

  Result<void> prepare() {
    undone_ = false;  // from here on this pass changes the node, whatever the one before it took back
    auto prepared = change_->prepare();
    if (!prepared) undone_ = change_->undo().value_or(false);
    return prepared;
  }

  Result<void> publish() {
    std::vector<std::string> staged_in(unsynced_.begin(), unsynced_.end());
    staged_in.emplace_back(kStateDirectory);
    // Hooks are told of nothing that a power cut can still undo.
    return change_->publish(staged_in, hooks_);
  }

  Result<void> prove_on_disk_and_retire() {
    NCT_CHECK(change_->prove_on_disk());
    applied_.summary = change_->summary;
    applied_.others = change_->others;
    NCT_TRY(const auto retired_in, change_->retire());
    unsynced_.insert(retired_in.begin(), retired_in.end());
    if (may_be_new_) {
      std::ranges::copy(change_->directories(), std::inserter(unsynced_, unsynced_.end()));
      unsynced_.insert(state_directories().front());
    }
    return {};
  }

  // Waits for who got in between; or hands the failure on, where it is nobody else's doing.
  Result<void> wait_or_give_up(const Error& failure, int pass) {
    // On a full disk, room helps others; should this fail, too, what failed first is what the caller needs to
    // hear.
    (void)store_.sweep();
    // A store that somebody changes while it is read can fail any proof; one that rests fails the same twice.
    const bool may_be_others =
        failure.code == Errc::busy || (failure.code == Errc::in_the_way && failure.message != last_failure_);
    if (!may_be_others || pass == kMostPasses) return give_up(failure);
    last_failure_ = failure.message;
    return store_.wait_for_others();
  }

  Result<void> tell_hooks() {
    if (anchors_change_ && telling_.now) manifest_.changed = telling_.now();
    if (!manifest_.owed.hooks()) return {};
    NCT_TRY(applied_.warnings, store_.run_hooks(manifest_.owed));
    if (applied_.warnings.empty()) forget_hooks(manifest_.owed);
    return {};
  }

  Result<Applied> settle() && {
    // What was proved since the pending manifest was written. Known before or not: then it was left out.
    if (pending_ && change_->digests != pending_digests_) state_.remembered.recorded = 0;
    if (pending_)
      NCT_CHECK(write_record(fs_, state_.remembered, {.digests = change_->digests, .anchors = wanted_}));
    if (pending_ || !state_.has_manifest || manifest_ != state_.manifest)
      NCT_CHECK(nct::settle(fs_, manifest_, pending_, {unsynced_.begin(), unsynced_.end()}));
    if (pending_)
      write_seen(fs_, state_.remembered.seen);  // by which the next run may take all this for done
    state_.manifest = std::move(manifest_);
    return std::move(applied_);
  }

 private:
  // What was undone is not pending, unless an earlier run left it so.
  Result<void> give_up(const Error& failure) {
    if (undone_ && !state_.interrupted) {
      NCT_CHECK(remove_if_there(fs_, std::string(kPendingManifest)));
      NCT_CHECK(fs_.sync_directory(std::string(kStateDirectory)));
    }
    return std::unexpected(failure);
  }

  void note(Untouched untouched) {
    applied_.summary = std::move(untouched.summary);
    applied_.others = std::move(untouched.others);
    applied_.notices = std::move(untouched.notices);
    applied_.namesakes = std::move(untouched.namesakes);
    applied_.unproved = std::move(untouched.unproved);
  }

  void note(const StoreChange& change) {
    std::ranges::copy(change.steps, std::back_inserter(applied_.steps));
    std::ranges::copy(change.repairs, std::back_inserter(applied_.repairs));
    applied_.changed = applied_.changed || !change.steps.empty();
    for (const auto& notice : change.notices)
      if (std::ranges::find(applied_.notices, notice) == applied_.notices.end())
        applied_.notices.push_back(notice);
    applied_.summary = change.summary;
    applied_.others = change.others;
    applied_.namesakes = change.namesakes;
    applied_.unproved = change.unproved;
  }

  // Whether the manifest does not know the anchors of a store that is as wanted: the power went before both
  // were durable.
  [[nodiscard]] bool is_forgotten() const {
    const auto same = [](const auto& one, const auto& other) { return one.first == other.first; };
    return state_.has_manifest ? !std::ranges::equal(state_.manifest.anchors, wanted_, same)
                               : !wanted_.empty();
  }

  // Who made the store so may have been broken off before it was durable.
  Result<void> leave_durable() {
    NCT_CHECK(write_record(fs_, state_.remembered, {.digests = change_->digests, .anchors = wanted_}));
    NCT_CHECK(sync_directories(fs_, change_->directories()));
    if (state_.has_manifest) NCT_CHECK(sync_directories(fs_, state_directories()));
    write_seen(fs_, state_.remembered.seen);
    return {};
  }

  Fs& fs_;
  Store& store_;
  NodeState& state_;
  const AnchorSet& wanted_;
  const Telling& telling_;

  Manifest manifest_;  // as it will be
  // A run that was broken off while it changed them left consumers owed; when it ended is not known.
  bool anchors_change_;
  // Directories for anchors and state that an earlier run made, and did not come to sync, look like any
  // other.
  bool may_be_new_;
  std::optional<Lock> lock_;
  bool hooks_ = false;
  std::unique_ptr<StoreChange> change_;       // of this pass
  std::optional<Manifest> pending_;           // as it was written,
  std::vector<Fingerprint> pending_digests_;  // and for these the record with it
  std::set<std::string> unsynced_;            // directories in which names came or went
  bool undone_ = false;                       // all that was done to the node is taken back
  std::string last_failure_;                  // why the pass before this one failed
  Applied applied_;
};

}  // namespace

Result<Applied> apply(Fs& fs, Store& store, NodeState& state, const AnchorSet& wanted,
                      const Telling& telling) {
  Application run(fs, store, state, wanted, telling);
  NCT_CHECK(run.begin());
  for (int pass = 1;; ++pass) {
    NCT_CHECK(store.sweep());  // (1)
    NCT_TRY(const bool done, run.compare(pass));
    if (done) break;
    const auto published = [&]() -> Result<void> {
      NCT_CHECK(run.prove());                 // (2)
      NCT_CHECK(run.write_aside());           // (3)
      NCT_CHECK(run.prepare());               // (4)
      NCT_CHECK(run.publish());               // (5)
      return run.prove_on_disk_and_retire();  // (6)
    }();
    if (published) break;
    NCT_CHECK(run.wait_or_give_up(published.error(), pass));
  }
  NCT_CHECK(run.tell_hooks());     // (7)
  return std::move(run).settle();  // (8)
}

}  // namespace nct
