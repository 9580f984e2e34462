// Changing a hash directory that readers walk.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/family.hpp"
#include "store/p11kit/hashed_directory.hpp"
#include "sys/fs.hpp"

namespace nct {

// As trust(1) leaves it.
constexpr std::uint32_t kHashDirectoryMode = 0555;

// Where what will be the view or its file `path` waits.
std::string staged_view(const Family& family, std::string_view path);

// Makes the `changes` to `directory` and to the links in Family::store, in their order; new files wait at
// staged_view() of their names. What links lead to is durable before them, and they are before it goes or
// becomes something else. All is durable on return but the last removals.
Result<void> publish_directory(Fs& fs, const Family& family, const std::string& directory,
                               const HashedChanges& changes, std::chrono::milliseconds reader_grace);

}  // namespace nct
