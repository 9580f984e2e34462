// What clients find in a trust store at one moment, by the two ways in: the bundle file, and the directory
// whose links are named by subject hash.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sys/fs.hpp"

namespace nct::test {

using Fingerprints = std::set<std::string>;  // SHA-256 of the DER, in hex

struct StoreView {
  // Nothing at all where a client could not load the whole file.
  Fingerprints bundle;
  // What is met from HASH.0 on, up to the first number that cannot be opened or does not load.
  Fingerprints hashed;
  // Links that lead nowhere, numbers behind a gap, links under the wrong hash.
  std::vector<std::string> faults;
};

// Reads `directory` and the file `bundle`, without a name that of Photon where it is there, else Debian's;
// what is missing is empty.
StoreView view_of(Fs& fs, const std::string& directory = "/etc/ssl/certs", std::string bundle = {});

// One line for each root of `both` that `now` misses in either way: "bundle misses ...".
std::vector<std::string> missing_from(const StoreView& now, const StoreView& both);

// What the old and the new state both hold, by each way: what no reader may ever miss.
StoreView held_by_both(const StoreView& one, const StoreView& other);

}  // namespace nct::test
