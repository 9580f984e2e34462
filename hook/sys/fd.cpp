#include "sys/fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace nct {

namespace {

// The root of this process, where open(2) resolves as openat2(2) does below it: Linux before 5.6, and who
// looks over a process's calls, may know open(2) alone.
bool is_own_root(const Fd& directory) {
  struct stat named{};
  struct stat own{};
  const bool failed = ::fstat(directory.get(), &named) != 0 || ::stat("/", &own) != 0;
  errno = ENOSYS;
  return !failed && named.st_dev == own.st_dev && named.st_ino == own.st_ino;
}

}  // namespace

Fd::Fd(Fd&& other) noexcept : number_(other.release()) {}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Fd::~Fd() {
  if (number_ >= 0) ::close(number_);
}

int Fd::release() {
  return std::exchange(number_, -1);
}

Result<Fd> open_below(const Fd& root, const std::string& path, int flags, unsigned mode) {
  constexpr int kMostAttempts = 100;
  if (!path.starts_with('/') || path.contains('\0')) return fail_errno("open", path, EINVAL);
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  for (int attempts = 0;;) {
    auto fd = ::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how);
    if (fd < 0 && errno == ENOSYS && is_own_root(root)) fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    // EAGAIN: a rename anywhere on the machine raced with a ".." in the path.
    const bool again = errno == EINTR || (errno == EAGAIN && ++attempts < kMostAttempts);
    if (!again) return fail_errno("open", path, errno);
  }
}

Result<Fd> open_directory(const std::string& path) {
  Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", path, errno);
  return directory;
}

Result<Fd> open_directory(const Fd& root, const std::string& path) {
  return open_below(root, path, O_PATH | O_DIRECTORY);
}

}  // namespace nct
