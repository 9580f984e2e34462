// Real refusals of the kernel's: no space, no inodes, read-only mounts, immutable files. In a mount namespace
// of the test's own; only root can make one, so for others the test is skipped, and says so.
#include "faults/nodes.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kInputOutput = 74;
constexpr int kNotPermitted = 77;

bool in_own_mount_namespace() {
  static const bool own =
      ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!own) MESSAGE("skipped: no mount namespace");
  return own;
}

class Mount {
 public:
  Mount(const char* type, const std::string& where, const std::string& options) : where_(where) {
    if (::mount(type, where.c_str(), type, 0, options.c_str()) != 0)
      throw std::runtime_error("mount " + where);
  }
  // `where` itself, read-only.
  explicit Mount(const std::string& where) : where_(where) {
    if (::mount(where.c_str(), where.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, where.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
      throw std::runtime_error("mount " + where);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount() { ::umount2(where_.c_str(), MNT_DETACH); }

 private:
  std::string where_;
};

void check_refused(const Change& change, const std::string& root, int status, std::string_view says) {
  const auto finished = change.run(root);
  CHECK(finished.status == status);
  CHECK_MESSAGE(finished.err.find("'/") != std::string::npos, finished.err);
  CHECK_MESSAGE(finished.err.find(says) != std::string::npos, finished.err);
  CHECK(change.missed_by_readers(root) == std::vector<std::string>{});
}

void check_finishes(const Change& change, const std::string& root) {
  CHECK(change.unfinished(root) == std::vector<std::string>{});
}

bool set_immutable(const std::string& path, bool on) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  unsigned flags = 0;
  bool done = fd >= 0 && ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
  flags = on ? flags | FS_IMMUTABLE_FL : flags & ~static_cast<unsigned>(FS_IMMUTABLE_FL);
  done = done && ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
  if (fd >= 0) ::close(fd);
  return done;
}

// Disks of every size, from one on which nothing more fits to one on which all does. `limit` names what is
// limited.
void shrink_disk(const Change& change, const std::string& limit, std::size_t step) {
  const Scratch scratch(fast_directory());
  const auto disk = (scratch.path() / "disk").string();
  const auto root = concat(disk, "/root");
  fs::create_directory(disk);
  std::size_t least = 0;  // on which the node itself fits
  std::size_t refused = 0;
  bool done = false;
  for (std::size_t size = step; !done && size < 4096 * step; size += step) {
    const Mount mounted("tmpfs", disk, concat(limit, "=", std::to_string(size)));
    try {
      change.prepare(root);
    } catch (const std::exception&) {
      continue;  // the node itself does not fit
    }
    if (least == 0) least = size;
    CAPTURE(size);
    done = change.run(root).status == 0;
    if (done) break;
    ++refused;
    change.prepare(root);
    check_refused(change, root, kInputOutput, "no space left on device");
    // Somebody makes room.
    REQUIRE(::mount(nullptr, disk.c_str(), nullptr, MS_REMOUNT,
                    concat(limit, "=", std::to_string(4096 * step)).c_str()) == 0);
    check_finishes(change, root);
  }
  CHECK(done);
  CHECK(refused > 3);
  MESSAGE(change.name() << ": refused on " << refused << " sizes, " << limit << " from " << least);
}

}  // namespace

TEST_CASE("a disk that is full, at every amount of space that is left") {
  if (!in_own_mount_namespace()) return;
  const Nodes nodes;
  SUBCASE("bytes, first provision") {
    shrink_disk(nodes.first_provision(), "size", 4096);
  }
  SUBCASE("bytes, replacement") {
    shrink_disk(nodes.replacement(), "size", 4096);
  }
  SUBCASE("inodes, first provision") {
    shrink_disk(nodes.first_provision(), "nr_inodes", 1);
  }
  SUBCASE("inodes, replacement") {
    shrink_disk(nodes.replacement(), "nr_inodes", 1);
  }
}

TEST_CASE("read-only mounts") {
  if (!in_own_mount_namespace()) return;
  const Nodes nodes;
  const auto changes = {nodes.first_provision(), nodes.replacement(), nodes.removal()};
  for (const auto& change : changes)
    for (const char* place :
         {"", "/usr", "/usr/local/share", "/etc", "/etc/ssl", "/etc/ssl/certs", "/var", "/var/lib"}) {
      CAPTURE(change.name());
      CAPTURE(place);
      const Scratch scratch(fast_directory());
      const auto root = (scratch.path() / "root").string();
      change.prepare(root);
      {
        const Mount read_only(concat(root, place));
        check_refused(change, root, kInputOutput, "read-only file system");
      }
      check_finishes(change, root);
    }
}

TEST_CASE("a node that is as it should be needs nothing writable but /run") {
  if (!in_own_mount_namespace()) return;
  const Nodes nodes;
  const auto change = nodes.replacement();
  const Scratch scratch(fast_directory());
  const auto root = (scratch.path() / "root").string();
  change.prepare(root);
  REQUIRE(change.run(root).status == 0);
  const Mount usr(concat(root, "/usr"));
  const Mount etc(concat(root, "/etc"));
  const Mount var(concat(root, "/var"));
  const auto again = change.run(root);
  CHECK_MESSAGE(again.status == 0, again.err);
}

TEST_CASE("immutable files and directories") {
  const Nodes nodes;
  const auto change = nodes.replacement();
  for (const char* place : {"/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt",
                            "/usr/local/share/ca-certificates/node-ca-trust", "/var/lib/node-ca-trust"}) {
    CAPTURE(place);
    const Scratch scratch;
    const auto root = (scratch.path() / "root").string();
    change.prepare(root);
    if (!set_immutable(concat(root, place), true)) {
      MESSAGE("skipped: no immutable files here");
      return;
    }
    check_refused(change, root, kNotPermitted, "operation not permitted");
    REQUIRE(set_immutable(concat(root, place), false));
    check_finishes(change, root);
  }
}
