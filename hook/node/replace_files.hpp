// Replacing files, durably.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sys/fs.hpp"

namespace nct {

// Gives each path its bytes, mode 0644: written aside as "<path>.new", synced, renamed, the directory synced.
// Readers of each see its old bytes or its new ones. All lie in one directory. A leftover ".new" is replaced.
// `beside` are written in the same go, as they are, and durable before the first of `files` is in place.
Result<void> replace_files(Fs& fs, std::span<const NewFile> files, std::vector<NewFile> beside = {});

// Removes `path` if it is there.
Result<void> remove_if_there(Fs& fs, const std::string& path);

}  // namespace nct
