// What an image must have for provisioning to come first at its boot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "services/rotation_units.hpp"

namespace nct {

// Provisions at boot.
inline constexpr RotationUnit kBootUnit{.name = "node-ca-trust.service", .target = "multi-user.target"};

// The drop-in, one for each unit that must wait for provisioning.
inline constexpr std::string_view kOrderDropIn = "50-node-ca-trust.conf";

// The drop-in that each service of ours has its sandbox from, and those services.
inline constexpr std::string_view kSandboxDropIn = "10-sandbox.conf";
inline constexpr std::string_view kRotateService = "node-ca-trust-rotate.service";
inline constexpr std::string_view kServices[] = {kBootUnit.name, kRotateService};

// Units that must not start before provisioning has ended: the consumers, and kubelet.
std::vector<std::string> waiting_units(const Config& config);

// The text of that drop-in, where no package brings one.
std::string order_drop_in();

}  // namespace nct
