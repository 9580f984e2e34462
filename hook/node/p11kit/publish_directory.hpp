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

// Whether their owner, who may have no capability to do so otherwise, can write into the directory of all
// views, where the distribution leaves it unwritable.
Result<void> let_write_views(Fs& fs, const Family& family, bool can);

// Where what will be the view `path` waits; and what will be the file or link `name` of the view `directory`.
std::string staged_view(const Family& family, std::string_view path);
std::string staged_in(const Family& family, std::string_view directory, std::string_view name);

// Makes the `changes` to `directory` and to the links in Family::store, in their order; new files wait at
// staged_in() of their names. A directory that is not there is made. What links lead to is durable before
// them, and they are before it goes or becomes something else. All is durable on return but the last
// removals.
Result<void> publish_directory(Fs& fs, const Family& family, const std::string& directory,
                               const HashedChanges& changes, std::chrono::milliseconds reader_grace);

}  // namespace nct
