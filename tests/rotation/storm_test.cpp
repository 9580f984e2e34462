// Rotations under each of the known writers, with stalls where they hurt: the last generation is trusted,
// then exactly the last one, and a reader never misses a CA that all generations share. The program is
// started as a path unit starts it: when something happens while it does not run, and never for what happens
// while it does.
#include "rotation/sync_node.hpp"
#include "rotation/writers.hpp"
#include "support/random.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <poll.h>
#include <sys/inotify.h>
#include <thread>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"

using namespace nct;
using namespace nct::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

const SyncTimes kTimes{.settle = 60, .removal_grace = 1200, .empty_grace = 1400};
// Longer than settle, and shorter than any grace by what a busy disk adds.
constexpr std::size_t kLongestStall = 250;

void pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// When something last happened in a directory, as somebody sees it who always watches.
class LastEvent {
 public:
  explicit LastEvent(const fs::path& directory) : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    add(directory);
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
  [[nodiscard]] Clock::time_point at() const { return Clock::time_point(Clock::duration(at_.load())); }

 private:
  void add(const fs::path& directory) const {
    REQUIRE(::inotify_add_watch(events_.get(), directory.c_str(),
                                IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE) >=
            0);
  }
  void watch(const std::stop_token& stop) {
    std::array<char, 65536> buffer{};
    while (!stop.stop_requested()) {
      pollfd polled{events_.get(), POLLIN, 0};
      if (::poll(&polled, 1, 20) <= 0) continue;
      if (::read(events_.get(), buffer.data(), buffer.size()) > 0)
        at_ = Clock::now().time_since_epoch().count();
    }
  }

  Fd events_;
  std::atomic<Clock::rep> at_ = Clock::now().time_since_epoch().count();
  std::jthread thread_;
};

// The path unit and its service.
class PathUnit {
 public:
  explicit PathUnit(const SyncNode& node) : node_(node), last_event_(node.certs()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }

  // Waits until nothing runs, and nothing would start it.
  void wait_until_idle() const {
    while (!idle_ || Clock::now() - last_event_.at() < 150ms)
      pause(5);
  }
  [[nodiscard]] int runs() const { return runs_; }
  [[nodiscard]] std::string first_failure() const { return failure_; }

 private:
  void serve(const std::stop_token& stop) {
    auto armed = Clock::now();
    while (!stop.stop_requested()) {
      if (last_event_.at() <= armed) {
        idle_ = true;
        pause(2);
        continue;
      }
      idle_ = false;
      const auto finished = node_.rotate();
      ++runs_;
      if (finished.status != 0 && failure_.empty()) failure_ = concat(finished.out, finished.err);
      // From its last look to its end a sanitized program takes its time, on a busy disk more; an event in
      // there is not its to see.
      constexpr auto kTakesToEnd = 300ms;
      armed = Clock::now() - kTakesToEnd;
    }
  }

  const SyncNode& node_;
  LastEvent last_event_;
  std::atomic<bool> idle_ = false;
  std::atomic<int> runs_ = 0;
  std::string failure_;
  std::jthread thread_;
};

// Asks for the same CAs again and again.
class Reader {
 public:
  Reader(const SyncNode& node, std::vector<TestCa> cas) : node_(node), cas_(std::move(cas)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (const auto& each : cas_)
          if (auto missed = node_.missed(each); !missed.empty() && first_miss_.empty())
            first_miss_ = std::move(missed);
        ++looks_;
        std::this_thread::sleep_for(300us);
      }
    });
  }
  // Ends it.
  std::string first_miss() {
    thread_ = {};
    return first_miss_;
  }
  [[nodiscard]] std::size_t looks() const { return looks_; }

 private:
  const SyncNode& node_;
  std::vector<TestCa> cas_;
  std::atomic<std::size_t> looks_ = 0;
  std::string first_miss_;
  std::jthread thread_;
};

// A and B are in all generations, others come and go, and one is new in each; any may lie in a file of any
// name. `letters` names them by their place in `cas`.
Files random_generation(Dice& dice, std::vector<TestCa>& cas, std::string& letters) {
  const std::vector<std::string> names{"ca1.crt", "ca2.crt", "ca3.crt", "ca4.crt",
                                       "ca5.crt", "ca6.crt", "ca7.crt"};
  cas.push_back(make_ca({.common_name = concat("New ", std::to_string(cas.size()))}));
  Files files;
  letters.clear();
  for (std::size_t i = 0; i < cas.size(); ++i) {
    const bool stays = i < 2 || i + 1 == cas.size();
    if (!stays && (i >= sync_cas().size() || !dice.one_in(2))) continue;
    letters += static_cast<char>('A' + i);
    files[dice.pick(names)] += cas[i].pem;
  }
  return files;
}

