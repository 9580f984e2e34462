// Makes a node trust exactly what is wanted of us.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/state.hpp"
#include "node/store.hpp"

namespace nct {

struct Applied {
  bool changed = false;  // of the store or its anchors
  bool looked = false;   // at the store: somebody touched it since it was last settled, or that is not known
  std::vector<Step> steps;      // what was done
  std::vector<Damage> repairs;  // damage that was found, and is mended
  std::vector<Notice> notices;  // of the store as it was found; each once
  std::vector<Namesake> namesakes;
  std::vector<std::string> unproved;  // StoreChange::unproved
  std::vector<std::string> warnings;  // hooks that failed: owed to the next run
  StoreSummary summary;
  FingerprintSet others;  // certificates in the store which are not ours
};

// Who else must notice a change of the anchors; nobody, below a root that is not running.
struct Telling {
  std::vector<std::string> consumers;  // units: from before the change on, the manifest owes them to be told
  std::function<Moment()> now;         // writes down when the change was complete
};

// Changes the node so that its anchors of ours are `wanted`, and the store with them. In this order:
//   (1) sweep what a killed run left
//   (2) prove what can be proved of the new store before anything is changed: a failed proof leaves no trace
//   (3) write it and new anchors aside, and the pending manifest; their content is durable
//   (4) where the family's own program makes the store: move anchors into place, have the store made aside,
//   and
//       prove it; where that fails, the anchors are taken out again, and the old state stays
//   (5) move what is new into place, in an order in which no reader misses a root of both sets
//   (6) prove the store again, from disk, and remove retired anchors
//   (7) tell hooks; consumers are left to tell()
//   (8) turn the pending manifest into the manifest; all names are durable
// Where hooks are told, and where links of one bucket depend on each other, names are made durable step by
// step. A run that looked and found nothing to do makes durable what one before it may have left. Another
// writer who got in between is noticed, or makes a proof fail: the pass is repeated when that writer has
// ended. Broken off at any point, by a kill, a power cut or an error: both views hold all that the old and
// the new state share, and the next run with the same `wanted` ends in the same state as an undisturbed one.
// Errc::in_the_way for a proof that fails twice for the same reason, with nothing changed where it was (2);
// Errc::busy where other writers would not rest.
Result<Applied> apply(Fs& fs, Store& store, NodeState& state, const AnchorSet& wanted,
                      const Telling& telling = {});

}  // namespace nct
