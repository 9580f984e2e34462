// A first boot and rotations where p11-kit makes the store, in the sandbox of the services.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

// How many of the views for servers hold `ca`, by the tools that people look with.
std::string views_with(const Machine& machine, const TestCa& ca) {
  std::string found;
  const auto holds = [&](const std::string& name, const std::string& line) {
    if (machine.run({"/bin/sh", "-c", line}, ca.pem).status == 0) found += name + " ";
  };
  const std::string last_line = "$(tail -n 2 | head -n 1)";
  holds("tls", "grep -qF -- \"" + last_line + "\" /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
  holds("link", "grep -qF -- \"" + last_line + "\" /etc/ssl/certs/ca-certificates.crt");
  holds("mail", "grep -qF -- \"" + last_line + "\" /etc/pki/ca-trust/extracted/pem/email-ca-bundle.pem");
  holds("openssl", "openssl verify -CAfile /etc/pki/tls/cert.pem /dev/stdin");
  holds("hashed", "openssl verify -no-CAfile -CApath /etc/pki/tls/certs /dev/stdin");
  holds("p11-kit",
        "name=$(openssl x509 -noout -subject -nameopt multiline | sed -n 's/.*commonName *= //p'); "
        "trust list --filter=ca-anchors --purpose=server-auth | grep -q \"label: $name\\$\"");
  return found;
}

Disk disk_of(const TrustNode& node) {
  auto disk = node_disk();
  disk.layers = {node.directory()};
  disk.files["/opt/certs/.keep"] = "";
  disk.files["/etc/node-ca-trust/config.d/50-times.toml"] =
      "[rotation]\nsettle_ms = 200\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n";
  return disk;
}

void check_life(const std::string& family, const std::string& all_views) {
  CAPTURE(family);
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), family, 20);
  const auto delivered = make_ca({.common_name = "Delivered"});
  const auto first = make_ca({.common_name = "First"});
  const auto second = make_ca({.common_name = "Second"});
  auto disk = disk_of(node);
  disk.files[kBundle] = delivered.pem;
  const Machine machine(disk);
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd") == "active\nactive\nactive");
  CHECK_MESSAGE(views_with(machine, delivered) == all_views, machine.journal("-u node-ca-trust"));
  CHECK(std::stoull(machine.property("kubelet.service", "ExecMainStartTimestampMonotonic")) >=
        std::stoull(machine.property("node-ca-trust.service", "ExecMainExitTimestampMonotonic")));

  machine.write("/opt/certs/first.crt", first.pem);
  CHECK(machine.comes_true("grep -q First /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
  CHECK(views_with(machine, first) == all_views);
  machine.write("/opt/certs/second.crt", second.pem);
  CHECK(machine.shell("rm /opt/certs/first.crt").status == 0);
  CHECK(machine.comes_true("grep -q Second /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
  CHECK(machine.comes_true("! grep -q First /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
  CHECK(machine.comes_true("! systemctl is-active node-ca-trust-rotate.service"));
  CHECK(views_with(machine, second) == all_views);
  CHECK(views_with(machine, first) == "");
  CHECK(views_with(machine, delivered) == all_views);
  const auto verified = machine.shell("node-ca-trust verify");
  CHECK_MESSAGE(verified.status == 0, verified.out, machine.journal("-u node-ca-trust-rotate"));

  const auto removed = machine.shell("systemctl stop node-ca-trust-rotate.path; node-ca-trust remove --all");
  CHECK_MESSAGE(removed.status == 0, removed.out, removed.err);
  for (const auto* ca : {&delivered, &first, &second})
    CHECK(views_with(machine, *ca) == "");
  CHECK(machine.output("ls -A /etc/pki/ca-trust/source/anchors") == "");
}

}  // namespace

TEST_CASE("Azure Linux 3: trusted when kubelet starts, rotated, removed") {
  check_life("azurelinux3", "tls link mail openssl p11-kit ");
}

TEST_CASE("Fedora 43: trusted when kubelet starts, rotated, removed") {
  check_life("fedora43", "tls link mail openssl hashed p11-kit ");
}
