// A first boot and rotations where p11-kit makes the store, in the sandbox of the services.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// How many of the views for servers hold `ca`, by the tools that people look with.
std::string views_with(const Machine& machine, const TrustLayout& layout, const TestCa& ca) {
  std::string found;
  const auto holds = [&](const std::string& name, const std::string& line) {
    if (machine.run({"/bin/sh", "-c", line}, ca.pem).status == 0) found += name + " ";
  };
  const std::string last_line = "$(tail -n 2 | head -n 1)";
  const auto file_holds = [&](const std::string& name, const std::string& path) {
    holds(name, "grep -qF -- \"" + last_line + "\" " + path);
  };
  file_holds("tls", layout.bundle);
  file_holds("link", "/etc/ssl/certs/ca-certificates.crt");
  file_holds("suse-link", "/etc/ssl/ca-bundle.pem");
  if (!layout.mail.empty()) file_holds("mail", layout.mail);
  holds("openssl", "openssl verify -CAfile " + layout.bundle + " /dev/stdin");
  holds("hashed", "openssl verify -no-CAfile -CApath /etc/ssl/certs /dev/stdin");
  holds("trusted", "openssl verify -no-CAfile -CApath /var/lib/ca-certificates/openssl /dev/stdin");
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

// SUSE's own tool, as far as its views go, and the units that start it when the anchors change.
void add_suse_tool(Disk& disk) {
  disk.files["/usr/sbin/update-ca-certificates"] = R"(#!/bin/sh
set -e
views=/var/lib/ca-certificates
chmod 0755 $views
[ -n "$LOCKED" ] || LOCKED=1 exec flock $views "$0"
trust extract --overwrite --filter=ca-anchors --format=java-cacerts --purpose=server-auth $views/java-cacerts
trust extract --overwrite --filter=ca-anchors --format=openssl-directory $views/openssl
trust extract --overwrite --filter=ca-anchors --format=pem-directory-hash --purpose=server-auth $views/pem
trust extract --overwrite --filter=ca-anchors --format=pem-bundle --purpose=server-auth $views/tmp
{ echo '# made by the tool of this machine'; cat $views/tmp; } >$views/new
chmod 0444 $views/new
rm -f $views/tmp
mv $views/new $views/ca-bundle.pem
chmod 0555 $views
echo ran >>/run/tool.runs
)";
  disk.files["/etc/systemd/system/ca-certificates.service"] =
      "[Service]\nType=oneshot\nExecStart=/usr/sbin/update-ca-certificates\n";
  disk.files["/etc/systemd/system/ca-certificates.path"] =
      "[Unit]\nAfter=local-fs.target\n[Path]\nPathChanged=/etc/pki/trust/anchors\n";
  disk.links["/etc/systemd/system/default.target.wants/ca-certificates.path"] =
      "/etc/systemd/system/ca-certificates.path";
}

void check_life(const std::string& family, const std::string& all_views) {
  CAPTURE(family);
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), family, 20);
  const auto& layout = node.layout();
  const auto holds_now = [&](const TestCa& ca) {  // by a line of its signature, which no other has
    const auto lines = lines_of(ca.pem);
    return concat("grep -qxF -- '", lines[lines.size() - 3], "' ", layout.bundle);
  };
  const auto delivered = make_ca({.common_name = "Delivered"});
  const auto first = make_ca({.common_name = "First"});
  const auto second = make_ca({.common_name = "Second"});
  auto disk = disk_of(node);
  disk.files[kBundle] = delivered.pem;
  if (family == "suse") add_suse_tool(disk);
  const Machine machine(disk);
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd") == "active\nactive\nactive");
  CHECK_MESSAGE(views_with(machine, layout, delivered) == all_views, machine.journal("-u node-ca-trust"));
  CHECK(std::stoull(machine.property("kubelet.service", "ExecMainStartTimestampMonotonic")) >=
        std::stoull(machine.property("node-ca-trust.service", "ExecMainExitTimestampMonotonic")));

  machine.write("/opt/certs/first.crt", first.pem);
  CHECK(machine.comes_true(holds_now(first)));
  CHECK(views_with(machine, layout, first) == all_views);
  machine.write("/opt/certs/second.crt", second.pem);
  CHECK(machine.shell("rm /opt/certs/first.crt").status == 0);
  CHECK(machine.comes_true(holds_now(second)));
  CHECK(machine.comes_true("! " + holds_now(first)));
  CHECK(machine.comes_true("! systemctl is-active node-ca-trust-rotate.service"));
  CHECK(views_with(machine, layout, second) == all_views);
  CHECK(views_with(machine, layout, first) == "");
  CHECK(views_with(machine, layout, delivered) == all_views);
  const auto verified = machine.shell("node-ca-trust verify");
  CHECK_MESSAGE(verified.status == 0, verified.out, machine.journal("-u node-ca-trust-rotate"));

  const auto removed = machine.shell("systemctl stop node-ca-trust-rotate.path; node-ca-trust remove --all");
  CHECK_MESSAGE(removed.status == 0, removed.out, removed.err);
  for (const auto* ca : {&delivered, &first, &second})
    CHECK(views_with(machine, layout, *ca) == "");
  CHECK(machine.output("ls -A " + layout.anchors()) == "");
  if (family != "suse") return;

  // Its own tool has run beside, after our changes, and changes nothing more.
  CHECK(machine.comes_true("! systemctl is-active ca-certificates.service"));
  CHECK(std::stoul(machine.output("wc -l </run/tool.runs")) > 2);
  const std::string state =
      "cd /var/lib/ca-certificates && stat -c %a . && find . ! -name java-cacerts -type f -exec sha256sum {} "
      "+ "
      "-o -type l -printf '%p %l\\n' | sort";
  const auto before = machine.output(state);
  CHECK(before.starts_with("555\n"));
  CHECK(machine.shell("update-ca-certificates").status == 0);
  CHECK(machine.output(state) == before);
  machine.write("/run/late.pem", delivered.pem);
  const auto refused = machine.shell("TRANSACTIONAL_UPDATE=yes node-ca-trust provision --from /run/late.pem");
  CHECK(refused.status == 75);
  CHECK_MESSAGE(refused.err.contains("a snapshot of the system is being made (TRANSACTIONAL_UPDATE)"),
                refused.err);
  CHECK(machine.output(state) == before);
  CHECK(machine.output("ls -A " + layout.anchors()) == "");
  CHECK(machine.shell("node-ca-trust provision --from /run/late.pem").status == 0);
}

}  // namespace

TEST_CASE("Azure Linux 3: trusted when kubelet starts, rotated, removed") {
  check_life("azurelinux3", "tls link mail openssl p11-kit ");
}

TEST_CASE("Fedora 43: trusted when kubelet starts, rotated, removed") {
  check_life("fedora43", "tls link mail openssl hashed p11-kit ");
}

TEST_CASE("SUSE: trusted when kubelet starts, rotated, removed, beside its own tool") {
  check_life("suse", "tls suse-link openssl hashed trusted p11-kit ");
}
