#include "sys/stop.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/signalfd.h>

namespace nct {

namespace {

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP};

}  // namespace

StopRequest::StopRequest() {
  ::sigemptyset(&signals_);
  for (const int each : kSignals)
    ::sigaddset(&signals_, each);
  ::sigprocmask(SIG_BLOCK, &signals_, nullptr);
  fd_ = Fd(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
}

StopRequest::~StopRequest() {
  const timespec now{};
  while (::sigtimedwait(&signals_, nullptr, &now) > 0) {
  }
  ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
}

bool StopRequest::made() const {
  sigset_t pending = signals_;
  if (::sigpending(&pending) != 0) return false;
  return std::ranges::any_of(kSignals, [&](int each) { return ::sigismember(&pending, each) == 1; });
}

bool StopRequest::wait(Instant until) const {
  constexpr std::chrono::milliseconds kMostAtOnce{1'000'000};
  while (!made()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd polled{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&polled, 1, static_cast<int>(std::min(left, kMostAtOnce).count()));
  }
  return true;
}

}  // namespace nct
