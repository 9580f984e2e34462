#include "sys/guarded_walk.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace nct {

namespace {

using Kind = WalkFailure::Kind;

constexpr unsigned kMostLinks = 40;  // as the kernel has it, path_resolution(7)

std::string octal(mode_t mode) {
  std::string digits;
  for (unsigned shift = 12; shift > 0; shift -= 3)
    digits += static_cast<char>('0' + (mode >> (shift - 3) & 7U));
  return digits;
}

std::string not_roots(uid_t owner) {
  return concat("it belongs to user ", std::to_string(owner), ", and must be root's");
}

int look_up(int directory, const std::string& name, int flags) {
  for (;;) {
    const int fd = ::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC | flags);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

class Walk {
 public:
  Walk(const Fd& start, std::string_view path, WalkRules rules)
      : start_(start), rest_(path), rules_(rules), absolute_(path.starts_with('/')) {}

  std::expected<WalkEnd, WalkFailure> go() {
    if (rules_ == WalkRules::from_root && !judge(start_.get())) return failed();
    while (const auto name = next()) {
      if (*name == "..") {
        if (!up()) return failed();
      } else if (!step(*name, rest_.empty())) {
        return failed();
      }
      if (end_) return *std::move(end_);
    }
    return ends_here();
  }

 private:
  struct Level {
    Fd directory;
    std::string name;
  };

  [[nodiscard]] int here() const { return levels_.empty() ? start_.get() : levels_.back().directory.get(); }

  // Of what was passed so far and `name`, for people.
  [[nodiscard]] std::string where(std::string_view name = {}) const {
    std::string path;
    for (const auto& level : levels_)
      path += concat(path.empty() && !absolute_ ? "" : "/", level.name);
    if (!name.empty()) path += concat(path.empty() && !absolute_ ? "" : "/", name);
    return path.empty() ? "/" : path;
  }

  // The next component; leaves no slash behind it, so that an empty rest tells the last one.
  std::optional<std::string> next() {
    for (;;) {
      rest_.erase(0, rest_.find_first_not_of('/'));
      if (rest_.empty()) return std::nullopt;
      auto name = rest_.substr(0, rest_.find('/'));
      rest_.erase(0, name.size());
      // What a slash stands behind must be a directory: as if there stood "/.".
      if (rest_.find_first_not_of('/') == std::string::npos && !rest_.empty()) rest_ = "/.";
      if (name != ".") return name;
    }
  }

  bool up() {
    if (!levels_.empty())
      levels_.pop_back();
    else if (rules_ == WalkRules::beneath)
      return fail(Kind::leads_out);
    return true;
  }

  // Into the directory `name`, along the link, or to the end.
  bool step(const std::string& name, bool last) {
    // With O_DIRECTORY, so that an automount point is mounted.
    Fd found(look_up(here(), name, last ? 0 : O_DIRECTORY));
    if (found.get() < 0 && errno == ENOTDIR && !last) found = Fd(look_up(here(), name, 0));
    struct stat status{};
    if (found.get() < 0 || ::fstat(found.get(), &status) != 0) return fail_errno(errno);
    if (S_ISLNK(status.st_mode)) return follow(found, status, name);
    if (last) return arrive(std::move(found), status, name);
    if (!S_ISDIR(status.st_mode)) return fail_errno(ENOTDIR);
    levels_.push_back({.directory = std::move(found), .name = name});
    return judge(here());
  }

  bool follow(const Fd& link, const struct stat& status, const std::string& name) {
    if (status.st_uid != 0)
      return fail(Kind::unsafe, 0,
                  concat("the link '", printable(where(name)), "': ", not_roots(status.st_uid)));
    by_link_ = true;
    if (++links_ > kMostLinks) return fail(Kind::circles);
    std::array<char, PATH_MAX> target{};
    const auto length = ::readlinkat(link.get(), "", target.data(), target.size());
    if (length < 0) return fail_errno(errno);
    const std::string path(target.data(), static_cast<std::size_t>(length));
    if (path.starts_with('/')) {
      if (rules_ == WalkRules::beneath) return fail(Kind::leads_out);
      levels_.clear();
    }
    rest_ = path + rest_;
    return true;
  }

  bool arrive(Fd found, const struct stat& status, const std::string& name) {
    if (S_ISDIR(status.st_mode)) {
      found = Fd(look_up(here(), name, O_DIRECTORY));
      if (found.get() < 0) return fail_errno(errno);
      levels_.push_back({.directory = std::move(found), .name = name});
      return true;
    }
    Fd directory(::fcntl(here(), F_DUPFD_CLOEXEC, 0));
    if (directory.get() < 0) return fail_errno(errno);
    end_ = {.file = std::move(found),
            .status = status,
            .directory = std::move(directory),
            .name = name,
            .by_link = by_link_};
    return true;
  }

  std::expected<WalkEnd, WalkFailure> ends_here() {
    WalkEnd end{.file = Fd(::fcntl(here(), F_DUPFD_CLOEXEC, 0)), .directory = Fd(), .by_link = by_link_};
    if (end.file.get() < 0 || ::fstat(end.file.get(), &end.status) != 0) {
      (void)fail_errno(errno);
      return failed();
    }
    return end;
  }

  bool judge(int directory) {
    struct stat status{};
    if (::fstat(directory, &status) != 0) return fail_errno(errno);
    const auto why = openness(status, rules_ == WalkRules::from_root);
    return why.empty() || fail(Kind::unsafe, 0, concat("'", printable(where()), "': ", why));
  }

  bool fail(Kind kind, int os_errno = 0, std::string why = {}) {
    failure_ = {.kind = kind, .os_errno = os_errno, .by_link = by_link_, .why = std::move(why)};
    return false;
  }

  bool fail_errno(int os_errno) { return fail(os_errno == ENOENT ? Kind::missing : Kind::refused, os_errno); }

  [[nodiscard]] std::unexpected<WalkFailure> failed() { return std::unexpected(std::move(failure_)); }

  const Fd& start_;
  std::string rest_;
  WalkRules rules_;
  bool absolute_;
  std::vector<Level> levels_;  // the directories passed, from `start_` down to here
  unsigned links_ = 0;
  bool by_link_ = false;
  std::optional<WalkEnd> end_;
  WalkFailure failure_;
};

}  // namespace

std::string openness(const struct stat& status, bool sticky_protects) {
  if (status.st_uid != 0) return not_roots(status.st_uid);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (sticky_protects && (status.st_mode & S_ISVTX) != 0))
    return {};
  return concat((status.st_mode & S_IWOTH) != 0 ? "others" : "its group", " may write it (mode ",
                octal(status.st_mode), "), and only root must");
}

std::expected<WalkEnd, WalkFailure> walk(const Fd& start, std::string_view path, WalkRules rules) {
  return Walk(start, path, rules).go();
}

}  // namespace nct
