// Rotation goes on where provisioning ends.
#pragma once

#include <chrono>

#include "base/error.hpp"
#include "node/node.hpp"
#include "report/report.hpp"

namespace nct {

// Enables and starts the units that follow the sync directory, where they are installed; or only says so.
// Adds to the report's plan; where anything was done, the report's result is "changed". Errc::systemd where
// systemd refuses. Whether systemd follows the directory now: not where a unit is missing or masked.
Result<bool> follow_rotation(Node& node, bool dry_run, Report& report);

// A restart of consumers that is to wait for this machine's turn, which comes after `left`, is left to the
// service that follows rotations, which reads what is owed, too: kubelet waits until this process ends, and
// nothing is left that it waits for. Errc::systemd where systemd refuses to start it.
Result<void> leave_to_rotation(Node& node, std::chrono::milliseconds left, Report& report);

}  // namespace nct
