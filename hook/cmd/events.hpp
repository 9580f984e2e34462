// What a run did, for the journal: an entry for each event, with an id that units/node-ca-trust.catalog
// explains.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace nct {

// One entry: fields "NAME=value" as systemd.journal-fields(7) has them, and ours.
using JournalEntry = std::vector<std::string>;

// The entries of a run that was to change the node, in the order of its report. None where nothing happened.
std::vector<JournalEntry> events_of(const Report& report);

}  // namespace nct
