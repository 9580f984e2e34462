// The configuration, as values. Every key is optional; an unknown key is an error, since a misspelt one would
// silently mean its default.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "cert/judge.hpp"
#include "intake/document.hpp"

namespace nct {

inline constexpr std::string_view kDefaultRotationDirectory =
    "/opt/certs";  // as in node-ca-trust-rotate.path

struct Config {
  enum class OnRejected {
    fail,  // one faulty certificate refuses the whole input
    keep,  // the faulty ones are left out, the others applied
  };
  enum class Hooks { run, skip };
  enum class OnFailure {
    proceed,  // kubelet starts as if nothing had been
    block,    // kubelet does not start until provisioning has succeeded
  };

  // How the sync directory is followed.
  struct Rotation {
    std::string directory = std::string(kDefaultRotationDirectory);  // rotation.directory
    std::chrono::milliseconds settle{500};            // rotation.settle_ms: quiet enough to be read
    std::chrono::milliseconds removal_grace{10'000};  // rotation.removal_grace_ms: quiet enough to remove
    std::chrono::milliseconds empty_grace{60'000};    // rotation.empty_grace_ms: to remove all there is
    std::size_t max_entries = 256;                    // limits.max_entries: names in the directory
    OnRejected rejected = OnRejected::keep;           // policy.rotate.rejected
  };

  std::vector<std::string> provision_from = {"/etc/node-ca-trust/bundle.pem"};  // provision.from
  IntakeLimits intake;                                                          // limits.max_document_bytes
  Policy policy;  // limits.max_certificates and .max_proxy_certificates, policy.expiry_warning_days,
                  // .in_distro_store, distrust.fingerprints
  OnRejected provision_rejected = OnRejected::fail;  // policy.provision.rejected
  OnFailure on_failure = OnFailure::proceed;         // policy.provision.on_failure
  Rotation rotation;
  std::string family;        // store.family; empty: as os-release says
  Hooks hooks = Hooks::run;  // store.hooks
  // store.reader_grace_ms: how long a hash link stays after its certificate was moved to a lower number, for
  // readers that are half-way through the bucket. Waited only in that case: a re-keyed CA leaves.
  std::chrono::milliseconds reader_grace{100};
  std::chrono::milliseconds lock_timeout{30000};  // lock_timeout_ms: how long to wait for another run of ours
  std::vector<std::string> consumers = {"containerd.service"};  // consumers.units
  std::chrono::milliseconds splay{0};                           // consumers.splay_ms
  std::string metrics_file;                                     // metrics.file; empty for none
};

struct ConfigFile {
  std::string name;  // as errors shall name it
  std::string text;  // TOML
};

// Reads the files in their order; a key in a later file replaces the same key of an earlier one.
// Errc::configuration names file, line and column, and the nearest key there is.
Result<Config> config_from(std::span<const ConfigFile> files);

}  // namespace nct
