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
      machine.output("journalctl --sync; journalctl -t node-ca-trust -o cat NCT_COMMAND=provision");
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

TEST_CASE("metrics tell of every run that fails, whatever failed") {
  auto disk = node_disk();
  const std::string place = "/var/lib/prometheus/node-exporter/node-ca-trust.prom";
  const std::string metrics = concat("[metrics]\nfile = \"", place, "\"\n");
  disk.files["/var/lib/prometheus/node-exporter/README"] = "";
  disk.files[kBundle] = make_ca().pem;
  disk.files["/opt/certs/ca"] = make_ca().pem;
  disk.files[kConfig] = concat("lock_timeout_ms = 100\n", metrics);
  const Machine machine(disk);
  CHECK(machine.shell("systemctl stop node-ca-trust-rotate.timer node-ca-trust-rotate.path").status == 0);
  const auto outcome = [&](const std::string& command) {
    return machine.output(
        concat("sed -n 's/^node_ca_trust_last_run_succeeded{command=\"", command, "\"} //p' ", place));
  };
  const auto drift = [&] { return machine.output(concat("grep ^node_ca_trust_drift ", place)); };
  const auto check = [&](const std::string& command, int status) {
    const auto name = command.substr(0, command.find(' '));
    CAPTURE(command);
    CHECK(machine.shell(concat("node-ca-trust ", command)).status == status);
    CHECK(outcome(name) == (status == 0 ? "1" : "0"));
    CHECK(drift() == "node_ca_trust_drift 0");
  };
  const auto shell = [&](const std::string& line) { CHECK(machine.shell(line).status == 0); };
  CHECK(outcome("provision") == "1");
  check("rotate", 0);
  check("remove --source baked", 0);

  shell("chmod 777 /opt/certs");
  check("rotate", 65);
  shell("chmod 755 /opt/certs");
  check("rotate", 0);
  shell("systemd-run --unit=holder flock /run/node-ca-trust/lock sleep infinity");
  CHECK(machine.comes_true("! flock -n /run/node-ca-trust/lock true"));
  for (const char* command : {"rotate", "provision", "remove --source baked"})
    check(command, 75);
  shell("systemctl stop holder");
  for (const char* command : {"rotate", "provision", "remove --source baked"})
    check(command, 0);

  // A configuration that cannot be read, also after a reboot: where they went last.
  shell("echo 'bogus = 1' >/etc/node-ca-trust/config.toml");
  for (const char* command : {"rotate", "provision", "remove --source baked"})
    check(command, 78);
  shell("rm /etc/node-ca-trust/config.toml");
  machine.write(kConfig, metrics);
  check("rotate", 0);
  shell("mv /etc/ssl/certs /etc/ssl/away");
  check("provision", 78);
  shell("mv /etc/ssl/away /etc/ssl/certs");
  check("provision", 0);
  CHECK(machine.read("/var/lib/node-ca-trust/metrics-file") == concat(place, "\n"));
  shell("rm /etc/node-ca-trust/config.toml; node-ca-trust provision");
  CHECK(machine.shell("test -e /var/lib/node-ca-trust/metrics-file").status == 1);
}

TEST_CASE("metrics of a store that cannot be proved") {
  auto disk = node_disk();
  const std::string place = "/var/lib/prometheus/node-exporter/node-ca-trust.prom";
  disk.files["/var/lib/prometheus/node-exporter/README"] = "";
  disk.files[kBundle] = make_ca().pem;
  disk.files[kConfig] = concat("[metrics]\nfile = \"", place, "\"\n");
  const Machine machine(disk);
  CHECK(machine.shell("systemctl stop node-ca-trust-rotate.timer node-ca-trust-rotate.path").status == 0);
  machine.write("/usr/local/share/ca-certificates/broken.crt", "-----BEGIN CERTIFICATE-----\n!\n");
  CHECK(machine.shell("node-ca-trust rotate").status == 73);
  CHECK(machine.read(place).contains("node_ca_trust_last_run_succeeded{command=\"rotate\"} 0\n"));
}

TEST_CASE("the last report is whole, however many runs end at once") {
  const Machine machine(node_disk());
  CHECK(machine.shell("node-ca-trust provision").status == 0);
  const std::string report = "/run/node-ca-trust/last-provision.json";
  // One that has written its report and is slow to rename it; meanwhile another one, slow to write its own.
  const auto slow = [&](const std::string& unit, const std::string& call) {
    return machine.shell(concat("systemd-run --unit=", unit, " strace -qq -o /run/", unit, " -P ", report,
                                ".new -P /run/node-ca-trust -e inject=", call,
                                ":delay_enter=3000000 node-ca-trust provision"));
  };
  CHECK(slow("first", "renameat").status == 0);
  CHECK(machine.comes_true(concat("test -s ", report, ".new")));
  CHECK(slow("second", "write").status == 0);
  const auto seen =
      machine.shell(concat("while systemctl is-active -q first || systemctl is-active -q second; do test -s ",
                           report, " || echo empty; done"));
  CHECK(seen.out == "");
  CHECK(machine.output("systemctl show -p Result --value first second | xargs") == "success success");
  CHECK(machine.shell(concat("test -e ", report, ".new")).status == 1);
}

TEST_CASE("of very many findings the journal lists some, and says how many more there are") {
  auto disk = node_disk();
  std::string map = "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"data\": {";
  for (int i = 0; i < 9000; ++i)
    map += concat(i == 0 ? "" : ", ", "\"k", std::to_string(i), "\": \"-----BEGIN CERTIFICATE-----\\nx\"");
  disk.files[kBundle] = concat(map, "}}");
  const Machine machine(disk);
  const auto messages = machine.output("journalctl -o cat NCT_COMMAND=provision");
  CHECK(lines_of(messages).size() == 52);
  CHECK(messages.contains("\nprovision failed: '/etc/node-ca-trust/bundle.pem': refused\n"));
  CHECK(messages.ends_with("\n8950 more entries of this kind are left out"));
  CHECK(machine.output("stat -c %s /run/node-ca-trust/last-provision.json").size() <= 6);
}
