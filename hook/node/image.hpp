// Preparing an image, so that the machines made from it provision themselves before anything else starts.
// All of it is files, the same on a builder that runs and below a root that does not: systemd is not asked.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/node.hpp"

namespace nct {

struct ImageStep {
  enum class Kind { make_directory, write_drop_in, enable_unit };
  Kind kind{};
  std::string subject;  // path, or unit
  std::string reason;
  bool masked = false;  // a unit that the administrator masked, whose word it is: nothing is done
};

// The directories that an image must have as root's alone.
std::vector<std::string> image_directories(const Config& config);

// What the root lacks: directories, ordering drop-ins, enabled units. Errc::systemd where our units are not
// installed.
Result<std::vector<ImageStep>> compare_image(Node& node);

// Carries it out; durable. Errc::in_the_way where the sync directory lies in one that others may write.
Result<void> prepare_image(Node& node, const std::vector<ImageStep>& steps);

// Takes out of the state what is true of this machine alone: when its anchors changed, and consumers of its
// own that are owed a restart. Whether there was any; then apply() writes the manifest again.
bool forget_machine(NodeState& state);

// Proves the store as it lies there, from disk as well, and puts that on record, so that no machine made from
// the image needs to prove what the distribution brings; and takes off the record what is not there any more.
// Whether that wrote anything.
Result<bool> record_proof(Node& node);

// Below a root that does not run, removes what runs leave in /run, the lock last: in an image it would be
// from another boot. Where systemd runs, /run is no part of the image.
Result<void> leave_no_trace(Node& node);

// What leave_no_trace() removes.
std::vector<std::string> traces_of_runs();

}  // namespace nct
