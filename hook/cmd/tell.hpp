// What a change needs besides the store: consumers that notice it, rotation that goes on from it.
#pragma once

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/node.hpp"
#include "plan/report.hpp"

namespace nct {

// For apply(): whom a change concerns on this node. Nobody, where systemd does not run.
Telling telling_of(const Node& node);

// Restarts consumers that hold anchors from before the last change (after the configured splay, without the
// lock), and fills the report's consumers, and its plan. Errc::systemd where one could not be restarted: it
// stays owed.
Result<void> tell(Node& node, const std::vector<std::string>& owed_before, Report& report);

// Adds to the report's plan the consumers that a change would restart.
Result<void> add_tell_steps(Node& node, Report& report);

// Enables and starts the units that follow the sync directory, where they are installed; or only says so.
// Adds to the report's plan; where anything was done, the report's result is "changed". Errc::systemd where
// systemd refuses.
Result<void> follow_rotation(Node& node, bool dry_run, Report& report);

}  // namespace nct
