// Roots of the distribution that the configuration distrusts (distrust.fingerprints).
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "sys/fs.hpp"

namespace nct {

// What has become of one, once the changes are made.
struct DistrustedRoot {
  enum class State {
    absent,     // nothing here makes it trusted
    taken_out,  // by a line or a file of ours
    trusted,    // by a file that is not ours to change
  };
  Fingerprint fingerprint;
  State state = State::absent;
  std::string place;   // path: what takes it out, or what keeps it
  std::string reason;  // why that keeps it
};

// What takes a root out of the store, or lets it in again.
struct RootChange {
  Fingerprint fingerprint;
  bool restores = false;
  std::string place;   // path
  std::string reason;  // which root, for people
};

// By the family's own means: what the distribution's tool makes the store of. The store itself is to follow.
struct DistrustChange {
  struct Replacement {
    std::string staged;  // path beside it, where nobody looks
    std::string path;
    std::string bytes;
  };
  std::vector<RootChange> changes;      // empty where nothing is to do
  std::vector<Replacement> files;       // to be written
  std::vector<std::string> removed;     // paths
  std::vector<DistrustedRoot> roots;    // all that are asked for, by fingerprint
  std::vector<std::string> collateral;  // what is taken out with a root, and nobody asked for
};

// Makes the changes, each whole or not at all, and durable. A run that was broken off before the store
// followed is finished by the next one, and by the distribution's tool.
Result<void> carry_out(Fs& fs, const DistrustChange& change);

}  // namespace nct
