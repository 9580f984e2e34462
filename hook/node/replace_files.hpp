// Replacing files, durably.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sys/fs.hpp"

namespace nct {

// What place_files() writes before it renames it to `path`.
std::string aside(std::string_view path);

// Gives each path its bytes, mode 0644: written aside as "<path>.new", synced, renamed. Readers of each see
// its old bytes or its new ones; which of them survive a power cut is certain after sync_directory(). A
// leftover
// ".new" is replaced. `beside` are written in the same go, as they are, and durable before the first of
// `files` is in place.
Result<void> place_files(Fs& fs, std::span<const NewFile> files, std::vector<NewFile> beside = {});

// The same, and the directory in which all of them lie is synced.
Result<void> replace_files(Fs& fs, std::span<const NewFile> files);

// Makes `path` and missing parents (Fs::make_directories); they are durable on return.
Result<void> make_durable_directories(Fs& fs, const std::string& path);

// Makes the names in each of `directories` durable. One that is not there has none.
Result<void> sync_directories(Fs& fs, std::span<const std::string> directories);

// Removes `path` if it is there.
Result<void> remove_if_there(Fs& fs, const std::string& path);

}  // namespace nct
