#include "services/boot_units.hpp"

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

}  // namespace nct
