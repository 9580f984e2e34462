// Images that AgentBaker built, with packer/agentbaker/ over them: CSE, the watcher, and what the old script
// left.
#include "system/agentbaker.hpp"

#include "rotation/sync_node.hpp"
#include "support/store_view.hpp"
#include "system/image.hpp"
#include "system/sync_machine.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kOldAnchors = "/usr/local/share/ca-certificates/certs/aks-custom-";

// With packer/agentbaker/ and bake over it.
void add_ours(const Image& image) {
  const auto done = image.shell(concat("sh ", NCT_PACKER, "/agentbaker/drop-ins.sh $ROOT"));
  REQUIRE_MESSAGE(done.status == 0, done.err);
  const auto baked = image.offline("bake");
  REQUIRE_MESSAGE(baked.status == 0, baked.err);
  CHECK(image.offline("verify", "--image").status == 0);
}

// The machine on first boot: AgentBaker enables and starts its path unit.
Disk first_boot(const Image& image) {
  Disk disk{.files = {}, .links = {}};
  disk.layers = {image.changes()};
  add_stand_in(disk, "containerd");  // which is masked where a machine has none
  return disk;
}

// As CSE does it with the CA of an HTTP proxy.
Finished cse_proxy(const Machine& machine, const std::string& certificate) {
  machine.write("/run/proxy.pem", certificate);
  return machine.shell(
      "base64 -w0 /run/proxy.pem | base64 -d >/usr/local/share/ca-certificates/proxyCA.crt && "
      "update-ca-certificates || exit 161");
}

// What AgentBaker's own tests want of an Ubuntu node with custom CAs, and of the image that it was made of.
void passes_agentbakers_tests(const Machine& machine) {
  CHECK(machine.shell("ls -1 /usr/local/share/ca-certificates/certs | grep -q .").status == 0);
  CHECK(machine.shell("find /usr/local/share/ca-certificates/certs -xtype l | grep .").status == 1);
  CHECK(machine.shell("test -x /opt/scripts/update_certs.sh").status == 0);
  CHECK(
      machine.output("systemctl is-active update_certs.path; systemctl is-active update_certs.timer || :") ==
      "active\ninactive");
}

// Certificates that the machine trusts, by both ways alike.
Fingerprints trusted(const Machine& machine) {
  const auto view = view_of(*files_of(machine));
  CHECK(view.faults.empty());
  CHECK(view.bundle == view.hashed);
  return view.bundle;
}

Fingerprints with(Fingerprints before, const std::vector<TestCa>& cas) {
  for (const auto& ca : cas)
    before.insert(ca.fingerprint_hex);
  return before;
}

bool becomes(const Machine& machine, const Fingerprints& wanted) {
  for (int i = 0; i < 100; ++i) {
    // Not trusted(): in the middle of a rotation the two ways may well differ.
    const auto view = view_of(*files_of(machine));
    if (view.bundle == wanted && view.hashed == wanted && view.faults.empty()) return true;
    (void)machine.shell("sleep 0.1");
  }
  return false;
}

}  // namespace

TEST_CASE("CSE, then rotations as the watcher writes them") {
  const Image image(agentbaker_disk());
  add_ours(image);
  const Machine machine(first_boot(image));
  const auto before = trusted(machine);
  const auto ca = sync_cas();
  CHECK(machine.shell("systemctl enable update_certs.path && systemctl restart update_certs.path").status ==
        0);
  CHECK(machine.output("systemctl is-active update_certs.path node-ca-trust-rotate.path kubelet") ==
        "active\nactive\nactive");
  CHECK(machine.property("update_certs.service", "LoadError") == "");
  REQUIRE(starts_of(machine, "containerd") == "1");

  const auto began = std::chrono::steady_clock::now();
  const auto ended = cse(machine, {ca[0].pem, ca[1].pem});
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK_MESSAGE(ended.status == 0, machine.journal("-u update_certs"));
  CHECK(trusted(machine) == with(before, {ca[0], ca[1]}));
  passes_agentbakers_tests(machine);
  CHECK(took < std::chrono::seconds(5));
  settle(machine);
  CHECK(starts_of(machine, "containerd") == "2");

  // The same CAs by other names, as on every new node.
  sync(machine, "20260822151315", {ca[0], ca[1]});
  settle(machine);
  CHECK(trusted(machine) == with(before, {ca[0], ca[1]}));
  CHECK(starts_of(machine, "containerd") == "2");

  sync(machine, "20260823151315", {ca[1], ca[2]});
  CHECK(becomes(machine, with(before, {ca[1], ca[2]})));
  settle(machine);
  sync(machine, "20260824151315", {ca[3]});
  CHECK(becomes(machine, with(before, {ca[3]})));
  settle(machine);
  passes_agentbakers_tests(machine);
  CHECK(machine.output("cat /usr/local/share/ca-certificates/certs/*") ==
        machine.output("cat /usr/local/share/ca-certificates/node-ca-trust/*"));
  // The distribution's tool takes none of it for an anchor more.
  const auto store = machine.output(
      "cd /etc/ssl/certs && find . -printf '%p %y %l\\n' | sort && sha256sum ca-certificates.crt");
  CHECK(machine.shell("update-ca-certificates").status == 0);
  CHECK(machine.output(
            "cd /etc/ssl/certs && find . -printf '%p %y %l\\n' | sort && sha256sum ca-certificates.crt") ==
        store);
  sync(machine, "20260825151315", {ca[3]});
  settle(machine);
  const auto starts = starts_of(machine, "containerd");
  sync(machine, "20260826151315", {ca[3]});
  settle(machine);
  CHECK(trusted(machine) == with(before, {ca[3]}));
  CHECK(starts_of(machine, "containerd") == starts);

  // The script itself was asked once, by CSE, and to update nothing.
  CHECK(machine.output("cat /run/node-ca-trust/script") == "/tmp true");
  CHECK(machine.shell("ls -d /tmp/aks-custom-* /usr/local/share/ca-certificates/*/aks-custom-*").status != 0);
  // One start by CSE; the path unit has started it never.
  CHECK(machine.output("journalctl -u update_certs.service -o cat | grep -c ^Starting") == "1");
  CHECK(machine.output("systemctl is-active update_certs.path node-ca-trust-rotate.path") ==
        "active\nactive");
  CHECK(machine.output("systemctl --failed --no-legend --plain") == "");
}

