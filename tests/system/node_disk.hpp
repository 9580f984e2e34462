// Disks of nodes: stand-ins for what a node runs, cheap and exact about when they start.
#pragma once

#include "support/certificates.hpp"
#include "system/machine.hpp"

#include <string>

#include "base/text.hpp"

namespace nct::test {

constexpr const char* kBundle = "/etc/node-ca-trust/bundle.pem";
constexpr const char* kConfig = "/etc/node-ca-trust/config.toml";

// A service that notes each of its starts in /run/<name>.starts, and then runs; enabled for boot.
inline void add_stand_in(Disk& disk, const std::string& name, const std::string& more = {}) {
  const auto unit = concat("/etc/systemd/system/", name, ".service");
  disk.files[unit] =
      concat("[Service]\nExecStart=sleep infinity\nExecStartPost=/bin/sh -c 'echo started >>/run/", name,
             ".starts'\nRestart=always\nRestartSec=1\n", more, "[Install]\nWantedBy=multi-user.target\n");
  disk.links[concat("/etc/systemd/system/multi-user.target.wants/", name, ".service")] = unit;
}

// A node as it boots: provisioning enabled, containerd and kubelet stood in for.
inline Disk node_disk() {
  Disk disk{.files = {}, .links = provisioning_enabled()};
  add_stand_in(disk, "containerd");
  // As kubeadm has it: kubelet is started again and again, until it stays.
  add_stand_in(disk, "kubelet", "[Unit]\nStartLimitIntervalSec=0\n");
  return disk;
}

// How often a stand-in was started.
inline std::string starts_of(const Machine& machine, const std::string& name) {
  return machine.output(concat("cat /run/", name, ".starts 2>/dev/null | wc -l"));
}

// Whether the machine's store holds `ca`, found as OpenSSL finds it, in the bundle and by the hash directory.
inline bool trusts(const Machine& machine, const TestCa& ca) {
  machine.write("/run/ca.pem", ca.pem);
  return machine
             .shell(
                 "openssl verify -no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt /run/ca.pem && "
                 "openssl verify -no-CAfile -CApath /etc/ssl/certs /run/ca.pem")
             .status == 0;
}

}  // namespace nct::test
