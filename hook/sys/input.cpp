#include "sys/input.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"

namespace nct {

namespace {

Result<std::string> read_all(int fd, const std::string& name, std::size_t max_bytes) {
  std::string bytes;
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

}  // namespace

Result<std::string> read_input(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", max_bytes);
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    auto failed = fail_errno("open", path, errno);
    if (errno == ENOENT || errno == ENOTDIR) failed.error().code = Errc::missing_input;
    return failed;
  }
  return read_all(file.get(), path, max_bytes);
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

}  // namespace nct
