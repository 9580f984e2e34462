#include "node/debian/namesakes.hpp"

#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/relations.hpp"
#include "store/debian/paths.hpp"

namespace nct {

const Certificate* parsed(std::string_view der, const Fingerprint& fingerprint, Record& record) {
  const auto known = record.certificates.find(fingerprint);
  if (known != record.certificates.end()) return &known->second;
  auto certificate = parse_certificate(der);
  if (!certificate || certificate->fingerprint != fingerprint) return nullptr;
  remember(*std::move(certificate), record);
  return &record.certificates.at(fingerprint);
}

std::set<std::uint32_t> name_hashes(const AnchorSet& anchors, Record& record) {
  std::set<std::uint32_t> names;
  for (const auto& [fingerprint, anchor] : anchors)
    if (const auto* certificate = parsed(anchor.der, fingerprint, record))
      names.insert(certificate->subject_hash);
  return names;
}

bool may_hold(const StoreFile& file, const std::set<std::uint32_t>& names) {
  if (file.kind == StoreFile::Kind::certificate) return names.contains(file.name_hash);
  return file.kind == StoreFile::Kind::unusable && file.certificates.size() > 1 && !names.empty();
}

std::vector<Namesake> namesakes_in(const AnchorSet& wanted, const std::map<Fingerprint, std::string>& names,
                                   Record& record,
                                   std::initializer_list<const std::vector<SourceFile>*> others) {
  std::vector<Namesake> namesakes;
  std::map<std::uint32_t, std::vector<const Certificate*>> ours;
  for (const auto& [fingerprint, anchor] : wanted)
    if (const auto* certificate = parsed(anchor.der, fingerprint, record))
      ours[certificate->subject_hash].push_back(certificate);
  for (const auto& [hash, certificates] : ours)
    if (certificates.size() > 1)
      for (const auto* certificate : certificates)
        namesakes.push_back({.path = concat(debian::kAnchors, "/", names.at(certificate->fingerprint)),
                             .certificate = *certificate});
  const auto hashes = name_hashes(wanted, record);
  for (const auto* list : others)
    for (const auto& source : *list) {
      if (!may_hold(*source.facts, hashes)) continue;
      for (auto& bundled : certificates_beyond(source.bytes, {})) {
        auto& certificate = bundled.certificate;
        const auto own = names.find(certificate.fingerprint);
        if (!hashes.contains(certificate.subject_hash)) continue;
        const bool hides = own != names.end() && source.facts->kind == StoreFile::Kind::certificate &&
                           link_name(source.path) < link_name(own->second);
        namesakes.push_back(
            {.path = source.path, .certificate = std::move(certificate), .linked_for_ours = hides});
      }
    }
  return namesakes;
}

namespace {

// The certificates in the order of what `key` says of each. Those of which it says the same keep their
// order.
template <typename Key>
std::vector<Placed> ordered_by(Key key, std::vector<Placed> certificates) {
  std::multimap<std::string, Placed> by_key;
  for (auto& each : certificates)
    by_key.emplace(key(each), std::move(each));
  certificates.clear();
  for (auto& [_, each] : by_key)
    certificates.push_back(std::move(each));
  return certificates;
}

}  // namespace

std::vector<Placed> in_bundle(std::vector<Placed> certificates) {
  // What the distribution selects keeps its order, before all local files.
  const auto key = [](const Placed& each) {
    return each.path.starts_with(debian::kCertificates) ? std::string{} : each.path;
  };
  return ordered_by(key, std::move(certificates));
}

std::vector<Placed> in_bucket(std::vector<Placed> certificates) {
  return ordered_by([](const Placed& each) { return link_name(each.path); }, std::move(certificates));
}

std::vector<Loss> losses_between(const std::vector<Placed>& before, const std::vector<Placed>& after,
                                 std::int64_t now, const std::set<std::string>& issuers) {
  const auto certificates = [](const std::vector<Placed>& in_order) {
    std::vector<const Certificate*> all;
    for (const auto& each : in_order)
      all.push_back(each.certificate);
    return all;
  };
  std::map<std::pair<Fingerprint, Fingerprint>, std::set<Client>> lost;  // by whom, and whose
  for (const auto view : {View::bundle, View::bucket}) {
    const auto order = view == View::bundle ? &in_bundle : &in_bucket;
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
