// Azure Linux 3 and Azure Container Linux as AgentBaker builds them, with packer/agentbaker/ over them.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/agentbaker.hpp"
#include "system/image.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kShipped = "/usr/share/pki/ca-trust-source/anchors";

std::string views_with(const Machine& machine, const TestCa& ca) {
  const auto held = [&](const std::string& view) {
    return machine.run({"openssl", "verify", "-no-CApath", "-CAfile", view, "/dev/stdin"}, ca.pem).status ==
           0;
  };
  std::string found;
  for (const auto* view : {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                           "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.trust.crt"})
    if (held(view)) found += 'v';
  return found;
}

// A life with AgentBaker's: `install` puts what is to be installed into $ROOT/tmp/given.
void check_life(const std::string& variant, const std::string& anchors, const std::string& install,
                bool sealed) {
  CAPTURE(variant);
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), "azurelinux3", 20);
  const auto adopted = make_ca({.common_name = "Adopted"});
  const auto left = make_ca({.common_name = "Left long ago"});
  std::ofstream(concat(node.directory(), anchors, "/aks-custom-20260101000000ca1.crt")) << adopted.pem;
  std::ofstream(concat(node.directory(), anchors, "/aks-custom-20260101000000ca2.crt")) << left.pem;
  REQUIRE(node.update_ca_trust() == "");
  auto disk = agentbaker_disk(anchors, "update-ca-trust");
  disk.product = false;
  disk.layers = {node.directory()};
  disk.files["/etc/os-release"] = concat("ID=azurelinux\nVERSION_ID=3.0\n", variant);
  const Image image(disk);
  const auto installed = image.shell(concat(
      "set -e; cp -r ", NCT_PACKER, " $ROOT/tmp/packer; mkdir $ROOT/tmp/given; ", install,
      "; env -i PATH=/usr/sbin:/usr/bin chroot $ROOT sh /tmp/packer/agentbaker/install.sh /tmp/given"));
  REQUIRE_MESSAGE(installed.status == 0, installed.out, installed.err);

  Disk booted{.product = false};
  booted.sealed_usr = sealed;
  booted.layers = {image.changes(), node.directory()};
  add_stand_in(booted, "containerd");
  const Machine machine(booted);
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path kubelet") == "active\nactive");
  CHECK(machine.shell("systemctl enable --now update_certs.path").status == 0);
  const auto fresh = make_ca({.common_name = "Fresh"});
  CHECK_MESSAGE(cse(machine, {adopted.pem, fresh.pem}).status == 0, machine.journal("-u update_certs"));
  CHECK(views_with(machine, fresh) == "vvv");
  CHECK(views_with(machine, adopted) == "vvv");
  // What AgentBaker's own tests want.
  CHECK(machine.shell(concat("ls -A ", anchors, " | grep -q .")).status == 0);
  CHECK(machine.shell("test -e /etc/ssl/certs/ca-certificates.crt").status == 0);
  settle(machine);
  CHECK_MESSAGE(machine.output(concat("ls ", anchors, " | grep -c aks-custom || :")) == "0",
                machine.journal("-u update_certs"));
  CHECK(views_with(machine, left) == "");
  CHECK(views_with(machine, adopted) == "vvv");

  const auto next = make_ca({.common_name = "Next"});
  sync(machine, "20260823151315", {next});
  CHECK(machine.comes_true("grep -q Next /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
  settle(machine);
  CHECK(views_with(machine, next) == "vvv");
  CHECK(views_with(machine, fresh) == "");
  CHECK(machine.shell(concat("ls -A ", anchors, " | grep -q .")).status == 0);
  const auto verified = machine.shell("PATH=$PATH:/opt/node-ca-trust/bin node-ca-trust verify");
  CHECK_MESSAGE(verified.status == 0, verified.out);
  CHECK(machine.output("cat /run/node-ca-trust/script") == "/tmp true");
  CHECK(machine.output("systemctl --failed --no-legend --plain") == "");
}

}  // namespace

TEST_CASE("Azure Linux 3: the .rpm, CSE, a rotation, and what the old script left") {
  check_life("", kShipped,
             concat("cp ", NCT_PACKAGES, "/system.rpm $ROOT/tmp; chroot $ROOT rpm -U /tmp/system.rpm; cp ",
                    NCT_PACKAGES, "/old.rpm $ROOT/tmp/given/node-ca-trust.rpm"),
             false);
}

TEST_CASE(
    "Azure Container Linux: the archive below a sealed /usr, CSE, a rotation, what the old script left") {
  check_life("VARIANT_ID=azurecontainerlinux\n", kTrustAnchors,
             concat("tar -czf $ROOT/tmp/given/node-ca-trust.tar.gz -C ", NCT_PRODUCT, "/.. product"), true);
}
