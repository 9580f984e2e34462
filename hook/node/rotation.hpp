// Follows the sync directory until what is installed is what lies there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"
#include "store/family.hpp"
#include "sys/watch.hpp"
#include "wish/desired.hpp"
#include "wish/generation.hpp"

namespace nct {

struct RotationRequest {
  std::string root = "/";
  std::optional<std::string> config;
  std::optional<std::string>
      directory;  // absolute, outside of the root; otherwise rotation.directory, inside of it
};

// One look at the directory, and what it asks for.
struct RotationView {
  Generation generation;
  GenerationReading reading;
  RotationWish wish;
  bool absent = false;                // there is no such directory
  bool unwatched = false;             // until this look, what happened in it told nobody
  std::optional<Error> refusal;       // of the directory as a whole: what is installed stays
  std::vector<std::string> warnings;  // what lies there and was passed over
};

// Reads the directory. Where there is a `watch`, it covers what is read before it is read.
// Errc::input in `refusal` where the directory is not root's alone, has too many entries, or its "..data"
// leads out of it.
Result<RotationView> look(Node& node, const RotationRequest& request, Watch* watch);

// The directory, as people name it.
std::string sync_directory(const Node& node, const RotationRequest& request);

struct RotationPass {
  AnchorSet before;
  AnchorSet wanted;
  Applied applied;
  std::vector<std::string> owed_before;  // consumers that an earlier run had not told
  bool asked_consumers = false;
  std::vector<Consumer> told;
  std::optional<Moment> changed;  // when the anchors last did
};

struct Rotation {
  std::optional<Distro> distro;
  GenerationReading reading;         // of the last look
  std::vector<RotationPass> passes;  // in order
  std::vector<std::string> warnings;
  bool idle = false;  // no directory, nothing installed, nothing owed
};

// In this order, until there is nothing left to do and nothing has happened since the last look:
//   (1) take the lock, and read what is installed
//   (2) read the directory; if it asks for something, watch it first and read it again, from now on
//   (3) decide (next_move)
//   (4) apply, if it is time, and tell consumers, if it is this machine's turn; also those that another run
//   owed (5) let go of the lock, so that others can work meanwhile, and wait
// Fills `rotation` as far as it comes, also where it fails. A request to stop ends it between two steps
// without an error; what is left to do is for the next run, which finds it in the directory and the manifest.
// Errc::missing_input where a directory that was named does not exist at first; Errc::input where the
// directory is refused; Errc::busy where it does not come to rest for a very long time.
Result<void> follow_directory(const RotationRequest& request, Rotation& rotation);

}  // namespace nct
