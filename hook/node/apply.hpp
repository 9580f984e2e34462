// Makes a node trust exactly what is wanted of us.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/state.hpp"
#include "node/store.hpp"

namespace nct {

struct Applied {
  bool changed = false;               // of the store or its anchors
  std::vector<Step> steps;            // what was done
  std::vector<Damage> repairs;        // damage that was found, and is mended
  std::vector<std::string> warnings;  // hooks that failed: owed to the next run
  StoreSummary summary;
  FingerprintSet others;  // certificates in the store which are not ours
};

// Changes the node so that its anchors of ours are `wanted`, and the store with them. In this order:
//   (1) sweep what a killed run left        (2) write the pending manifest, durably
//   (3) write new anchors                   (4) build the store aside and prove it
//   (5) publish it, in an order in which no reader misses a root of both sets
//   (6) remove retired anchors              (7) tell hooks
//   (8) turn the pending manifest into the manifest
// then proves the store again, from disk. (4) is computed and proved before (2), so that a failed proof
// leaves no trace. Another writer who got in between is noticed, and the pass repeated. Broken off at any
// point, by a kill, a power cut or an error: both views hold all that the old and the new state share, and
// the next run with the same `wanted` ends in the same state as an undisturbed one. Errc::in_the_way for a
// failed proof, with nothing changed; Errc::busy where other writers would not rest.
Result<Applied> apply(Fs& fs, Store& store, NodeState& state, const AnchorSet& wanted);

}  // namespace nct
