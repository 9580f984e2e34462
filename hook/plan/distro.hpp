// The distributions whose store we know: one row each, and one file that names their paths.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nct {

// How a family derives its store; node/ has one writer for each.
enum class StoreKind {
  ca_certificates,  // Debian's update-ca-certificates(8)
};

// Where a family keeps things. Every path is absolute within the root.
struct StoreLayout {
  std::string_view family;
  StoreKind kind;
  std::string_view bundle;                   // the file that most clients read
  std::string_view anchor_directory;         // ours alone, below the family's place for local anchors
  std::span<const std::string_view> probes;  // what must exist for the layout to be the true one
};

struct Distro {
  std::string id;  // ID of os-release(5); empty where there is no os-release
  const StoreLayout* layout = nullptr;
};

// Where Debian and Ubuntu keep theirs: update-ca-certificates(8) of 20230311 and later.
namespace debian {
inline constexpr std::string_view kConf = "/etc/ca-certificates.conf";
inline constexpr std::string_view kCertificates = "/usr/share/ca-certificates";
inline constexpr std::string_view kLocal = "/usr/local/share/ca-certificates";
inline constexpr std::string_view kStore = "/etc/ssl/certs";
inline constexpr std::string_view kBundleName = "ca-certificates.crt";
inline constexpr std::string_view kBundle = "/etc/ssl/certs/ca-certificates.crt";
inline constexpr std::string_view kStaleBundle = "/etc/ssl/certs/ca-certificates.crt.new";
inline constexpr std::string_view kHooks = "/etc/ca-certificates/update.d";
inline constexpr std::string_view kTool = "/usr/sbin/update-ca-certificates";
// Links to the store, where OpenSSL's clients look by default.
inline constexpr std::string_view kOpensslFile = "/usr/lib/ssl/cert.pem";
inline constexpr std::string_view kOpensslDirectory = "/usr/lib/ssl/certs";
inline constexpr std::string_view kAnchors = "/usr/local/share/ca-certificates/node-ca-trust";
// How the paths of staged files begin (node/staging.hpp).
inline constexpr std::string_view kAnchorStaging = "/usr/local/share/.node-ca-trust.";
inline constexpr std::string_view kStoreStaging = "/etc/ssl/.node-ca-trust.";
}  // namespace debian

// The row for a root with this os-release(5), or without one. A root without os-release is recognised by the
// probes alone, which the caller checks in any case. Errc::configuration names what was found and what is
// known.
Result<Distro> distro_from(const std::optional<std::string>& os_release);

// "node-ca-trust-<first 32 hex digits>.crt": a name of its own for every content, which the distro tools of
// all families sort and map alike in every locale. Of a certificate that must come behind a self-signed one
// "node-ca-trust-x<first 31 hex digits>.crt": the tools order bundle and buckets by names alone, and this one
// is behind all others of ours, as long as they are, in every locale, too.
std::string anchor_file_name(std::string_view fingerprint_hex, bool behind = false);

// Whether `name` has one of those forms.
bool is_anchor_file_name(std::string_view name);

// Whether two links in the store are for one certificate: they have one name, or are those of an anchor of
// ours by its two names.
bool link_to_the_same(std::string_view name, std::string_view other);

// What this program owns below /var/lib and /run.
inline constexpr std::string_view kStateDirectory = "/var/lib/node-ca-trust";
inline constexpr std::string_view kManifest = "/var/lib/node-ca-trust/manifest.toml";
inline constexpr std::string_view kPendingManifest = "/var/lib/node-ca-trust/pending.toml";
inline constexpr std::string_view kRecord = "/var/lib/node-ca-trust/record";
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
// As units/ and hook/CMakeLists.txt have it.
inline constexpr std::string_view kProgram = "/usr/bin/node-ca-trust";
inline constexpr std::string_view kConfigHome = "/etc/node-ca-trust";
inline constexpr std::string_view kVendorConfig = "/usr/lib/node-ca-trust/config.toml";
inline constexpr std::string_view kConfig = "/etc/node-ca-trust/config.toml";
inline constexpr std::string_view kConfigDirectory = "/etc/node-ca-trust/config.d";

}  // namespace nct
