#include "sys/input.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.hpp"
#include "sys/clock.hpp"
#include "sys/fd.hpp"

namespace nct {

namespace {

// Adds what `fd` holds to `bytes`, up to `max_bytes` + 1 of them.
Result<std::string> read_all(int fd, const std::string& name, std::size_t max_bytes, std::string bytes = {}) {
  std::array<char, 65536> chunk{};
  while (bytes.size() <= max_bytes) {
    const auto wanted = std::min(chunk.size(), max_bytes + 1 - bytes.size());
    const auto count = ::read(fd, chunk.data(), wanted);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EISDIR)
      return fail(Errc::input,
                  concat("read '", printable(name), "': it is a directory, and a file is wanted"));
    if (count < 0) return fail_errno("read", name, errno);
    if (count == 0) break;
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

// Waits until somebody has opened the FIFO `fd`, which does not block, for writing; what was read of it then.
Result<std::string> wait_for_writer(int fd, const std::string& path) {
  constexpr std::chrono::seconds kPatience{5};
  constexpr std::chrono::milliseconds kBetweenLooks{20};
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
    (void)::poll(&polled, 1, 0);
    if (polled.revents != 0) return std::string();
    // A writer that has written nothing yet is not seen by poll(2), but a read would wait for it.
    char byte = 0;
    const auto count = ::read(fd, &byte, 1);
    if (count != 0) return std::string(count > 0 ? 1 : 0, byte);
    if (std::chrono::steady_clock::now() >= end)
      return fail(Errc::input, concat("open '", printable(path), "': a FIFO that nobody writes to"));
    wait_until(std::chrono::steady_clock::now() + kBetweenLooks);
  }
}

}  // namespace

Result<std::string> read_input(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", max_bytes);
  // Without O_NONBLOCK, opening a FIFO waits for a writer: for ever, where none comes.
  const Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0) {
    auto failed = fail_errno("open", path, errno);
    if (failed.error().os_errno == ENOENT || failed.error().os_errno == ENOTDIR)
      failed.error().code = Errc::missing_input;
    return failed;
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("fstat", path, errno);
  std::string start;
  if (S_ISFIFO(status.st_mode)) {
    NCT_TRY(start, wait_for_writer(file.get(), path));
  }
  if (::fcntl(file.get(), F_SETFL, 0) != 0) return fail_errno("fcntl", path, errno);
  return read_all(file.get(), path, max_bytes, std::move(start));
}

Result<std::string> absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::array<char, PATH_MAX> directory{};
  if (::getcwd(directory.data(), directory.size()) == nullptr) {
    auto failed = fail_errno("find the working directory for", path, errno);
    if (failed.error().os_errno == ENOENT) failed.error().code = Errc::missing_input;
    return failed;
  }
  return concat(directory.data(), std::string_view(directory.data()) == "/" ? "" : "/", path);
}

}  // namespace nct
