#include "wish/desired.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.hpp"

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

// `owner` has `certificate`, delivered to it now.
void give(AnchorSet& anchors, const Certificate& certificate, Owner owner) {
  auto& anchor = anchors[certificate.fingerprint];
  anchor.der = certificate.der;
  anchor.subject = certificate.subject;
  // Somebody answers for it now.
  std::erase_if(anchor.owners, [&](const Owner& other) {
    return other.source == kUnknownSource ||
           std::tie(other.source, other.input) == std::tie(owner.source, owner.input);
  });
  anchor.owners.push_back(std::move(owner));
  std::ranges::sort(anchor.owners, {}, [](const Owner& each) { return std::tie(each.source, each.input); });
}

bool is_rotation(const Owner& owner) {
  return owner.source == kRotationSource;
}

}  // namespace

AnchorSet desired_for_provision(const AnchorSet& installed, const Source& source,
                                const ProvisionInputs& inputs) {
  const auto replaced = [&](const Owner& owner, const std::set<std::string>& speaking) {
    if (speaking.contains(owner.input)) return true;
    return inputs.complete && !speaking.empty() && !inputs.silent.contains(owner.input);
  };
  auto anchors = without_owners(installed, [&](const Fingerprint&, const Owner& owner) {
    return (owner.source == kProvisionSource && replaced(owner, inputs.names)) ||
           (owner.source == kProxySource && replaced(owner, inputs.proxy));
  });
  for (const auto& judged : source.certificates) {
    if (judged.verdict != Verdict::accepted) continue;
    give(anchors, judged.certificate,
         {.source = std::string(judged.origin.proxy ? kProxySource : kProvisionSource),
          .input = judged.origin.file,
          .origin = judged.origin.text()});
  }
  return anchors;
}

std::vector<Finding> removals(const Source& source, const AnchorSet& installed, const AnchorSet& wanted) {
  std::vector<Finding> findings;
  const auto note = [&](const std::set<std::string>& from, std::string_view owner, std::string_view what) {
    const auto owns = [&](const Anchor& anchor) {
      return std::ranges::find(anchor.owners, owner, &Owner::source) != anchor.owners.end();
    };
    const auto leaving = std::ranges::count_if(installed, [&](const auto& each) {
      const auto after = wanted.find(each.first);
      return owns(each.second) && (after == wanted.end() || !owns(after->second));
    });
    if (leaving == 0) return;
    for (const auto& name : from)
      findings.push_back(
          {.code = FindingCode::removes,
           .severity = Severity::warning,
           .origin = {.file = name},
           .message = concat("says that there is no ", what,
                             ": what was installed goes (certificates: ", std::to_string(leaving), ")")});
  };
  note(source.no_custom, kProvisionSource, "custom CA");
  note(source.no_proxy, kProxySource, "CA of a proxy");
  return findings;
}

AnchorSet desired_for_image(const AnchorSet& installed, const Source& source) {
  if (source.custom_from.empty() && source.proxy_from.empty()) return installed;
  auto anchors = without_owners(
      installed, [](const Fingerprint&, const Owner& owner) { return owner.source == kBakedSource; });
  for (const auto& judged : source.certificates) {
    if (judged.verdict != Verdict::accepted) continue;
    auto origin = judged.origin;
    origin.file.erase(0, origin.file.rfind('/') + 1);
    give(anchors, judged.certificate,
         {.source = std::string(kBakedSource), .input = origin.file, .origin = origin.text()});
  }
  return anchors;
}

RotationWish desired_for_rotation(const AnchorSet& installed, const GenerationReading& reading) {
  if (!reading.there) return {.prompt = installed, .late = installed};
  auto late = without_owners(installed, [&](const Fingerprint&, const Owner& owner) {
    return is_rotation(owner) && !reading.faulty.contains(owner.input) &&
           !reading.silent.contains(owner.input);
  });
  for (const auto& [fingerprint, owner] : reading.good) {
    const auto judged = std::ranges::find(reading.source.certificates, fingerprint,
                                          [](const auto& each) { return each.certificate.fingerprint; });
    give(late, judged->certificate, owner);
  }
  auto prompt = late;
  for (const auto& [fingerprint, anchor] : installed) {
    const auto wanted = late.find(fingerprint);
    // It only changed the entry it comes from.
    if (wanted != late.end() && std::ranges::any_of(wanted->second.owners, is_rotation)) continue;
    for (const auto& owner : anchor.owners)
      if (is_rotation(owner))
        give(prompt, {.fingerprint = fingerprint, .der = anchor.der, .subject = anchor.subject}, owner);
  }
  return {.prompt = std::move(prompt), .late = std::move(late)};
}

AnchorSet without(AnchorSet wanted, const std::set<Fingerprint>& distrusted) {
  for (const auto& fingerprint : distrusted)
    wanted.erase(fingerprint);
  return wanted;
}

AnchorSet desired_for_removal(const AnchorSet& installed, const Removal& removal) {
  return without_owners(installed, [&](const Fingerprint& fingerprint, const Owner& owner) {
    return removal.all || std::ranges::find(removal.sources, owner.source) != removal.sources.end() ||
           std::ranges::find(removal.fingerprints, fingerprint) != removal.fingerprints.end();
  });
}

}  // namespace nct
