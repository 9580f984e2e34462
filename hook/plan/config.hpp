// The configuration, as values. Every key is optional; an unknown key is an error, since a misspelt one would
// silently mean its default.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cert/judge.hpp"
#include "intake/document.hpp"

namespace nct {

struct Config {
  enum class OnRejected {
    fail,  // one faulty certificate refuses the whole input
    keep,  // the faulty ones are left out, the others applied
  };
  enum class Hooks { run, skip };

  // How the sync directory is followed.
  struct Rotation {
    std::string directory = "/opt/certs";             // rotation.directory
    std::chrono::milliseconds settle{500};            // rotation.settle_ms: quiet enough to be read
    std::chrono::milliseconds removal_grace{10'000};  // rotation.removal_grace_ms: quiet enough to remove
    std::chrono::milliseconds empty_grace{60'000};    // rotation.empty_grace_ms: to remove all there is
    std::size_t max_entries = 256;                    // limits.max_entries: names in the directory
    OnRejected rejected = OnRejected::keep;           // policy.rotate.rejected
  };

  std::vector<std::string> provision_from = {"/etc/node-ca-trust/bundle.pem"};  // provision.from
  IntakeLimits intake;                                                          // limits.max_document_bytes
  Policy policy;                                     // limits.max_certificates, policy.expiry_warning_days
  OnRejected provision_rejected = OnRejected::fail;  // policy.provision.rejected
  Rotation rotation;
  Hooks hooks = Hooks::run;  // store.hooks
  // store.reader_grace_ms: how long a hash link stays after its certificate was moved to a lower number, for
  // readers that are half-way through the bucket. Waited only in that case: a re-keyed CA leaves.
  std::chrono::milliseconds reader_grace{100};
  std::chrono::milliseconds lock_timeout{30000};  // lock_timeout_ms: how long to wait for another run of ours
};

struct ConfigFile {
  std::string name;  // as errors shall name it
  std::string text;  // TOML
};

// Reads the files in their order; a key in a later file replaces the same key of an earlier one.
// Errc::configuration names file, line and column, and the nearest key there is.
Result<Config> config_from(std::span<const ConfigFile> files);

}  // namespace nct
