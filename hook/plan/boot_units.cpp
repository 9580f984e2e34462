#include "plan/boot_units.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace nct {

std::vector<std::string> waiting_units(const Config& config) {
  auto units = config.consumers;
  if (std::ranges::find(units, "kubelet.service") == units.end()) units.emplace_back("kubelet.service");
  return units;
}

std::string order_drop_in() {
  return concat(
      "# Written by \"node-ca-trust bake\": this unit starts when provisioning has ended, whatever came of "
      "it; see "
      "node-ca-trust(8).\n[Unit]\nAfter=",
      kBootUnit.name, "\n");
}

bool waits_for_boot_unit(std::string_view drop_in) {
  constexpr std::string_view kAfter = "After=";
  return std::ranges::any_of(lines_of(drop_in), [&](std::string_view line) {
    line = trimmed(line);
    return line.starts_with(kAfter) &&
           concat(" ", line.substr(kAfter.size()), " ").contains(concat(" ", kBootUnit.name, " "));
  });
}

}  // namespace nct
