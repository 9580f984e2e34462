// The file system below one root, as operations whose durability is said. The real one is open_root(); tests
// have a model that cuts the power between any two.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace nct {

enum class FileKind : std::uint8_t { regular, directory, link, other };

struct DirectoryEntry {
  std::string name;
  FileKind kind = FileKind::other;
  std::string target;  // of a link, as it is written

  bool operator==(const DirectoryEntry&) const = default;
};

struct FileStatus {
  FileKind kind = FileKind::other;
  std::uint32_t mode = 0;  // permission bits
  std::uint64_t size = 0;
  std::uint64_t device = 0;  // with `inode`, tells whether two paths lead to one file
  std::uint64_t inode = 0;
  std::int64_t modified_ns =
      0;  // of the content, and of anything of it: mtime and ctime of inode(7), since 1970
  std::int64_t changed_ns = 0;

  bool operator==(const FileStatus&) const = default;
};

struct NewFile {
  std::string path;
  std::string bytes;
  std::uint32_t mode = 0644;
};

// Paths are absolute. Every link on the way, absolute ones and ".." included, is resolved inside the root
// (openat2(2), RESOLVE_IN_ROOT); the last component of a path is followed only where it says so.
// Errors name the path: Errc::io, Errc::not_permitted for EACCES and EPERM; os_errno says which.
class Fs {
 public:
  Fs() = default;
  Fs(const Fs&) = delete;
  Fs& operator=(const Fs&) = delete;
  virtual ~Fs() = default;

  // Follows links. At most `max_bytes` + 1 bytes, so that the caller sees that there is more. Refuses what is
  // not a regular file (EINVAL); never blocks.
  virtual Result<std::string> read_start(const std::string& path, std::size_t max_bytes) = 0;

  // The same of a whole file; refuses one that is over `max_bytes` (EFBIG).
  Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    NCT_TRY(auto bytes, read_start(path, max_bytes));
    if (bytes.size() > max_bytes) return fail_errno("read", path, EFBIG);
    return bytes;
  }

  // Sorted by name, without "." and "..".
  virtual Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) = 0;

  // The same, but links are without their targets: a readlink(2) for each is most of what a listing costs.
  virtual Result<std::vector<DirectoryEntry>> list_names(const std::string& path) = 0;

  // Nothing where there is no such file.
  virtual Result<std::optional<FileStatus>> status(const std::string& path, bool follow) = 0;

  // Makes `path` and missing parents, mode 0755 whatever the umask; one that is there is kept as it is. The
  // directories in which new ones were made, outermost first: those are durable after sync_directory() of
  // each.
  virtual Result<std::vector<std::string>> make_directories(const std::string& path) = 0;

  // Creates the files, which must not exist. The content of all is durable on return, their names are not:
  // sync_directory(). One call for many files costs about one journal commit.
  virtual Result<void> write_files(std::span<const NewFile> files) = 0;

  // Creates a symbolic link, which must not exist.
  virtual Result<void> make_link(const std::string& target, const std::string& path) = 0;

  // Renames over whatever `to` is; atomic for readers. Durable after sync_directory() of `to`'s directory.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;

  virtual Result<void> remove_file(const std::string& path) = 0;

  // Removes an empty directory; one that is not empty (or not there) is left, and said false.
  virtual Result<bool> remove_directory(const std::string& path) = 0;

  // Makes all names in `path` durable.
  virtual Result<void> sync_directory(const std::string& path) = 0;

  // Gives `path` these permission bits; follows no link at its end. Durable with what is in it.
  virtual Result<void> set_mode(const std::string& path, std::uint32_t mode) = 0;

  // Gives `path` the SELinux label of `like`, where there is one.
  virtual Result<void> copy_label(const std::string& like, const std::string& path) = 0;
};

// Errc::missing_input where `directory` does not exist.
Result<std::unique_ptr<Fs>> open_root(const std::string& directory);

}  // namespace nct
