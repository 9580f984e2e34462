#include "sys/lock.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

constexpr std::chrono::milliseconds kBetweenTries(5);

// Whether `file` is what stands at `path`.
bool is_at(const Fd& file, const Fd& directory, const std::string& path) {
  const auto there = open_below(directory, path, O_PATH | O_NOFOLLOW);
  struct stat ours{};
  struct stat theirs{};
  return there && ::fstat(file.get(), &ours) == 0 && ::fstat(there->get(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

// Waits; whether a request to stop was made.
bool stopped(Instant until, const StopRequest* stop) {
  if (stop != nullptr) return stop->wait(until);
  wait_until(until);
  return false;
}

// "2: FLOCK  ADVISORY  WRITE 1234 00:1a:567 0 EOF": major and minor number of the device in hexadecimal,
// inode.
LockState state_by_list(const Fd& file) {
  struct stat found{};
  std::ifstream list("/proc/locks");
  if (::fstat(file.get(), &found) != 0 || !list) return LockState::unknown;
  std::string number;
  std::string kind;
  std::string mode;
  std::string access;
  std::string process;
  std::string place;
  while (list >> number >> kind >> mode >> access >> process >> place) {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned long long inode = 0;
    // NOLINTNEXTLINE(cert-err34-c): it is the kernel's own text
    if (kind == "FLOCK" && std::sscanf(place.c_str(), "%x:%x:%llu", &major, &minor, &inode) == 3 &&
        major == ::major(found.st_dev) && minor == ::minor(found.st_dev) && inode == found.st_ino)
      return LockState::held;
    list.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return LockState::free;
}

}  // namespace

Result<Lock> Lock::take(const std::string& root, const std::string& path, std::chrono::milliseconds timeout,
                        const StopRequest* stop) {
  const Fd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", root, errno);
  NCT_TRY(Fd file, open_below(directory, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  // Twice at least: lock_state() may have been faster.
  const auto end = std::chrono::steady_clock::now() + std::max(timeout, kBetweenTries);
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
    if (stopped(std::min(end, now + kBetweenTries), stop))
      return fail(Errc::busy,
                  concat("flock '", path, "': asked to end while another run of node-ca-trust has it"));
  }
}

Result<Lock> Lock::take_directory(const std::string& root, const std::string& path, std::string_view of,
                                  std::chrono::milliseconds timeout) {
  const Fd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (top.get() < 0) return fail_errno("open", root, errno);
  NCT_TRY(Fd directory, open_below(top, path, O_RDONLY | O_DIRECTORY));
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return fail_errno("flock", path, errno);
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return fail(Errc::busy, concat("flock '", path, "': ", of, " has it"));
    wait_until(std::min(end, now + kBetweenTries));
  }
  return Lock(std::move(directory));
}

LockState lock_state(const std::string& root, const std::string& path) {
  const Fd directory(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return LockState::unknown;
  const auto file = open_below(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file) {
    if (::flock(file->get(), LOCK_SH | LOCK_NB) == 0) return LockState::free;
    return errno == EWOULDBLOCK ? LockState::held : LockState::unknown;
  }
  if (file.error().os_errno == ENOENT || file.error().os_errno == ENOTDIR) return LockState::free;
  const auto place = open_below(directory, path, O_PATH | O_NOFOLLOW);
  return place ? state_by_list(*place) : LockState::unknown;
}

}  // namespace nct
