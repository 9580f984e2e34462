// The Debian package in its life: installed, upgraded, removed, purged, on a machine that runs.
#include "system/made_packages.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

// A machine that has the packages at hand, and none of them installed.
Disk bare_disk() {
  Disk disk{.product = false};
  add_stand_in(disk, "containerd");
  add_stand_in(disk, "kubelet", "[Unit]\nStartLimitIntervalSec=0\n");
  disk.files["/root/old.deb"] = package("old.deb");
  disk.files["/root/new.deb"] = package("new.deb");
  return disk;
}

// Everything that can be seen of the trust store, of where anchors lie, and of what administrators decide
// about units.
std::string seen(const Machine& machine) {
  return machine.output(
      "cd / && find etc/ssl usr/local/share etc/systemd/system ! -name '*.pem~' -printf '%p %y %m %U %G "
      "%l\\n' | sort"
      " && find etc/ssl usr/local/share -type f -exec sha256sum {} + | sort");
}

}  // namespace

TEST_CASE("the package enables provisioning for the next boot, and starts nothing") {
  const Machine machine(bare_disk());
  const auto before =
      machine.output("systemctl show --value -p ActiveEnterTimestampMonotonic containerd kubelet");
  const auto installed = machine.shell("dpkg -i /root/old.deb 2>&1");
  INFO(installed.out);
  REQUIRE(installed.status == 0);
  CHECK(machine.output("systemctl is-enabled node-ca-trust") == "enabled");
  CHECK(machine.output("systemctl is-active node-ca-trust || :") == "inactive");
  CHECK(machine.output("systemctl is-enabled node-ca-trust-rotate.path node-ca-trust-rotate.timer || :") ==
        "disabled\ndisabled");
  CHECK(machine.property("containerd", "After").find("node-ca-trust.service") != std::string::npos);
  CHECK(machine.output("systemctl show --value -p ActiveEnterTimestampMonotonic containerd kubelet") ==
        before);
  CHECK(machine.output("journalctl --list-catalog").find("A private CA is trusted now") != std::string::npos);
}

TEST_CASE("upgrade keeps what is trusted, configured and decided; removal leaves the store as it was") {
  const auto ca = make_ca();
  auto disk = bare_disk();
  disk.files[kBundle] = ca.pem;
  const std::string config = "[policy]\nexpiry_warning_days = 7\n\n[rotation]\ndirectory = \"/srv/certs\"\n";
  disk.files[kConfig] = config;
  disk.files["/srv/certs/README"] = "";
  const Machine machine(disk);
  const auto before = seen(machine);
  CHECK(machine.shell("rm /srv/certs/README; dpkg -i /root/old.deb").status == 0);
  REQUIRE(machine.shell("systemctl start node-ca-trust").status == 0);
  CHECK(trusts(machine, ca));
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path node-ca-trust-rotate.timer") ==
        "active\nactive");

  CHECK(machine.shell("systemctl disable node-ca-trust").status == 0);
  const auto installed = seen(machine);
  const auto upgraded = machine.shell("dpkg -i /root/new.deb 2>&1");
  INFO(upgraded.out);
  REQUIRE(upgraded.status == 0);
  CHECK(seen(machine) == installed);
  CHECK(machine.output("systemctl is-enabled node-ca-trust || :") == "disabled");
  CHECK(machine.output("systemctl is-active node-ca-trust node-ca-trust-rotate.path") == "active\nactive");
  CHECK(machine.read(kConfig) == config);
  CHECK(machine.shell("node-ca-trust verify").status == 0);

  const auto removed = machine.shell("dpkg -r node-ca-trust 2>&1");
  INFO(removed.out);
  REQUIRE(removed.status == 0);
  CHECK(!trusts(machine, ca));
  CHECK(seen(machine) == before);
  CHECK(machine.read(kConfig) == config);
  CHECK(machine.shell("test -e /var/lib/node-ca-trust || test -e /run/node-ca-trust").status == 1);
  CHECK(machine.output("systemctl list-units --plain --no-legend --all 'node-ca-trust*'") == "");
  CHECK(machine.output("systemctl is-active kubelet containerd") == "active\nactive");
  // Provisioning happened after its start, and so did the removal.
  CHECK(starts_of(machine, "containerd") == "3");

  CHECK(machine.shell("dpkg -P node-ca-trust").status == 0);
  CHECK(machine.shell("test -e /etc/node-ca-trust").status == 1);
}

TEST_CASE(
    "removed and installed again it is as new; what the administrator decided survives upgrades alone") {
  const Machine machine(bare_disk());
  const auto state = [&] { return machine.output("systemctl is-enabled node-ca-trust || :"); };
  const auto apt = [&](const std::string& words) {
    const auto done = machine.shell(concat("DEBIAN_FRONTEND=noninteractive apt-get -y ", words, " 2>&1"));
    CHECK_MESSAGE(done.status == 0, done.out);
  };
  apt("install /root/old.deb");
  CHECK(state() == "enabled");
  apt("remove node-ca-trust");
  CHECK(machine.output("dpkg-query -W -f '${db:Status-Status}' node-ca-trust") == "config-files");
  apt("install /root/old.deb");
  CHECK(state() == "enabled");
  CHECK(machine.shell("test -e /var/lib/node-ca-trust").status == 1);

  CHECK(machine.shell("systemctl disable node-ca-trust").status == 0);
  apt("install --reinstall /root/old.deb");
  CHECK(state() == "disabled");
  apt("install /root/new.deb");
  CHECK(state() == "disabled");
  apt("purge node-ca-trust");
  // An administrator's preset has the first word.
  CHECK(machine.shell("mkdir -p /etc/systemd/system-preset").status == 0);
  machine.write("/etc/systemd/system-preset/00-mine.preset", "disable node-ca-trust.service\n");
  apt("install /root/new.deb");
  CHECK(state() == "disabled");
}

TEST_CASE("a removal that cannot take the anchors back ends, and says why") {
  const auto ca = make_ca();
  auto disk = bare_disk();
  disk.files[kBundle] = ca.pem;
  const Machine machine(disk);
  REQUIRE(machine.shell("dpkg -i /root/old.deb && systemctl start node-ca-trust").status == 0);
  machine.write(kConfig, "[nonsense]\n");
  const auto removed = machine.shell("dpkg -r node-ca-trust 2>&1");
  CHECK(removed.status != 0);
  CHECK(removed.out.find("nonsense") != std::string::npos);
  CHECK(trusts(machine, ca));
  CHECK(machine.shell("rm /etc/node-ca-trust/config.toml && dpkg -r node-ca-trust").status == 0);
  CHECK(!trusts(machine, ca));
}

TEST_CASE("what bake did to a builder goes with the package") {
  auto disk = bare_disk();
  disk.files[kConfig] = "[consumers]\nunits = [\"crio.service\"]\n[rotation]\ndirectory = \"/srv/certs\"\n";
  disk.files["/root/ca.pem"] = make_ca().pem;
  const Machine machine(disk);
  const auto before = seen(machine);
  REQUIRE(machine.shell("dpkg -i /root/old.deb && node-ca-trust bake --from /root/ca.pem").status == 0);
  CHECK(machine.shell("test -e /etc/systemd/system/crio.service.d/50-node-ca-trust.conf").status == 0);
  CHECK(machine.shell("node-ca-trust verify --image").status == 0);
  CHECK(machine.shell("dpkg -r node-ca-trust").status == 0);
  CHECK(seen(machine) == before);
}
