// Running trust(1): what it makes of its sources as they are.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"

namespace nct {

// What trust(1) makes of one Extract.
struct Extracted {
  std::string bytes;                         // of a file
  std::map<std::string, std::string> files;  // of a directory: by name,
  std::map<std::string, std::string> links;  // and the links in it
};

// What trust(1) extracts in `root` now, in the order of `extracts`. As many as there are CPUs are made at the
// same time, in a directory of ours in /run, of which nothing is left. The programs of `root` are run, as
// update-ca-trust(8) would. Errc::in_the_way where one of them fails, or all have not ended in half a minute,
// with what it said; Errc::io where it cannot be run.
Result<std::vector<Extracted>> extract(Fs& fs, const std::string& root, std::span<const Extract> extracts);

// Removes what an extraction that was broken off left in /run.
Result<void> sweep_extraction(Fs& fs);

}  // namespace nct
