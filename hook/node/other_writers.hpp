// Others who write the same store, and take no lock of ours.
#pragma once

#include <span>
#include <string_view>

#include "base/error.hpp"

namespace nct {

// Waits while a process of one of these names runs (Family::writers). Errc::busy after half a minute.
Result<void> wait_for_writers(std::span<const std::string_view> names);

// The same, and until what they left has come to rest.
Result<void> wait_until_writers_rest(std::span<const std::string_view> names);

}  // namespace nct
