// Enabling the units that follow the sync directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sys/fs.hpp"
#include "sys/service_manager.hpp"

namespace nct {

// What is to be done about one unit; in the order in which it is done.
struct UnitStep {
  std::string unit;
  std::string reason;
  bool masked = false;  // by the administrator, whose word it is: nothing is done
};

// What a root lacks of rotation being enabled.
struct RotationChange {
  bool installed = false;              // the units are there
  bool drop_in = false;                // the drop-in for the directory is to be written, or removed
  std::vector<std::string> to_enable;  // units without their enabling link
  std::vector<UnitStep> steps;         // empty where nothing is to be done
};

// Compares the root with what enabling rotation of `directory` makes of it. With `services`, units must run,
// too.
Result<RotationChange> compare_rotation(Fs& fs, ServiceManager* services, std::string_view directory);

// Carries it out: with `services` by way of systemd, which is not waited for; without, by the links that
// systemd would make. Durable.
Result<void> enable_rotation(Fs& fs, ServiceManager* services, const RotationChange& change,
                             std::string_view directory);

}  // namespace nct
