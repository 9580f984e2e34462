// The commands. Each fills `report` as far as it comes; main() prints it and turns an error into an exit
// status.
#pragma once

#include "base/error.hpp"
#include "cmd/options.hpp"
#include "report/report.hpp"

namespace nct {

Result<void> bake(const Options& options, Report& report);
Result<void> provision(const Options& options, Report& report);
Result<void> rotate(const Options& options, Report& report);
Result<void> lint(const Options& options, Report& report);
Result<void> status(const Options& options, Report& report);
Result<void> verify(const Options& options, Report& report);
Result<void> distrust(const Options& options, Report& report);
Result<void> remove(const Options& options, Report& report);

}  // namespace nct
