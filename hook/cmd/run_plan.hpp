// The common end of the commands that change a node: carry a wish out, or only say what that would do.
#pragma once

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/node.hpp"
#include "plan/report.hpp"

namespace nct {

// Fills the report's plan, store, repairs, warnings and result; and names what the distribution trusts
// already.
Result<void> run_plan(Node& node, const AnchorSet& wanted, bool dry_run, Report& report);

// The same of what was applied: `before` became `wanted`. A run may do so several times, and the report tells
// of each.
void add_applied(Report& report, const AnchorSet& before, const AnchorSet& wanted, const Applied& applied);

}  // namespace nct
