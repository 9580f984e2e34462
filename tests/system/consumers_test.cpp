// Consumers: restarted once, and only where they hold anchors from before.
#include "system/node_disk.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

Finished provision(const Machine& machine, const std::string& bundle) {
  return machine.run({"node-ca-trust", "provision", "--from", "-"}, bundle);
}

// The consumers of a report.
std::string consumers_in(const Machine& machine, const std::string& command) {
  const auto json = machine.shell(concat("node-ca-trust ", command, " --format json")).out;
  const auto at = json.find("\"consumers\": [");
  if (at == std::string::npos) return "";
  std::string packed;
  for (const char c : json.substr(at, json.find(']', at) - at))
    if (!is_space(c)) packed += c;
  return packed.substr(packed.find('[') + 1);
}

Disk running_node() {
  auto disk = node_disk();
  disk.links.erase("/etc/systemd/system/multi-user.target.wants/node-ca-trust.service");
  return disk;
}

}  // namespace

TEST_CASE("a consumer is restarted once for each change of the anchors, and not otherwise") {
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  const Machine machine(running_node());
  CHECK(starts_of(machine, "containerd") == "1");

  const auto planned = machine.run({"node-ca-trust", "provision", "--dry-run", "--from", "-"}, one.pem);
  CHECK(planned.out.find("would do: tell-consumer containerd.service") != std::string::npos);
  CHECK(starts_of(machine, "containerd") == "1");

  const auto first = provision(machine, one.pem);
  CHECK_MESSAGE(first.status == 0, first.err);
  CHECK(first.out.find("done: tell-consumer containerd.service") != std::string::npos);
  CHECK(first.out.find("consumer: containerd.service restarted") != std::string::npos);
  CHECK(starts_of(machine, "containerd") == "2");
  CHECK(starts_of(machine, "kubelet") == "1");

  CHECK(provision(machine, one.pem).status == 0);
  CHECK(starts_of(machine, "containerd") == "2");
  CHECK(consumers_in(machine, "status") == R"({"unit":"containerd.service","state":"fresh"})");

  // A certificate file of others is none of ours.
  CHECK(machine
            .shell("touch /usr/local/share/ca-certificates/x && rm /etc/ssl/certs/ca-certificates.crt && "
                   "node-ca-trust provision")
            .status == 0);
  CHECK(starts_of(machine, "containerd") == "2");

  CHECK(provision(machine, one.pem + two.pem).status == 0);
  CHECK(starts_of(machine, "containerd") == "3");
  CHECK(machine.shell("node-ca-trust remove --all").status == 0);
  CHECK(starts_of(machine, "containerd") == "4");
}

TEST_CASE("a consumer is not given up by systemd, however often the anchors change") {
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  const Machine machine(running_node());
  // systemd gives a unit up at the sixth start in 10 s.
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 8; ++i) {
    const auto done = provision(machine, i % 2 == 0 ? one.pem : two.pem);
    CHECK_MESSAGE(done.status == 0, done.err);
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  // The rotation that the first run starts may find a restart owed that another run is about to make.
  const auto starts = std::stoi(starts_of(machine, "containerd"));
  CHECK(starts >= 9);
  CHECK(starts <= 10);
  CHECK(machine.output("systemctl is-active containerd") == "active");
}

TEST_CASE("a consumer that does not run is left alone") {
  const Machine machine(running_node());
  CHECK(machine.shell("systemctl stop containerd").status == 0);
  const auto done = provision(machine, make_ca().pem);
  CHECK(done.status == 0);
  CHECK(done.out.find("consumer: containerd.service inactive") != std::string::npos);
  CHECK(machine.shell("systemctl start containerd").status == 0);
  CHECK(consumers_in(machine, "status") == R"({"unit":"containerd.service","state":"fresh"})");
  CHECK(starts_of(machine, "containerd") == "2");
}

TEST_CASE("units that are configured, and units that do not exist") {
  auto disk = running_node();
  disk.files[kConfig] = "[consumers]\nunits = [\"kubelet.service\", \"nothing.service\"]\nsplay_ms = 300\n";
  const Machine machine(disk);
  CHECK(provision(machine, make_ca().pem).status == 0);
  CHECK(starts_of(machine, "containerd") == "1");
  // Its turn is the rotation service's, which ends once all have been told.
  CHECK(machine
            .shell("timeout 100 sh -c 'while systemctl is-active -q node-ca-trust-rotate.service ||"
                   " [ \"$(systemctl show -P ActiveState node-ca-trust-rotate.service)\" = activating ]; do "
                   "sleep 0.1; done'")
            .status == 0);
  CHECK(starts_of(machine, "kubelet") == "2");
  CHECK(consumers_in(machine, "status") ==
        R"({"unit":"kubelet.service","state":"fresh"},{"unit":"nothing.service","state":"inactive"})");
}

