// What a run does while it waits: for rest, for the time that removals are given, and for a directory that
// goes. Nothing that happens meanwhile is lost, and nobody is kept waiting.
#include "rotation/patience.hpp"
#include "rotation/sync_node.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "sys/lock.hpp"

using namespace nct;
using namespace nct::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A run beside the test, which ends well.
std::jthread begin_rotation(const SyncNode& node) {
  return std::jthread([&node] { CHECK(node.rotate({}, 300).status == 0); });
}

bool comes_to_trust(const SyncNode& node, const TestCa& ca) {
  return comes_true([&] { return node.missed(ca).empty(); });
}

}  // namespace

TEST_CASE("what comes while a run waits is installed after one settle") {
  bool swaps = false;
  SUBCASE("plain") {}
  SUBCASE("swapped") {
    swaps = true;
  }
  with_patience([&](int factor) {
    const auto settle = 1s * factor;
    const SyncNode node(
        {.settle = 1000 * factor, .removal_grace = 5000 * factor, .empty_grace = 5000 * factor});
    const auto put = [&](const std::string& name, const TestCa& ca) {
      if (!swaps) return node.put("ca1", ca.pem);
      const auto target = concat("..", name);
      fs::create_directory(node.certs() / target);
      node.put(concat(target, "/ca1"), ca.pem);
      fs::create_symlink(target, node.certs() / "..data_tmp");
      fs::rename(node.certs() / "..data_tmp", node.certs() / "..data");
    };
    put("one", sync_cas()[0]);
    REQUIRE(node.rotate().status == 0);
    put("two", sync_cas()[1]);
    const auto run = begin_rotation(node);
    REQUIRE(comes_to_trust(node, sync_cas()[1]));
    const auto begun = Clock::now();
    put("three", sync_cas()[2]);
    REQUIRE(comes_to_trust(node, sync_cas()[2]));
    const auto took = Clock::now() - begun;
    CHECK(took >= settle);
    return took < 2 * settle;
  });
}

TEST_CASE("what comes behind the first look of a run that has nothing to do is installed") {
  with_patience([&](int factor) {
    const auto delay = 1s * factor;
    const SyncNode node;
    node.put("ca1", sync_cas()[0].pem);
    REQUIRE(node.rotate().status == 0);
    // A list is two calls; the first one of the second look is late.
    const auto log = node.outside() / "calls";
    std::jthread run([&] {
      CHECK(nct::test::run(
                {.argv = {"strace", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", log, "-P", node.certs(),
                          "-e", "trace=getdents64", "-e",
                          concat("inject=getdents64:delay_enter=", std::to_string(factor), "000000:when=3"),
                          NCT_BINARY, "rotate", "--root", node.root()}})
                .status == 0);
    });
    const auto calls = [&] { return fs::exists(log) ? std::ranges::count(read_whole(log), '\n') : 0; };
    auto not_yet = Clock::now();
    REQUIRE(comes_true([&] {
      const auto now = Clock::now();
      if (calls() >= 2) return true;
      not_yet = now;
      return false;
    }));
    node.put("ca2", sync_cas()[1].pem);
    if (Clock::now() - not_yet >= delay) return false;
    run = {};
    CHECK(node.trusted(sync_cas()) == "AB");
    CHECK(calls() > 4);
    return true;
  });
}

