#include "sys/lock.hpp"

#include "support/scratch.hpp"

#include <array>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace nct;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kForLong{120'000};
constexpr milliseconds kNotAtAll{0};
const std::string kPath = "/lock";

// A process beside this one; its exit status is what `act` returns. It has nothing of a lock that is held
// here: `held` is let go of in it, which lets go of nothing here.
class Child {
 public:
  explicit Child(Result<Lock>& held, const std::function<int()>& act) : pid_(::fork()) {
    if (pid_ == 0) {
      held = std::unexpected(Error{});
      ::raise(SIGSTOP);
      ::_exit(act());
    }
    int status = 0;
    ::waitpid(pid_, &status, WUNTRACED);
    ::kill(pid_, SIGCONT);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (!ended_) ::kill(pid_, SIGKILL);
    (void)status();
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  int status() {
    int status = 0;
    if (!ended_) ::waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Until it has `file` open, as /proc shows it.
  void wait_until_open(const fs::path& file) const {
    for (;;) {
      std::error_code error;
      for (const auto& fd : fs::directory_iterator(fs::path("/proc") / std::to_string(pid_) / "fd", error))
        if (fs::read_symlink(fd, error) == file) return;
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

 private:
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace

TEST_CASE("one at a time") {
  const test::Scratch scratch;
  const std::string root = scratch.path();
  CHECK(lock_state(root, kPath) == LockState::free);
  auto first = Lock::take(root, kPath, kNotAtAll);
  REQUIRE(first);
  CHECK(lock_state(root, kPath) == LockState::held);
  const auto second = Lock::take(root, kPath, milliseconds(20));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::busy);
  CHECK(second.error().message == "flock '/lock': another run of node-ca-trust has it");
  first = std::unexpected(Error{});
  CHECK(lock_state(root, kPath) == LockState::free);
  CHECK(Lock::take(root, kPath, kNotAtAll));
  struct stat found{};
  REQUIRE(::stat((root + kPath).c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == 0600);
}

TEST_CASE("a lock whose file was removed is nobody's: who waited for it takes the one that is there") {
  const test::Scratch scratch;
  const std::string root = scratch.path();
  auto removed = Lock::take(root, kPath, kNotAtAll);
  REQUIRE(removed);
  bool held_by_another = false;
  SUBCASE("nobody holds that one") {}
  SUBCASE("another holds that one") {
    held_by_another = true;
  }
  Child waiting(removed, [&] {
    // Long enough for this test on any machine, where it ends well; soon, where it must not get it.
    const auto lock = Lock::take(root, kPath, held_by_another ? milliseconds(2000) : kForLong);
    if (!lock) return 2;
    return lock_state(root, kPath) == LockState::held ? 0 : 1;
  });
  waiting.wait_until_open(root + kPath);
  fs::remove(root + kPath);
  std::optional<Lock> another;
  if (held_by_another) another = Lock::take(root, kPath, kNotAtAll).value();
  removed = std::unexpected(Error{});
  CHECK(waiting.status() == (held_by_another ? 2 : 0));
}

TEST_CASE("a request to end is heard by who waits") {
  const test::Scratch scratch;
  const std::string root = scratch.path();
  auto held = Lock::take(root, kPath, kNotAtAll);
  REQUIRE(held);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    CAPTURE(signal);
    Child waiting(held, [&] {
      const StopRequest stop;
      const auto lock = Lock::take(root, kPath, kForLong, &stop);
      if (lock || !stop.made()) return 1;
      return lock.error().code == Errc::busy && lock.error().message.ends_with("has it") ? 0 : 2;
    });
    waiting.wait_until_open(root + kPath);
    ::kill(waiting.pid(), signal);
    CHECK(waiting.status() == 0);
  }
}

TEST_CASE("who may not open it sees whether it is held all the same") {
  if (::geteuid() != 0) return;
  const test::Scratch scratch;
  const std::string root = scratch.path();
  fs::permissions(root, fs::perms(0755));
  Result<Lock> lock = std::unexpected(Error{});
  const auto seen_by_nobody = [&] {
    return Child(lock,
                 [&] {
                   if (::setresuid(65534, 65534, 65534) != 0) return -1;
                   return static_cast<int>(lock_state(root, kPath));
                 })
        .status();
  };
  CHECK(seen_by_nobody() == static_cast<int>(LockState::free));
  lock = Lock::take(root, kPath, kNotAtAll);
  REQUIRE(lock);
  CHECK(seen_by_nobody() == static_cast<int>(LockState::held));
  lock = std::unexpected(Error{});
  CHECK(seen_by_nobody() == static_cast<int>(LockState::free));
}
