// Rotations under each of the known writers, with stalls where they hurt: in the end exactly the last
// generation is trusted, and a reader never misses a CA that all generations share. The program is
// started as a path unit starts it: when something happens while it does not run, and never for what happens
// while it does.
#include "rotation/patience.hpp"
#include "rotation/sync_node.hpp"
#include "rotation/writers.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <doctest/doctest.h>
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

namespace {

// Longer than settle, and far shorter than any grace.
constexpr std::size_t kLongestStall = 250;

// What happens in the sync directory, as somebody sees it who always watches.
class Events {
 public:
  explicit Events(const SyncNode& node)
      : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        directory_(watch(node.certs(), kChange | IN_ACCESS)),
        marks_(watch(marks_made_.path(), IN_CREATE)),
        thread_([this](const std::stop_token& stop) { follow(stop); }) {}

  // When something last changed.
  [[nodiscard]] Clock::time_point changed() const { return changed_; }
  // When its names were last read.
  [[nodiscard]] Clock::time_point listed() const { return listed_; }
  // Waits until changed() and listed() know of all that has happened.
  void catch_up() {
    const auto mark = ++last_mark_;
    write_whole(marks_made_.path() / std::to_string(mark), "");
    while (marks_seen_ < mark)
      pause(1ms);
  }

 private:
  static constexpr std::uint32_t kChange =
      IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE;

  [[nodiscard]] int watch(const fs::path& directory, std::uint32_t what) const {
    const int watch = ::inotify_add_watch(events_.get(), directory.c_str(), what);
    REQUIRE(watch >= 0);
    return watch;
  }

  void follow(const std::stop_token& stop) {
    alignas(inotify_event) std::array<char, 65536> buffer{};
    while (!stop.stop_requested()) {
      pollfd polled{events_.get(), POLLIN, 0};
      if (::poll(&polled, 1, 20) <= 0) continue;
      const auto length = ::read(events_.get(), buffer.data(), buffer.size());
      for (std::ptrdiff_t at = 0; at < length;) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        at += static_cast<std::ptrdiff_t>(sizeof event + event.len);
        if (event.wd == marks_)
          ++marks_seen_;
        else if (event.wd == directory_ && (event.mask & kChange) != 0)
          changed_ = Clock::now();
        else if (event.wd == directory_ && event.len == 0)
          listed_ = Clock::now();
      }
    }
  }

  Scratch marks_made_;
  int last_mark_ = 0;
  std::atomic<int> marks_seen_ = 0;
  std::atomic<Clock::time_point> changed_ = Clock::now();
  std::atomic<Clock::time_point> listed_ = Clock::now();
  Fd events_;
  int directory_;
  int marks_;
  std::jthread thread_;
};

// The path unit and its service.
class PathUnit {
 public:
  // A run takes at most so long from its last look to its end, if the machine keeps up.
  PathUnit(const SyncNode& node, Clock::duration takes_to_end)
      : node_(node),
        takes_to_end_(takes_to_end),
        events_(node),
        thread_([this](const std::stop_token& stop) { serve(stop); }) {}

  // Waits until nothing runs, and nothing would start it.
  void wait_until_idle() {
    events_.catch_up();
    const auto asked = Clock::now();
    while (idle_at_.load() < asked)
      pause(2ms);
  }
  [[nodiscard]] bool kept_up() const { return kept_up_; }
  [[nodiscard]] int runs() const { return runs_; }
  [[nodiscard]] std::string first_failure() const { return failure_; }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto looked = Clock::now();
      if (events_.changed() <= armed_) {
        idle_at_ = looked;
        pause(2ms);
        continue;
      }
      const auto finished = node_.rotate();
      const auto ended = Clock::now();
      ++runs_;
      if (finished.status != 0 && failure_.empty()) failure_ = concat(finished.out, finished.err);
      // What happens behind its last look is not for a run to see, and starts the next one.
      if (ended - events_.listed() > takes_to_end_) kept_up_ = false;
      armed_ = ended - takes_to_end_;
    }
  }

  const SyncNode& node_;
  Clock::duration takes_to_end_;
  Events events_;
  Clock::time_point armed_ = Clock::now();
  std::atomic<Clock::time_point> idle_at_;
  std::atomic<bool> kept_up_ = true;
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

template <class Kind>
void storm(const std::string& name) {
  const auto seed = seed_of_run();
  const auto generations = number_from("NCT_STEPS", 7);
  MESSAGE(name, ": NCT_SEED=", seed, " NCT_STEPS=", generations);
  with_patience([&](int factor) {
    Dice dice(seed);
    const SyncNode node({.settle = 60, .removal_grace = 1200 * factor, .empty_grace = 1400 * factor});
    Kind writer(node.certs(), dice, kLongestStall);
    auto cas = sync_cas();
    std::string letters;
    writer.write(random_generation(dice, cas, letters));
    REQUIRE(node.rotate().status == 0);
    REQUIRE(node.trusted(cas) == letters);

    PathUnit unit(node, 300ms * factor);
    Reader reader(node, {sync_cas()[0], sync_cas()[1]});
    for (std::uint64_t i = 0; i < generations; ++i) {
      writer.write(random_generation(dice, cas, letters));
      if (i + 1 == generations) break;
      if (dice.one_in(2)) pause(std::chrono::milliseconds(dice.roll(kLongestStall)));
      if (dice.one_in(3)) unit.wait_until_idle();
    }
    unit.wait_until_idle();
    const auto first_miss = reader.first_miss();
    MESSAGE(unit.runs(), " runs, ", reader.looks(), " looks of the reader");
    // Two changes in a row are not farther from one another than two pauses.
    if (!unit.kept_up() || 2 * writer.longest_pause() >= 1200ms * factor) return false;
    CHECK(first_miss == "");
    CHECK(node.trusted(cas) == letters);
    CHECK(unit.first_failure() == "");
    return true;
  });
}

}  // namespace

TEST_CASE("a plain directory, deleted first, with stalls") {
  storm<PlainWriter>("plain");
}

TEST_CASE("tagged names") {
  storm<TaggedWriter>("tagged");
}

TEST_CASE("..data, swapped by rename") {
  storm<AtomicWriter>("atomic");
}
