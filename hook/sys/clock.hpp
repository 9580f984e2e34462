// Time, as the machine has it. Decisions take it as an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace nct {

// Seconds since 1970-01-01 UTC, by the wall clock.
std::int64_t unix_time();

// Microseconds of CLOCK_MONOTONIC, as systemd states when it started things.
std::uint64_t monotonic_us();

// Which boot of the machine this is, as random(4) names it; empty where the kernel does not say.
std::string boot_id();

using Instant = std::chrono::steady_clock::time_point;

// Waits until `instant`; returns at once if it has passed.
void wait_until(Instant instant);

}  // namespace nct
