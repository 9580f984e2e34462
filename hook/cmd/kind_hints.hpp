// What to do with a file that is not read: mostly the one line that takes the certificates out of it.
#pragma once

#include <string>

#include "base/finding.hpp"

namespace nct {

// Advice that fits the kind of thing `finding` speaks of (its .what), with the name of its file; empty where
// there is none beyond that of its code.
std::string hint_for_kind(const Finding& finding);

}  // namespace nct
