// From stat(2) to what a file is. For the files of this directory alone.
#pragma once

#include <sys/stat.h>

#include "sys/fs.hpp"

namespace nct {

inline FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::directory;
  return S_ISLNK(mode) ? FileKind::link : FileKind::other;
}

}  // namespace nct
