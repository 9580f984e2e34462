#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "sys/fd.hpp"
#include "sys/file_kind.hpp"
#include "sys/fs.hpp"

namespace nct {
namespace {

// A path's last component, below the directory that holds it.
struct Place {
  Fd parent;
  std::string name;
};

constexpr std::size_t kMaxOpenFiles = 64;
constexpr char kSelinuxLabel[] = "security.selinux";

std::string_view without_final_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  return path;
}

std::string parent_of(std::string_view path) {
  path = without_final_slashes(path);
  const auto slash = path.rfind('/');
  return std::string(slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash));
}

std::string name_of(std::string_view path) {
  path = without_final_slashes(path);
  return std::string(path.substr(path.rfind('/') + 1));
}

std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStatus status_of(const struct stat& found) {
  return {.kind = kind_of(found.st_mode),
          .mode = found.st_mode & 07777U,
          .size = static_cast<std::uint64_t>(found.st_size),
          .device = found.st_dev,
          .inode = found.st_ino,
          .modified_ns = nanoseconds_of(found.st_mtim),
          .changed_ns = nanoseconds_of(found.st_ctim)};
}

std::unexpected<Error> not_a_regular_file(std::string_view path) {
  auto failed = fail(Errc::io, concat("open '", printable(path), "': not a regular file"));
  failed.error().os_errno = EINVAL;
  return failed;
}

