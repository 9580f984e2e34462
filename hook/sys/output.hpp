// Standard output and standard error.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace nct {

// Opens /dev/null in place of each standard descriptor that is closed, the wrong way round, so that reading
// or writing it still fails. Otherwise the next file that is opened would get its number, and what is
// printed.
void occupy_standard_descriptors();

// Writes all of `text` to the descriptor `fd`, which errors call `name`. Of a pipe that does not block it
// waits for the reader, as long as that goes on reading: ten seconds without are too long. Errc::io where not
// all could be written.
Result<void> write_output(int fd, std::string_view name, std::string_view text);

}  // namespace nct
