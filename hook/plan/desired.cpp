#include "plan/desired.hpp"

#include <algorithm>

namespace nct {

namespace {

template <class Leaves>
AnchorSet without_owners(const AnchorSet& installed, Leaves leaves) {
  AnchorSet anchors = installed;
  for (auto& [fingerprint, anchor] : anchors)
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): clang 19 takes captured bindings for uninitialised
    std::erase_if(anchor.owners, [&](const Owner& owner) { return leaves(fingerprint, owner); });
  std::erase_if(anchors, [](const auto& anchor) { return anchor.second.owners.empty(); });
  return anchors;
}

}  // namespace

AnchorSet desired_for_provision(const AnchorSet& installed, const Source& source,
                                const ProvisionInputs& inputs) {
  auto anchors = without_owners(installed, [&](const Fingerprint&, const Owner& owner) {
    return owner.source == kProvisionSource && (inputs.complete || inputs.names.contains(owner.input));
  });
  for (const auto& judged : source.certificates) {
    if (judged.verdict != Verdict::accepted) continue;
    auto& anchor = anchors[judged.certificate.fingerprint];
    anchor.der = judged.certificate.der;
    anchor.subject = judged.certificate.subject;
    // Somebody answers for it now.
    std::erase_if(anchor.owners, [](const Owner& owner) { return owner.source == kUnknownSource; });
    anchor.owners.push_back({.source = std::string(kProvisionSource),
                             .input = judged.origin.file,
                             .origin = judged.origin.text()});
    std::ranges::sort(anchor.owners, {},
                      [](const Owner& owner) { return std::tie(owner.source, owner.input); });
  }
  return anchors;
}

AnchorSet desired_for_removal(const AnchorSet& installed, const Removal& removal) {
  return without_owners(installed, [&](const Fingerprint& fingerprint, const Owner& owner) {
    return removal.all || std::ranges::find(removal.sources, owner.source) != removal.sources.end() ||
           std::ranges::find(removal.fingerprints, fingerprint) != removal.fingerprints.end();
  });
}

}  // namespace nct
