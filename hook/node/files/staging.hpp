// Where the parts of a store wait until they are moved into place: beside the directories that clients and
// the tools of the distribution look into, never inside one, since Go trusts any file in the store directory.
// (Of local certificates the tool takes those whose names end in .crt, and nobody else looks there.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"

namespace nct {

// Path of what will be the link `name` in the store directory.
std::string staged_link(const Family& family, std::string_view name);

// Path of what will be the bundle.
std::string staged_bundle(const Family& family);

// Path of what will be the anchor at `path`.
std::string staged_anchor(const Family& family, std::string_view path);

// What is staged, by this run or by one that was broken off: paths, sorted in each directory.
Result<std::vector<std::string>> staged(Fs& fs, const Family& family);

}  // namespace nct
