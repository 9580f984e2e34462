// What a change of the anchors asks for besides the store: consumers of this node that notice it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/apply.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"
#include "sys/stop.hpp"

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
// Gives up the lock before, so that nobody waits for a restart; afterwards takes it again and reads again.
// The node is without its lock on return where that cannot be had in time, or a request to `stop` is made:
// then all stay owed, and the next run finds who needs nothing more.
Result<std::vector<Consumer>> tell(Node& node, const std::vector<std::string>& owed_before,
                                   const StopRequest* stop = nullptr);

// The same, in this machine's turn, for which it waits without the lock.
Result<std::vector<Consumer>> tell_in_turn(Node& node, const std::vector<std::string>& owed_before);

// In place of telling them: who is owed, as they are.
Result<std::vector<Consumer>> owed_consumers(Node& node);

// Errc::systemd with the first failure among them.
Result<void> all_told(const std::vector<Consumer>& consumers);

// Consumers that run, and that a change would therefore restart.
Result<std::vector<std::string>> concerned(Node& node);

}  // namespace nct
