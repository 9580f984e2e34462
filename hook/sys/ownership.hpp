// Whose a path is, and whom it lets write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "sys/fd.hpp"
#include "sys/fs.hpp"

namespace nct {

struct Ownership {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t mode = 0;  // permission bits
  FileKind kind = FileKind::other;

  // Nobody but root can write it.
  [[nodiscard]] bool roots_alone() const { return uid == 0 && (mode & 022U) == 0; }
};

// Of the absolute `path` in the directory `root`; the last component is followed only where `follow` says so.
// Nothing where there is no such path.
Result<std::optional<Ownership>> ownership_of(const Fd& root, const std::string& path, bool follow);

// Gives the directory `path` to root and root's group, with these permission bits. Durable.
Result<void> give_to_root(const Fd& root, const std::string& path, std::uint32_t mode);

}  // namespace nct