TEST_CASE("CSE ends with 161 where it should") {
  const Image image(agentbaker_disk());
  add_ours(image);
  const Machine machine(first_boot(image));
  const auto ca = make_ca();
  SUBCASE("a directory that others can write") {
    CHECK(machine.shell("chmod 777 /opt/certs").status == 0);
    CHECK(cse(machine, {ca.pem}).status == 161);
    CHECK(machine.property("update_certs.service", "ExecMainStatus") == "65");
    CHECK(machine.shell("chmod 755 /opt/certs").status == 0);
    CHECK(cse(machine, {ca.pem}).status == 0);
    CHECK(trusts(machine, ca));
  }
  SUBCASE("a configuration that is wrong") {
    machine.write("/etc/node-ca-trust/config.d/90.toml", "[nonsense]\n");
    CHECK(cse(machine, {ca.pem}).status == 161);
    CHECK(machine.property("update_certs.service", "ExecMainStatus") == "78");
  }
  SUBCASE("one bad certificate is none of it by default, and is where the configuration says so") {
    CHECK(cse(machine, {ca.pem, "junk"}).status == 0);
    CHECK(trusts(machine, ca));
    machine.write("/etc/node-ca-trust/config.d/90.toml", "[policy.rotate]\nrejected = \"fail\"\n");
    CHECK(cse(machine, {ca.pem, "junk"}).status == 161);
    CHECK(trusts(machine, ca));
  }
  SUBCASE("the script whose place we take, replaced by one that fails") {
    machine.write("/opt/scripts/update_certs.sh", "#!/bin/bash\nexit 1\n");
    CHECK(machine.shell("chmod 755 /opt/scripts/update_certs.sh").status == 0);
    CHECK(cse(machine, {ca.pem}).status == 161);
    CHECK(machine.journal("-u update_certs")
              .contains("/opt/scripts/update_certs.sh fails, with exit status 1"));
    CHECK(machine.shell("rm /opt/scripts/update_certs.sh").status == 0);
    CHECK(cse(machine, {ca.pem}).status == 0);
  }
  SUBCASE("the proxy's CA comes before the others, and stays") {
    const auto proxy = make_ca({.common_name = "Proxy"});
    CHECK(machine.shell("systemctl enable --now update_certs.path").status == 0);
    CHECK(cse_proxy(machine, proxy.pem).status == 0);
    CHECK(cse(machine, {ca.pem}).status == 0);
    CHECK(trusts(machine, proxy));
    CHECK(trusts(machine, ca));
    passes_agentbakers_tests(machine);
  }
  SUBCASE("again and again is no reason") {
    for (int i = 0; i < 8; ++i)
      CHECK(cse(machine, {ca.pem}).status == 0);
  }
}

