// The unit files, as systemd itself judges them, in the tree in which they are installed.
#include "support/process.hpp"
#include "system/machine.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// Of systemd-analyze verify: nothing, where all is well.
std::string objections(const Tree& tree, const std::string& units) {
  const auto verified = nct::test::run(
      {.argv = {"/bin/sh", "-c",
                concat("systemd-analyze verify --man=no --root=", tree.path().string(), " ", units)}});
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
