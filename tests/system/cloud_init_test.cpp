// First boots with real cloud-init: the bundle arrives in user data that make-user-data.sh made. Then the
// node's life goes on: a rotation, a reboot after which nothing of what was delivered is there any more, and
// a pull.
#include "support/scratch.hpp"
#include "system/registry.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <stdexcept>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

// What does not concern us takes most of cloud-init's time. These are in its own order.
constexpr const char* kModules =
    "datasource_list: [NoCloud]\n"
    "locale: false\n"
    "users: []\n"
    "network: {config: disabled}\n"
    "cloud_init_modules: [bootcmd, write-files]\n"
    "cloud_config_modules: [runcmd]\n"
    "cloud_final_modules: [write-files-deferred, scripts-user, final-message]\n";

std::string user_data(const std::string& form, const std::string& bundle) {
  const Scratch scratch;
  const auto file = scratch.path() / "bundle.pem";
  std::ofstream(file) << bundle;
  const auto made = nct::test::run({.argv = {"bash", NCT_MAKE_USER_DATA, form, file.string()}});
  if (made.status != 0) throw std::runtime_error(made.err);
  return made.out;
}

// A node that boots for the first time, with that user data; an image in which provisioning is enabled, or
// not. Its registry has a certificate of `ca`.
Disk first_boot(const std::string& data, bool enabled, const TestCa& ca) {
  auto disk = node_disk();
  add_registry(disk, ca);
  disk.files["/etc/node-ca-trust/config.d/50-times.toml"] =
      "[rotation]\nsettle_ms = 200\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n";
  if (!enabled) disk.links.erase("/etc/systemd/system/multi-user.target.wants/node-ca-trust.service");
  disk.cloud_init = true;
  disk.files["/etc/cloud/cloud.cfg.d/98-modules.cfg"] = kModules;
  disk.files["/var/lib/cloud/seed/nocloud/meta-data"] = "instance-id: first\n";
  disk.files["/var/lib/cloud/seed/nocloud/user-data"] = data;
  // What kubelet trusts when it starts.
  add_stand_in(disk, "kubelet",
               "ExecStartPre=/bin/sh -c 'cp /etc/ssl/certs/ca-certificates.crt /run/at-start.crt'\n");
  return disk;
}

// Rotates, boots again with bundle, user data and sync directory gone, and pulls.
void lives_on(Machine& machine, const std::vector<TestCa>& delivered) {
  const auto synced = make_ca({.common_name = "Synced"});
  machine.write("/opt/certs/20260822151315ca1.crt", synced.pem);
  CHECK(
      machine.comes_true("node-ca-trust status | grep 'anchor CN=Synced' && "
                         "systemctl is-active node-ca-trust-rotate | grep -qx inactive"));
  CHECK(trusts(machine, synced));

  CHECK(machine.shell(concat("rm -r ", kBundle, " /opt/certs && touch /etc/cloud/cloud-init.disabled"))
            .status == 0);
  machine.reboot();
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path kubelet") == "active\nactive");
  CHECK(machine.shell(concat("test -e ", kBundle)).status == 1);
  for (const auto& ca : delivered)
    CHECK(trusts(machine, ca));
  CHECK(trusts(machine, synced));
  CHECK(machine.shell("cmp /run/at-start.crt /etc/ssl/certs/ca-certificates.crt").status == 0);
  CHECK(starts_of(machine, "containerd") == "1");
  CHECK(machine.shell("node-ca-trust verify").status == 0);

  const auto pushed = push(machine);
  CHECK_MESSAGE(pushed.status == 0, pushed.err);
  const auto pulled = machine.shell("/usr/local/bin/pull");
  CHECK_MESSAGE(succeeds(pulled), pulled.out, pulled.err);
}

}  // namespace

TEST_CASE(
    "user data that is there before services start: trusted from the first start on, nothing restarted") {
  struct Form {
    const char* name;
    bool enabled;
  };
  for (const auto& [name, enabled] :
       {Form{"write-files", true}, Form{"compressed", true}, Form{"compressed-der", true},
        Form{"boothook", false}, Form{"multipart", false}}) {
    CAPTURE(name);
    const auto one = make_ca({.common_name = "One"});
    const auto two = make_ca({.common_name = "Two"});
    Machine machine(first_boot(user_data(name, one.pem + two.pem), enabled, one));
    const auto done = machine.shell("cloud-init status --wait --long");
    CHECK_MESSAGE(done.status == 0, done.out);
    CHECK(trusts(machine, one));
    CHECK(trusts(machine, two));
    CHECK(machine.shell("cmp /run/at-start.crt /etc/ssl/certs/ca-certificates.crt").status == 0);
    CHECK(starts_of(machine, "containerd") == "1");
    CHECK(machine.comes_true("systemctl is-active node-ca-trust-rotate.path"));
    CHECK(machine.console().find("ordering cycle") == std::string::npos);
    lives_on(machine, {one, two});
  }
}

TEST_CASE("user data that comes after services have started: the containerd that runs is restarted, once") {
  for (const char* name : {"runcmd", "custom-data"}) {
    CAPTURE(name);
    const auto ca = make_ca();
    Machine machine(first_boot(user_data(name, ca.pem), false, ca));
    const auto done = machine.shell("cloud-init status --wait --long");
    CHECK_MESSAGE(done.status == 0, done.out);
    CHECK(trusts(machine, ca));
    CHECK(starts_of(machine, "containerd") == "2");
    CHECK(starts_of(machine, "kubelet") == "1");
    CHECK(machine.output("systemctl is-enabled node-ca-trust") == "enabled");
    CHECK(machine.comes_true("systemctl is-active node-ca-trust-rotate.path"));
    CHECK(machine.console().find("ordering cycle") == std::string::npos);
    lives_on(machine, {ca});
  }
}
