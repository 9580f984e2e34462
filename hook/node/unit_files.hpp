// Unit files below a root, as systemd finds them there; nothing here asks systemd itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "services/rotation_units.hpp"
#include "sys/fs.hpp"

namespace nct {

// What systemd would load a unit from.
struct UnitFile {
  enum class State : std::uint8_t {
    loadable,
    masked,  // it is empty, or leads to /dev/null
    broken,  // it leads nowhere, or is no file
  };
  std::string path;
  State state{};
};

// Nothing where no directory of units has such a file. A link that leads to the same name in another of these
// directories is passed over, as systemd does.
Result<std::optional<UnitFile>> unit_file(Fs& fs, std::string_view unit);

// The drop-ins of a unit that count, in the order in which systemd reads them: of its own, of what its name
// begins with ("node-.service.d"), of its other names and of its type ("service.d"). The unit itself need not
// be there.
Result<std::vector<std::string>> drop_ins_of(Fs& fs, std::string_view unit);

// A unit with the link that enables it.
struct InstalledUnit {
  std::optional<UnitFile> file;
  bool masked = false;   // it or the link, for good or until the next boot: the administrator's word
  bool enabled = false;  // it is linked to its target
};
Result<InstalledUnit> installed_unit(Fs& fs, const RotationUnit& unit);

// Makes the link that enables it, as "systemctl --root enable" does. Durable. Errc::systemd where it is not
// installed.
Result<void> link_unit(Fs& fs, const RotationUnit& unit);

}  // namespace nct
