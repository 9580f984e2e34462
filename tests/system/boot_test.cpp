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

TEST_CASE("a root that the configuration distrusts is out when kubelet starts, and comes back") {
  const auto ca = make_ca();
  auto disk = node_disk();
  disk.files[kBundle] = ca.pem;
  disk.files["/etc/node-ca-trust/config.d/consumers.toml"] =
      "[consumers]\nunits = [\"containerd.service\", \"other.service\"]\n";
  add_stand_in(disk, "other");
  const Machine builder(disk);  // whose first root it is
  const auto name = builder.output("grep ^mozilla/ /etc/ca-certificates.conf | head -n 1");
  const auto file = concat("/usr/share/ca-certificates/", name);
  const auto fingerprint =
      builder.output(concat("openssl x509 -noout -fingerprint -sha256 -in ", file, " | sed s/.*=//"));
  disk.files["/etc/node-ca-trust/config.d/distrust.toml"] =
      concat("[distrust]\nfingerprints = [\"", fingerprint, "\"]\n");
  disk.files["/etc/systemd/system/kubelet.service.d/look.conf"] =
      "[Service]\nExecStartPre=cp /etc/ssl/certs/ca-certificates.crt /run/when-kubelet-started.crt\n";
  const Machine machine(disk);
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet") == "active\nactive");
  const auto root = machine.read(file);
  CHECK_FALSE(machine.read("/run/when-kubelet-started.crt").contains(root));
  CHECK(machine.read("/run/when-kubelet-started.crt").contains(ca.pem));
  CHECK(trusts(machine, ca));
  CHECK(machine.output("journalctl -t node-ca-trust -o cat").contains("took out " + name));
  CHECK(starts_of(machine, "containerd") == "1");

  // Who is restarted may take longer than the unit may, which that asks for.
  CHECK(machine
            .shell("mkdir -p /run/systemd/system/other.service.d "
                   "/run/systemd/system/node-ca-trust.service.d; "
                   "printf '[Service]\nExecStopPost=/usr/bin/sleep 12\n' "
                   ">/run/systemd/system/other.service.d/slow.conf; "
                   "printf '[Service]\nTimeoutStartSec=8\n' "
                   ">/run/systemd/system/node-ca-trust.service.d/99-short.conf; systemctl daemon-reload")
            .status == 0);
  CHECK(machine.shell("rm /etc/node-ca-trust/config.d/distrust.toml").status == 0);
  CHECK(machine.shell("systemctl restart node-ca-trust").status == 0);
  CHECK(machine.read("/etc/ssl/certs/ca-certificates.crt").contains(root));
  CHECK(machine.comes_true("test $(wc -l </run/containerd.starts) = 2"));
  CHECK(machine.shell("node-ca-trust verify").status == 0);
  const auto before = machine.read("/etc/ssl/certs/ca-certificates.crt");
  CHECK(machine.shell("update-ca-certificates --fresh").status == 0);
  CHECK(machine.read("/etc/ssl/certs/ca-certificates.crt") == before);
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

TEST_CASE("kubelet waits for trust alone, not for those who are to notice it") {
  const auto ca = make_ca();
  auto disk = node_disk();
  disk.files[kBundle] = "-----BEGIN CERTIFICATE-----\nbroken\n";
  disk.files["/etc/node-ca-trust/config.d/1.toml"] = "[policy.provision]\non_failure = \"block\"\n";
  // Its turn comes after 11.5 s of 12, and after 23 minutes of an hour.
  disk.files["/etc/machine-id"] = "0123456789abcdef0123456789abcdf0\n";
  std::string splay = "splay_ms = 3600000\n";
  const std::string units = "units = [\"other.service\"]\n";
  bool masked = false;
  SUBCASE("in a turn that comes after the end of any unit") {}
  SUBCASE("in a turn that comes late, where rotations are not followed") {
    masked = true;
    splay = "splay_ms = 12000\n";
    disk.links["/etc/systemd/system/node-ca-trust-rotate.path"] = "/dev/null";
  }
  SUBCASE("one that takes longer than the unit may") {
    splay = "";
    disk.files["/etc/systemd/system/other.service.d/slow.conf"] =
        "[Service]\nExecStopPost=/usr/bin/sleep 12\n";
  }
  SUBCASE("one that is not restarted") {
    splay = "";
    disk.files["/etc/systemd/system/other.service.d/refuse.conf"] = "[Unit]\nRefuseManualStop=yes\n";
  }
  disk.files["/etc/node-ca-trust/config.d/2.toml"] = concat("[consumers]\n", units, splay);
  add_stand_in(disk, "other");
  const Machine machine(disk);
  CHECK(machine.property("node-ca-trust.service", "ExecMainStatus") == "65");
  CHECK(machine.shell("test -e /run/node-ca-trust/kubelet-blocked").status == 0);
  for (const char* unit : {"node-ca-trust", "node-ca-trust-rotate"})
    CHECK(machine
              .shell(concat("mkdir /run/systemd/system/", unit,
                            ".service.d; printf '[Service]\nTimeoutStartSec=8\n' "
                            ">/run/systemd/system/",
                            unit, ".service.d/99-short.conf; systemctl daemon-reload"))
              .status == 0);
  const auto refuses = disk.files.contains("/etc/systemd/system/other.service.d/refuse.conf");
  machine.write(kBundle, ca.pem);
  CHECK(machine.shell("systemctl restart --no-block node-ca-trust").status == 0);
  CHECK(machine.comes_true("! test -e /run/node-ca-trust/kubelet-blocked"));
  CHECK(trusts(machine, ca));
  if (masked || splay.empty()) {
    CHECK(machine.comes_true("test $(systemctl show -p ActiveState --value node-ca-trust) != activating",
                             std::chrono::seconds(60)));
    CHECK(machine.property("node-ca-trust.service", "Result") == (refuses ? "exit-code" : "success"));
    CHECK(machine.property("node-ca-trust.service", "ExecMainStatus") == (refuses ? "69" : "0"));
    CHECK(starts_of(machine, "other") == (refuses ? "1" : "2"));
    CHECK(machine.comes_true("systemctl is-active kubelet"));
    return;
  }
  // The turn is left to the service that follows rotations, which its own limit does not end, either.
  CHECK(machine.comes_true("systemctl is-active kubelet"));
  CHECK(machine.property("node-ca-trust.service", "Result") == "success");
  CHECK(machine.journal("-u node-ca-trust-rotate -u node-ca-trust").find("timed out") == std::string::npos);
  CHECK(
      machine.read("/run/node-ca-trust/last-provision.json").contains("and is left to node-ca-trust-rotate"));
  CHECK(machine.shell("sleep 10").status == 0);
  CHECK(machine.property("node-ca-trust-rotate.service", "SubState") == "start");
  CHECK(starts_of(machine, "other") == "1");
  CHECK(machine.shell("rm /etc/node-ca-trust/config.d/2.toml; mkdir -p /opt/certs").status == 0);
  machine.write("/etc/node-ca-trust/config.d/2.toml", concat("[consumers]\n", units));
  machine.write("/opt/certs/wakes-it", "junk");
  CHECK(machine.comes_true("test $(wc -l </run/other.starts) = 2"));
  CHECK(machine.comes_true("test $(systemctl show -p ActiveState --value node-ca-trust-rotate) = inactive"));
  CHECK(machine.property("node-ca-trust-rotate.service", "Result") == "success");
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
