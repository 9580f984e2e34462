// The common end of the commands that change a node: carry a wish out, or only say what that would do.
#pragma once

#include "base/error.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"
#include "plan/report.hpp"

namespace nct {

// Fills the report's plan, store, repairs, warnings and result; and names what the distribution trusts
// already. Errc::systemd where the store is as wanted, and only a consumer could not be restarted: it stays
// owed.
Result<void> run_plan(Node& node, const AnchorSet& wanted, bool dry_run, Report& report);

// What was told to consumers, into the report's consumers and plan; `state` is that of after.
void add_told(Report& report, const std::vector<Consumer>& consumers, const NodeState& state);

}  // namespace nct
