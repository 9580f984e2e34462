// What a run leaves for others to read, besides its output: nothing here can fail it.
#pragma once

#include "cmd/options.hpp"
#include "node/node.hpp"
#include "plan/report.hpp"

namespace nct {

// Writes the metrics file, where one is configured and this node was to be changed.
void leave_metrics(Node& node, const Options& options, bool succeeded);

// Journal entries and the last report of a run that was to change this node; of any other run, nothing.
void leave_traces(const Options& options, const Report& report);

}  // namespace nct
