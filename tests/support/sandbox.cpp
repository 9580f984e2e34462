#include "support/sandbox.hpp"

#include "support/process.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

int done(int answer, std::string_view what) {
  if (answer < 0) throw std::runtime_error(concat("sandbox: ", what, ": ", std::strerror(errno)));
  return answer;
}

void mount_memory(const char* where, const char* mode) {
  done(::mount("tmpfs", where, "tmpfs", 0, mode), concat("mount tmpfs on ", where));
}

// A writable copy of `directory`, its changes kept in `upper`.
void overlay(const std::string& directory, const std::string& upper) {
  for (const char* part : {"/changes", "/work"})
    fs::create_directories(upper + part);
  struct stat like{};
  done(::stat(directory.c_str(), &like), directory);
  done(::chmod((upper + "/changes").c_str(), like.st_mode & 07777U), upper);
  const std::string options =
      concat("lowerdir=", directory, ",upperdir=", upper, "/changes,workdir=", upper, "/work");
  done(::mount("overlay", directory.c_str(), "overlay", 0, options.c_str()),
       concat("mount an overlay on ", directory));
}

void empty(const std::string& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    fs::remove_all(entry.path());
}

}  // namespace

Sandbox::Sandbox() {
  if (::geteuid() != 0) throw std::runtime_error("sandbox: only root can make one");
  outside_ = done(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open /proc/self/ns/mnt");
  directory_ = done(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), "open the working directory");
  done(::unshare(CLONE_NEWNS), "unshare");
  done(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");

  // The changes live in a first tmpfs on /run, which a second one then hides.
  mount_memory("/run", "mode=755");
  overlay("/etc", "/run/etc");
  overlay("/usr/local", "/run/local");
  overlay("/usr/share/ca-certificates", "/run/share");
  overlay("/var/lib", "/run/lib");
  mount_memory("/run", "mode=755");

  empty("/usr/local/share/ca-certificates");
  empty("/etc/ca-certificates/update.d");
  for (const char* ours : {"/etc/node-ca-trust", "/var/lib/node-ca-trust"})
    fs::remove_all(ours);
  const auto updated = run({.argv = {"update-ca-certificates", "-f"}});
  if (updated.status != 0) throw std::runtime_error(concat("sandbox: ", updated.err));
}

Sandbox::~Sandbox() {
  // A namespace nobody is in any more takes its mounts along. A process that cannot leave must not go on: it
  // would believe to be on the machine itself.
  if (::setns(outside_, CLONE_NEWNS) != 0 || ::fchdir(directory_) != 0) ::_exit(70);
  ::close(outside_);
  ::close(directory_);
}

}  // namespace nct::test
