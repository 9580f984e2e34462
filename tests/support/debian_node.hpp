// A small Debian node: a few roots of the distribution's, in a store as update-ca-certificates(8) leaves it.
#pragma once

#include "support/certificates.hpp"
#include "support/model_fs.hpp"
#include "support/tree.hpp"

#include <span>
#include <string>
#include <vector>

namespace nct::test {

struct DistroRoot {
  std::string name;  // without ".crt"
  TestCa ca;
};

// "Alpha_Root", "Beta_Root", ... and two CAs with the subject of rekeyed_ca(), one whose file comes before
// and one whose file comes after those of any anchor of ours. The same ones each time within a process.
const std::vector<DistroRoot>& distro_roots();

// A private CA whose subject two distro roots bear too; a new key each time.
TestCa rekeyed_ca();

// The whole tree of such a node; also the places that a node has and packages expect.
Tree debian_node(std::span<const DistroRoot> roots = distro_roots());

// Makes `tree` in an empty file system.
void put(const Tree& tree, ModelFs& fs);
void put(const Tree& tree, const std::string& directory);

}  // namespace nct::test
