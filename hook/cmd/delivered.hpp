// Bundles that a person or a pipeline names, for the commands that install them.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/source.hpp"

namespace nct {

// Files named on the command line, outside of any root.
Result<std::vector<Document>> read_named(const std::vector<std::string>& files, const Config& config);

// The message of an error that refuses all of them.
std::string refusal(const std::vector<Document>& documents);

// Puts what was parsed on record.
void remember_parsed(const Source& source, Record& record);

}  // namespace nct
