// Rotations on real systemd: under each of the known writers at their worst, under very many changes, and
// where systemd itself loses a change.
#include "rotation/patience.hpp"
#include "rotation/writers.hpp"
#include "support/random.hpp"
#include "system/sync_machine.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_set>

using namespace nct;
using namespace nct::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kLongestStall = 500;
// What is promised beside the times that are set.
constexpr milliseconds kSlack = 1s;
// In this time it comes on any machine, or never: what is lost waits for the timer, minutes.
constexpr milliseconds kPatience = 30s;
constexpr const char* kRotation = "node-ca-trust-rotate.service";

struct Times {
  milliseconds settle;
  milliseconds removal_grace;
  milliseconds empty_grace;
};

constexpr Times kDefaultTimes{.settle = 500ms, .removal_grace = 10s, .empty_grace = 60s};
// Longer than two stalls, as the defaults are.
constexpr Times kShortTimes{.settle = 500ms, .removal_grace = 2s, .empty_grace = 2500ms};

std::string toml(const Times& times) {
  return concat("settle_ms = ", std::to_string(times.settle.count()),
                "\nremoval_grace_ms = ", std::to_string(times.removal_grace.count()),
                "\nempty_grace_ms = ", std::to_string(times.empty_grace.count()), "\n");
}

milliseconds since(Clock::time_point instant) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - instant);
}

// When `condition` became true, after `begin`. Fails where it did not.
milliseconds time_until(Clock::time_point begin, const std::function<bool()>& condition) {
  while (!condition()) {
    REQUIRE(since(begin) <= kPatience);
    std::this_thread::sleep_for(5ms);
  }
  return since(begin);
}

// The certificates of a bundle, as they are written there.
std::vector<std::string> blocks_of(std::string_view bundle) {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  std::vector<std::string> blocks;
  for (std::size_t end = bundle.find(kEnd); end != std::string_view::npos; end = bundle.find(kEnd)) {
    end += kEnd.size();
    blocks.emplace_back(bundle.substr(0, end));
    bundle.remove_prefix(end);
  }
  return blocks;
}

// Looks for the distribution's roots, and for CAs that are said to stay, again and again, by both ways.
class Reader {
 public:
  explicit Reader(const SyncMachine& node) : fs_(files_of(node.machine())) {
    for (const auto& block : blocks_of(node.bundle_before()))
      roots_.push_back(read_ca(block));
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        look();
        std::this_thread::sleep_for(1ms);
      }
    });
  }

  void stays(std::vector<TestCa> cas) {
    const std::scoped_lock lock(mutex_);
    stay_ = std::move(cas);
  }
  // Ends it.
  std::string first_miss() {
    thread_ = {};
    return first_miss_;
  }
  [[nodiscard]] std::size_t looks() const { return looks_; }
  [[nodiscard]] std::size_t roots() const { return roots_.size(); }

 private:
  std::string bundle() {
    return fs_->read_file("/etc/ssl/certs/ca-certificates.crt", std::size_t{1} << 20U).value_or("");
  }

  void look() {
    const std::scoped_lock lock(mutex_);
    const auto read = blocks_of(bundle());
    const std::unordered_set<std::string_view> in_bundle(read.begin(), read.end());
    const auto expect = [&](const TestCa& ca) {
      if (!in_bundle.contains(ca.pem)) note(concat("the bundle misses ", ca.subject));
    };
    std::ranges::for_each(roots_, expect);
    std::ranges::for_each(stay_, expect);
    for (const auto& ca : stay_)
      note(missed_by_readers(*fs_, ca));
    // All of the hash directory in one look would make looks rare.
    for (int i = 0; i < 4; ++i)
      note(missed_by_readers(*fs_, roots_[next_root_++ % roots_.size()]));
    ++looks_;
  }

  void note(std::string missed) {
    if (first_miss_.empty()) first_miss_ = std::move(missed);
  }

  std::unique_ptr<Fs> fs_;
  std::vector<TestCa> roots_;
  std::size_t next_root_ = 0;
  std::mutex mutex_;
  std::vector<TestCa> stay_;
  std::atomic<std::size_t> looks_ = 0;
  std::string first_miss_;
  std::jthread thread_;
};

