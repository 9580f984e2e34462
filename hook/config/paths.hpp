// Where this program keeps what is its own.
#pragma once

#include <array>
#include <string_view>

namespace nct {

// How the product is installed.
struct Layout {
  std::string_view program;
  std::array<std::string_view, 2> units;  // where its units lie; /lib may be a link
};
// By a package: as units/ and hook/CMakeLists.txt have it.
inline constexpr Layout kPackaged{.program = "/usr/bin/node-ca-trust",
                                  .units = {"/lib/systemd/system", "/usr/lib/systemd/system"}};
// Where /usr is sealed: by packaging/opt/install.sh.
inline constexpr Layout kInOpt{.program = "/opt/node-ca-trust/bin/node-ca-trust",
                               .units = {"/etc/systemd/system", "/etc/systemd/system"}};

// What this program owns below /var/lib and /run.
inline constexpr std::string_view kStateDirectory = "/var/lib/node-ca-trust";
inline constexpr std::string_view kManifest = "/var/lib/node-ca-trust/manifest.toml";
inline constexpr std::string_view kPendingManifest = "/var/lib/node-ca-trust/pending.toml";
inline constexpr std::string_view kRecord = "/var/lib/node-ca-trust/record";
inline constexpr std::string_view kRoots = "/var/lib/node-ca-trust/roots";
// The last metrics.file of the configuration: where an outcome goes while that cannot be read.
inline constexpr std::string_view kMetricsPlace = "/var/lib/node-ca-trust/metrics-file";
inline constexpr std::string_view kRunDirectory = "/run/node-ca-trust";
inline constexpr std::string_view kBoot = "/run/node-ca-trust/boot";
inline constexpr std::string_view kSeen = "/run/node-ca-trust/seen";
inline constexpr std::string_view kLock = "/run/node-ca-trust/lock";
// Held while the last reports and the metrics file are written, by whichever run.
inline constexpr std::string_view kTracesLock = "/run/node-ca-trust/traces.lock";
inline constexpr std::string_view kLastProvision = "/run/node-ca-trust/last-provision.json";
inline constexpr std::string_view kLastRotate = "/run/node-ca-trust/last-rotate.json";
// kubelet.service does not start while it is there (units/kubelet.conf).
inline constexpr std::string_view kKubeletBlocked = "/run/node-ca-trust/kubelet-blocked";
// Makes rotation.directory that of the path unit, where it is not the one of the unit file.
inline constexpr std::string_view kPathDropIn =
    "/etc/systemd/system/node-ca-trust-rotate.path.d/50-directory.conf";
inline constexpr std::string_view kConfigHome = "/etc/node-ca-trust";
inline constexpr std::string_view kVendorConfig = "/usr/lib/node-ca-trust/config.toml";
inline constexpr std::string_view kConfig = "/etc/node-ca-trust/config.toml";
inline constexpr std::string_view kConfigDirectory = "/etc/node-ca-trust/config.d";

}  // namespace nct
