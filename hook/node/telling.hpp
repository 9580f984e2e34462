// What a change of the anchors asks for besides the store: consumers of this node that notice it.
#pragma once

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

// After apply(): restarts consumers that hold anchors from before the last change; after this machine's
// splay, for which the lock is given up and taken again. `owed_before` are those that were owed before this
// run. Who was looked at; one that could not be restarted says why, and stays owed.
Result<std::vector<Consumer>> tell(Node& node, const std::vector<std::string>& owed_before);

// Errc::systemd with the first failure among them.
Result<void> all_told(const std::vector<Consumer>& consumers);

// Consumers that run, and that a change would therefore restart.
Result<std::vector<std::string>> concerned(Node& node);

}  // namespace nct
