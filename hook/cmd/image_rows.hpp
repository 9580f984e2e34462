// What the gate for images found, in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cert/judge.hpp"
#include "node/image_gate.hpp"
#include "report/report.hpp"

namespace nct {

// The checks of the gate, in the order in which a report has them; the last is of certificates that are
// expected.
std::vector<std::string> gate_checks(bool expects);

// The check that drift of this kind belongs to.
std::string check_of(std::string_view kind);

Report::Drift row_of(const ImageMiss& miss);

// Of a certificate that is expected in the image, which does not trust it.
Report::Drift row_of_untrusted(const JudgedCertificate& expected);

// Of a configuration that cannot be read.
Report::Drift refused_configuration(const Error& error);

// Of an image whose proof is not on record.
Report::Drift missing_record();

}  // namespace nct