struct Contents {
  Files files;
  std::vector<TestCa> cas;
};

// Two CAs are in all generations, others come and go, and one is new in each; any may lie in a file of any
// name.
Contents random_contents(Dice& dice) {
  static int made = 0;
  const std::vector<std::string> names{"ca1.crt", "ca2.crt", "ca3.crt", "ca4.crt", "ca5.crt", "ca6.crt"};
  Contents contents;
  contents.cas.push_back(make_ca({.common_name = concat("New ", std::to_string(++made))}));
  for (std::size_t i = 0; i < sync_cas().size(); ++i)
    if (i < 2 || dice.one_in(2)) contents.cas.push_back(sync_cas()[i]);
  for (const auto& ca : contents.cas)
    contents.files[dice.pick(names)] += ca.pem;
  return contents;
}

std::vector<TestCa> held_by_all(const std::vector<TestCa>& one, const std::vector<TestCa>& two,
                                const std::vector<TestCa>& three) {
  const auto holds = [](const std::vector<TestCa>& cas, const TestCa& ca) {
    return std::ranges::find(cas, ca.fingerprint_hex, &TestCa::fingerprint_hex) != cas.end();
  };
  std::vector<TestCa> held;
  std::ranges::copy_if(one, std::back_inserter(held),
                       [&](const auto& ca) { return holds(two, ca) && holds(three, ca); });
  return held;
}

// No unit is given up, and rotations are still followed.
void all_is_well(const Machine& machine) {
  CHECK(machine.output("systemctl --failed --no-legend --plain") == "");
  CHECK(machine.output("systemctl is-active containerd kubelet node-ca-trust-rotate.path "
                       "node-ca-trust-rotate.timer") == "active\nactive\nactive\nactive");
  CHECK(machine.journal("-q -t node-ca-trust -p err") == "");
}

milliseconds median(std::vector<milliseconds> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

std::string times_of(const std::vector<milliseconds>& times) {
  return concat("median ", std::to_string(median(times).count()), " ms, longest ",
                std::to_string(std::ranges::max(times).count()), " ms");
}

// Trials of: write a generation, and the next one within two seconds.
template <class Kind>
void storm(const std::string& name, const Times& set, std::uint64_t trials) {
  const auto seed = seed_of_run();
  with_patience([&](int factor) {
    const Times times{.settle = set.settle,
                      .removal_grace = set.removal_grace * factor,
                      .empty_grace = set.empty_grace * factor};
    Dice dice(seed);
    const SyncMachine node(sync_disk(toml(times)));
    Kind writer(node.certs(), dice, kLongestStall);
    Contents last = random_contents(dice);
    writer.write(last.files);
    (void)time_until(Clock::now(), [&] { return node.trusts_exactly(last.cas); });

    Reader reader(node);
    std::vector<milliseconds> trusted;
    std::vector<milliseconds> exact;
    for (std::uint64_t i = 0; i < trials; ++i) {
      CAPTURE(i);
      CAPTURE(seed);
      const auto one = random_contents(dice);
      const auto two = random_contents(dice);
      reader.stays(held_by_all(last.cas, one.cas, two.cas));
      writer.write(one.files);
      std::this_thread::sleep_for(milliseconds(dice.roll(2000)));
      writer.write(two.files);
      const auto written = Clock::now();
      trusted.push_back(time_until(written, [&] { return node.missed(two.cas).empty(); }));
      exact.push_back(time_until(written, [&] { return node.trusts_exactly(two.cas); }));
      last = two;
    }
    const auto first_miss = reader.first_miss();
    MESSAGE(name, ": NCT_SEED=", seed, ", ", trials, " trials; the last generation trusted after ",
            times_of(trusted), "; exactly it after ", times_of(exact), "; ", reader.looks(), " looks for ",
            reader.roots(), " roots and what stays; containerd started ",
            starts_of(node.machine(), "containerd"), " times");
    CHECK(node.trusts_exactly(last.cas));
    all_is_well(node.machine());
    // Two changes in a row are not farther from one another than two pauses. With the default, a change is
    // seen by a fresh client within a second.
    if (2 * writer.longest_pause() >= times.removal_grace || median(trusted) > 1s ||
        median(exact) > times.removal_grace + kSlack)
      return false;
    CHECK(first_miss == "");
    return true;
  });
}

std::uint64_t trials() {
  return number_from("NCT_TRIALS", 3);
}

// Starts of the service so far.
std::string runs(const Machine& machine) {
  return machine.output(concat("journalctl -o cat -u ", kRotation, " | grep -c '^Starting ' || :"));
}

}  // namespace

