// One run of ours at a time.
#pragma once

#include <chrono>
#include <string>

#include "base/error.hpp"
#include "sys/fd.hpp"

namespace nct {

// Holds an exclusive flock(2) until it is destroyed; the kernel lets go of it when the process dies.
class Lock {
 public:
  // Takes the lock on `path` below the directory `root`; the file is made (mode 0600) and stays, its
  // directory must exist. Who holds it may remove it. Errc::busy where another process keeps it for longer
  // than `timeout`.
  static Result<Lock> take(const std::string& root, const std::string& path,
                           std::chrono::milliseconds timeout);

 private:
  explicit Lock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace nct
