// Kills a run before every step, or lets the consumer start by itself in the middle of one, and asks: after
// the next undisturbed run, does the consumer hold what the store holds? It reads the store when it is
// started, and keeps that.
#include "node/consumers.hpp"

#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/model_fs.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <memory>

#include "base/text.hpp"
#include "node/apply.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kUnit = "containerd.service";
const std::vector<std::string> kUnits{kUnit};
const std::string kBoot = "this boot";

AnchorSet anchors(const TestCa& ca) {
  AnchorSet set;
  set[Fingerprint::from_hex(ca.fingerprint_hex).value()] =
      Anchor{.der = ca.der,
             .subject = ca.subject,
             .owners = {{.source = "provision", .input = "bundle.pem", .origin = "bundle.pem: entry 1"}}};
  return set;
}

std::string bundle_of(Fs& fs) {
  return fs.read_file("/etc/ssl/certs/ca-certificates.crt", 1U << 20U).value_or("none");
}

// One consumer, and a clock that ticks whenever it is looked at.
class Machine final : public ServiceManager {
 public:
  std::uint64_t clock = 1;
  ModelFs* fs = nullptr;
  std::string held;
  std::uint64_t started = 0;
  int restarts = 0;
  bool refuses = false;
  bool dead = false;              // and the unit has failed
  std::function<void()> between;  // what others do between the restarts and striking off

  void start() {
    held = bundle_of(*fs);
    started = ++clock;
  }

  Result<UnitStatus> status(const std::string& /*unit*/) override {
    if (dead) return UnitStatus{.state = "failed"};
    return UnitStatus{.state = "active", .started = started, .started_wall = started};
  }
  Result<Restarted> restart(const std::string& /*unit*/, std::chrono::milliseconds /*patience*/) override {
    if (refuses || dead) return fail(Errc::systemd, "refused");
    ++restarts;
    start();
    return Restarted::done;
  }
  Result<void> start(const std::string& /*unit*/, Start /*how*/) override { return {}; }
  Result<void> enable(std::span<const std::string> /*units*/) override { return {}; }
  Result<void> reload() override { return {}; }
};

using Clock = std::function<Moment()>;

Result<std::vector<Consumer>> run_on(ModelFs& fs, Machine& machine, const AnchorSet& wanted,
                                     const Clock& now) {
  machine.fs = &fs;
  NCT_TRY(auto state, read_state(fs));
  NCT_TRY(const auto distro, recognise(fs));
  const auto store = open_store(*distro.family, fs, state.remembered, {});
  const auto owed_before = state.manifest.owed.consumers;
  NCT_CHECK(apply(fs, *store, state, wanted, {.consumers = kUnits, .now = now}));
  // As tell() does: without the lock others may change all of it, so it is read again.
  const TellingRun run{.configured = kUnits, .owed_before = owed_before, .boot = kBoot, .patience = {}};
  const auto told = restart_consumers(machine, state, run);
  if (machine.between) machine.between();
  NCT_TRY(state, read_state(fs));
  NCT_CHECK(strike_off(fs, machine, state, run, told));
  return told;
}

// When it is asked, as it is meant to be.
Clock clock_of(Machine& machine) {
  return [&machine] { return Moment{.unix_time = 0, .boot = kBoot, .monotonic_us = ++machine.clock}; };
}

struct Cas {
  TestCa before = make_ca({.common_name = "Before"});
  TestCa after = make_ca({.common_name = "After"});
};

// A node with the first CA, and a consumer that knows it.
std::unique_ptr<ModelFs> start(Machine& machine, const Cas& cas) {
  ModelFs fs;
  put(debian_node(), fs);
  machine.fs = &fs;
  machine.start();
  REQUIRE(run_on(fs, machine, anchors(cas.before), clock_of(machine)));
  CHECK(machine.restarts == 1);
  CHECK(machine.held == bundle_of(fs));
  machine.restarts = 0;
  auto settled = fs.settled();
  machine.fs = settled.get();
  return settled;
}

std::size_t steps_of_a_run(const Cas& cas) {
  Machine machine;
  const auto fs = start(machine, cas);
  REQUIRE(run_on(*fs, machine, anchors(cas.after), clock_of(machine)));
  CHECK(machine.restarts == 1);
  return fs->steps();
}

}  // namespace

TEST_CASE("a run that is killed before any step leaves no consumer behind for good") {
  const Cas cas;
  const auto steps = steps_of_a_run(cas);
  REQUIRE(steps > 20);
  for (std::size_t step = 1; step <= steps; ++step) {
    for (const bool starts_by_itself : {false, true}) {
      CAPTURE(step);
      CAPTURE(starts_by_itself);
      Machine machine;
      const auto fs = start(machine, cas);
      fs->cut_before(step);
      CHECK_THROWS_AS((void)run_on(*fs, machine, anchors(cas.after), clock_of(machine)), PowerCut);
      const auto left = fs->settled();  // a kill: the machine goes on, and so does the consumer
      machine.fs = left.get();
      if (starts_by_itself) machine.start();
      REQUIRE(run_on(*left, machine, anchors(cas.after), clock_of(machine)));
      CHECK(machine.held == bundle_of(*left));
      CHECK(machine.restarts <= 2);
      const auto calm = machine.restarts;
      REQUIRE(run_on(*left, machine, anchors(cas.after), clock_of(machine)));
      CHECK(machine.restarts == calm);
    }
  }
}

