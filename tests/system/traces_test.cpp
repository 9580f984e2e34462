// What a run leaves behind for others to read: journal, last report, metrics.
#include "system/node_disk.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

// Values of one field of our entries, in order.
std::string field(const Machine& machine, const std::string& name) {
  return machine.output(concat("journalctl -t node-ca-trust -o cat --output-fields=", name));
}

}  // namespace

TEST_CASE("a boot that installs a CA is in the journal, entry by entry, with explanations") {
  auto disk = node_disk();
  disk.files[kBundle] = make_ca({.common_name = "Corporate Root"}).pem +
                        make_ca({.common_name = "Old Root", .days_before = 9, .days_after = -1}).pem;
  const Machine machine(disk);
  const auto messages =
      machine.output("journalctl -t node-ca-trust -o cat _SYSTEMD_UNIT=node-ca-trust.service");
  const auto file = machine.output("ls /usr/local/share/ca-certificates/node-ca-trust/*");
  INFO(messages);
  const auto lines = lines_of(messages);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("/etc/node-ca-trust/bundle.pem: entry 1, certificate 2"));
  CHECK(lines[0].find(": expired: ") != std::string::npos);
  CHECK(lines[1] ==
        "trusts CN=Corporate Root from /etc/node-ca-trust/bundle.pem: entry 1, certificate 1, line 1");
  CHECK(lines[2].starts_with("published /etc/ssl/certs/ca-certificates.crt: "));
  CHECK(lines[3].starts_with("enabled node-ca-trust-rotate.path: "));
  CHECK(lines[4].starts_with("enabled node-ca-trust-rotate.timer: "));
  CHECK(field(machine, "NCT_FILE").starts_with(file));
  CHECK(field(machine, "NCT_COMMAND").starts_with("provision\nprovision\nprovision\nprovision\nprovision"));

  CHECK(machine.shell("journalctl --update-catalog").status == 0);
  const auto explained = machine.output("journalctl -t node-ca-trust -x");
  for (const char* subject :
       {"A private CA is trusted now", "The trust store was published",
        "A unit that follows rotations was enabled", "A delivered certificate needs attention"})
    CHECK(explained.find(concat("Subject: ", subject)) != std::string::npos);
  CHECK(explained.find(concat("Its file is ", file, ".")) != std::string::npos);

  CHECK(machine.read("/run/node-ca-trust/last-provision.json").find("\"result\": \"changed\"") !=
        std::string::npos);
  CHECK(machine.shell("systemctl restart node-ca-trust").status == 0);
  CHECK(machine.read("/run/node-ca-trust/last-provision.json").find("\"result\": \"unchanged\"") !=
        std::string::npos);
}

TEST_CASE("failures are there, too; what changes nothing here leaves nothing") {
  auto disk = node_disk();
  disk.files[kBundle] = "junk";
  const Machine machine(disk);
  CHECK(machine.output("journalctl -t node-ca-trust -p err -o cat | tail -n 1") ==
        "provision failed: '/etc/node-ca-trust/bundle.pem': refused");
  CHECK(field(machine, "NCT_ERROR") == "input");
  CHECK(field(machine, "NCT_FINDING").find("not-pem") != std::string::npos);
  const auto report = machine.read("/run/node-ca-trust/last-provision.json");
  CHECK(report.find("\"result\": \"failed\"") != std::string::npos);
  const auto before = machine.journal("-t node-ca-trust");
  CHECK(machine
            .shell("node-ca-trust provision --dry-run; node-ca-trust status; node-ca-trust verify; "
                   "node-ca-trust lint /etc/node-ca-trust/bundle.pem; mkdir /tmp/root; "
                   "node-ca-trust provision --root /tmp/root")
            .status == 78);
  CHECK(machine.journal("-t node-ca-trust") == before);
  CHECK(machine.read("/run/node-ca-trust/last-provision.json") == report);
}

TEST_CASE("what a hook prints is there") {
  auto disk = node_disk();
  disk.files[kBundle] = make_ca().pem;
  disk.files["/etc/ca-certificates/update.d/talks"] =
      "#!/bin/sh\ncat >/dev/null\necho a word; echo another >&2\n";
  const Machine machine(disk);
  const auto said = machine.output("journalctl -u node-ca-trust -o cat");
  CHECK(said.contains("a word\n"));
  CHECK(said.contains("another\n"));
}

TEST_CASE("metrics") {
  auto disk = node_disk();
  const std::string place = "/var/lib/prometheus/node-exporter/node-ca-trust.prom";
  disk.files["/var/lib/prometheus/node-exporter/README"] = "";
  disk.files[kBundle] = make_ca({.common_name = "Corporate Root"}).pem;
  disk.files[kConfig] = concat("[metrics]\nfile = \"", place, "\"\n");
  const Machine machine(disk);
  CHECK(machine.shell("systemctl stop node-ca-trust-rotate.timer; systemctl start node-ca-trust-rotate")
            .status == 0);
  const auto lines = [&] {
    return machine.output(concat("grep -v '^#' ", place, " | sed 's/ [0-9]\\{10\\}$/ TIME/'"));
  };
  const auto anchor = "node_ca_trust_anchor_not_after_timestamp_seconds{fingerprint_sha256=\"" +
                      machine.output(
                          "node-ca-trust status --format json | sed -n 's/.*fingerprint_sha256\": "
                          "\"\\(.*\\)\",/\\1/p'") +
                      "\",subject=\"CN=Corporate Root\"} TIME\n";
  CHECK(lines() == anchor +
                       "node_ca_trust_anchors_changed_timestamp_seconds TIME\n"
                       "node_ca_trust_drift 0\n"
                       "node_ca_trust_stale_consumers 0\n"
                       "node_ca_trust_last_success_timestamp_seconds{command=\"provision\"} TIME\n"
                       "node_ca_trust_last_success_timestamp_seconds{command=\"rotate\"} TIME\n"
                       "node_ca_trust_last_run_succeeded{command=\"provision\"} 1\n"
                       "node_ca_trust_last_run_succeeded{command=\"rotate\"} 1");
  machine.write(kBundle, "junk");
  CHECK(machine.shell("systemctl restart node-ca-trust").status == 1);
  CHECK(
      lines().ends_with("node_ca_trust_last_run_succeeded{command=\"rotate\"} 1\n"
                        "node_ca_trust_last_run_succeeded{command=\"provision\"} 0"));
  CHECK(machine.shell("node-ca-trust remove --all").status == 0);
  CHECK(
      lines().ends_with("node_ca_trust_last_run_succeeded{command=\"provision\"} 0\n"
                        "node_ca_trust_last_run_succeeded{command=\"remove\"} 1"));
  CHECK(machine.output(concat("ls ", place, "*")) == place);
}
