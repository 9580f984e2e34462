// A directory whose files decide what is trusted, read so that only root can have put them there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sys/fd.hpp"
#include "sys/fs.hpp"

namespace nct {

// A name in the directory.
struct GuardedEntry {
  std::string name;
  // What bears it; a link is a link. Nothing where the kernel refused to say (an I/O error, ...): it is
  // there, and reading it tells why it cannot be read.
  std::optional<FileKind> kind;
  std::int64_t modified_ns = 0;  // mtime of inode(7), since 1970; 0 where the kernel did not say

  bool operator==(const GuardedEntry&) const = default;
};

struct GuardedListing {
  std::vector<GuardedEntry> entries;  // sorted by name
  std::int64_t modified_ns = 0;       // mtime of the directory, read after its names
};

class GuardedDirectory {
 public:
  // Opens the absolute `path`, resolved inside of `root`. Nothing where there is none: ENOENT, and no other
  // error, says so. Errc::input where it is no directory, or where somebody else than root could change what
  // lies in it, or put another directory in its place: it, every directory that is passed on the way to it
  // from `root` on, and every link that is followed must belong to root, and neither group nor others may
  // write these directories (the ones that are passed they may where the sticky bit keeps them from renaming
  // what is root's, as in /tmp).
  static Result<std::optional<GuardedDirectory>> open(const Fd& root, const std::string& path);

  // The directory that the link `name` in this one leads to, which must lie in it and be as guarded, as must
  // be all that is passed. Nothing where there is no such name, or no directory behind it. Errc::input where
  // it leads out of this directory.
  [[nodiscard]] Result<std::optional<GuardedDirectory>> behind_link(const std::string& name) const;

  // Errc::input where there are more than `most`; no more than that are read.
  [[nodiscard]] Result<GuardedListing> list(std::size_t most) const;

  struct Content {
    enum class Kind {
      read,
      gone,        // not there any more: ENOENT, and no other error
      unsafe,      // somebody else than root could change it, or it is a link that leads out of the directory
      not_a_file,  // a FIFO, a device, ..., or a link to nothing
      too_large,   // more than `max_bytes`
      unreadable,  // the kernel refused: any other error
    };
    Kind kind = Kind::read;
    std::string text;  // the bytes, or why there are none
  };

  // Reads the file `name`; a link is followed within this directory. What is no regular file is not opened,
  // so that nothing waits and no device notices; every check is made on what was opened.
  [[nodiscard]] Content read(const std::string& name, std::size_t max_bytes) const;

  [[nodiscard]] const Fd& fd() const { return directory_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  GuardedDirectory(Fd directory, std::string path)
      : directory_(std::move(directory)), path_(std::move(path)) {}

  Fd directory_;
  std::string path_;  // for people
};

}  // namespace nct
