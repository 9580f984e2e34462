// Prepared nodes, and the changes that our program makes to them.
#pragma once

#include "faults/change.hpp"
#include "support/certificates.hpp"

#include <string>
#include <vector>

namespace nct::test {

// The program under test.
std::string program();

// The changes that are disturbed. All share CAs and nodes, which live as long as this does.
class Nodes {
 public:
  Nodes();

  // First provision of three CAs, one of them with the subject of two distro roots.
  [[nodiscard]] Change first_provision() const;
  // Three others, of which one is the same and one a re-keyed CA.
  [[nodiscard]] Change replacement() const;
  [[nodiscard]] Change removal() const;
  // A generation of the sync directory replaces another: what is new is added first, what left goes later.
  [[nodiscard]] Change rotation() const;
  // Two roots of the distribution are taken out, and come back.
  [[nodiscard]] Change distrust() const;
  [[nodiscard]] Change restoration() const;
  // The same on a node of Flatcar, as its image is, and of Photon.
  [[nodiscard]] Change first_provision_of_flatcar() const;
  [[nodiscard]] Change replacement_of_flatcar() const;
  [[nodiscard]] Change replacement_of_photon() const;
  [[nodiscard]] Change removal_of_photon() const;
  // The same replacement in a copy of this machine's store, which must be Debian's.
  [[nodiscard]] Change replacement_at_full_size() const;

 private:
  [[nodiscard]] std::string node(const std::string& name, const std::string& bundle, Tree tree) const;
  [[nodiscard]] Change::CommandFor provision_from(const std::string& bundle) const;
  [[nodiscard]] Change::CommandFor distrust_roots(std::size_t count) const;

  Scratch scratch_{fast_directory()};
  std::string old_bundle_;
  std::string new_bundle_;
};

}  // namespace nct::test