TEST_CASE("what comes behind the last look of a run that changed something is installed by it") {
  with_patience([&](int factor) {
    const SyncNode node({.settle = 50, .removal_grace = 100, .empty_grace = 100});
    node.put("ca1", sync_cas()[0].pem);
    REQUIRE(node.rotate().status == 0);
    node.put("ca2", sync_cas()[1].pem);
    // Each read of the watch comes back late: after a look, the first one says what happened during it.
    const auto log = node.outside() / "calls";
    Command command{.argv = {"strace", "-qq", "-E", "ASAN_OPTIONS=detect_leaks=0", "-o", log, "-P",
                             "anon_inode:inotify", "-P", node.certs(), "-e", "trace=read,getdents64", "-e",
                             concat("inject=read:delay_exit=", std::to_string(factor), "000000")}};
    const auto rotate = node.rotation_command();
    command.argv.insert(command.argv.end(), rotate.begin(), rotate.end());
    std::atomic<bool> ended = false;
    std::jthread run([&] {
      CHECK(nct::test::run(command).status == 0);
      ended = true;
    });
    // How many looks there were, and reads of the watch since the last one.
    const auto looks = [&] {
      const auto calls = fs::exists(log) ? read_whole(log) : "";
      int lists = 0;
      int reads = 0;
      for (const auto& line : lines_of(calls)) {
        if (line.starts_with("getdents64(")) {
          ++lists;
          reads = 0;
        } else if (line.starts_with("read(")) {
          ++reads;
        }
      }
      return std::pair(lists / 2, reads);
    };
    int looks_at_change = 0;
    std::pair<int, int> seen;
    auto not_yet = Clock::now();
    REQUIRE(comes_true([&] {
      if (ended) return true;
      if (looks_at_change == 0) {
        if (node.missed(sync_cas()[1]).empty()) looks_at_change = looks().first;
        return false;
      }
      const auto now = Clock::now();
      seen = looks();
      if (seen.first > looks_at_change && seen.second == 1) return true;
      not_yet = now;
      return false;
    }));
    if (ended) return false;
    node.put("ca3", sync_cas()[2].pem);
    if (Clock::now() - not_yet >= 1s * factor || looks() != seen) return false;
    run = {};
    CHECK(node.trusted(sync_cas()) == "ABC");
    return true;
  });
}

TEST_CASE("a directory that never rests starves nobody") {
  const SyncNode node({.settle = 50, .removal_grace = 300, .empty_grace = 300});
  node.put("ca1", sync_cas()[0].pem);
  REQUIRE(node.rotate().status == 0);
  std::jthread noise([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      node.put("noise", sync_cas()[2].pem);
      pause(10ms);
    }
  });
  const auto run = begin_rotation(node);
  pause(50ms);
  node.put("ca2", sync_cas()[1].pem);
  CHECK(comes_to_trust(node, sync_cas()[1]));
  noise = {};
}

TEST_CASE("a directory that is written over and over with the same content lets go of what left it") {
  with_patience([&](int factor) {
    const auto grace = 400ms * factor;
    const SyncNode node({.settle = 20, .removal_grace = 400 * factor, .empty_grace = 400 * factor});
    node.put("00000000000000ca1", sync_cas()[0].pem);
    node.put("00000000000000ca2", sync_cas()[1].pem);
    REQUIRE(node.rotate().status == 0);
    Clock::duration longest{};
    std::jthread writer([&](const std::stop_token& stop) {
      for (std::int64_t tag = 20200822151315; !stop.stop_requested(); ++tag) {
        const auto begun = Clock::now();
        for (const auto& entry : fs::directory_iterator(node.certs()))
          fs::remove(entry.path());
        node.put(concat(std::to_string(tag), "ca1"), sync_cas()[0].pem);
        longest = std::max(longest, Clock::now() - begun);
        pause(150ms);
      }
    });
    pause(30ms);
    CHECK(node.rotate().status == 0);
    writer = {};
    if (longest >= grace) return false;
    CHECK(node.trusted(sync_cas()) == "A");
    return true;
  });
}

