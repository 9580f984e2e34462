// One run of ours at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "sys/fd.hpp"
#include "sys/stop.hpp"

namespace nct {

// Holds an exclusive flock(2) until it is destroyed; the kernel lets go of it when the process dies.
class Lock {
 public:
  // Takes the lock on `path` below the directory `root`; the file is made (mode 0600) and stays, its
  // directory must exist. Who holds it may remove it. Errc::busy where another process keeps it for longer
  // than `timeout`, or a request to `stop` is made meanwhile.
  static Result<Lock> take(const std::string& root, const std::string& path,
                           std::chrono::milliseconds timeout, const StopRequest* stop = nullptr);

  // Takes the lock on the directory `path`, by which the program `of` keeps others out, too, as flock(1)
  // does. Errc::busy as above.
  static Result<Lock> take_directory(const std::string& root, const std::string& path, std::string_view of,
                                     std::chrono::milliseconds timeout);

 private:
  explicit Lock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

enum class LockState : std::uint8_t {
  free,
  held,
  unknown,  // this process may not open the file, and /proc/locks cannot be read
};

// Whether a process holds the lock on `path` below `root` now. Nobody is disturbed: it is taken shared, for
// an instant, where it is free; who may not open it looks into /proc/locks.
LockState lock_state(const std::string& root, const std::string& path);

}  // namespace nct
