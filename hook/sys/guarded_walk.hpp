// Follows a path link by link, and looks at everybody who could lead it somewhere else. For the guarded
// directory alone.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "sys/fd.hpp"

namespace nct {

// What a path leads to. It is not open for reading: opening wakes a FIFO's writer, and starts a watchdog.
struct WalkEnd {
  Fd file;  // O_PATH; never a link
  struct stat status{};
  Fd directory;      // that holds it, O_PATH; none where the path ends in "..", "." or "/"
  std::string name;  // in `directory`
  bool by_link = false;
};

struct WalkFailure {
  enum class Kind : std::uint8_t {
    missing,    // there is no such name: ENOENT
    circles,    // too many links
    leads_out,  // out of the directory that must not be left
    unsafe,     // somebody else than root could change where it leads
    refused,    // the kernel refused to look: any other errno
  };
  Kind kind = Kind::refused;
  int os_errno = 0;
  bool by_link = false;  // a link was followed until then
  std::string why;       // of `unsafe`: what is passed, and who could change it
};

enum class WalkRules : std::uint8_t {
  // From the root, which ".." and absolute links do not leave. Each directory that is passed must belong to
  // root, and neither group nor others may write it, unless its sticky bit keeps them from replacing what is
  // root's.
  from_root,
  // From a directory that is not left. The same of those that are passed, whatever their sticky bit.
  beneath,
};

// Each component is opened below the one before and judged as it was opened, so nothing can be exchanged
// between a look and a step. Every link must be root's: who may replace one in a sticky directory is its
// owner. `start` itself is judged only under from_root, and what the path ends in never is.
std::expected<WalkEnd, WalkFailure> walk(const Fd& start, std::string_view path, WalkRules rules);

// Who else than root could change what `status` is of; empty where nobody.
std::string openness(const struct stat& status, bool sticky_protects);

}  // namespace nct
