#include "sys/watch.hpp"

#include "support/scratch.hpp"

#include <array>
#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

using namespace nct;
namespace fs = std::filesystem;
using Woken = Watch::Woken;

namespace {

Instant in(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

void put(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

struct Watched {
  test::Scratch scratch;
  fs::path path = scratch.path() / "certs";
  Fd parent = open(scratch.path());
  Fd directory;
  Watch watch;

  Watched() {
    fs::create_directory(path);
    directory = open(path);
    watch.add({.directory = &parent, .name = "certs"});
    watch.add({.directory = &directory, .name = {}});
    watch.drop_others();
    (void)watch.take();
  }
  static Fd open(const fs::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
};

}  // namespace

TEST_CASE("each way of changing a directory is noticed, reading it is not") {
  Watched watched;
  auto& watch = watched.watch;
  const auto& path = watched.path;
  CHECK_FALSE(watch.take());
  put(path / "new", "1");
  CHECK(watch.take());
  CHECK_FALSE(watch.take());
  put(path / "new", "2");
  CHECK(watch.take());
  ::chmod((path / "new").c_str(), 0600);
  CHECK(watch.take());
  fs::rename(path / "new", path / "newer");
  CHECK(watch.take());
  fs::create_symlink("newer", path / "link");
  CHECK(watch.take());
  std::ifstream(path / "newer").get();
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path)) {
  }
  CHECK_FALSE(watch.take());
  fs::remove(path / "newer");
  CHECK(watch.take());
  ::chmod(path.c_str(), 0700);
  CHECK(watch.take());
}

TEST_CASE("of a parent only one name counts, also when it goes and comes") {
  Watched watched;
  auto& watch = watched.watch;
  put(watched.scratch.path() / "other", "");
  CHECK_FALSE(watch.take());
  fs::remove_all(watched.path);
  CHECK(watch.take());
  fs::create_directory(watched.path);
  CHECK(watch.take());
  // It is another directory now.
  put(watched.path / "new", "");
  CHECK_FALSE(watch.take());
  watched.directory = Watched::open(watched.path);
  watch.add({.directory = &watched.directory, .name = {}});
  watch.add({.directory = &watched.parent, .name = "certs"});
  watch.drop_others();
  put(watched.path / "newer", "");
  CHECK(watch.take());
}

TEST_CASE("a place that is not added again is dropped, one that is loses nothing") {
  Watched watched;
  auto& watch = watched.watch;
  put(watched.path / "before", "");
  watch.add({.directory = &watched.directory, .name = {}});
  watch.drop_others();
  CHECK(watch.take());
  fs::rename(watched.path, watched.scratch.path() / "away");
  (void)watch.take();  // the directory itself tells
  put(watched.scratch.path() / "certs", "");
  CHECK_FALSE(watch.take());
}

TEST_CASE("a wait ends in time, with a change, or when it is asked to end") {
  Watched watched;
  const StopRequest stop;
  const auto begun = std::chrono::steady_clock::now();
  CHECK(watched.watch.wait(in(30), stop) == Woken::in_time);
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(30));
  put(watched.path / "new", "");
  CHECK(watched.watch.wait(in(10'000), stop) == Woken::change);
  put(watched.path / "newer", "");
  CHECK(watched.watch.wait(in(0), stop) == Woken::change);
  CHECK_FALSE(stop.made());
  ::raise(SIGTERM);
  CHECK(stop.made());
  CHECK(watched.watch.wait(in(10'000), stop) == Woken::stop);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(9));
}

TEST_CASE("an overflow of the queue is a change") {
  Watched watched;
  std::size_t most = 16384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  // Events that are the same as the one before are merged.
  for (std::size_t i = 0; i < most / 2 + 10; ++i) {
    put(watched.path / "one", "1");
    fs::rename(watched.path / "one", watched.path / "two");
  }
  CHECK(watched.watch.take());
  CHECK_FALSE(watched.watch.take());
}

TEST_CASE("without descriptors it is blind, and says that one has to look") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const StopRequest stop;
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  Watch watch;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(watch.blind());
  CHECK_FALSE(watch.take());
  CHECK(watch.wait(in(10'000), stop) == Woken::look);
  CHECK(watch.wait(in(1), stop) != Woken::change);
}
