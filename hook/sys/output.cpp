#include "sys/output.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr int kPatienceMs = 10'000;

// Whether there is room before patience ends.
bool comes_to_have_room(int fd) {
  pollfd polled{.fd = fd, .events = POLLOUT, .revents = 0};
  int ready = -1;
  do
    ready = ::poll(&polled, 1, kPatienceMs);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

Result<void> write_output(int fd, std::string_view name, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail_errno("write", name, errno);
    if (!comes_to_have_room(fd))
      return fail(Errc::io, concat("write '", name, "': nobody reads it for ",
                                   std::to_string(kPatienceMs / 1000), " seconds"));
  }
  return {};
}

}  // namespace nct
