#include "sys/ownership.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file_kind.hpp"

namespace nct {

Result<std::optional<Ownership>> ownership_of(const Fd& root, const std::string& path, bool follow) {
  const auto file = open_below(root, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
  if (!file && (file.error().os_errno == ENOENT || file.error().os_errno == ENOTDIR)) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  struct stat found{};
  if (::fstat(file->get(), &found) != 0) return fail_errno("fstat", path, errno);
  return Ownership{.uid = found.st_uid,
                   .gid = found.st_gid,
                   .mode = found.st_mode & 07777U,
                   .kind = kind_of(found.st_mode)};
}

Result<void> give_to_root(const Fd& root, const std::string& path, std::uint32_t mode) {
  NCT_TRY(const Fd directory, open_below(root, path, O_RDONLY | O_DIRECTORY));
  if (::fchown(directory.get(), 0, 0) != 0) return fail_errno("fchown", path, errno);
  if (::fchmod(directory.get(), mode) != 0) return fail_errno("fchmod", path, errno);
  if (::fsync(directory.get()) != 0) return fail_errno("fsync", path, errno);
  return {};
}

}  // namespace nct
