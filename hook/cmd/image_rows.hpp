// What the gate for images found, in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "node/image_gate.hpp"
#include "plan/report.hpp"

namespace nct {

// The checks of the gate, in the order in which a report has them.
std::vector<std::string> gate_checks();

// The check that drift of this kind belongs to.
std::string check_of(std::string_view kind);

Report::Drift row_of(const ImageMiss& miss);

// Of a configuration that cannot be read.
Report::Drift refused_configuration(const Error& error);

// Of an image whose proof is not on record.
Report::Drift missing_record();

}  // namespace nct
