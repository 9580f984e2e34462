#include "sys/lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// Whether `file` is what stands at `path`.
bool is_at(const Fd& file, const Fd& directory, const std::string& path) {
  const auto there = open_below(directory, path, O_PATH | O_NOFOLLOW);
  struct stat ours{};
  struct stat theirs{};
  return there && ::fstat(file.get(), &ours) == 0 && ::fstat(there->get(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

}  // namespace

Result<Lock> Lock::take(const std::string& root, const std::string& path, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kBetweenTries(5);
  const Fd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", root, errno);
  NCT_TRY(Fd file, open_below(directory, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      if (is_at(file, directory, path)) return Lock(std::move(file));
      // Who held it has removed it, as the preparation of an image does in the end.
      auto again = open_below(directory, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
      if (!again)
        return fail(Errc::busy, concat("flock '", path, "': another run of node-ca-trust removed it"));
      file = *std::move(again);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return fail_errno("flock", path, errno);
    const auto now = std::chrono::steady_clock::now();
    if (now >= end)
      return fail(Errc::busy, concat("flock '", path, "': another run of node-ca-trust has it"));
    wait_until(std::min(end, now + kBetweenTries));
  }
}

}  // namespace nct
