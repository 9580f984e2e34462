// What a gate has to say, for pipelines: JUnit XML, as test reports read it.
#pragma once

#include <string>

#include "report/report.hpp"

namespace nct {

// A test case for each check of the report, failed where drift was found; an error of the run is a test case
// of its own.
std::string junit_of(const Report& report);

}  // namespace nct
