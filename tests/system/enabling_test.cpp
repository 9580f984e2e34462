// Enabling rotation: as systemd does it, on a machine that runs and in an image.
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kUnits = "node-ca-trust-rotate.path node-ca-trust-rotate.timer";
constexpr const char* kDropIn = "/etc/systemd/system/node-ca-trust-rotate.path.d/50-directory.conf";

// Links and files of units and targets that administrators and "systemctl enable" make. From version 255 on
// that writes /usr/lib, where /lib leads.
std::string enabled_in(const Tree& tree) {
  return nct::test::run({.argv = {"/bin/sh", "-c",
                                  concat("cd ", tree.path().string(),
                                         "/etc/systemd/system && find . -printf '%p %y %m %l\\n' | sed 's, "
                                         "/lib/, /usr/lib/,' | sort")}})
      .out;
}

Finished provision_in(const Tree& tree, const std::string& options = {}) {
  return nct::test::run(
      {.argv = {"/bin/sh", "-c",
                concat(builders_program(), " provision --root ", tree.path().string(), " ", options)}});
}

}  // namespace

TEST_CASE("an image gets the links that systemctl --root enable makes") {
  const Tree theirs(Disk{});
  const Tree ours(Disk{});
  REQUIRE(nct::test::run({.argv = {"/bin/sh", "-c",
                                   concat("systemctl --root=", theirs.path().string(), " enable ", kUnits)}})
              .status == 0);
  const auto before = enabled_in(ours);
  CHECK(provision_in(ours, "--dry-run").out.find("would do: enable-unit") != std::string::npos);
  CHECK(enabled_in(ours) == before);
  const auto done = provision_in(ours);
  CHECK_MESSAGE(done.status == 0, done.err);
  CHECK(done.out.find("done: enable-unit node-ca-trust-rotate.path") != std::string::npos);
  CHECK(enabled_in(ours) == enabled_in(theirs));
  CHECK(provision_in(ours).out == "result: nothing-to-do\n");
}

TEST_CASE("an image whose configuration names another directory") {
  Disk disk{.files = {{kConfig, "[rotation]\ndirectory = \"/srv/100% ours\"\n"}}, .links = {}};
  const Tree tree(disk);
  CHECK(provision_in(tree).status == 0);
  const auto shown = nct::test::run(
      {.argv = {"/bin/sh", "-c",
                concat("systemd-analyze cat-config --root=", tree.path().string(),
                       " systemd/system/node-ca-trust-rotate.path; cat ", tree.path().string(), kDropIn)}});
  CHECK(shown.out.ends_with("[Path]\nPathChanged=\nPathChanged=/srv/100%% ours\n"));
}

TEST_CASE("on a running machine, provisioning enables and starts path and timer, once") {
  Disk disk{.files = {}, .links = {}};
  disk.files[kBundle] = make_ca().pem;
  const Machine machine(disk);
  const auto links =
      "ls -l /etc/systemd/system/paths.target.wants /etc/systemd/system/timers.target.wants | "
      "grep -o 'node-ca-trust.*' | sed 's|-> /usr/|-> /|'";  // systemd 254 and later spell it with /usr
  CHECK(machine.shell(links).out == "");
  const auto first = machine.shell("node-ca-trust provision");
  CHECK_MESSAGE(first.status == 0, first.err);
  CHECK(
      first.out.find("done: enable-unit node-ca-trust-rotate.path\n  it is not enabled, it does not run\n") !=
      std::string::npos);
  CHECK(machine.output(links) ==
        "node-ca-trust-rotate.path -> /lib/systemd/system/node-ca-trust-rotate.path\n"
        "node-ca-trust-rotate.timer -> /lib/systemd/system/node-ca-trust-rotate.timer");
  CHECK(machine.output(concat("systemctl is-active ", kUnits)) == "active\nactive");
  CHECK(machine.output(concat("systemctl is-enabled ", kUnits)) == "enabled\nenabled");
  CHECK(machine.output("node-ca-trust provision").ends_with("result: unchanged"));

  SUBCASE("one that was stopped is started") {
    CHECK(machine.shell("systemctl stop node-ca-trust-rotate.timer").status == 0);
    CHECK(machine.output("node-ca-trust provision").ends_with("result: changed"));
    CHECK(machine.output(concat("systemctl is-active ", kUnits)) == "active\nactive");
  }
  SUBCASE("one that was masked stays so") {
    CHECK(machine
              .shell("systemctl disable --now node-ca-trust-rotate.timer && "
                     "systemctl mask node-ca-trust-rotate.timer")
              .status == 0);
    const auto masked = machine.shell("node-ca-trust provision");
    CHECK(masked.status == 0);
    CHECK(masked.out.find("skipped: enable-unit node-ca-trust-rotate.timer\n  it is masked\n") !=
          std::string::npos);
    CHECK(masked.out.ends_with("result: unchanged\n"));
  }
  SUBCASE("also one that was masked until the next boot") {
    CHECK(machine.shell("systemctl mask --runtime --now node-ca-trust-rotate.timer").status == 0);
    CHECK(machine.output("node-ca-trust provision").ends_with("result: unchanged"));
  }
  SUBCASE("another directory becomes the one that is watched, and back") {
    CHECK(machine.property("node-ca-trust-rotate.path", "Paths") == "/opt/certs (PathChanged)");
    machine.write(kConfig, "[rotation]\ndirectory = \"/srv/certs\"\n");
    CHECK(machine.output("node-ca-trust provision").ends_with("result: changed"));
    CHECK(machine.comes_true("systemctl is-active node-ca-trust-rotate.path"));
    CHECK(machine.property("node-ca-trust-rotate.path", "Paths") == "/srv/certs (PathChanged)");
    CHECK(machine.output("node-ca-trust provision").ends_with("result: unchanged"));
    machine.write(kConfig, "");
    CHECK(machine.output("node-ca-trust provision").ends_with("result: changed"));
    CHECK(machine.property("node-ca-trust-rotate.path", "Paths") == "/opt/certs (PathChanged)");
    CHECK(machine.shell("test -e /etc/systemd/system/node-ca-trust-rotate.path.d").status == 1);
  }
  SUBCASE("from inside of the sandbox, too") {
    CHECK(machine.shell(concat("systemctl disable --now ", kUnits)).status == 0);
    machine.write(kConfig, "[rotation]\ndirectory = \"/srv/certs\"\n");
    const auto started = machine.shell("systemctl start node-ca-trust.service");
    CHECK_MESSAGE(started.status == 0, machine.journal("-u node-ca-trust"));
    CHECK(machine.output(concat("systemctl is-enabled ", kUnits)) == "enabled\nenabled");
    CHECK(machine.property("node-ca-trust-rotate.path", "Paths") == "/srv/certs (PathChanged)");
  }
}