TEST_CASE("a consumer that starts by itself in the middle of a run is not taken for a fresh one") {
  const Cas cas;
  const auto steps = steps_of_a_run(cas);
  const auto stale_after = [&](const std::function<Clock(Machine&)>& clock) {
    std::size_t stale = 0;
    for (std::size_t step = 1; step <= steps; ++step) {
      Machine machine;
      const auto fs = start(machine, cas);
      fs->observe([&](const FsStep& seen) {
        if (seen.number == step) machine.start();
      });
      REQUIRE(run_on(*fs, machine, anchors(cas.after), clock(machine)));
      fs->observe({});
      if (machine.held != bundle_of(*fs)) ++stale;
    }
    return stale;
  };
  CHECK(stale_after(clock_of) == 0);
  // A run that took the time when it began would be wrong, and this test would see it.
  CHECK(stale_after(
            [](Machine& machine) -> Clock { return [moment = clock_of(machine)()] { return moment; }; }) > 0);
}

TEST_CASE("a consumer that cannot be restarted stays owed, in the manifest") {
  const Cas cas;
  Machine machine;
  const auto fs = start(machine, cas);
  machine.refuses = true;
  auto told = run_on(*fs, machine, anchors(cas.after), clock_of(machine));
  REQUIRE(told);
  REQUIRE(told->size() == 1);
  CHECK(told->front().state == ConsumerState::stale);
  CHECK(told->front().failure == "refused");
  CHECK(read_state(*fs)->manifest.owed.consumers == kUnits);
  const auto changed = read_state(*fs)->manifest.changed;
  told = run_on(*fs, machine, anchors(cas.after), clock_of(machine));
  REQUIRE(told);
  CHECK(told->front().state == ConsumerState::stale);
  CHECK(read_state(*fs)->manifest.changed == changed);
  machine.refuses = false;
  told = run_on(*fs, machine, anchors(cas.after), clock_of(machine));
  REQUIRE(told);
  CHECK(told->front().state == ConsumerState::restarted);
  CHECK(read_state(*fs)->manifest.owed.none());
}

TEST_CASE("what another run does while a consumer is restarted is not struck off") {
  const Cas cas;
  const auto third = make_ca({.common_name = "Third"});
  Machine machine;
  const auto fs = start(machine, cas);
  SUBCASE("it changed the anchors again, after the consumer was started") {
    machine.between = [&] {
      auto state = read_state(*fs).value();
      const auto store = open_store(*recognise(*fs)->family, *fs, state.remembered, {});
      REQUIRE(apply(*fs, *store, state, anchors(third), {.consumers = kUnits, .now = clock_of(machine)}));
    };
    REQUIRE(run_on(*fs, machine, anchors(cas.after), clock_of(machine)));
    machine.between = {};
    CHECK(read_state(*fs)->manifest.owed.consumers == kUnits);
    REQUIRE(run_on(*fs, machine, anchors(third), clock_of(machine)));
    CHECK(machine.restarts == 2);
  }
  SUBCASE("it struck off one whose restart then failed") {
    machine.refuses = true;
    machine.between = [&] {
      auto state = read_state(*fs).value();
      state.manifest.owed.consumers.clear();
      REQUIRE(settle(*fs, state.manifest, std::nullopt));
      machine.dead = true;
    };
    REQUIRE(run_on(*fs, machine, anchors(cas.after), clock_of(machine)));
    CHECK(read_state(*fs)->manifest.owed.consumers == kUnits);
  }
  SUBCASE("it was broken off") {
    machine.between = [&] {
      auto state = read_state(*fs).value();
      fs->put_file("/var/lib/node-ca-trust/pending.toml", text_of(state.manifest), 0644);
    };
    const auto before = [&] { return fs->read_file("/var/lib/node-ca-trust/manifest.toml", 1U << 20U); };
    REQUIRE(run_on(*fs, machine, anchors(cas.after), clock_of(machine)));
    CHECK(read_state(*fs)->interrupted);
    CHECK(before()->find("[owed]") != std::string::npos);
  }
}

TEST_CASE("what lies below a root that does not run has no time in it") {
  const Cas cas;
  ModelFs fs;
  put(debian_node(), fs);
  auto state = read_state(fs).value();
  const auto distro = recognise(fs).value();
  const auto store = open_store(*distro.family, fs, state.remembered, {});
  REQUIRE(apply(fs, *store, state, anchors(cas.before)));
  const auto manifest = read_state(fs)->manifest;
  CHECK(manifest.owed.none());
  CHECK_FALSE(manifest.changed.has_value());
}
