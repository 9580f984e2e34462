// What a person names on the command line, outside of any root.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace nct {

// The bytes of `path`, or of standard input for "-"; at most `max_bytes` + 1 of them, so that the caller sees
// that there is more. Of a FIFO it waits for what is written, as long as it takes, but for its writer some
// seconds only. Errc::missing_input where there is no such file, Errc::input for a directory and for a FIFO
// without a writer.
Result<std::string> read_input(const std::string& path, std::size_t max_bytes);

// `path` from "/" on, links and ".." in it as they are. Errc::missing_input where it is relative to a working
// directory that was removed.
Result<std::string> absolute_path(const std::string& path);

}  // namespace nct
