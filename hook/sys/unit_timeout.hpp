// The time that systemd gives a unit to start.
#pragma once

#include <chrono>

namespace nct {

// Where this process is the main one of a unit that listens (NotifyAccess=): its start may take until `more`
// from now on, however short its TimeoutStartSec= is (sd_notify(3), EXTEND_TIMEOUT_USEC=). Said before each
// wait that is meant, so that the limit of the unit ends only what hangs. Elsewhere nothing happens.
void extend_unit_timeout(std::chrono::milliseconds more);

}  // namespace nct
