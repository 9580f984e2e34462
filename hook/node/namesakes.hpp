// Certificates of one store that bear the same name: what clients may take for each other.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cert/record.hpp"
#include "node/store.hpp"
#include "plan/manifest.hpp"
#include "plan/store_directory.hpp"

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

}  // namespace nct
