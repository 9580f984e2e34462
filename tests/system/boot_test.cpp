// Booting: provisioning comes first, whatever it comes to.
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

// Microseconds of the machine's clock.
std::uint64_t instant(const Machine& machine, const std::string& unit, const std::string& name) {
  return std::stoull(machine.property(unit, name + "TimestampMonotonic"));
}

}  // namespace

TEST_CASE("containerd and kubelet start when provisioning has ended, and trust what it installed") {
  const auto ca = make_ca();
  auto disk = node_disk();
  disk.files[kBundle] = ca.pem;
  // So that what does not wait is seen not to.
  disk.files["/etc/ca-certificates/update.d/slow"] = "#!/bin/sh\nsleep 1\ncat >/etc/ssl/told\n";
  const Machine machine(disk);
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd") == "active\nactive\nactive");
  CHECK(trusts(machine, ca));
  CHECK(machine.read("/etc/ssl/told").starts_with("+/etc/ssl/certs/node-ca-trust-"));
  const auto ended = instant(machine, "node-ca-trust.service", "ExecMainExit");
  CHECK(ended > instant(machine, "node-ca-trust.service", "ExecMainStart") + 1'000'000);
  CHECK(instant(machine, "containerd.service", "ExecMainStart") >= ended);
  CHECK(instant(machine, "kubelet.service", "ExecMainStart") >= ended);
  CHECK(starts_of(machine, "containerd") == "1");
  CHECK(machine.console().find("ordering cycle") == std::string::npos);
}

TEST_CASE("a bundle that is refused") {
  const auto ca = make_ca();
  auto disk = node_disk();
  disk.files[kBundle] = "-----BEGIN CERTIFICATE-----\nbroken\n";
  SUBCASE("stops nothing by default") {
    const Machine machine(disk);
    CHECK(machine.property("node-ca-trust.service", "ExecMainStatus") == "65");
    CHECK(machine.output("systemctl is-active kubelet containerd") == "active\nactive");
  }
  SUBCASE("stops kubelet where the configuration says so, until provisioning has succeeded") {
    disk.files[kConfig] = "[policy.provision]\non_failure = \"block\"\n";
    const Machine machine(disk);
    CHECK(machine.property("node-ca-trust.service", "ExecMainStatus") == "65");
    CHECK(machine.output("systemctl is-active containerd") == "active");
    CHECK(machine.comes_true("journalctl -u kubelet | grep 'provisioning has not succeeded yet'"));
    CHECK(starts_of(machine, "kubelet") == "0");
    CHECK(machine.shell("node-ca-trust provision").status == 65);
    CHECK(machine.shell("node-ca-trust provision --dry-run").status == 65);
    CHECK(machine.comes_true("test -e /run/node-ca-trust/kubelet-blocked"));

    machine.write(kBundle, ca.pem);
    CHECK(machine.shell("node-ca-trust provision --dry-run").status == 0);
    CHECK(machine.comes_true("test -e /run/node-ca-trust/kubelet-blocked"));
    CHECK(machine.shell("systemctl restart node-ca-trust").status == 0);
    CHECK(machine.comes_true("systemctl is-active kubelet"));
    CHECK(starts_of(machine, "kubelet") == "1");
    CHECK(trusts(machine, ca));
    // A bundle that a person tries out blocks nothing.
    CHECK(machine.run({"node-ca-trust", "provision", "--from", "-"}, "junk").status == 65);
    CHECK(machine.shell("systemctl restart kubelet").status == 0);
  }
  SUBCASE("nor does a program that cannot be started block anything") {
    disk.files[kConfig] = "[policy.provision]\non_failure = \"block\"\n";
    disk.files["/etc/systemd/system/node-ca-trust.service.d/broken.conf"] =
        "[Service]\nExecStart=\nExecStart=/nonexistent\n";
    const Machine machine(disk);
    CHECK(machine.output("systemctl is-active kubelet") == "active");
  }
}

TEST_CASE("provisioning before systemd has come far enough for its bus does not hang the boot") {
  auto disk = node_disk();
  disk.files[kBundle] = make_ca().pem;
  disk.links.erase("/etc/systemd/system/multi-user.target.wants/node-ca-trust.service");
  const std::string early = "/etc/systemd/system/early.service";
  disk.files[early] =
      "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\nAfter=local-fs.target\n"
      "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/node-ca-trust provision\n"
      "TimeoutStartSec=20\n";
  disk.links["/etc/systemd/system/sysinit.target.wants/early.service"] = early;
  const Machine machine(disk);
  CHECK(machine.output("systemctl is-active early kubelet") == "active\nactive");
  CHECK(machine.comes_true("systemctl is-active node-ca-trust-rotate.path"));
}

TEST_CASE("a node without a bundle boots, and has nothing to show") {
  const Machine machine(node_disk());
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd") == "active\nactive\nactive");
  CHECK(machine.output("ls -A /usr/local/share/ca-certificates") == "");
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path") == "active");
}
