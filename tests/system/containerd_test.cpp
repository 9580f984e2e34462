// containerd itself, Debian's, pulls by way of its CRI socket from a TLS registry of a private CA.
#include "system/registry.hpp"
#include "system/sync_machine.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <thread>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kIdle = "systemctl is-active node-ca-trust-rotate.service | grep -qx inactive";

Disk registry_disk(const TestCa& ca) {
  auto disk = sync_disk("settle_ms = 300\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n");
  add_registry(disk, ca);
  return disk;
}

}  // namespace

TEST_CASE("containerd pulls from a private registry after its CA was synced, and not after it left") {
  const auto ca = make_ca({.common_name = "Registry Root"});
  const auto other = make_ca({.common_name = "Other Root"});
  const SyncMachine node(registry_disk(ca));
  const auto& machine = node.machine();
  const auto pushed = push(machine);
  INFO(pushed.err);
  REQUIRE(pushed.status == 0);
  const auto before = machine.shell("/usr/local/bin/pull");
  INFO(before.out, before.err);
  REQUIRE(refuses(before));
  CHECK(starts_of(machine, "containerd") == "1");

  // All that a rotation does has been done: nothing runs, and nothing has for longer than any of its times.
  const auto settled = [&](const std::vector<TestCa>& cas) {
    for (int i = 0; i < 100 && !node.trusts_exactly(cas); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(node.trusts_exactly(cas));
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    CHECK(machine.comes_true(kIdle));
    CHECK(node.trusts_exactly(cas));
  };
  machine.write("/opt/certs/00000000000000ca1.crt", ca.pem);
  machine.write("/opt/certs/00000000000000ca2.crt", other.pem);
  settled({ca, other});
  const auto after = machine.shell("/usr/local/bin/pull");
  CHECK_MESSAGE(succeeds(after), after.out, after.err);
  CHECK(starts_of(machine, "containerd") == "2");

  SUBCASE("new tags and the same certificates restart nothing") {
    const std::string runs = "$(journalctl -u node-ca-trust-rotate -o cat | grep -c ^Starting)";
    const auto so_far = machine.output(concat("echo ", runs));
    for (const char* name : {"ca1.crt", "ca2.crt"}) {
      machine.write(concat("/opt/certs/20260822151315", name), name[2] == '1' ? ca.pem : other.pem);
      std::filesystem::remove(node.certs() / concat("00000000000000", name));
    }
    CHECK(machine.comes_true(concat("test ", runs, " -gt ", so_far)));
    settled({ca, other});
    CHECK(starts_of(machine, "containerd") == "2");
    CHECK(succeeds(machine.shell("/usr/local/bin/pull")));
  }
  SUBCASE("when the CA leaves, a fresh pull fails again") {
    std::filesystem::remove(node.certs() / "00000000000000ca1.crt");
    settled({other});
    const auto late = machine.shell("/usr/local/bin/pull");
    CHECK_MESSAGE(refuses(late), late.out, late.err);
    CHECK(starts_of(machine, "containerd") == "3");
  }
  CHECK(machine.output("systemctl --failed --no-legend --plain") == "");
}
