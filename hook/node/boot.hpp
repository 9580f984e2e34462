// Which boot of this system it is.
#pragma once

#include <string>

#include "sys/fs.hpp"

namespace nct {

// The boot_id of random(4), as the first run since the boot saw it: it is kept in /run. In a container of
// systemd-nspawn(1) a service whose sandbox has a /proc of its own would otherwise see the machine's id, and
// a person the container's. Empty where the kernel does not say.
std::string this_boot(Fs& fs);

}  // namespace nct
