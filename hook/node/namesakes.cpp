#include "node/namesakes.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/relations.hpp"

namespace nct {

std::set<std::uint32_t> name_hashes(const AnchorSet& anchors, Record& record) {
  std::set<std::uint32_t> names;
  for (const auto& [fingerprint, anchor] : anchors)
    if (const auto* certificate = parsed(anchor.der, fingerprint, record))
      names.insert(certificate->subject_hash);
  return names;
}

bool may_hold(const StoreFile& file, const std::set<std::uint32_t>& names) {
  if (file.kind == StoreFile::Kind::certificate) return names.contains(file.name_hash);
  return std::ranges::any_of(file.name_hashes, [&](std::uint32_t name) { return names.contains(name); });
}

std::vector<Namesake> namesakes_in(const AnchorSet& wanted, const AnchorPaths& paths, Record& record,
                                   std::initializer_list<const std::vector<SourceFile>*> others) {
  std::vector<Namesake> namesakes;
  std::map<std::uint32_t, std::vector<const Certificate*>> ours;
  for (const auto& [fingerprint, anchor] : wanted)
    if (const auto* certificate = parsed(anchor.der, fingerprint, record))
      ours[certificate->subject_hash].push_back(certificate);
  for (const auto& [hash, certificates] : ours)
    if (certificates.size() > 1)
      for (const auto* certificate : certificates)
        namesakes.push_back({.path = paths.at(certificate->fingerprint),
                             .certificate = *certificate,
                             .ours = true,
                             .alone = true});
  const auto hashes = name_hashes(wanted, record);
  for (const auto* list : others)
    for (const auto& source : *list) {
      if (!may_hold(*source.facts, hashes)) continue;
      for (auto& bundled : certificates_beyond(source.bytes, {})) {
        if (hashes.contains(bundled.certificate.subject_hash))
          namesakes.push_back({.path = source.path,
                               .certificate = std::move(bundled.certificate),
                               .alone = source.facts->kind == StoreFile::Kind::certificate});
      }
    }
  return namesakes;
}

namespace {

std::vector<const Certificate*> certificates_of(const std::vector<Placed>& in_order, std::uint32_t name) {
  std::vector<const Certificate*> certificates;
  for (const auto& each : in_order)
    if (each.certificate->subject_hash == name) certificates.push_back(each.certificate);
  return certificates;
}

// By whom OpenSSL takes the chains of `certificate`; null where it takes them by itself.
const Certificate* taken_by(const Certificate& certificate, const std::vector<Placed>& in_order, View view) {
  for (const auto& taken : taken_chains(certificates_of(in_order, certificate.subject_hash), view))
    if (taken.client == Client::openssl && taken.whose->fingerprint == certificate.fingerprint)
      return taken.by;
  return nullptr;
}

Result<void> prove_one(const Placed& ours, const std::vector<Placed>& in_order, View view) {
  const auto& certificate = *ours.certificate;
  if (!certificate.ca || !certificate.self_issued || !certificate.chain_failure.empty()) return {};
  if (taken_by(certificate, in_order, view) != nullptr) return {};
  std::vector<std::string_view> store;
  for (const auto& each : in_order)
    if (each.certificate->subject_hash == certificate.subject_hash &&
        valid_together(*each.certificate, certificate))
      store.push_back(each.der);
  const auto failure = failure_among(ours.der, store);
  if (failure.empty()) return {};
  return fail(Errc::in_the_way,
              concat("'", printable(ours.path), "': no chain to it in the finished store: ", failure));
}

}  // namespace

std::vector<Placed> ordered_by(std::string (*key)(const Placed&), std::vector<Placed> certificates) {
  std::multimap<std::string, Placed> by_key;
  for (auto& each : certificates)
    by_key.emplace(key(each), std::move(each));
  certificates.clear();
  for (auto& [_, each] : by_key)
    certificates.push_back(std::move(each));
  return certificates;
}

std::vector<Placed> placed(const AnchorSet& anchors, const AnchorPaths& paths,
                           const std::set<std::uint32_t>& hashes, const std::vector<Namesake>& namesakes,
                           Record& record) {
  std::vector<Placed> all;
  if (hashes.empty()) return all;
  for (const auto& each : namesakes)
    if (!each.ours)
      all.push_back({.path = each.path, .certificate = &each.certificate, .der = each.certificate.der});
  for (const auto& [fingerprint, anchor] : anchors)
    if (const auto* own = parsed(anchor.der, fingerprint, record);
        own != nullptr && hashes.contains(own->subject_hash))
      all.push_back({.path = paths.at(fingerprint), .certificate = own, .der = anchor.der});
  return all;
}

std::vector<std::string> unproved_among(const AnchorSet& anchors, const AnchorPaths& paths,
                                        const std::vector<Namesake>& namesakes, const Orders& orders,
                                        Record& record) {
  std::vector<std::string> unproved;
  const auto in_order = orders.bundle(placed(anchors, paths, hashes_of(namesakes), namesakes, record));
  for (const auto& [fingerprint, anchor] : anchors) {
    const auto* certificate = parsed(anchor.der, fingerprint, record);
    if (certificate == nullptr) continue;
    const auto* by = taken_by(*certificate, in_order, View::bundle);
    std::string why;
    if (!certificate->chain_failure.empty())
      why = concat("refuses it: ", certificate->chain_failure);
    else if (by != nullptr)
      why = concat("takes another certificate of this name for it: sha256 ", by->fingerprint.hex());
    else
      continue;
    unproved.push_back(
        concat(paths.at(fingerprint), " (", certificate->subject, "): not proved for OpenSSL, which ", why));
  }
  return unproved;
}

std::set<std::uint32_t> hashes_of(const std::vector<Namesake>& namesakes) {
  std::set<std::uint32_t> hashes;
  for (const auto& each : namesakes)
    hashes.insert(each.certificate.subject_hash);
  return hashes;
}

Result<void> prove_among(const AnchorSet& anchors, const std::vector<Placed>& in_order, View view) {
  for (const auto& each : in_order)
    if (anchors.contains(each.certificate->fingerprint)) NCT_CHECK(prove_one(each, in_order, view));
  return {};
}

AnchorSet added_to(const AnchorSet& before, const AnchorSet& after) {
  AnchorSet added;
  std::ranges::copy_if(after, std::inserter(added, added.end()),
                       [&](const auto& anchor) { return !before.contains(anchor.first); });
  return added;
}

std::set<std::string> subjects_of(const AnchorSet& anchors, const std::vector<Namesake>& others,
                                  Record& record) {
  std::set<std::string> subjects;
  for (const auto& [fingerprint, anchor] : anchors)
    if (const auto* ours = parsed(anchor.der, fingerprint, record)) subjects.insert(ours->subject);
  for (const auto& each : others)
    subjects.insert(each.certificate.subject);
  return subjects;
}

std::vector<Loss> losses_between(const std::vector<Placed>& before, const std::vector<Placed>& after,
                                 const Orders& orders, std::int64_t now,
                                 const std::set<std::string>& issuers) {
  const auto certificates = [](const std::vector<Placed>& in_order) {
    std::vector<const Certificate*> all;
    for (const auto& each : in_order)
      all.push_back(each.certificate);
    return all;
  };
  std::map<std::pair<Fingerprint, Fingerprint>, std::set<Client>> lost;  // by whom, and whose
  for (const auto view : {View::bundle, View::bucket}) {
    const auto order = orders.of(view);
    for (const auto& taken :
         newly_taken(certificates(order(before)), certificates(order(after)), view, now, issuers))
      lost[{taken.by->fingerprint, taken.whose->fingerprint}].insert(taken.client);
  }
  std::map<Fingerprint, std::string> paths;
  for (const auto& each : after)
    paths.emplace(each.certificate->fingerprint, each.path);
  std::vector<Loss> losses;
  for (const auto& [pair, clients] : lost) {
    std::string names;
    for (const auto client : clients)
      names += concat(names.empty() ? "" : ", ", words_of(client));
    losses.push_back({.by = pair.first,
                      .message = concat("with it in the store these clients would refuse what is issued by a "
                                        "certificate of the same subject, which this node trusts today: ",
                                        names, ": ", printable(paths.at(pair.second)))});
  }
  return losses;
}

}  // namespace nct
