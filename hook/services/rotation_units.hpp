// The units that follow the sync directory: what enabling them means below a root.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nct {

struct RotationUnit {
  std::string_view name;
  std::string_view target;  // WantedBy= of its [Install]
};

// In the order in which they are started: watch first, then look.
std::span<const RotationUnit> rotation_units();

// Where systemd looks for unit files, drop-ins and enabling links, what counts most first: systemd.unit(5),
// with what generators and "systemctl edit --runtime" leave in /run.
std::span<const std::string_view> unit_directories();

inline constexpr std::string_view kAdministratorsUnits = "/etc/systemd/system";

// The link that enables `unit`.
std::string enabling_link(const RotationUnit& unit);

// With each "%" doubled: alone it begins a specifier.
std::string escaped_specifiers(std::string_view path);

// The drop-in that makes `directory` the one that the path unit watches; empty where the unit file says so
// itself.
std::string path_drop_in(std::string_view directory);

}  // namespace nct
