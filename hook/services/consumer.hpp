// Units that read the trust store once and keep it, and must notice that it changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wish/manifest.hpp"

namespace nct {

// Whether a process that was started at `started_us` (CLOCK_MONOTONIC) of the boot `boot` can hold anchors
// from before the change: it was started before its end, in the same boot.
bool started_before(const std::optional<Moment>& changed, std::string_view boot, std::uint64_t started_us);

// How long after a change this machine waits before it restarts anything: from 0 up to `most`, always the
// same for the same machine-id(5), so that the nodes of a cluster do not restart at once.
std::chrono::milliseconds splay_of(std::string_view machine_id, std::chrono::milliseconds most);

}  // namespace nct