TEST_CASE("what the old script has installed is adopted, or removed") {
  const auto stays = make_ca({.common_name = "Stays"});
  const auto left = make_ca({.common_name = "Left long ago"});
  auto disk = agentbaker_disk();
  disk.files[concat(kOldAnchors, "20260101000000ca1.crt")] = stays.pem;
  disk.files[concat(kOldAnchors, "20260101000000ca2.crt")] = left.pem;
  disk.files["/usr/local/share/ca-certificates/proxyCA.crt"] = make_ca({.common_name = "Proxy"}).pem;
  const Image image(disk);
  REQUIRE(image.shell("env -i PATH=/usr/sbin:/usr/bin chroot $ROOT update-ca-certificates").status == 0);
  add_ours(image);
  const Machine machine(first_boot(image));
  const auto before = trusted(machine);
  REQUIRE(before.contains(stays.fingerprint_hex));
  REQUIRE(before.contains(left.fingerprint_hex));

  // A directory that is not there says nothing.
  CHECK(machine.shell("rmdir /opt/certs && systemctl restart update_certs.service").status == 0);
  CHECK(trusted(machine) == before);

  machine.write("/run/ca1.pem", stays.pem);
  CHECK(machine
            .shell("mkdir /opt/certs && cat /run/ca1.pem >/opt/certs/20260101000000ca1.crt && "
                   "systemctl restart update_certs.service")
            .status == 0);
  auto after = before;
  after.erase(left.fingerprint_hex);
  CHECK(trusted(machine) == after);
  CHECK(
      machine.output(
          "cd /usr/local/share/ca-certificates && echo * && ls certs | grep -c -v '^node-ca-trust-' || :") ==
      "certs node-ca-trust proxyCA.crt\n0");
  CHECK(machine.shell("node-ca-trust verify").status == 0);
  CHECK(machine.journal("-u update_certs")
            .contains("removing /usr/local/share/ca-certificates/certs/aks-custom-"));
  // Now it is of rotation alone.
  CHECK(machine.shell("rm /opt/certs/*").status == 0);
  after.erase(stays.fingerprint_hex);
  CHECK(becomes(machine, after));
}

TEST_CASE("a copy of the old script's stays while its new file is faulty, or another one is") {
  const auto rotten = make_ca({.common_name = "Its new file is faulty"});
  const auto good = make_ca({.common_name = "Its new file is good"});
  const auto gone = make_ca({.common_name = "Nobody speaks of it"});
  const auto pair = make_ca({.common_name = "Half of a file"});
  auto disk = agentbaker_disk();
  disk.files[concat(kOldAnchors, "20260101000000ca1.crt")] = rotten.pem;
  disk.files[concat(kOldAnchors, "20260101000000ca2.crt")] = good.pem;
  disk.files[concat(kOldAnchors, "20260101000000ca3.crt")] = gone.pem;
  disk.files[concat(kOldAnchors, "20260101000000ca4.crt")] = good.pem + pair.pem;
  const Image image(disk);
  REQUIRE(image.shell("env -i PATH=/usr/sbin:/usr/bin chroot $ROOT update-ca-certificates").status == 0);
  add_ours(image);
  const Machine machine(first_boot(image));
  machine.write("/run/ca1.pem", rotten.pem.substr(0, rotten.pem.size() / 2));
  machine.write("/run/ca2.pem", good.pem);
  const auto left = [&] {
    return machine.output(
        "cd /usr/local/share/ca-certificates/certs && ls | sed -n 's/^aks-custom-[0-9]*//p'");
  };
  CHECK(machine
            .shell("for n in 1 2; do cat /run/ca$n.pem >/opt/certs/20260822151315ca$n.crt; done; "
                   "systemctl restart update_certs.service")
            .status == 0);
  CHECK(left() == "ca1.crt\nca3.crt\nca4.crt");
  for (const auto& ca : {rotten, good, gone})
    CHECK(trusts(machine, ca));
  CHECK(machine.journal("-u update_certs")
            .contains("aks-custom-20260101000000ca3.crt stays: a file in /opt/certs is faulty"));

  // Once it is right, ours takes over; what nobody speaks of goes when the directory has rested, and it does
  // not as long as something changes there.
  machine.write("/run/ca1.pem", rotten.pem);
  CHECK(
      machine
          .shell(
              "systemd-run --quiet --unit=busy sh -c 'while :; do chmod 644 /opt/certs/*; sleep 1; done' && "
              "cat /run/ca1.pem >/opt/certs/20260822151315ca1.crt && "
              "systemctl restart --no-block update_certs.service")
          .status == 0);
  CHECK(machine.comes_true("cd /usr/local/share/ca-certificates/certs && ! ls | grep -q ca1.crt"));
  (void)machine.shell("sleep 2");
  CHECK(left() == "ca3.crt\nca4.crt");
  CHECK(trusts(machine, gone));
  CHECK(machine.shell("systemctl stop busy").status == 0);
  CHECK(machine.comes_true("systemctl is-active update_certs.service | grep -qx inactive",
                           std::chrono::seconds(60)));
  CHECK(left().empty());
  CHECK(trusts(machine, rotten));
  CHECK(trusts(machine, good));
  CHECK_FALSE(trusts(machine, gone));
  CHECK(machine.shell("node-ca-trust verify").status == 0);
}
