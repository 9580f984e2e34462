// The .rpm in its life, by rpm itself, on a machine that runs with systemd and whose store p11-kit makes.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/made_packages.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

class RpmMachine {
 public:
  explicit RpmMachine(const std::string& bundle)
      : node_((scratch_.path() / "root").string(), "azurelinux3", 20), machine_(disk_of(node_, bundle)) {
    // Of Debian, rpm knows no package.
    REQUIRE(machine_.shell("rpm --force-debian -i /root/system.rpm 2>&1").status == 0);
  }

  const Machine* operator->() const { return &machine_; }
  [[nodiscard]] const Machine& machine() const { return machine_; }
  void reboot() { machine_.reboot(); }

  [[nodiscard]] Finished rpm(const std::string& words) const {
    return machine_.shell(concat("rpm --force-debian ", words, " 2>&1"));
  }

  [[nodiscard]] bool trusts(const TestCa& ca) const {
    return machine_
               .run({"openssl", "verify", "-no-CApath", "-CAfile", "/etc/ssl/certs/ca-certificates.crt",
                     "/dev/stdin"},
                    ca.pem)
               .status == 0;
  }

  // Everything that can be seen of the trust store, of where anchors lie, and of what administrators decide
  // about units. A keystore tells when it was made.
  [[nodiscard]] std::string seen() const {
    return machine_.output(
        "cd / && find etc/ssl etc/pki usr/share/pki etc/systemd/system -printf '%p %y %m %U %G %l\\n' | sort"
        " && find etc/ssl etc/pki usr/share/pki -type f ! -name cacerts -exec sha256sum {} + | sort");
  }

 private:
  static Disk disk_of(const TrustNode& node, const std::string& bundle) {
    Disk disk{.product = false};
    disk.layers = {node.directory()};
    add_stand_in(disk, "containerd");
    add_stand_in(disk, "kubelet", "[Unit]\nStartLimitIntervalSec=0\n");
    for (const auto* name : {"system", "old", "new"})
      disk.files[concat("/root/", name, ".rpm")] = package(concat(name, ".rpm"));
    disk.files[kBundle] = bundle;
    return disk;
  }

  Scratch scratch_;
  TrustNode node_;
  Machine machine_;
};

}  // namespace

TEST_CASE(
    "the .rpm enables provisioning for the next boot, starts nothing, and trusts before kubelet starts") {
  const auto ca = make_ca();
  RpmMachine machine(ca.pem);
  const auto installed = machine.rpm("-i /root/old.rpm");
  INFO(installed.out);
  REQUIRE(installed.status == 0);
  CHECK(machine->output("systemctl is-enabled node-ca-trust") == "enabled");
  CHECK(machine->output("systemctl is-active node-ca-trust || :") == "inactive");
  CHECK(machine->output("systemctl is-enabled node-ca-trust-rotate.path node-ca-trust-rotate.timer || :") ==
        "disabled\ndisabled");
  CHECK(starts_of(machine.machine(), "containerd") == "1");
  CHECK_FALSE(machine.trusts(ca));

  machine.reboot();
  CHECK_MESSAGE(machine.trusts(ca), machine->journal("-u node-ca-trust"));
  CHECK(machine->output("systemctl is-active node-ca-trust kubelet") == "active\nactive");
  CHECK(std::stoull(machine->property("kubelet.service", "ExecMainStartTimestampMonotonic")) >=
        std::stoull(machine->property("node-ca-trust.service", "ExecMainExitTimestampMonotonic")));
}

TEST_CASE("upgrade keeps what is trusted, configured and decided; removal leaves the store as it was") {
  const auto ca = make_ca();
  RpmMachine machine(ca.pem);
  const auto before = machine.seen();
  REQUIRE(machine.rpm("-i /root/old.rpm").status == 0);
  const std::string config = "[policy]\nexpiry_warning_days = 7\n";
  machine->write(kConfig, config);
  const auto started = machine->shell("mkdir -p /opt/certs && systemctl start node-ca-trust");
  REQUIRE_MESSAGE(started.status == 0, machine->journal("-u node-ca-trust"));
  CHECK(machine.trusts(ca));
  CHECK(machine->output("systemctl is-active node-ca-trust-rotate.path node-ca-trust-rotate.timer") ==
        "active\nactive");

  CHECK(machine->shell("systemctl disable node-ca-trust").status == 0);
  const auto installed = machine.seen();
  const auto upgraded = machine.rpm("-U /root/new.rpm");
  INFO(upgraded.out);
  REQUIRE(upgraded.status == 0);
  CHECK(machine.seen() == installed);
  CHECK(machine->output("systemctl is-enabled node-ca-trust || :") == "disabled");
  CHECK(machine->output("systemctl is-active node-ca-trust node-ca-trust-rotate.path") == "active\nactive");
  CHECK(machine->read(kConfig) == config);
  CHECK(machine->shell("node-ca-trust verify").status == 0);

  machine->write(kConfig, "[nonsense]\n");
  const auto refused = machine.rpm("-e node-ca-trust");
  CHECK(refused.status != 0);
  CHECK(machine.trusts(ca));
  machine->write(kConfig, config);
  const auto removed = machine.rpm("-e node-ca-trust");
  INFO(removed.out);
  REQUIRE(removed.status == 0);
  CHECK_FALSE(machine.trusts(ca));
  CHECK(machine.seen() == before);
  CHECK(machine->read(kConfig) == config);
  CHECK(machine->shell("test -e /var/lib/node-ca-trust || test -e /run/node-ca-trust").status == 1);
  CHECK(machine->output("systemctl list-units --plain --no-legend --all 'node-ca-trust*'") == "");
  CHECK(machine->output("systemctl is-active kubelet containerd") == "active\nactive");
}
