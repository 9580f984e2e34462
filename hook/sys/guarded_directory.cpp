#include "sys/guarded_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "sys/file_kind.hpp"
#include "sys/guarded_walk.hpp"

namespace nct {

namespace {

using Content = GuardedDirectory::Content;

constexpr int kMostAttempts = 100;  // at a file that is replaced again and again

std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::string_view kind_name(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::unexpected<Error> refuse(std::string_view path, std::string_view why) {
  return fail(Errc::input, concat("directory '", printable(path), "': ", why));
}

// The directory that `path` leads to. Nothing where there is none; a link that leads nowhere is none, too: it
// may be made to lead somewhere.
Result<std::optional<Fd>> open_end(const Fd& start, std::string_view way, std::string_view path,
                                   WalkRules rules) {
  auto end = walk(start, way, rules);
  if (!end) {
    switch (end.error().kind) {
      case WalkFailure::Kind::missing:
        return std::nullopt;
      case WalkFailure::Kind::circles:
        return refuse(path, "the link leads in circles");
      case WalkFailure::Kind::leads_out:
        return refuse(path, "the link leads out of the directory it stands in");
      case WalkFailure::Kind::unsafe:
        return refuse(path, concat("the way to it is not safe: ", end.error().why));
      case WalkFailure::Kind::refused:
        if (end.error().os_errno == ENOTDIR) return refuse(path, "it is no directory");
        return fail_errno("open", path, end.error().os_errno);
    }
  }
  if (!S_ISDIR(end->status.st_mode)) return refuse(path, "it is no directory");
  if (const auto why = openness(end->status, false); !why.empty()) return refuse(path, why);
  Fd directory(::openat(end->file.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", path, errno);
  return directory;
}

Content refused(Content::Kind kind, std::string why) {
  return {.kind = kind, .text = std::move(why)};
}

Content unreadable(std::string_view call, int os_errno) {
  if (os_errno == ENOENT) return refused(Content::Kind::gone, {});
  return refused(Content::Kind::unreadable, fail_errno(call, "", os_errno).error().message);
}

Content refused_on_the_way(const WalkFailure& failure) {
  const bool nowhere = failure.os_errno == ENOENT || failure.os_errno == ENOTDIR;
  if (nowhere && failure.by_link) return refused(Content::Kind::not_a_file, "a link that leads nowhere");
  switch (failure.kind) {
    case WalkFailure::Kind::missing:
      return refused(Content::Kind::gone, {});
    case WalkFailure::Kind::circles:
      return refused(Content::Kind::not_a_file, "a link that leads in circles");
    case WalkFailure::Kind::leads_out:
      return refused(Content::Kind::unsafe, "a link that leads out of the directory");
    case WalkFailure::Kind::unsafe:
      return refused(Content::Kind::unsafe, concat("the way to it is not safe: ", failure.why));
    case WalkFailure::Kind::refused:
      break;
  }
  return unreadable("open", failure.os_errno);
}

// All that `file` holds, of `size` bytes when it was opened.
Content bytes_of(const Fd& file, std::size_t size, std::size_t max_bytes) {
  const auto too_large = [max_bytes] {
    return refused(Content::Kind::too_large,
                   concat("more than ", std::to_string(max_bytes), " bytes, of which none was read"));
  };
  if (size > max_bytes) return too_large();
  std::string bytes(size + 1, '\0');
  std::size_t length = 0;
  while (length <= max_bytes) {
    if (length == bytes.size()) bytes.resize(std::min(2 * length, max_bytes + 1));  // it grows
    const auto count = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(Content::Kind::unreadable, fail_errno("read", "", errno).error().message);
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  if (length > max_bytes) return too_large();
  bytes.resize(length);
  return {.kind = Content::Kind::read, .text = std::move(bytes)};
}

}  // namespace

Result<std::optional<GuardedDirectory>> GuardedDirectory::open(const Fd& root, const std::string& path) {
  NCT_TRY(auto directory, open_end(root, path, path, WalkRules::from_root));
  if (!directory) return std::nullopt;
  return GuardedDirectory(*std::move(directory), path);
}

Result<std::optional<GuardedDirectory>> GuardedDirectory::behind_link(const std::string& name) const {
  auto path = concat(path_, "/", name);
  NCT_TRY(auto directory, open_end(directory_, name, path, WalkRules::beneath));
  if (!directory) return std::nullopt;
  return GuardedDirectory(*std::move(directory), std::move(path));
}

Result<GuardedListing> GuardedDirectory::list(std::size_t most) const {
  // Another descriptor, so that every list starts at the beginning.
  Fd directory(::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return fail_errno("open", path_, errno);
  const Handle<DIR, ::closedir> stream(::fdopendir(directory.get()));
  if (!stream) return fail_errno("opendir", path_, errno);
  const int fd = directory.release();

  GuardedListing listing;
  auto& entries = listing.entries;
  for (;;) {
    errno = 0;
    const auto* found = ::readdir(stream.get());
    if (found == nullptr && errno != 0) return fail_errno("readdir", path_, errno);
    if (found == nullptr) break;
    GuardedEntry entry{.name = found->d_name};
    if (entry.name == "." || entry.name == "..") continue;
    if (entries.size() == most) return refuse(path_, concat("more than ", std::to_string(most), " entries"));
    struct stat status{};
    if (::fstatat(fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
      entry.kind = kind_of(status.st_mode);
      entry.modified_ns = nanoseconds_of(status.st_mtim);
    } else if (errno == ENOENT) {
      continue;  // removed since
    }
    entries.push_back(std::move(entry));
  }
  struct stat own{};
  if (::fstat(fd, &own) != 0) return fail_errno("fstat", path_, errno);
  listing.modified_ns = nanoseconds_of(own.st_mtim);
  std::ranges::sort(entries, {}, &GuardedEntry::name);
  return listing;
}

Content GuardedDirectory::read(const std::string& name, std::size_t max_bytes) const {
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const auto end = walk(directory_, name, WalkRules::beneath);
    if (!end) return refused_on_the_way(end.error());
    if (!S_ISREG(end->status.st_mode))
      return refused(Content::Kind::not_a_file,
                     concat(end->by_link ? "a link to " : "", kind_name(end->status.st_mode)));
    if (const auto why = openness(end->status, false); !why.empty())
      return refused(Content::Kind::unsafe, why);

    const Fd file(::openat(end->directory.get(), end->name.c_str(),
                           O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
    struct stat opened{};
    if (file.get() < 0 && errno != ELOOP && errno != EINTR) return unreadable("open", errno);
    if (file.get() < 0) continue;
    if (::fstat(file.get(), &opened) != 0)
      return refused(Content::Kind::unreadable, fail_errno("fstat", "", errno).error().message);
    if (same_file(end->status, opened))
      return bytes_of(file, static_cast<std::size_t>(opened.st_size), max_bytes);
  }
  return refused(Content::Kind::unreadable, "it was replaced each time that it was opened");
}

}  // namespace nct
