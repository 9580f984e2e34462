// The trees that provisioning reads and changes, on a disk with a journal: fsync costs there what it costs a
// node.
#pragma once

#include "support/tree.hpp"

#include <map>
#include <string>
#include <vector>

namespace nct::test {

// Copies of the trees on an ext4 of their own, mounted over the real paths. States of them can be kept and
// brought back. An image is used, and not the machine's file system, because that may have no journal: ext4
// is then slow to give away inodes that were freed a short while ago, as restoring does. Lives within a
// Sandbox, which takes the mounts along; throws std::runtime_error.
class Disk {
 public:
  // Makes `image`, and mounts it at `directory`. Refuses a place in memory.
  Disk(const std::string& image, std::string directory);

  void save(const std::string& state) const;

  // As it was saved, with no run of the product since boot, and with nothing left to be written back.
  void restore(const std::string& state) const;

  // Everything in the trees, by absolute path.
  [[nodiscard]] static Tree tree();

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  std::string directory_;
};

// The steps for floor.c that make `after` of `before`; the new files' bytes are kept below `sources`.
std::string floor_plan(const Tree& before, const Tree& after, const std::string& sources);

}  // namespace nct::test