TEST_CASE("asked to end it ends, and the next run does what is left") {
  with_patience([](int factor) {
    const auto grace = 30s * factor;
    const SyncNode node({.settle = 20, .removal_grace = 30'000 * factor, .empty_grace = 30'000 * factor});
    node.put("ca1", sync_cas()[0].pem);
    node.put("ca2", sync_cas()[1].pem);
    REQUIRE(node.rotate().status == 0);
    fs::remove(node.certs() / "ca2");
    const auto begun = Clock::now();
    const auto ended = run({.argv = {"timeout", "--signal=TERM", "--preserve-status", std::to_string(factor),
                                     NCT_BINARY, "rotate", "--root", node.root(), "--format", "json"}});
    // It came before the program listened, or too late to tell why that ended.
    constexpr int kEndedBySignal = 128 + SIGTERM;
    if (ended.status == kEndedBySignal || Clock::now() - begun >= grace) return false;
    CHECK(ended.status == 0);
    CHECK(ended.out.contains("asked to end: certificates that left the directory are still installed"));
    CHECK(node.trusted(sync_cas()) == "AB");
    node.configure({});
    CHECK(node.rotate().status == 0);
    CHECK(node.trusted(sync_cas()) == "A");
    return true;
  });
}

TEST_CASE("asked to end while it waits for the lock it ends, too") {
  with_patience([](int factor) {
    const SyncNode node({.more = "lock_timeout_ms = 600000"});
    node.put("ca1", sync_cas()[0].pem);
    REQUIRE(node.rotate().status == 0);
    const auto lock = Lock::take(node.root(), "/run/node-ca-trust/lock", 0ms);
    REQUIRE(lock);
    const auto ended = run({.argv = {"timeout", "--signal=TERM", "--preserve-status", std::to_string(factor),
                                     NCT_BINARY, "rotate", "--root", node.root()}});
    if (ended.status == 128 + SIGTERM) return false;  // it came before the program listened
    CHECK(ended.status == 0);
    CHECK(ended.out.starts_with("warning: asked to end while another run was at work"));
    return true;
  });
}

TEST_CASE("others work while it waits, and it sees what they did") {
  with_patience([](int factor) {
    const auto grace = 3s * factor;
    const SyncNode node({.settle = 20,
                         .removal_grace = 3000 * factor,
                         .empty_grace = 3000 * factor,
                         .more = "lock_timeout_ms = 60000"});
    node.put("ca1", sync_cas()[0].pem);
    node.put("ca2", sync_cas()[1].pem);
    REQUIRE(node.rotate().status == 0);
    const auto bundle = node.outside() / "c.pem";
    fs::copy_file(node.certs() / "ca1", bundle);
    const auto begun = Clock::now();
    fs::remove(node.certs() / "ca2");
    auto run = begin_rotation(node);
    pause(300ms);
    const auto provisioned = node.command({"provision", "--from", bundle});
    const auto trusted = node.trusted(sync_cas());
    // It may have waited for the end of the run.
    if (Clock::now() - begun >= grace) return false;
    CHECK(provisioned.status == 0);
    CHECK(trusted == "AB");
    run = {};
    CHECK(node.trusted(sync_cas()) == "A");
    fs::remove(node.certs() / "ca1");
    node.configure({});
    CHECK(node.rotate().status == 0);
    CHECK(node.trusted(sync_cas()) == "A");  // it is provision's, too
    return true;
  });
}

TEST_CASE("a directory that goes and comes back while a run waits loses nothing") {
  with_patience([](int factor) {
    const auto grace = 1500ms * factor;
    const SyncNode node({.settle = 50, .removal_grace = 1500 * factor, .empty_grace = 1500 * factor});
    node.put("ca1", sync_cas()[0].pem);
    node.put("ca2", sync_cas()[1].pem);
    REQUIRE(node.rotate().status == 0);
    const auto begun = Clock::now();
    fs::remove(node.certs() / "ca2");
    auto run = begin_rotation(node);
    pause(200ms);
    fs::rename(node.certs(), node.root() / "opt/away");
    fs::create_directory(node.certs());
    node.put("ca2", sync_cas()[1].pem);
    node.put("ca3", sync_cas()[2].pem);
    const bool in_time = Clock::now() - begun < grace;
    run = {};
    if (!in_time) return false;
    CHECK(node.trusted(sync_cas()) == "BC");
    return true;
  });
}
