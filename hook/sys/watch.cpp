#include "sys/watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::uint32_t kNameEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
constexpr std::uint32_t kAllEvents = kNameEvents | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::chrono::milliseconds kBlindLook{200};

}  // namespace

Watch::Watch() : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), blind_(events_.get() < 0) {}

bool Watch::add(const WatchedPlace& place) {
  // By descriptor: the directory that was opened, whatever bears its name now.
  const auto path = concat("/proc/self/fd/", std::to_string(place.directory->get()));
  const int watch =
      ::inotify_add_watch(events_.get(), path.c_str(), place.name.empty() ? kAllEvents : kNameEvents);
  if (watch < 0) {
    blind_ = true;
    return false;
  }
  added_.insert(watch);
  return !names_.insert_or_assign(watch, place.name).second;
}

void Watch::drop_others() {
  std::erase_if(names_, [&](const auto& each) {
    const bool dropped = !added_.contains(each.first);
    if (dropped) (void)::inotify_rm_watch(events_.get(), each.first);
    return dropped;
  });
  added_.clear();
}

bool Watch::take() {
  bool happened = false;
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (;;) {
    const auto length = ::read(events_.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return happened;
    for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name(event.len == 0 ? "" : buffer.data() + at + sizeof event);
      at += sizeof event + event.len;
      const auto watched = names_.find(event.wd);
      if ((event.mask & IN_Q_OVERFLOW) != 0)
        happened = true;
      else if ((event.mask & IN_IGNORED) == 0 && watched != names_.end())
        happened = happened || watched->second.empty() || watched->second == name;
    }
  }
}

Watch::Woken Watch::wait(Instant until, const StopRequest& stop) {
  for (;;) {
    if (stop.made()) return Woken::stop;
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return take() ? Woken::change : Woken::in_time;
    const auto end = blind_ ? std::min(until, now + kBlindLook) : until;
    std::array<pollfd, 2> polled{{{.fd = events_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = stop.fd(), .events = POLLIN, .revents = 0}}};
    // Rounded up, so that it does not wake in front of the end again and again.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now).count();
    (void)::poll(polled.data(), polled.size(), static_cast<int>(std::min<long long>(left, 1'000'000)));
    if (stop.made()) return Woken::stop;
    if (take()) return Woken::change;
    if (blind_) return Woken::look;
  }
}

}  // namespace nct
