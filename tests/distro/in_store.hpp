// Flatcar or Photon at the real paths of a sandbox, with roots of this machine: systems of which the
// certificate files lie in /etc/ssl/certs itself.
#pragma once

#include "support/certificates.hpp"
#include "support/tree.hpp"

#include <string>
#include <vector>

namespace nct::test {

class InStoreSystem {
 public:
  // As the distribution leaves it after its installation. `name` is the family's.
  explicit InStoreSystem(std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_flatcar() const { return name_ == "flatcar"; }
  [[nodiscard]] const std::string& bundle() const { return bundle_; }

  // What its administrators run, once. Photon: openssl-rehash(1) itself, then what its script does in order.
  // Flatcar: c_rehash(1) and its script in our words; without the first as its boot service runs it.
  void tool(bool rehash = true) const;

  // Flatcar's clean-ca-certificates.service, and what systemd-tmpfiles(8) makes anew at each boot.
  void boot() const;

  // All that the tool and the product derive.
  [[nodiscard]] Tree derived() const;

  // A hash that is in front of all others in the directory: c_rehash(1) would take the bundle, of which that
  // certificate is the first, for a certificate file, and put the bundle into itself at each run.
  [[nodiscard]] bool is_foremost(const TestCa& ca) const;

 private:
  std::string name_;
  std::string bundle_;
};

// A root of the distribution on such a system, by its file in this machine's /usr/share/ca-certificates.
void ship(const InStoreSystem& system, const std::string& name, const TestCa& root);

}  // namespace nct::test