TEST_CASE("a consumer that systemd does not restart is stale, said so, and owed") {
  auto disk = running_node();
  disk.files["/etc/systemd/system/containerd.service.d/refuse.conf"] = "[Unit]\nRefuseManualStop=yes\n";
  const Machine machine(disk);
  const auto refused = provision(machine, make_ca().pem);
  CHECK(refused.status == 69);
  CHECK(refused.err.find("RestartUnit 'containerd.service': ") != std::string::npos);
  CHECK(refused.out.find("failed: tell-consumer containerd.service") != std::string::npos);
  CHECK(starts_of(machine, "containerd") == "1");
  const auto stale = consumers_in(machine, "status");
  CHECK(stale.starts_with(R"({"unit":"containerd.service","state":"stale","started":"20)"));
  CHECK(stale.find(R"(Z","changed":"20)") != std::string::npos);
  CHECK(machine.output("node-ca-trust status").find("it was started at 20") != std::string::npos);

  CHECK(machine.shell("rm -r /etc/systemd/system/containerd.service.d; systemctl daemon-reload").status == 0);
  CHECK(machine.shell("node-ca-trust provision").status == 0);
  // It may be the rotation, followed since, that restarts it just now: then this waits for that.
  CHECK(machine.shell("systemctl start containerd").status == 0);
  CHECK(starts_of(machine, "containerd") == "2");
  CHECK(machine.output("cat /var/lib/node-ca-trust/manifest.toml").find("[owed]") == std::string::npos);
}

TEST_CASE("a consumer that does not come up again is started by the next run") {
  auto disk = running_node();
  disk.files["/etc/systemd/system/containerd.service.d/fragile.conf"] =
      "[Service]\nExecStartPre=/usr/bin/test ! -e /run/broken\nRestart=no\n";
  const Machine machine(disk);
  CHECK(machine.shell("touch /run/broken").status == 0);
  const auto failed = provision(machine, make_ca().pem);
  CHECK(failed.status == 69);
  CHECK(failed.err.find("the job ended as failed") != std::string::npos);
  CHECK(machine.shell("node-ca-trust provision").status == 69);
  CHECK(machine.shell("rm /run/broken && node-ca-trust provision").status == 0);
  CHECK(machine.output("systemctl is-active containerd") == "active");
}

TEST_CASE("without the D-Bus daemon all of it works") {
  auto disk = running_node();
  for (const char* unit : {"dbus.socket", "dbus.service"})
    disk.links[concat("/etc/systemd/system/", unit)] = "/dev/null";
  const Machine machine(disk);
  CHECK(machine.shell("test -e /run/dbus/system_bus_socket").status == 1);
  const auto done = provision(machine, make_ca().pem);
  CHECK_MESSAGE(done.status == 0, done.err);
  CHECK(starts_of(machine, "containerd") == "2");
}

TEST_CASE("the boot unit, restarted by hand, does not wait for those who wait for it") {
  auto disk = node_disk();
  const Machine machine(disk);
  machine.write(kBundle, make_ca().pem);
  const auto restarted = machine.shell("timeout 20 systemctl restart node-ca-trust");
  CHECK(restarted.status == 0);
  CHECK(machine.comes_true("test $(wc -l </run/containerd.starts) = 2"));
  CHECK(machine.journal("-u node-ca-trust").find("its restart waits for the unit") != std::string::npos);
  CHECK(machine.shell("node-ca-trust provision").status == 0);
  CHECK(machine.output("cat /var/lib/node-ca-trust/manifest.toml").find("[owed]") == std::string::npos);
  CHECK(starts_of(machine, "containerd") == "2");
}

TEST_CASE("others work while a consumer is restarted") {
  auto disk = running_node();
  // It takes until it is let go.
  disk.files["/etc/systemd/system/containerd.service.d/slow.conf"] =
      "[Service]\nExecStopPost=/bin/sh -c 'touch /run/restarts; while test -e /run/hold; do sleep 0.1; "
      "done'\n";
  disk.files[kConfig] = "lock_timeout_ms = 0\n";
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  std::string command = "node-ca-trust provision --from /root/one.pem";
  disk.files["/root/one.pem"] = one.pem;
  disk.files["/opt/certs/two"] = two.pem;
  SUBCASE("for provision") {}
  SUBCASE("for rotate") {
    command = "node-ca-trust rotate";
  }
  SUBCASE("for remove") {
    command = "node-ca-trust remove --all";
  }
  disk.links["/etc/systemd/system/node-ca-trust-rotate.timer"] = "/dev/null";
  disk.links["/etc/systemd/system/node-ca-trust-rotate.path"] = "/dev/null";
  const Machine machine(disk);
  if (command.ends_with("--all")) CHECK(provision(machine, one.pem).status == 0);
  const auto before = std::stoi(starts_of(machine, "containerd"));
  CHECK(machine.shell("rm -f /run/restarts; touch /run/hold").status == 0);
  CHECK(machine.shell(concat("systemd-run --unit=first ", command)).status == 0);
  REQUIRE(machine.comes_true("test -e /run/restarts"));
  CHECK(machine.output("cat /var/lib/node-ca-trust/manifest.toml").find("containerd") != std::string::npos);
  CHECK(machine.shell("node-ca-trust verify").status == 0);
  // One that would not wait an instant for the lock; it has it when it speaks to systemd, by its third
  // socket.
  CHECK(machine.shell("systemd-run --unit=second node-ca-trust provision").status == 0);
  CHECK(machine.comes_true(
      "p=$(systemctl show -p MainPID --value second); test $(ls -l /proc/$p/fd | grep -c socket:) -ge 3"));
  CHECK(machine.shell("rm /run/hold").status == 0);
  for (const char* unit : {"first", "second"}) {
    CHECK(machine.comes_true(concat("test $(systemctl show -p SubState --value ", unit, ") = dead")));
    CHECK(machine.property(concat(unit, ".service"), "Result") == "success");
  }
  CHECK(machine.shell("node-ca-trust provision").status == 0);
  CHECK(machine.output("cat /var/lib/node-ca-trust/manifest.toml").find("[owed]") == std::string::npos);
  CHECK(starts_of(machine, "containerd") == std::to_string(before + 1));
}

TEST_CASE("people without rights see what there is to see") {
  const Machine machine(running_node());
  CHECK(provision(machine, make_ca().pem).status == 0);
  const auto seen =
      machine.run({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "node-ca-trust", "status"});
  CHECK_MESSAGE(seen.status == 0, seen.err);
  CHECK(seen.out.find("consumer: containerd.service fresh") != std::string::npos);
}
