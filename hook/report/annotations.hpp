// What a run has to say about its inputs, for the pipelines that show it beside them.
#pragma once

#include <string>
#include <string_view>

#include "report/report.hpp"

namespace nct {

// GitHub's workflow commands, a line for each finding and for an error: "::error
// file=a.pem,line=3,title=...".
std::string github_of(const Report& report);

// SARIF 2.1.0, one run with a result for each finding, and a notification for an error. `version` is ours.
std::string sarif_of(const Report& report, std::string_view version);

}  // namespace nct
