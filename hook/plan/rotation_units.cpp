#include "plan/rotation_units.hpp"

#include "base/text.hpp"
#include "plan/config.hpp"

namespace nct {

std::span<const RotationUnit> rotation_units() {
  static constexpr RotationUnit kUnits[] = {
      {.name = "node-ca-trust-rotate.path", .target = "paths.target"},
      {.name = "node-ca-trust-rotate.timer", .target = "timers.target"},
  };
  return kUnits;
}

std::span<const std::string_view> unit_directories() {
  // /lib in front of /usr/lib, as Debian's systemctl has it: where both are one, links it makes say /lib.
  static constexpr std::string_view kDirectories[] = {kAdministratorsUnits, "/usr/local/lib/systemd/system",
                                                      "/lib/systemd/system", "/usr/lib/systemd/system"};
  return kDirectories;
}

std::string enabling_link(const RotationUnit& unit) {
  return concat(kAdministratorsUnits, "/", unit.target, ".wants/", unit.name);
}

std::string path_drop_in(std::string_view directory) {
  if (directory == kDefaultRotationDirectory) return {};
  std::string escaped;
  for (const char c : directory)  // "%" begins a specifier
    escaped += c == '%' ? std::string("%%") : std::string(1, c);
  return concat(
      "# Written by node-ca-trust: rotation.directory of its configuration. Do not edit; see "
      "node-ca-trust(8).\n"
      "[Path]\nPathChanged=\nPathChanged=",
      escaped, "\n");
}

}  // namespace nct
