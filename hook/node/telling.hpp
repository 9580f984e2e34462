// What a change of the anchors asks for besides the store: consumers of this node that notice it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"

namespace nct {

// For apply(): whom a change concerns. Nobody, below a root that is not running, or where systemd does not
// run.
Telling telling_of(const Node& node);

// How long it is until this machine's turn to restart those that hold anchors from before the last change:
// its splay, counted from that change, so that several changes in a row share one restart. None where it has
// come, or there is nobody to restart.
Result<std::chrono::milliseconds> until_turn(Node& node);

// After apply(): restarts consumers that hold anchors from before the last change, now. `owed_before` are
// those that were owed before this run. Who was looked at; one that could not be restarted says why, and
// stays owed.
Result<std::vector<Consumer>> tell(Node& node, const std::vector<std::string>& owed_before);

// The same, in this machine's turn, for which it waits without the lock: other runs need not wait as well.
Result<std::vector<Consumer>> tell_in_turn(Node& node, const std::vector<std::string>& owed_before);

// Errc::systemd with the first failure among them.
Result<void> all_told(const std::vector<Consumer>& consumers);

// Consumers that run, and that a change would therefore restart.
Result<std::vector<std::string>> concerned(Node& node);

}  // namespace nct
