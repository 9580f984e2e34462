// The unit files, as systemd itself judges them, in the tree in which they are installed; and what their
// sandbox refuses to who runs in it.
#include "support/process.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// Of the tree's own "systemd-analyze verify": nothing, where all is well.
std::string objections(const Tree& tree, const std::string& units) {
  const auto verified = nct::test::run(
      {.argv = {"/bin/sh", "-c",
                concat("chroot ", tree.path().string(), " systemd-analyze verify --man=no ", units)}});
  return verified.out + verified.err;
}

constexpr const char* kKubelet =
    "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";

Disk node() {
  Disk disk{.files = {{"/etc/systemd/system/kubelet.service", kKubelet}},
            .links = provisioning_enabled(),
            .cloud_init = true};
  disk.links["/etc/systemd/system/multi-user.target.wants/kubelet.service"] =
      "/etc/systemd/system/kubelet.service";
  disk.links["/etc/systemd/system/multi-user.target.wants/containerd.service"] =
      "/lib/systemd/system/containerd.service";
  disk.links["/etc/systemd/system/containerd.service"] = "/lib/systemd/system/containerd.service";
  disk.links["/etc/systemd/system/paths.target.wants/node-ca-trust-rotate.path"] =
      "/lib/systemd/system/node-ca-trust-rotate.path";
  disk.links["/etc/systemd/system/timers.target.wants/node-ca-trust-rotate.timer"] =
      "/lib/systemd/system/node-ca-trust-rotate.timer";
  return disk;
}

}  // namespace

TEST_CASE("systemd has no objection to any unit") {
  const Tree tree(node());
  CHECK(objections(tree,
                   "node-ca-trust.service node-ca-trust-rotate.service node-ca-trust-rotate.path "
                   "node-ca-trust-rotate.timer kubelet.service containerd.service") == "");
}

TEST_CASE("booting with cloud-init has no ordering cycle") {
  auto disk = node();
  const std::string boot = "multi-user.target cloud-init.target cloud-final.service";
  SUBCASE("as installed") {
    CHECK(objections(Tree(disk), boot) == "");
  }
  SUBCASE("one that waits for runcmd would be seen") {
    disk.files["/etc/systemd/system/node-ca-trust.service.d/late.conf"] =
        "[Unit]\nAfter=cloud-final.service\n";
    CHECK(objections(Tree(disk), boot).find("ordering cycle") != std::string::npos);
  }
}

TEST_CASE("inside of the services' sandbox it is refused what the machine's root may do otherwise") {
  // A hook runs in it, and tries. Each line works for root, and with no capability at all.
  struct Attempt {
    const char* what;
    const char* by;
  };
  const Attempt attempts[] = {
      {"a system call of @privileged", "chown 0:0 /run/node-ca-trust/tried"},
      {"a system call of @resources", "test $(nice -n 5 nice) = 5"},
      {"a system call beyond @system-service", "unshare --user true"},
      {"a socket of the network", "ip link show lo"},
      {"a file of the system", "touch /etc/tried"},
      {"a file in a home", "ls /root/.profile"},
  };
  std::string hook = "#!/bin/sh\ncd /run/node-ca-trust || exit\ntouch tried\n";
  for (const auto& [what, by] : attempts)
    hook += concat("{ ", by, "; } >/dev/null 2>&1 && echo '", what, "' >>tried\n");
  // What is to be refused is not all: it can write where it must.
  hook += "echo end >>tried\n";
  auto disk = node_disk();
  disk.files["/etc/ca-certificates/update.d/attempts"] = hook;
  disk.files["/root/.profile"] = "";
  disk.files[kBundle] = make_ca().pem;
  const Machine machine(disk);
  CHECK(machine.read("/run/node-ca-trust/tried") == "end\n");
  CHECK(machine.shell("rm /run/node-ca-trust/tried").status == 0);
  machine.write("/run/synced.pem", make_ca().pem);
  CHECK(machine.shell("mkdir -p /opt/certs && mv /run/synced.pem /opt/certs/ca1.crt").status == 0);
  CHECK(machine.comes_true("grep -qx end /run/node-ca-trust/tried"));
  CHECK(machine.read("/run/node-ca-trust/tried") == "end\n");
  // Outside of it each of them works.
  CHECK(machine.shell("rm /run/node-ca-trust/tried && /etc/ca-certificates/update.d/attempts").status == 0);
  std::string all;
  for (const auto& attempt : attempts)
    all += concat(attempt.what, "\n");
  CHECK(machine.read("/run/node-ca-trust/tried") == all + "end\n");
}

TEST_CASE("what a retry can mend is tried again, and nothing else") {
  const Machine machine({});
  // What the program would end with.
  CHECK(machine
            .shell(
                "mkdir -p /run/systemd/system/node-ca-trust-rotate.service.d; "
                "printf '[Service]\\nExecStart=\\nExecStart=/bin/sh -c \"exit $(cat /run/status)\"\\n' "
                ">/run/systemd/system/node-ca-trust-rotate.service.d/99-status.conf; systemctl daemon-reload")
            .status == 0);
  const std::pair<int, const char*> expected[] = {{0, "inactive dead"},
                                                  {64, "failed failed"},
                                                  {65, "failed failed"},
                                                  {66, "failed failed"},
                                                  {69, "activating auto-restart"},
                                                  {70, "activating auto-restart"},
                                                  {73, "activating auto-restart"},
                                                  {74, "activating auto-restart"},
                                                  {75, "activating auto-restart"},
                                                  {77, "failed failed"},
                                                  {78, "failed failed"}};
  for (const auto& [status, state] : expected) {
    CAPTURE(status);
    machine.write("/run/status", std::to_string(status));
    (void)machine.shell("systemctl start node-ca-trust-rotate");
    CHECK(machine.property("node-ca-trust-rotate.service", "ExecMainStatus") == std::to_string(status));
    CHECK(machine.output("systemctl show -p ActiveState -p SubState --value node-ca-trust-rotate | xargs") ==
          state);
    CHECK(machine.shell("systemctl stop node-ca-trust-rotate; systemctl reset-failed").status == 0);
  }
}