void storm(const std::string& name,
           const std::function<std::unique_ptr<Writer>(const SyncNode&, Dice&)>& make) {
  const auto seed = seed_of_run();
  const auto generations = number_from("NCT_STEPS", 7);
  MESSAGE(name, ": NCT_SEED=", seed, " NCT_STEPS=", generations);
  Dice dice(seed);
  const SyncNode node(kTimes);
  const auto writer = make(node, dice);
  auto cas = sync_cas();
  std::string letters;
  writer->write(random_generation(dice, cas, letters));
  REQUIRE(node.rotate().status == 0);
  REQUIRE(node.trusted(cas) == letters);

  PathUnit unit(node);
  Reader reader(node, {sync_cas()[0], sync_cas()[1]});
  for (std::uint64_t i = 0; i < generations; ++i) {
    writer->write(random_generation(dice, cas, letters));
    if (i + 1 == generations) break;
    if (dice.one_in(2)) pause(static_cast<int>(dice.roll(kLongestStall)));
    if (dice.one_in(3)) unit.wait_until_idle();
  }
  const auto written = Clock::now();
  const auto all_trusted = [&] {
    return std::ranges::all_of(letters, [&](char letter) {
      return node.missed(cas[static_cast<std::size_t>(letter - 'A')]).empty();
    });
  };
  while (!all_trusted() && Clock::now() - written < 10s)
    pause(5);
  MESSAGE("the last generation is trusted after ",
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - written).count(), " ms");
  CHECK(all_trusted());
  unit.wait_until_idle();
  MESSAGE(unit.runs(), " runs, ", reader.looks(), " looks of the reader");
  CHECK(reader.first_miss() == "");
  CHECK(node.trusted(cas) == letters);
  CHECK(unit.first_failure() == "");
}

}  // namespace

TEST_CASE("a plain directory, deleted first, with stalls") {
  storm("plain", [](const SyncNode& node, Dice& dice) {
    return std::make_unique<PlainWriter>(node.certs(), dice, kLongestStall);
  });
}

TEST_CASE("tagged names") {
  storm("tagged", [](const SyncNode& node, Dice& dice) {
    return std::make_unique<TaggedWriter>(node.certs(), dice, kLongestStall);
  });
}

TEST_CASE("..data, swapped by rename") {
  storm("atomic", [](const SyncNode& node, Dice& dice) {
    return std::make_unique<AtomicWriter>(node.certs(), dice, kLongestStall);
  });
}

TEST_CASE("what comes while a run waits is installed after one settle") {
  const SyncNode node({.settle = 3'000, .removal_grace = 15'000, .empty_grace = 15'000});
  const auto swap_to = [&](const std::string& target, const TestCa& ca) {
    fs::create_directory(node.certs() / target);
    node.put(concat(target, "/ca1"), ca.pem);
    fs::create_symlink(target, node.certs() / "..data_tmp");
    fs::rename(node.certs() / "..data_tmp", node.certs() / "..data");
  };
  bool swaps = false;
  SUBCASE("plain") {}
  SUBCASE("swapped") {
    swaps = true;
  }
  const auto put = [&](const std::string& name, const TestCa& ca) {
    swaps ? swap_to(concat("..", name), ca) : node.put("ca1", ca.pem);
  };
  put("one", sync_cas()[0]);
  REQUIRE(node.rotate().status == 0);
  put("two", sync_cas()[1]);
  std::jthread run([&] { CHECK(node.rotate().status == 0); });
  while (!node.missed(sync_cas()[1]).empty())
    pause(5);
  put("three", sync_cas()[2]);
  const auto written = Clock::now();
  while (!node.missed(sync_cas()[2]).empty())
    pause(5);
  const auto took = Clock::now() - written;
  CHECK(took >= 3s);
  CHECK(took < 5500ms);  // two settles are 6 s
}

TEST_CASE("what comes behind the first look of a run that has nothing to do is installed") {
  const SyncNode node;
  node.put("ca1", sync_cas()[0].pem);
  REQUIRE(node.rotate().status == 0);
  // A list is two calls; the first one of the second look is late.
  const auto log = node.outside() / "calls";
  std::jthread run([&] {
    CHECK(nct::test::run(
              {.argv = {"strace", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", log, "-P", node.certs(),
                        "-e", "trace=getdents64", "-e", "inject=getdents64:delay_enter=1500000:when=3",
                        NCT_BINARY, "rotate", "--root", node.root()}})
              .status == 0);
  });
  const auto calls = [&] { return fs::exists(log) ? std::ranges::count(read_whole(log), '\n') : 0; };
  while (calls() < 2)
    pause(5);
  node.put("ca2", sync_cas()[1].pem);
  run = {};
  CHECK(node.trusted(sync_cas()) == "AB");
  CHECK(calls() > 4);
}

TEST_CASE("a directory that never rests starves nobody") {
  const SyncNode node({.settle = 50, .removal_grace = 300, .empty_grace = 300});
  node.put("ca1", sync_cas()[0].pem);
  REQUIRE(node.rotate().status == 0);
  std::jthread noise([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      node.put("noise", sync_cas()[2].pem);
      pause(10);
    }
  });
  std::jthread run([&] { CHECK(node.rotate().status == 0); });
  pause(50);
  node.put("ca2", sync_cas()[1].pem);
  const auto written = Clock::now();
  while (!node.missed(sync_cas()[1]).empty() && Clock::now() - written < 10s)
    pause(5);
  MESSAGE("trusted after ",
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - written).count(), " ms");
  CHECK(node.missed(sync_cas()[1]) == "");
  noise = {};
  run = {};
}

