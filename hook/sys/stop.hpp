// A request to end, which waits until somebody asks for it.
#pragma once

#include <csignal>

#include "sys/clock.hpp"
#include "sys/fd.hpp"

namespace nct {

// While one lives, SIGTERM, SIGINT and SIGHUP end nothing; they are remembered, so that a run ends between
// two steps. Programs that are started meanwhile get them as usual. One at a time in a process of one thread.
class StopRequest {
 public:
  StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  ~StopRequest();  // what was asked for is forgotten

  [[nodiscard]] bool made() const;

  // Waits for it until `until` at most. Whether it was made.
  [[nodiscard]] bool wait(Instant until) const;

  // Readable, for poll(2), once it was made; -1 where the kernel has no descriptor left.
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  sigset_t signals_{};
  Fd fd_;
};

}  // namespace nct
