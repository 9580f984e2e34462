// Which anchors a node shall have.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/manifest.hpp"
#include "plan/source.hpp"

namespace nct {

// The inputs a provisioning run has read.
struct ProvisionInputs {
  std::set<std::string> names;
  // Named on the command line: they are all that the source "provision" shall be. Otherwise they come from
  // the configuration, and what came earlier from an input that is absent now stays: a reboot must not lose
  // trust.
  bool complete = false;
};

// `installed` with the accepted certificates of `source` in place of what came from its inputs before.
AnchorSet desired_for_provision(const AnchorSet& installed, const Source& source,
                                const ProvisionInputs& inputs);

struct Removal {
  bool all = false;
  std::vector<std::string> sources;
  std::vector<Fingerprint> fingerprints;
};

// `installed` without what is named. An anchor with several owners loses the named ones.
AnchorSet desired_for_removal(const AnchorSet& installed, const Removal& removal);

}  // namespace nct
