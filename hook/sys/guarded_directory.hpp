// A directory whose files decide what is trusted, read so that only root can have put them there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sys/fd.hpp"
#include "sys/fs.hpp"

namespace nct {

class GuardedDirectory {
 public:
  // Opens the absolute `path`, resolved inside of `root`. Nothing where there is none. Errc::input where it
  // is no directory, or where somebody else than root could change what lies in it: it and every directory
  // above it, up to `root`, must belong to root, and neither group nor others may write it (above it they may
  // where the sticky bit keeps them from renaming what is root's, as in /tmp).
  static Result<std::optional<GuardedDirectory>> open(const Fd& root, const std::string& path);

  // The directory that the link `name` in this one leads to, which must lie in it and be as guarded. Nothing
  // where there is no such link, or no directory behind it. Errc::input where it leads out of this directory.
  [[nodiscard]] Result<std::optional<GuardedDirectory>> behind_link(const std::string& name) const;

  // Sorted by name. Errc::input where there are more than `most`; no more than that are read.
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(std::size_t most) const;

  struct Content {
    enum class Kind {
      read,
      gone,        // not there any more
      unsafe,      // not root's, or others could write it, or a link that leads out of the directory
      not_a_file,  // a FIFO, a device, ..., or a link to nothing
      too_large,   // more than `max_bytes`
      unreadable,  // the kernel refused
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
