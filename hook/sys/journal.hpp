// The system's journal.
#pragma once

#include <span>
#include <string>

#include "base/error.hpp"

namespace nct {

// Writes one entry of fields, each "NAME=value" as in sd_journal_send(3). Nothing where no journal listens.
Result<void> write_journal(std::span<const std::string> fields);

}  // namespace nct
