// What the settings of our units must be, and may be, for their machines to provision themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/paths.hpp"
#include "services/unit_settings.hpp"

namespace nct {

struct UnitChange {
  std::string file;     // that makes it
  std::string message;  // what it says
};

// A unit as systemd reads it.
struct LoadedUnit {
  std::string name;
  std::string fragment;               // its unit file
  std::vector<UnitSetting> settings;  // of that and of its drop-ins, in the order in which they are read
};

// What makes `unit`, one of ours as `layout` has it, do another thing than what was installed does: another
// command, a condition, a user, no room to write in. Who adds to the environment, to the order, to limits of
// resources, or takes from the sandbox, changes nothing that counts. `directory` is the one that the path
// unit must watch; empty where that is judged elsewhere. `waiting` are the units that start after
// provisioning.
std::vector<UnitChange> changes_of(const LoadedUnit& unit, const Layout& layout, std::string_view directory,
                                   const std::vector<std::string>& waiting);

// Whether a unit with these settings starts after provisioning.
bool waits_for_boot_unit(const std::vector<UnitSetting>& settings);

}  // namespace nct
