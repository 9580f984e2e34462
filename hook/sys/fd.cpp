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

// Filters that do not know the call answer EPERM to it, as container runtimes of 2020 do; the kernel gives
// nobody that answer who asks for a directory's own path.
bool is_filtered(const Fd& directory) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  const Fd found(static_cast<int>(::syscall(SYS_openat2, directory.get(), ".", &how, sizeof how)));
  return found.get() < 0 && errno == EPERM;
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

Fd openat2_from(const Fd& directory, const std::string& path, int flags, unsigned mode,
                std::uint64_t resolve) {
  constexpr int kMostAttempts = 100;
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = resolve;
  for (int attempts = 0;;) {
    const auto fd = ::syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    // EAGAIN: a rename raced with a ".." in the path.
    if (errno == EINTR || (errno == EAGAIN && ++attempts < kMostAttempts)) continue;
    if (errno == EPERM) errno = is_filtered(directory) ? ENOSYS : EPERM;
    return Fd(-1);
  }
}

bool is_own_root(const Fd& directory) {
  struct stat named{};
  struct stat own{};
  return ::fstat(directory.get(), &named) == 0 && ::stat("/", &own) == 0 && named.st_dev == own.st_dev &&
         named.st_ino == own.st_ino;
}

Result<Fd> open_below(const Fd& root, const std::string& path, int flags, unsigned mode) {
  if (!path.starts_with('/') || path.contains('\0')) return fail_errno("open", path, EINVAL);
  Fd file = openat2_from(root, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  // There open(2) resolves as openat2(2) does: Linux before 5.6, and who looks over a process's calls, may
  // know open(2) alone.
  const bool unknown = file.get() < 0 && errno == ENOSYS;
  if (unknown && is_own_root(root))
    file = Fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  else if (unknown)
    errno = ENOSYS;
  if (file.get() < 0) return fail_errno("open", path, errno);
  return file;
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
