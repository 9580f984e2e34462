// What a run leaves for others to read, besides its output: nothing here can fail it.
#pragma once

#include "cmd/options.hpp"
#include "report/report.hpp"

namespace nct {

// Journal entries, the last report and the metrics file (where one is configured) of a run that was to change
// this node, however it ended; of any other run, nothing. Requires that the run let go of its lock. While the
// configuration cannot be read, the metrics file is the one of the last run that could read it.
void leave_traces(const Options& options, const Report& report);

}  // namespace nct