TEST_CASE("storm: a plain directory, deleted first") {
  storm<PlainWriter>("plain", kShortTimes, trials());
}

TEST_CASE("storm: tagged names") {
  storm<TaggedWriter>("tagged", kShortTimes, trials());
}

TEST_CASE("storm: ..data, swapped by rename") {
  storm<AtomicWriter>("atomic", kShortTimes, trials());
}

// Takes most of a minute: run with NCT_DEFAULT_TIMES=1.
TEST_CASE("storm: with the times that are the defaults") {
  if (number_from("NCT_DEFAULT_TIMES", 0) == 0) return;
  storm<PlainWriter>("plain, default times", kDefaultTimes, 1);
  storm<TaggedWriter>("tagged, default times", kDefaultTimes, 1);
  storm<AtomicWriter>("atomic, default times", kDefaultTimes, 1);
}

TEST_CASE("a thousand changes in ten seconds") {
  const auto seed = seed_of_run();
  Dice dice(seed);
  Times times = kShortTimes;
  std::string timer;
  SUBCASE("by which one run is kept busy") {}
  SUBCASE("by which runs come and go as fast as they can") {
    times = {.settle = 1ms, .removal_grace = 1ms, .empty_grace = 1ms};
    // The last change may fall between a run and the next look of systemd.
    timer = "[Timer]\nOnUnitInactiveSec=3\nAccuracySec=100ms\n";
  }
  auto disk = sync_disk(toml(times));
  if (!timer.empty()) disk.files["/etc/systemd/system/node-ca-trust-rotate.timer.d/fast.conf"] = timer;
  const SyncMachine node(disk);
  Reader reader(node);
  const std::vector<std::string> names{"ca1.crt", "ca2.crt", "ca3.crt", "ca4.crt"};
  const auto begin = Clock::now();
  for (int i = 0; i < 1000; ++i) {
    const auto path = node.certs() / dice.pick(names);
    if (dice.one_in(4)) {
      fs::remove(path);
    } else {
      node.machine().write("/opt/new", dice.one_in(20) ? "junk" : dice.pick(sync_cas()).pem);
      fs::rename(node.machine().root() / "opt/new", path);
    }
    std::this_thread::sleep_until(begin + i * 10ms);
  }
  const auto took = since(begin);
  for (const auto& name : names)
    fs::remove(node.certs() / name);
  node.machine().write("/opt/certs/ca5.crt", sync_cas()[0].pem + sync_cas()[1].pem);
  const auto right =
      time_until(Clock::now(), [&] { return node.trusts_exactly({sync_cas()[0], sync_cas()[1]}); });

  // A change between a run's last look and the path unit's next one waits for the timer: that is another
  // test.
  CHECK(node.machine().comes_true("! systemctl is-active node-ca-trust-rotate.service"));
  std::this_thread::sleep_for(200ms);
  node.machine().write("/opt/certs/ca6.crt", sync_cas()[2].pem);
  const auto next = time_until(
      Clock::now(), [&] { return node.trusts_exactly({sync_cas()[0], sync_cas()[1], sync_cas()[2]}); });
  CHECK(reader.first_miss() == "");
  MESSAGE("NCT_SEED=", seed, ": 1000 changes in ", took.count(), " ms; right after ", right.count(),
          " ms, the next change after ", next.count(), " ms; ", runs(node.machine()),
          " runs, containerd started ", starts_of(node.machine(), "containerd"), " times");
  CHECK(node.machine().output("systemctl --failed --no-legend --plain") == "");
  CHECK(node.machine().output("systemctl is-active containerd kubelet node-ca-trust-rotate.path "
                              "node-ca-trust-rotate.timer") == "active\nactive\nactive\nactive");
}