TEST_CASE("systemd's refusal is the exit status 69") {
  Disk disk{.files = {}, .links = {}};
  // A unit that cannot be loaded cannot be started.
  disk.files["/etc/systemd/system/node-ca-trust-rotate.path"] = "[Path]\nUnit=node-ca-trust-rotate.service\n";
  const Machine machine(disk);
  const auto refused = machine.shell("node-ca-trust provision");
  CHECK(refused.status == 69);
  CHECK(refused.err.find("node-ca-trust: StartUnit 'node-ca-trust-rotate.path': ") != std::string::npos);
}

TEST_CASE("a directory that appears later is noticed, and every rotation after it") {
  Disk disk{.files = {}, .links = {}};
  // Stands in for the command, and is slow to be started again.
  disk.files["/etc/systemd/system/node-ca-trust-rotate.service.d/stand-in.conf"] =
      "[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo run >>/run/node-ca-trust/runs'\n";
  const Machine machine(disk);
  CHECK(machine.shell("systemctl start node-ca-trust-rotate.path").status == 0);
  CHECK(machine.shell("test -e /opt/certs").status == 1);
  CHECK(machine.shell("mkdir /opt/certs && echo a >/opt/certs/ca1.crt").status == 0);
  CHECK(machine.comes_true("test -s /run/node-ca-trust/runs"));
  // What happens while the service runs is lost (systemd issue 5770); that is for the command to notice.
  const auto watches = "test $(systemctl show -P SubState node-ca-trust-rotate.path) = waiting";
  for (int i = 0; i < 12; ++i) {
    CHECK(machine.comes_true(watches));
    const auto before = machine.output("wc -l </run/node-ca-trust/runs");
    CHECK(machine.shell("echo b >>/opt/certs/ca1.crt").status == 0);
    CHECK(machine.comes_true(concat("test $(wc -l </run/node-ca-trust/runs) -gt ", before)));
  }
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path") == "active");
  CHECK(machine.shell("rm -r /opt/certs && sleep 0.5 && mkdir -p /opt/certs/..new && sleep 0.5").status == 0);
  CHECK(machine.comes_true(watches));
  // The link that kubelet swaps.
  const auto before = machine.output("wc -l </run/node-ca-trust/runs");
  CHECK(machine.shell("ln -s ..new /opt/certs/..tmp && mv -T /opt/certs/..tmp /opt/certs/..data").status ==
        0);
  CHECK(machine.comes_true(concat("test $(wc -l </run/node-ca-trust/runs) -gt ", before)));
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path") == "active");
}

TEST_CASE("the timer looks once as soon as it is started") {
  Disk disk{.files = {}, .links = {}};
  disk.files["/etc/systemd/system/node-ca-trust-rotate.service.d/stand-in.conf"] =
      "[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo run >>/run/node-ca-trust/runs'\n";
  const Machine machine(disk);
  CHECK(machine.shell("systemctl start node-ca-trust-rotate.timer").status == 0);
  CHECK(machine.comes_true("test -s /run/node-ca-trust/runs"));
  CHECK(machine.comes_true("systemctl list-timers --no-legend node-ca-trust-rotate.timer | grep '14min'"));
}