TEST_CASE("a directory that is written over and over with the same content lets go of what left it") {
  const SyncNode node({.settle = 20, .removal_grace = 400, .empty_grace = 400});
  node.put("00000000000000ca1", sync_cas()[0].pem);
  node.put("00000000000000ca2", sync_cas()[1].pem);
  REQUIRE(node.rotate().status == 0);
  std::jthread writer([&](const std::stop_token& stop) {
    for (std::int64_t tag = 20260822151315; !stop.stop_requested(); ++tag) {
      for (const auto& entry : fs::directory_iterator(node.certs()))
        fs::remove(entry.path());
      node.put(concat(std::to_string(tag), "ca1"), sync_cas()[0].pem);
      pause(150);
    }
  });
  pause(30);
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "A");
}

TEST_CASE("asked to end it ends, and the next run does what is left") {
  const SyncNode node({.settle = 20, .removal_grace = 30'000, .empty_grace = 30'000});
  node.put("ca1", sync_cas()[0].pem);
  node.put("ca2", sync_cas()[1].pem);
  REQUIRE(node.rotate().status == 0);
  fs::remove(node.certs() / "ca2");
  const auto begun = Clock::now();
  const auto ended = run({.argv = {"timeout", "--signal=TERM", "--preserve-status", "2", NCT_BINARY, "rotate",
                                   "--root", node.root(), "--format", "json"}});
  CHECK(ended.status == 0);
  CHECK(Clock::now() - begun < 10s);
  CHECK(ended.out.contains("asked to end: certificates that left the directory are still installed"));
  CHECK(node.trusted(sync_cas()) == "AB");
  node.configure({});
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "A");
}

TEST_CASE("others work while it waits, and it sees what they did") {
  const SyncNode node(
      {.settle = 20, .removal_grace = 6'000, .empty_grace = 6'000, .more = "lock_timeout_ms = 4000"});
  node.put("ca1", sync_cas()[0].pem);
  node.put("ca2", sync_cas()[1].pem);
  REQUIRE(node.rotate().status == 0);
  fs::remove(node.certs() / "ca2");
  std::jthread run([&] { CHECK(node.rotate().status == 0); });
  pause(300);
  fs::create_directories(node.outside());
  const auto bundle = node.outside() / "c.pem";
  fs::copy_file(node.certs() / "ca1", bundle);
  const auto begun = Clock::now();
  const auto provisioned = node.command({"provision", "--from", bundle});
  CHECK(provisioned.status == 0);
  CHECK(node.trusted(sync_cas()) == "AB");
  CHECK(Clock::now() - begun < 5s);
  run = {};
  CHECK(node.trusted(sync_cas()) == "A");
  fs::remove(node.certs() / "ca1");
  node.configure({});
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "A");  // it is provision's, too
}

TEST_CASE("a directory that goes and comes back while a run waits loses nothing") {
  const SyncNode node({.settle = 50, .removal_grace = 1'500, .empty_grace = 1'500});
  node.put("ca1", sync_cas()[0].pem);
  node.put("ca2", sync_cas()[1].pem);
  REQUIRE(node.rotate().status == 0);
  fs::remove(node.certs() / "ca2");
  std::jthread run([&] { CHECK(node.rotate().status == 0); });
  pause(200);
  fs::rename(node.certs(), node.root() / "opt/away");
  fs::create_directory(node.certs());
  node.put("ca2", sync_cas()[1].pem);
  node.put("ca3", sync_cas()[2].pem);
  run = {};
  CHECK(node.trusted(sync_cas()) == "BC");
}
