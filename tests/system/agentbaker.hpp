// Nodes that AgentBaker built images for: its units and the steps of CSE, after what is known of them.
#pragma once

#include "support/certificates.hpp"
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace nct::test {

// The image as AgentBaker leaves it, where its script installs into `anchors`, and then runs `command`. Its
// script copies and then runs what it is told to; that it ran, and with what, is written down where the
// service can write.
inline Disk agentbaker_disk(const std::string& anchors = "/usr/local/share/ca-certificates/certs",
                            const std::string& command = "update-ca-certificates -f") {
  Disk disk;
  add_stand_in(disk, "containerd");
  add_stand_in(disk, "kubelet", "[Unit]\nStartLimitIntervalSec=0\n");
  disk.files["/opt/scripts/update_certs.sh"] =
      "#!/bin/sh\necho \"$@\" >>/run/node-ca-trust/script\n"
      "for f in /opt/certs/*; do cp -a $f $1/aks-custom-${f##*/}; done\n$2\n";
  disk.files["/etc/systemd/system/update_certs.service"] =
      "[Unit]\nDescription=Updates certificates copied from AKS DS\n[Service]\nType=oneshot\nRestartSec=5\n"
      "ExecStart=/opt/scripts/update_certs.sh " +
      anchors + " \"" + command + "\"\n[Install]\nWantedBy=multi-user.target\n";
  disk.files["/etc/systemd/system/update_certs.path"] =
      "[Unit]\nDescription=Watches for changes of certificates\n[Path]\nPathModified=/opt/certs\n"
      "Unit=update_certs.service\n[Install]\nWantedBy=multi-user.target\n";
  disk.files["/etc/node-ca-trust/config.d/50-times.toml"] =
      "[rotation]\nsettle_ms = 200\nremoval_grace_ms = 1000\nempty_grace_ms = 1000\n";
  return disk;
}

// As CSE does it, with what its command line hands over: base64 without line breaks, a variable for each
// certificate, one file after another, then the unit; what it ends with.
inline Finished cse(const Machine& machine, const std::vector<std::string>& certificates) {
  std::string script = concat("CUSTOM_CA_TRUST_COUNT=", std::to_string(certificates.size()), "\n");
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const auto number = std::to_string(i);
    machine.write(concat("/run/", number, ".pem"), certificates[i]);
    script += concat("CUSTOM_CA_CERT_", number, "=$(base64 -w0 /run/", number, ".pem)\n");
  }
  script +=
      "mkdir -p /opt/certs\n"
      "i=0\n"
      "while [ $i -lt $CUSTOM_CA_TRUST_COUNT ]; do\n"
      "  eval \"certificate=\\$CUSTOM_CA_CERT_$i\"\n"
      "  echo $certificate | base64 -d >/opt/certs/00000000000000cert$i.crt\n"
      "  i=$((i + 1))\n"
      "done\n"
      "systemctl restart update_certs.service || exit 161\n";
  return machine.shell(script);
}

// As the watcher does it: away with the old files one by one, then the new ones.
inline void sync(const Machine& machine, const std::string& tag, const std::vector<TestCa>& cas) {
  std::string script = "cd /opt/certs; for f in *; do rm $f; sleep 0.02; done\n";
  for (std::size_t i = 0; i < cas.size(); ++i) {
    machine.write(concat("/run/sync", std::to_string(i), ".pem"), cas[i].pem);
    script += concat("cat /run/sync", std::to_string(i), ".pem >", tag, "ca", std::to_string(i + 1),
                     ".crt; sleep 0.02\n");
  }
  REQUIRE(machine.shell(script).status == 0);
}

// Nothing runs, and nothing has for longer than any of its times.
inline void settle(const Machine& machine) {
  CHECK(
      machine.comes_true("sleep 1.5; systemctl is-active node-ca-trust-rotate.service | grep -qx inactive"));
}

}  // namespace nct::test
