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
#include "node/store.hpp"
#include "store/debian/store_directory.hpp"
#include "wish/manifest.hpp"

namespace nct {

// What `record` knows of the certificate `der`, once it was parsed; null where it is none.
const Certificate* parsed(std::string_view der, const Fingerprint& fingerprint, Record& record);

// The names of `anchors`, as hash directories have them.
std::set<std::uint32_t> name_hashes(const AnchorSet& anchors, Record& record);

// Whether a file may hold a certificate of one of those names: what it holds several of is not known by name.
bool may_hold(const StoreFile& file, const std::set<std::uint32_t>& names);

// The certificates of `wanted` that share their name with another one in the store, whose files are called
// `names`; and those of `others`' files that bear the name of one of `wanted`, the very same included.
std::vector<Namesake> namesakes_in(const AnchorSet& wanted, const std::map<Fingerprint, std::string>& names,
                                   Record& record,
                                   std::initializer_list<const std::vector<SourceFile>*> others);

// Of those that a store holds of some names: each with its file, in the order in which it stands in the
// bundle or in its bucket.
struct Placed {
  std::string path;
  const Certificate* certificate = nullptr;
  std::string_view der;
};
std::vector<Placed> in_bundle(std::vector<Placed> certificates);
std::vector<Placed> in_bucket(std::vector<Placed> certificates);

// What `after` takes from certificates that are in `before`, too, by those that are not (newly_taken()), in
// the bundle and in the hash directory.
std::vector<Loss> losses_between(const std::vector<Placed>& before, const std::vector<Placed>& after,
                                 std::int64_t now, const std::set<std::string>& issuers);

}  // namespace nct
