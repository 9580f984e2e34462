// The installed product, run as a person would, in the sandbox that the test has made.
#pragma once

#include "support/certificates.hpp"
#include "support/process.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace nct::test {

constexpr const char* kBinary = NCT_BINARY;
constexpr const char* kConfig = "/etc/node-ca-trust/config.toml";
constexpr const char* kManyCertificates = "[limits]\nmax_certificates = 1000\n";
constexpr const char* kAnchors = "/usr/local/share/ca-certificates/node-ca-trust";
constexpr const char* kDelivered = "/run/delivered.pem";

inline Finished node_ca_trust(const std::vector<std::string>& arguments,
                              std::map<std::string, std::string> environment = {}) {
  Command command{.argv = {kBinary}, .environment = std::move(environment)};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return run(command);
}

// The name, without its suffix, of the anchor file that `ca` gets, and of its link in the store.
inline std::string anchor_name(const TestCa& ca) {
  return concat("node-ca-trust-", ca.fingerprint_hex.substr(0, 32));
}

}  // namespace nct::test