Result<void> sync(int fd, std::string_view path) {
  while (::fsync(fd) != 0)
    if (errno != EINTR) return fail_errno("fsync", path, errno);
  return {};
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Nothing where `name` is gone, or is no link any more.
std::optional<std::string> link_target(int directory, const char* name) {
  std::array<char, PATH_MAX> target;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const auto length = ::readlinkat(directory, name, target.data(), target.size());
  if (length < 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

class RealFs final : public Fs {
 public:
  RealFs(Fd root, bool whole_system) : root_(std::move(root)), whole_system_(whole_system) {}

  Result<std::string> read_start(const std::string& path, std::size_t max_bytes) override {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    auto file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file && (file.error().os_errno == ENXIO || file.error().os_errno == ENODEV))
      return not_a_regular_file(path);  // a socket, or a device without a driver
    if (!file) return std::unexpected(std::move(file).error());

    struct stat status{};
    if (::fstat(file->get(), &status) != 0) return fail_errno("fstat", path, errno);
    if (!S_ISREG(status.st_mode)) return not_a_regular_file(path);

    // One byte more than the size: a read that ends exactly at the size has seen the end of the file.
    const auto size = static_cast<std::size_t>(status.st_size);
    std::string bytes(std::min(size, max_bytes) + 1, '\0');
    std::size_t length = 0;
    while (length <= max_bytes) {
      // It grows under our eyes, or is one of those in /proc that don't know their size.
      if (length == bytes.size()) bytes.resize(std::min(2 * length + 4096, max_bytes + 1));
      const auto count = ::read(file->get(), bytes.data() + length, bytes.size() - length);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail_errno("read", path, errno);
      length += static_cast<std::size_t>(count);
      if (count == 0 || length == size) break;
    }
    bytes.resize(length);
    return bytes;
  }

  Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) override {
    return list(path, true);
  }

  Result<std::vector<DirectoryEntry>> list_names(const std::string& path) override {
    return list(path, false);
  }

  Result<std::optional<FileStatus>> status(const std::string& path, bool follow) override {
    struct stat found{};
    if (whole_system_) {  // a third of the price, and hundreds are asked for
      if (::fstatat(AT_FDCWD, path.c_str(), &found, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0)
        return status_of(found);
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      return fail_errno("stat", path, errno);
    }
    const auto file = open(path, O_PATH | (follow ? 0 : O_NOFOLLOW));
    if (!file && (file.error().os_errno == ENOENT || file.error().os_errno == ENOTDIR)) return std::nullopt;
    if (!file) return std::unexpected(file.error());
    if (::fstat(file->get(), &found) != 0) return fail_errno("fstat", path, errno);
    return status_of(found);
  }

  Result<std::vector<std::string>> make_directories(const std::string& path) override {
    const auto there = open(path, O_PATH | O_DIRECTORY);
    if (there) return std::vector<std::string>();
    if (there.error().os_errno == ENOTDIR) return fail_errno("mkdir", path, ENOTDIR);
    if (there.error().os_errno != ENOENT) return std::unexpected(there.error());

    auto parent = parent_of(path);
    NCT_TRY(auto made_in, make_directories(parent));
    NCT_CHECK(make_directory(path));
    made_in.push_back(std::move(parent));
    return made_in;
  }

  Result<void> write_files(std::span<const NewFile> files) override {
    std::size_t created = 0;
    const auto written = [&]() -> Result<void> {
      for (auto rest = files; !rest.empty();) {
        const auto batch = rest.first(std::min(rest.size(), kMaxOpenFiles));
        rest = rest.subspan(batch.size());
        NCT_CHECK(write_batch(batch, created));
      }
      return {};
    }();
    if (written) return {};
    for (const auto& file : files.first(created))
      (void)remove_file(file.path);  // what went wrong first is what the caller needs to hear
    return written;
  }

  Result<void> make_link(const std::string& target, const std::string& path) override {
    NCT_TRY(const Place place, place_of("symlink", path));
    if (::symlinkat(target.c_str(), place.parent.get(), place.name.c_str()) != 0)
      return fail_errno("symlink", path, errno);
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    NCT_TRY(const Place source, place_of("rename", from));
    NCT_TRY(const Place target, place_of("rename", to));
    if (::renameat(source.parent.get(), source.name.c_str(), target.parent.get(), target.name.c_str()) != 0)
      return fail_errno("rename", concat(from, "' to '", to), errno);
    return {};
  }

  Result<void> remove_file(const std::string& path) override {
    NCT_TRY(const Place place, place_of("unlink", path));
    if (::unlinkat(place.parent.get(), place.name.c_str(), 0) != 0) return fail_errno("unlink", path, errno);
    return {};
  }

  Result<bool> remove_directory(const std::string& path) override {
    auto place = place_of("rmdir", path);
    if (!place && place.error().os_errno == ENOENT) return false;
    if (!place) return std::unexpected(std::move(place).error());
    if (::unlinkat(place->parent.get(), place->name.c_str(), AT_REMOVEDIR) == 0) return true;
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT) return false;
    return fail_errno("rmdir", path, errno);
  }

  Result<void> sync_directory(const std::string& path) override {
    NCT_TRY(const Fd directory, open(path, O_RDONLY | O_DIRECTORY));
    return sync(directory.get(), path);
  }

  Result<void> set_mode(const std::string& path, std::uint32_t mode) override {
    NCT_TRY(const Fd file, open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
    if (::fchmod(file.get(), mode) != 0) return fail_errno("fchmod", path, errno);
    return {};
  }

  Result<void> copy_label(const std::string& like, const std::string& path) override {
    NCT_TRY(const Fd source, open(like, O_RDONLY | O_NONBLOCK));
    std::array<char, 4096> label{};
    const auto length = ::fgetxattr(source.get(), kSelinuxLabel, label.data(), label.size());
    if (length < 0 && (errno == ENODATA || errno == ENOTSUP)) return {};
    if (length < 0) return fail_errno("fgetxattr", like, errno);
    NCT_TRY(const Fd target, open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
    if (::fsetxattr(target.get(), kSelinuxLabel, label.data(), static_cast<std::size_t>(length), 0) != 0)
      return fail_errno("fsetxattr", path, errno);
    return {};
  }

 private:
  // Opens an existing file.
  [[nodiscard]] Result<Fd> open(const std::string& path, int flags) const {
    return open_below(root_, path, flags);
  }

  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path, bool with_targets) const {
    NCT_TRY(Fd directory, open(path, O_RDONLY | O_DIRECTORY));
    const Handle<DIR, ::closedir> stream(::fdopendir(directory.get()));
    if (!stream) return fail_errno("opendir", path, errno);
    const int fd = directory.release();

    std::vector<DirectoryEntry> entries;
    for (;;) {
      errno = 0;
      const auto* found = ::readdir(stream.get());
      if (found == nullptr && errno != 0) return fail_errno("readdir", path, errno);
      if (found == nullptr) break;
      DirectoryEntry entry;
      entry.name = found->d_name;
      if (entry.name == "." || entry.name == "..") continue;

      std::optional<std::string> target;
      if (found->d_type == DT_LNK) target = with_targets ? link_target(fd, found->d_name) : "";
      if (target) {
        entry.kind = FileKind::link;
        entry.target = *std::move(target);
      } else if (found->d_type == DT_REG) {
        entry.kind = FileKind::regular;
      } else if (found->d_type == DT_DIR) {
        entry.kind = FileKind::directory;
      } else {
        struct stat status{};
        if (::fstatat(fd, found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
          if (errno == ENOENT) continue;  // removed since
          return fail_errno("fstatat", concat(path, "/", entry.name), errno);
        }
        entry.kind = kind_of(status.st_mode);
        if (entry.kind == FileKind::link && with_targets)
          entry.target = link_target(fd, found->d_name).value_or("");
      }
      entries.push_back(std::move(entry));
    }
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
  }

  [[nodiscard]] Result<void> make_directory(const std::string& path) const {
    NCT_TRY(const Place place, place_of("mkdir", path));
    // Not chmod afterwards: a kill between the two would leave a mode that later runs keep.
    const auto umask = ::umask(0);
    const int failed = ::mkdirat(place.parent.get(), place.name.c_str(), 0755) == 0 ? 0 : errno;
    ::umask(umask);
    if (failed == EEXIST && open(path, O_PATH | O_DIRECTORY)) return {};
    if (failed != 0) return fail_errno("mkdir", path, failed);
    return {};
  }

  // Where `path`'s last component stands, or will stand, for the *at() call `call`.
  [[nodiscard]] Result<Place> place_of(std::string_view call, const std::string& path) const {
    auto name = name_of(path);
    if (name.empty() || name == "." || name == ".." || name.contains('\0'))
      return fail_errno(call, path, EINVAL);
    auto parent = open(parent_of(path), O_PATH | O_DIRECTORY);
    if (!parent) return fail_errno(call, path, parent.error().os_errno);
    return Place{.parent = *std::move(parent), .name = std::move(name)};
  }

  // `created` counts up with every file that came to be.
  Result<void> write_batch(std::span<const NewFile> files, std::size_t& created) const {
    std::vector<Fd> open_files;
    open_files.reserve(files.size());
    for (const auto& file : files) {
      NCT_TRY(const Place place, place_of("open", file.path));
      Fd created_file(::openat(place.parent.get(), place.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      if (created_file.get() < 0) return fail_errno("open", file.path, errno);
      ++created;
      if (::fchmod(created_file.get(), file.mode) != 0) return fail_errno("fchmod", file.path, errno);
      NCT_CHECK(write_all(created_file.get(), file.bytes, file.path));
      (void)::sync_file_range(created_file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
      open_files.push_back(std::move(created_file));
    }
    // All are written before the first fsync, which commits the journal: a file whose blocks come to be its
    // own behind that (ext4 converts them when they are written) needs a commit by itself. fsync finds what
    // went wrong.
    for (const auto& file : open_files)
      (void)::sync_file_range(
          file.get(), 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    for (std::size_t i = 0; i < files.size(); ++i)
      NCT_CHECK(sync(open_files[i].get(), files[i].path));
    return {};
  }

  Fd root_;
  bool whole_system_;  // the root is the process's own: every call resolves paths as RESOLVE_IN_ROOT would
};

}  // namespace

Result<std::unique_ptr<Fs>> open_root(const std::string& directory) {
  Fd root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) {
    auto failed = fail_errno("open", directory, errno);
    if (failed.error().os_errno == ENOENT) failed.error().code = Errc::missing_input;
    return failed;
  }
  return std::make_unique<RealFs>(std::move(root), directory == "/");
}

}  // namespace nct
