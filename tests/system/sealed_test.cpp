// The product where /usr is sealed: installed from the archive, provisioned, rotated, upgraded, removed.
#include "p11kit/trust_node.hpp"
#include "support/scratch.hpp"
#include "system/image.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kProgram = "/opt/node-ca-trust/bin/node-ca-trust";
constexpr const char* kInstall = "sh /root/archive/usr/share/node-ca-trust/install.sh";

// A root of Azure Linux 3 as its Azure Container Linux is, with the archive unpacked in it.
class Sealed {
 public:
  Sealed() : node_((scratch_.path() / "root").string(), "azurelinux3", 20) {
    const auto archive = (scratch_.path() / "archive").string();
    must({"mkdir", "-p", archive + "/root"});
    must({"cp", "-a", NCT_PRODUCT, archive + "/root/archive"});
    disk.product = false;
    disk.sealed_usr = true;
    disk.layers = {archive, node_.directory()};
    disk.files["/etc/os-release"] = "ID=azurelinux\nVERSION_ID=3.0\nVARIANT_ID=azurecontainerlinux\n";
    disk.files["/opt/certs/.keep"] = "";
    disk.files["/etc/node-ca-trust/config.d/50-times.toml"] =
        "[rotation]\nsettle_ms = 200\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n";
    add_stand_in(disk, "containerd");
    add_stand_in(disk, "kubelet", "[Unit]\nStartLimitIntervalSec=0\n");
  }

  Disk disk;

 private:
  static void must(std::vector<std::string> argv) {
    if (run({.argv = std::move(argv)}).status != 0) throw std::runtime_error("no archive");
  }

  Scratch scratch_;
  TrustNode node_;
};

bool holds(const Machine& machine, const TestCa& ca) {
  return machine
             .run({"openssl", "verify", "-no-CApath", "-CAfile", "/etc/ssl/certs/ca-certificates.crt",
                   "/dev/stdin"},
                  ca.pem)
             .status == 0;
}

// What is below /etc but for the views, which tell when they were made, and for what systemd itself notes.
std::string etc_of(const Machine& machine) {
  return machine.output(
      "cd / && find etc -path etc/pki/ca-trust/extracted -prune -o ! -name machine-id -printf '%p %y %m "
      "%l\\n'"
      " | sort");
}

}  // namespace

TEST_CASE("an image whose /usr is sealed from then on passes the gate, and without its units does not") {
  Sealed sealed;
  const Image image(sealed.disk);
  const auto inside = [&](const std::string& line) {
    return image.shell(concat("env -i PATH=/usr/sbin:/usr/bin chroot $ROOT ", line));
  };
  REQUIRE(inside(kInstall).status == 0);
  const auto baked = inside(concat(kProgram, " bake"));
  REQUIRE_MESSAGE(baked.status == 0, baked.out, baked.err);
  const auto passed = inside(concat(kProgram, " verify --image"));
  CHECK_MESSAGE(passed.status == 0, passed.out, passed.err);
  const auto offline = image.offline("verify", "--image");
  CHECK_MESSAGE(offline.status == 0, offline.out, offline.err);

  const std::string unit = "/etc/systemd/system/node-ca-trust.service";
  CHECK(image.shell(concat("sed -i s,=/opt/node-ca-trust/bin,=/usr/bin, $ROOT", unit)).status == 0);
  const auto changed = image.offline("verify", "--image");
  CHECK(changed.status == 1);
  CHECK_MESSAGE(changed.out.contains("not '/opt/node-ca-trust/bin/node-ca-trust provision'"), changed.out);
}

TEST_CASE("where /usr is sealed, the archive's program provisions, rotates, is upgraded, and goes") {
  const auto delivered = make_ca({.common_name = "Delivered"});
  const auto rotated = make_ca({.common_name = "Rotated"});
  Sealed sealed;
  sealed.disk.files[kBundle] = delivered.pem;
  Machine machine(sealed.disk);
  CHECK(machine.shell("touch /usr/written").status != 0);
  const auto before = etc_of(machine);
  const auto installed = machine.shell(kInstall);
  REQUIRE_MESSAGE(installed.status == 0, installed.err);
  CHECK(machine.output("systemctl is-enabled node-ca-trust") == "enabled");
  CHECK(machine.output("systemctl is-active node-ca-trust || :") == "inactive");

  machine.reboot();
  CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd") == "active\nactive\nactive");
  CHECK_MESSAGE(holds(machine, delivered), machine.journal("-u node-ca-trust"));
  CHECK(std::stoull(machine.property("kubelet.service", "ExecMainStartTimestampMonotonic")) >=
        std::stoull(machine.property("node-ca-trust.service", "ExecMainExitTimestampMonotonic")));
  machine.write("/opt/certs/rotated.crt", rotated.pem);
  CHECK(machine.comes_true("grep -q Rotated /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"));
  CHECK(machine.comes_true("! systemctl is-active node-ca-trust-rotate.service"));
  CHECK(holds(machine, rotated));

  CHECK(machine.shell("systemctl disable node-ca-trust").status == 0);
  const auto decided = etc_of(machine);
  CHECK(machine.shell(kInstall).status == 0);
  CHECK(etc_of(machine) == decided);
  CHECK(machine.output("systemctl is-active node-ca-trust-rotate.path") == "active");
  CHECK(machine.shell(concat(kProgram, " verify")).status == 0);

  const auto removed = machine.shell(concat(kInstall, " --remove"));
  REQUIRE_MESSAGE(removed.status == 0, removed.out, removed.err);
  CHECK_FALSE(holds(machine, delivered));
  CHECK_FALSE(holds(machine, rotated));
  CHECK(etc_of(machine) == before);
  CHECK(machine.shell("test -e /opt/node-ca-trust || test -e /var/lib/node-ca-trust").status == 1);
  CHECK(machine.output("systemctl list-units --plain --no-legend --all 'node-ca-trust*'") == "");
  CHECK(machine.output("systemctl is-active kubelet containerd") == "active\nactive");
}
