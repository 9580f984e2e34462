// Rotation goes on where provisioning ends.
#pragma once

#include "base/error.hpp"
#include "node/node.hpp"
#include "report/report.hpp"

namespace nct {

// Enables and starts the units that follow the sync directory, where they are installed; or only says so.
// Adds to the report's plan; where anything was done, the report's result is "changed". Errc::systemd where
// systemd refuses. Whether systemd follows the directory now: not where a unit is missing or masked.
Result<bool> follow_rotation(Node& node, bool dry_run, Report& report);

}  // namespace nct
