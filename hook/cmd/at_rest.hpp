// Looking at a node that runs of ours may be changing meanwhile.
#pragma once

#include <functional>
#include <vector>

#include "base/error.hpp"
#include "node/node.hpp"
#include "report/report.hpp"

namespace nct {

struct SeenDrift {
  std::vector<Report::Drift> rows;
  bool at_work = false;  // a run held the lock until the end: rows may be what it has half done
};

// What `look` finds of the node's state and store. What another run has half done is no drift: where
// something is found, the run is waited for, up to lock_timeout_ms, and read and looked at again. Takes no
// lock, so that no run waits for this.
Result<SeenDrift> drift_at_rest(Node& node, const std::function<Result<std::vector<Report::Drift>>()>& look);

// To be said in the report, where a run was at work.
inline constexpr const char* kAtWork =
    "a run of node-ca-trust is at work; what it has not finished is no drift";

}  // namespace nct
