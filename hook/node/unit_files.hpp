// Unit files below a root, as systemd finds them there; nothing here asks systemd itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "plan/rotation_units.hpp"
#include "sys/fs.hpp"

namespace nct {

// The unit's file; nothing where it is not installed.
Result<std::optional<std::string>> unit_file(Fs& fs, std::string_view unit);

// The drop-in of that name which counts for the unit: directories have the order of unit_directories().
Result<std::optional<std::string>> drop_in_file(Fs& fs, std::string_view unit, std::string_view name);

// Whether the administrator has masked it, for good or until the next boot.
Result<bool> is_masked(Fs& fs, std::string_view unit);

// Whether it is linked to its target.
Result<bool> is_enabled(Fs& fs, const RotationUnit& unit);

// Makes the link that enables it, as "systemctl --root enable" does. Durable. Errc::systemd where it is not
// installed.
Result<void> link_unit(Fs& fs, const RotationUnit& unit);

}  // namespace nct
