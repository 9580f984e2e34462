// Certificates of one store that bear the same name: what clients may take for each other.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cert/record.hpp"
#include "cert/relations.hpp"
#include "node/anchors.hpp"
#include "node/store.hpp"
#include "store/source_file.hpp"
#include "wish/manifest.hpp"

namespace nct {

// The names of `anchors`, as hash directories have them.
std::set<std::uint32_t> name_hashes(const AnchorSet& anchors, Record& record);

// Whether a file holds a certificate of one of those names.
bool may_hold(const StoreFile& file, const std::set<std::uint32_t>& names);

// The certificates of `wanted` that share their name with another one in the store, whose files are `paths`;
// and those of `others`' files that bear the name of one of `wanted`, the very same included.
std::vector<Namesake> namesakes_in(const AnchorSet& wanted, const AnchorPaths& paths, Record& record,
                                   std::initializer_list<const std::vector<SourceFile>*> others);

// A certificate of a store, with its file.
struct Placed {
  std::string path;
  const Certificate* certificate = nullptr;
  std::string_view der;
};

// In which order a family's store holds certificates of one name.
using InOrder = std::vector<Placed> (*)(std::vector<Placed> certificates);
struct Orders {
  InOrder bundle = nullptr;
  InOrder bucket = nullptr;

  [[nodiscard]] InOrder of(View view) const { return view == View::bundle ? bundle : bucket; }
};

// The certificates in the order of what `key` says of each. Those of which it says the same keep their order.
std::vector<Placed> ordered_by(std::string (*key)(const Placed&), std::vector<Placed> certificates);

// What a store with `anchors` in the files `paths` holds of the names `hashes`: ours, and of `namesakes`
// those in others' files.
std::vector<Placed> placed(const AnchorSet& anchors, const AnchorPaths& paths,
                           const std::set<std::uint32_t>& hashes, const std::vector<Namesake>& namesakes,
                           Record& record);

// Of those of our anchors that OpenSSL does not take the chains of: which, and why. An anchor may be there
// for other clients alone, or behind one of its name; then nothing of it is proved for OpenSSL, and that is
// said.
std::vector<std::string> unproved_among(const AnchorSet& anchors, const AnchorPaths& paths,
                                        const std::vector<Namesake>& namesakes, const Orders& orders,
                                        Record& record);

// A chain to each of the `anchors` among those that a finished store holds in this order; but for those that
// are taken. Errc::in_the_way.
Result<void> prove_among(const AnchorSet& anchors, const std::vector<Placed>& in_order, View view);

// The names of `namesakes`, as hash directories have them.
std::set<std::uint32_t> hashes_of(const std::vector<Namesake>& namesakes);

// Those of `after` that are not in `before`.
AnchorSet added_to(const AnchorSet& before, const AnchorSet& after);

// The subjects of `anchors` and `others`: whose issuer one of them may be.
std::set<std::string> subjects_of(const AnchorSet& anchors, const std::vector<Namesake>& others,
                                  Record& record);

// What `after` takes from certificates that are in `before`, too, by those that are not (newly_taken()), in
// the bundle and in the hash directory.
std::vector<Loss> losses_between(const std::vector<Placed>& before, const std::vector<Placed>& after,
                                 const Orders& orders, std::int64_t now,
                                 const std::set<std::string>& issuers);

}  // namespace nct
