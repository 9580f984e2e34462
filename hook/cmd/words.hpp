// A report as text for people.
#pragma once

#include <string>

#include "report/report.hpp"

namespace nct {

// `colour`: with ANSI colours for the words that decide.
std::string text_of(const Report& report, bool colour);

}  // namespace nct
