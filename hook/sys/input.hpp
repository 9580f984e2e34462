// What a person names on the command line, outside of any root.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace nct {

// The bytes of `path`, or of standard input for "-"; at most `max_bytes` + 1 of them, so that the caller sees
// that there is more. Waits for a FIFO's writer, since the caller asked for it. Errc::missing_input where
// there is no such file, Errc::input for a directory.
Result<std::string> read_input(const std::string& path, std::size_t max_bytes);

// The working directory's absolute form of `path`.
std::string absolute_path(const std::string& path);

}  // namespace nct
