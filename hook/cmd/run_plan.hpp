// The common end of the commands that change a node: carry a wish out, or only say what that would do.
#pragma once

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"
#include "report/report.hpp"

namespace nct {

// Fills the report's plan, store, repairs, warnings and result; and names what the distribution trusts
// already. Errc::systemd where the store is as wanted, and only a consumer could not be restarted: it stays
// owed.
Result<void> run_plan(Node& node, const AnchorSet& wanted, bool dry_run, Report& report);

// The same without telling anybody: consumers stay owed.
Result<void> carry_out(Node& node, const AnchorSet& wanted, bool dry_run, Report& report);

// The rest of it: consumers are restarted in this machine's turn, which is waited for.
Result<void> tell_in_turn(Node& node, const std::vector<std::string>& owed_before, Report& report);

// The first half of it: only says what making the store hold `wanted` would do, and proves that it can be
// done. Whether the anchors would change.
Result<bool> add_planned(Node& node, const AnchorSet& wanted, Report& report);

// The same of what was applied: `before` became `wanted`. A run may do so several times, and the report tells
// of each.
void add_applied(Report& report, const AnchorSet& before, const AnchorSet& wanted, const Applied& applied,
                 const Family& family);
// What people must hear of the store, once each, into the report's drift.
void add_notices(Report& report, const std::vector<Notice>& notices, bool done, const Family& family);
// What was told to consumers of the anchors as they are since `changed`, into the report's consumers and
// plan.
void add_told(Report& report, const std::vector<Consumer>& consumers, const std::optional<Moment>& changed);
// The same of consumers that were not told yet, since the turn of this machine comes only after `left`.
void add_left(Report& report, const std::vector<Consumer>& consumers, const std::optional<Moment>& changed,
              std::chrono::milliseconds left);

}  // namespace nct
