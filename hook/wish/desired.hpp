// Which anchors a node shall have.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wish/generation.hpp"
#include "wish/manifest.hpp"
#include "wish/source.hpp"

namespace nct {

// The inputs a provisioning run has read.
struct ProvisionInputs {
  std::set<std::string> names;  // those that say what the custom CAs shall be
  // Named on the command line: those of `names` are all that the source "provision" shall be, and those of
  // `proxy` all that "proxy" shall be. Otherwise they come from the configuration, and what came earlier from
  // an input that is absent now stays: a reboot must not lose trust.
  bool complete = false;
  std::set<std::string> proxy;   // those that say what the CA of the HTTP proxy shall be
  std::set<std::string> silent;  // those that speak of one of the two at most; what they brought to it stays
};

// `installed` with the accepted certificates of `source` in place of what came from its inputs before. A
// source that no input speaks of stays as it is: absent is not empty.
AnchorSet desired_for_provision(const AnchorSet& installed, const Source& source,
                                const ProvisionInputs& inputs);

// What goes because a document of `source` says that there is none: a warning `removes` for each such
// document, with how many anchors leave its source between `installed` and `wanted`; none where none leaves.
std::vector<Finding> removals(const Source& source, const AnchorSet& installed, const AnchorSet& wanted);

// `installed` with the accepted certificates of `source` in place of all that the image held before;
// `installed` where `source` says nothing of certificates. Of the path a certificate came from only the name
// is kept: an image tells nothing of where it was made.
AnchorSet desired_for_image(const AnchorSet& installed, const Source& source);

// What the sync directory asks for: add promptly, remove late.
struct RotationWish {
  AnchorSet prompt;  // all that the generation holds; what left it stays
  AnchorSet late;    // what left it is gone, wanted once the directory was quiet for long enough
};

// `installed` with what the generation holds in place of what it held before. An entry that is faulty keeps
// what it brought when it was last good, and so does one that says nothing. A directory that is not there
// wants what is installed.
RotationWish desired_for_rotation(const AnchorSet& installed, const GenerationReading& reading);

// `wanted` without what the configuration distrusts.
AnchorSet without(AnchorSet wanted, const std::set<Fingerprint>& distrusted);

struct Removal {
  bool all = false;
  std::vector<std::string> sources;
  std::vector<Fingerprint> fingerprints;
};

// `installed` without what is named. An anchor with several owners loses the named ones.
AnchorSet desired_for_removal(const AnchorSet& installed, const Removal& removal);

}  // namespace nct