TEST_CASE("while a machine waits for its turn to restart consumers, it follows its directory") {
  auto disk = sync_disk(toml(kShortTimes));
  // One with its turn some minutes after a change.
  disk.files["/etc/machine-id"] = "0123456789abcdef0123456789abcdef\n";
  disk.files["/etc/node-ca-trust/config.d/60-splay.toml"] = "[consumers]\nsplay_ms = 3600000\n";
  const SyncMachine node(disk);
  const auto& machine = node.machine();
  for (std::size_t i = 0; i < 3; ++i) {
    machine.write(concat("/opt/certs/ca", std::to_string(i), ".crt"), sync_cas()[i].pem);
    (void)time_until(Clock::now(), [&] { return node.missed({sync_cas()[i]}).empty(); });
  }
  CHECK(machine.output(concat("systemctl show -p SubState --value ", kRotation)) == "start");
  CHECK(starts_of(machine, "containerd") == "1");
  const auto asked = Clock::now();
  CHECK(machine.shell(concat("systemctl stop ", kRotation)).status == 0);
  CHECK(since(asked) < kPatience);
  CHECK(machine.output(concat("systemctl show -p Result --value ", kRotation)) == "success");
  CHECK(machine.journal("-q -t node-ca-trust").contains("consumers were not restarted yet"));
  CHECK(starts_of(machine, "containerd") == "1");

  CHECK(machine.shell(concat("rm /etc/node-ca-trust/config.d/60-splay.toml; systemctl start ", kRotation))
            .status == 0);
  CHECK(starts_of(machine, "containerd") == "2");
}

TEST_CASE("a change that systemd does not see is found by the timer") {
  auto disk = sync_disk(toml(kShortTimes));
  // All timers of the unit are reset by the empty one.
  disk.files["/etc/systemd/system/node-ca-trust-rotate.timer.d/fast.conf"] =
      "[Timer]\nOnUnitInactiveSec=\nOnActiveSec=0\nOnUnitInactiveSec=12\nAccuracySec=100ms\n";
  constexpr milliseconds kUnnoticed = 4s;
  SUBCASE("in the window between the last look of a run and systemd's next one") {
    // While this runs, the program has ended and the path unit does not watch yet.
    disk.files[concat("/etc/systemd/system/", kRotation, ".d/window.conf")] =
        "[Service]\nExecStartPost=/usr/bin/sleep 5\n";
    const SyncMachine node(disk);
    const auto& machine = node.machine();
    machine.write("/opt/certs/ca1.crt", sync_cas()[0].pem);
    REQUIRE(machine.comes_true(concat("systemctl show -p SubState ", kRotation, " | grep start-post")));
    REQUIRE(node.trusts_exactly({sync_cas()[0]}));
    machine.write("/opt/certs/ca2.crt", sync_cas()[1].pem);
    REQUIRE(machine.output(concat("systemctl show -p SubState ", kRotation)) == "SubState=start-post");
    REQUIRE(machine.comes_true(concat("! systemctl is-active ", kRotation, " && ! systemctl show ", kRotation,
                                      " | grep ^SubState=start")));
    const auto ended = Clock::now();
    const auto before = runs(machine);
    const auto triggered = machine.property("node-ca-trust-rotate.timer", "LastTriggerUSecMonotonic");
    std::this_thread::sleep_for(kUnnoticed);
    CHECK(node.trusts_exactly({sync_cas()[0]}));
    CHECK(runs(machine) == before);
    CHECK(machine.property("node-ca-trust-rotate.path", "SubState") == "waiting");
    const auto found = time_until(ended, [&] { return node.trusts_exactly({sync_cas()[0], sync_cas()[1]}); });
    CHECK(machine.property("node-ca-trust-rotate.timer", "LastTriggerUSecMonotonic") != triggered);
    MESSAGE("found ", found.count(), " ms after the run that lost it");
  }
  SUBCASE("while the path unit does not run") {
    const SyncMachine node(disk);
    const auto& machine = node.machine();
    REQUIRE(machine.shell("systemctl stop node-ca-trust-rotate.path").status == 0);
    machine.write("/opt/certs/ca1.crt", sync_cas()[0].pem);
    (void)time_until(Clock::now(), [&] { return node.trusts_exactly({sync_cas()[0]}); });
  }
}
