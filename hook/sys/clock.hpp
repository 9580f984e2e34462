// Time, as the machine has it. Decisions take it as an argument.
#pragma once

#include <chrono>
#include <cstdint>

namespace nct {

// Seconds since 1970-01-01 UTC, by the wall clock.
std::int64_t unix_time();

using Instant = std::chrono::steady_clock::time_point;

// Waits until `instant`; returns at once if it has passed.
void wait_until(Instant instant);

}  // namespace nct
