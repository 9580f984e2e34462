#include "sys/lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

#include "base/text.hpp"
#include "sys/clock.hpp"

namespace nct {

Result<Lock> Lock::take(const std::string& root, const std::string& path, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kBetweenTries(5);
  const Fd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", root, errno);
  NCT_TRY(Fd file, open_below(directory, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return fail_errno("flock", path, errno);
    const auto now = std::chrono::steady_clock::now();
    if (now >= end)
      return fail(Errc::busy, concat("flock '", path, "': another run of node-ca-trust has it"));
    wait_until(std::min(end, now + kBetweenTries));
  }
  return Lock(std::move(file));
}

}  // namespace nct
