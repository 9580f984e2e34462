#include "services/rotation_units.hpp"

#include "base/text.hpp"
#include "config/config.hpp"

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
  static constexpr std::string_view kDirectories[] = {
      "/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
      "/run/systemd/generator.early",  kAdministratorsUnits,           "/etc/systemd/system.attached",
      "/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
      "/usr/local/lib/systemd/system", "/lib/systemd/system",          "/usr/lib/systemd/system",
      "/run/systemd/generator.late"};
  return kDirectories;
}

std::string enabling_link(const RotationUnit& unit) {
  return concat(kAdministratorsUnits, "/", unit.target, ".wants/", unit.name);
}

std::string escaped_specifiers(std::string_view path) {
  std::string escaped;
  for (const char c : path)
    escaped += c == '%' ? std::string("%%") : std::string(1, c);
  return escaped;
}

std::string path_drop_in(std::string_view directory) {
  if (directory == kDefaultRotationDirectory) return {};
  return concat(
      "# Written by node-ca-trust: rotation.directory of its configuration. Do not edit; see "
      "node-ca-trust(8).\n"
      "[Path]\nPathChanged=\nPathChanged=",
      escaped_specifiers(directory), "\n");
}

}  // namespace nct
