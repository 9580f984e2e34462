#include "sys/guarded_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "sys/file_kind.hpp"

namespace nct {

namespace {

using Content = GuardedDirectory::Content;

std::string octal(mode_t mode) {
  std::string digits;
  for (unsigned shift = 12; shift > 0; shift -= 3)
    digits += static_cast<char>('0' + (mode >> (shift - 3) & 7U));
  return digits;
}

// Who else than root could change it; empty where nobody.
std::string openness(const struct stat& status, bool sticky_protects) {
  if (status.st_uid != 0)
    return concat("it belongs to user ", std::to_string(status.st_uid), ", and must be root's");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (sticky_protects && (status.st_mode & S_ISVTX) != 0))
    return {};
  return concat((status.st_mode & S_IWOTH) != 0 ? "others" : "its group", " may write it (mode ",
                octal(status.st_mode), "), and only root must");
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::string_view kind_name(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISLNK(mode)) return "a link";
  return "a device";
}

std::unexpected<Error> refuse(std::string_view path, std::string_view why) {
  return fail(Errc::input, concat("directory '", printable(path), "': ", why));
}

// Opens `name` below `directory`, and never anything outside of it.
Fd open_beneath(const Fd& directory, const std::string& name, int flags) {
  return openat2_from(directory, name, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

// From what the directory stands in up to `root`: whoever can write there could put another one in its place.
Result<void> check_parents(const Fd& root, const Fd& directory, std::string_view path) {
  struct stat top{};
  struct stat below{};
  if (::fstat(root.get(), &top) != 0) return fail_errno("fstat", "/", errno);
  if (::fstat(directory.get(), &below) != 0) return fail_errno("fstat", path, errno);
  std::string up = "..";
  while (!same_file(below, top)) {
    const Fd parent(::openat(directory.get(), up.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    if (parent.get() < 0 || ::fstat(parent.get(), &status) != 0)
      return fail_errno("open", concat(path, "/", up), errno);
    if (same_file(status, below)) break;  // "/", while `root` lies elsewhere
    if (const auto why = openness(status, true); !why.empty())
      return refuse(path, concat("a directory above it ('", up, "') is not safe: ", why));
    below = status;
    up += "/..";
  }
  return {};
}

Content refused(Content::Kind kind, std::string why) {
  return {.kind = kind, .text = std::move(why)};
}

Content refused_by_kernel(int error, bool is_link) {
  if (error == EXDEV) return refused(Content::Kind::unsafe, "a link that leads out of the directory");
  if (error == ELOOP) return refused(Content::Kind::not_a_file, "a link that leads in circles");
  if ((error == ENOENT || error == ENOTDIR) && is_link)
    return refused(Content::Kind::not_a_file, "a link that leads nowhere");
  if (error == ENOENT) return refused(Content::Kind::gone, {});
  return refused(Content::Kind::unreadable, fail_errno("open", "", error).error().message);
}

bool is_link(const Fd& directory, const std::string& name) {
  struct stat status{};
  return ::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

}  // namespace

Result<std::optional<GuardedDirectory>> GuardedDirectory::open(const Fd& root, const std::string& path) {
  auto directory = open_below(root, path, O_RDONLY | O_DIRECTORY);
  if (!directory) {
    // A link that leads nowhere, too: it may be made to lead somewhere.
    if (directory.error().os_errno == ENOENT) return std::nullopt;
    if (directory.error().os_errno == ENOTDIR) return refuse(path, "it is no directory");
    return std::unexpected(std::move(directory).error());
  }
  struct stat status{};
  if (::fstat(directory->get(), &status) != 0) return fail_errno("fstat", path, errno);
  if (const auto why = openness(status, false); !why.empty()) return refuse(path, why);
  NCT_CHECK(check_parents(root, *directory, path));
  // Or each entry would be said to be unreadable.
  if (open_beneath(*directory, ".", O_PATH).get() < 0) return fail_errno("openat2", path, errno);
  return GuardedDirectory(*std::move(directory), path);
}

Result<std::optional<GuardedDirectory>> GuardedDirectory::behind_link(const std::string& name) const {
  if (!is_link(directory_, name)) return std::nullopt;
  const auto path = concat(path_, "/", name);
  Fd directory = open_beneath(directory_, name, O_RDONLY | O_DIRECTORY);
  if (directory.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == EXDEV) return refuse(path, "the link leads out of the directory it stands in");
    if (errno == ENOTDIR) return refuse(path, "the link leads to no directory");
    return fail_errno("open", path, errno);
  }
  struct stat status{};
  if (::fstat(directory.get(), &status) != 0) return fail_errno("fstat", path, errno);
  if (const auto why = openness(status, false); !why.empty()) return refuse(path, why);
  return GuardedDirectory(std::move(directory), path);
}

Result<std::vector<DirectoryEntry>> GuardedDirectory::list(std::size_t most) const {
  // Another descriptor, so that every list starts at the beginning.
  Fd directory(::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", path_, errno);
  const Handle<DIR, ::closedir> stream(::fdopendir(directory.get()));
  if (!stream) return fail_errno("opendir", path_, errno);
  const int fd = directory.release();

  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    const auto* found = ::readdir(stream.get());
    if (found == nullptr && errno != 0) return fail_errno("readdir", path_, errno);
    if (found == nullptr) break;
    DirectoryEntry entry{.name = found->d_name};
    if (entry.name == "." || entry.name == "..") continue;
    if (entries.size() == most) return refuse(path_, concat("more than ", std::to_string(most), " entries"));
    struct stat status{};
    if (::fstatat(fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // removed since
    entry.kind = kind_of(status.st_mode);
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

Content GuardedDirectory::read(const std::string& name, std::size_t max_bytes) const {
  // Not opened but looked at: opening wakes a FIFO's writer, and starts a watchdog.
  const Fd found = open_beneath(directory_, name, O_PATH);
  if (found.get() < 0) return refused_by_kernel(errno, is_link(directory_, name));
  struct stat status{};
  if (::fstat(found.get(), &status) != 0)
    return refused(Content::Kind::unreadable, fail_errno("fstat", "", errno).error().message);
  if (!S_ISREG(status.st_mode))
    return refused(Content::Kind::not_a_file,
                   concat(is_link(directory_, name) ? "a link to " : "", kind_name(status.st_mode)));
  if (const auto why = openness(status, false); !why.empty()) return refused(Content::Kind::unsafe, why);

  const Fd file = open_beneath(directory_, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file.get() < 0) return refused_by_kernel(errno, false);
  struct stat opened{};
  if (::fstat(file.get(), &opened) != 0)
    return refused(Content::Kind::unreadable, fail_errno("fstat", "", errno).error().message);
  if (!same_file(status, opened)) return refused(Content::Kind::gone, {});  // replaced in between

  std::string bytes(std::min(static_cast<std::size_t>(opened.st_size), max_bytes) + 1, '\0');
  std::size_t length = 0;
  while (length <= max_bytes) {
    if (length == bytes.size()) bytes.resize(std::min(2 * length, max_bytes + 1));  // it grows
    const auto count = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(Content::Kind::unreadable, fail_errno("read", "", errno).error().message);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  if (length > max_bytes)
    return refused(Content::Kind::too_large,
                   concat("more than ", std::to_string(max_bytes), " bytes, of which none was read"));
  bytes.resize(length);
  return {.kind = Content::Kind::read, .text = std::move(bytes)};
}

}  // namespace nct
