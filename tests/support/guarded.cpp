// guarded DIRECTORY COMMAND...: runs a command that can change nothing of the machine, whatever it does
// wrong. For it and what it starts, in a mount namespace of their own, all file systems are read-only, but
// for DIRECTORY, the directories of temporary files, and what the kernel shows in /dev, /proc and /sys; /run
// is empty and in memory, so that the machine's services cannot be reached either. Exit status 71 where that
// cannot be arranged, else the command's own. Whoever is not root is held back by the kernel, and runs the
// command as it is.
//
// It needs nothing but the C library: demo.sh compiles it alone.
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr int kNotArranged = 71;
constexpr int kNoCommand = 127;

void done(int answer, const char* what, const std::string& where) {
  if (answer == 0) return;
  const std::string message =
      std::string("guarded: ") + what + " '" + where + "': " + std::strerror(errno) + "\n";
  (void)std::fputs(message.c_str(), stderr);
  std::exit(kNotArranged);  // NOLINT(concurrency-mt-unsafe): there is one thread
}

void set_read_only(const std::string& directory, bool read_only) {
  mount_attr attributes{};
  (read_only ? attributes.attr_set : attributes.attr_clr) = MOUNT_ATTR_RDONLY;
  done(::mount_setattr(AT_FDCWD, directory.c_str(), AT_RECURSIVE, &attributes, sizeof attributes),
       "mount_setattr", directory);
}

std::vector<std::string> writable_directories(const std::string& own) {
  std::vector<std::string> found{"/tmp", "/var/tmp"};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  if (const char* temporary = std::getenv("TMPDIR")) found.emplace_back(temporary);
  found.push_back(own);
  return found;
}

void guard(const std::string& own) {
  done(::unshare(CLONE_NEWNS), "unshare", "mounts");
  done(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make private", "/");
  const auto writable = writable_directories(own);
  for (const auto& directory : writable)
    done(::mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND | MS_REC, nullptr), "mount",
         directory);
  set_read_only("/", true);
  for (const char* kernels : {"/dev", "/proc", "/sys"})
    set_read_only(kernels, false);
  for (const auto& directory : writable)
    set_read_only(directory, false);
  done(::mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), "mount a tmpfs on", "/run");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    (void)std::fputs("guarded DIRECTORY COMMAND...\n", stderr);
    return kNotArranged;
  }
  if (::geteuid() == 0) {
    // The working directory is still that of the mount below the new ones: it is entered again.
    std::vector<char> here(PATH_MAX);
    if (::getcwd(here.data(), here.size()) == nullptr) done(-1, "getcwd", "");
    guard(argv[1]);
    done(::chdir(here.data()), "chdir", here.data());
  }
  ::execvp(argv[2], argv + 2);
  ::perror(argv[2]);
  return kNoCommand;
}
