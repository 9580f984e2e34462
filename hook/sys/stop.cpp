#include "sys/stop.hpp"

#include <csignal>
#include <sys/signalfd.h>

namespace nct {

namespace {

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP})
    ::sigaddset(&signals, each);
  return signals;
}

}  // namespace

StopRequest::StopRequest() {
  const auto signals = stop_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

StopRequest::~StopRequest() {
  const auto signals = stop_signals();
  const timespec now{};
  while (::sigtimedwait(&signals, nullptr, &now) > 0) {
  }
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

bool StopRequest::made() const {
  sigset_t pending;
  if (::sigpending(&pending) != 0) return false;
  for (const int each : {SIGTERM, SIGINT, SIGHUP})
    if (::sigismember(&pending, each) == 1) return true;
  return false;
}

}  // namespace nct
