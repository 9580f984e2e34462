// The gate for images: one that bake prepared passes, and each way of spoiling it is named.
#include "support/certificates.hpp"
#include "system/image.hpp"
#include "system/node_disk.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace nct;
using namespace nct::test;

namespace {

struct Sabotage {
  std::string name;
  std::string by;                  // a command line; the working directory is the image's root
  std::vector<std::string> kinds;  // of drift: all that is found, sorted
  const char* subject;             // a part of one
};

// What every case begins with: CAs of the image's own, and a consumer that no package knows.
std::unique_ptr<Image> baked_image(const Scratch& scratch) {
  auto image = std::make_unique<Image>();
  image->write(kConfig, "[consumers]\nunits = [\"containerd.service\", \"crio.service\"]\n");
  const auto baked = image->offline(
      "bake", concat("--from ", delivered(scratch, "ca.pem", make_ca({.common_name = "Baked Root"}).pem)));
  if (baked.status != 0) throw std::runtime_error(baked.out + baked.err);
  return image;
}

// "kind" of each line of drift, sorted, each once; and what it is about.
std::vector<std::string> kinds_in(const nlohmann::json& report) {
  std::vector<std::string> kinds;
  for (const auto& drift : report.value("drift", nlohmann::json::array()))
    kinds.push_back(drift.at("kind"));
  std::ranges::sort(kinds);
  const auto repeated = std::ranges::unique(kinds);
  kinds.erase(repeated.begin(), repeated.end());
  return kinds;
}

std::string subjects_in(const nlohmann::json& report) {
  std::string subjects;
  for (const auto& drift : report.value("drift", nlohmann::json::array()))
    subjects += concat(drift.at("subject").get<std::string>(), "\n");
  return subjects;
}

// The command line that writes a drop-in, for printf.
std::string drop_in(const std::string& directory, const std::string& name, const std::string& text) {
  return concat("mkdir -p ", directory, "; printf '", text, "' >", directory, "/", name, ".conf");
}

const std::vector<Sabotage>& sabotages() {
  static const std::vector<Sabotage> all = {
      {"boot unit removed",
       "rm lib/systemd/system/node-ca-trust.service",
       {"unit-missing"},
       "node-ca-trust.service"},
      {"rotation's service removed",
       "rm lib/systemd/system/node-ca-trust-rotate.service",
       {"unit-missing"},
       "node-ca-trust-rotate.service"},
      {"path unit removed",
       "rm lib/systemd/system/node-ca-trust-rotate.path",
       {"unit-missing"},
       "rotate.path"},
      {"boot unit disabled",
       "rm etc/systemd/system/multi-user.target.wants/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked",
       "ln -s /dev/null etc/systemd/system/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked by an empty file",
       ": >etc/systemd/system/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked by a link over links",
       "mkdir srv/a; ln -s ../../dev/null srv/a/one; ln -s /srv/a/one srv/two; "
       "ln -s ../../../srv/two etc/systemd/system/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked by a link to a device that the root does not have",
       "rm -r dev; ln -s ../../..//dev/./null etc/systemd/system/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked until the next boot",
       "mkdir -p run/systemd/system; ln -s /dev/null run/systemd/system/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit masked where systemctl set-property writes",
       "mkdir etc/systemd/system.control; ln -s /dev/null etc/systemd/system.control/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"boot unit that leads nowhere",
       "ln -s /srv/gone etc/systemd/system/node-ca-trust.service",
       {"unit-missing"},
       "node-ca-trust.service"},
      {"the enabling link masked",
       "ln -sf /dev/null etc/systemd/system/multi-user.target.wants/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"the enabling link masked by what counts more",
       "mkdir -p etc/systemd/system.control/multi-user.target.wants; "
       ": >etc/systemd/system.control/multi-user.target.wants/node-ca-trust.service",
       {"unit-not-enabled"},
       "node-ca-trust.service"},
      {"rotation's service masked, and what starts it not",
       "ln -s /dev/null etc/systemd/system/node-ca-trust-rotate.service",
       {"unit-not-enabled"},
       "node-ca-trust-rotate.service"},
      {"boot unit replaced",
       "sed s,^ExecStart=.*,ExecStart=/bin/true, lib/systemd/system/node-ca-trust.service "
       ">etc/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "/etc/systemd/system/node-ca-trust.service"},
      {"boot unit replaced by a link to another",
       "ln -s /lib/systemd/system/systemd-sysctl.service etc/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "/etc/systemd/system/node-ca-trust.service"},
      {"boot unit edited where it is installed",
       "sed -i '/^Type/d' lib/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "/lib/systemd/system/node-ca-trust.service"},
      {"boot unit that does not wait for cloud-init",
       "sed '/^After/d' lib/systemd/system/node-ca-trust.service "
       ">etc/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "/etc/systemd/system/node-ca-trust.service"},
      {"boot unit replaced for local software",
       "mkdir -p usr/local/lib/systemd/system; printf '[Service]\\nExecStart=/bin/true\\n' "
       ">usr/local/lib/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "/usr/local/lib/systemd/system/node-ca-trust.service"},
      {"another command",
       drop_in("etc/systemd/system/node-ca-trust.service.d", "x",
               "[Service]\\nExecStart=\\nExecStart=/bin/true\\n"),
       {"unit-changed"},
       "node-ca-trust.service.d/x.conf"},
      {"a condition",
       drop_in("etc/systemd/system/node-ca-trust.service.d", "x", "[Unit]\\nConditionPathExists=/nowhere\\n"),
       {"unit-changed"},
       "node-ca-trust.service.d/x.conf"},
      {"an assertion of all units whose names begin so",
       drop_in("etc/systemd/system/node-.service.d", "x", "[Unit]\\nAssertPathExists=/nowhere\\n"),
       {"unit-changed"},
       "/etc/systemd/system/node-.service.d/x.conf"},
      {"a condition of all services",
       drop_in("usr/lib/systemd/system/service.d", "x", "[Unit]\\nConditionVirtualization=vm\\n"),
       {"unit-changed"},
       "/lib/systemd/system/service.d/x.conf"},
      {"a user for all services",
       drop_in("usr/local/lib/systemd/system/service.d", "x", "[Service]\\nUser=nobody\\n"),
       {"unit-changed"},
       "/usr/local/lib/systemd/system/service.d/x.conf"},
      {"a condition where systemctl set-property writes",
       drop_in("etc/systemd/system.control/node-ca-trust.service.d", "x",
               "[Service]\\nExecCondition=/bin/false\\n"),
       {"unit-changed"},
       "/etc/systemd/system.control/node-ca-trust.service.d/x.conf"},
      {"a condition by another name of the unit",
       concat("ln -s /lib/systemd/system/node-ca-trust.service etc/systemd/system/trust.service; ",
              drop_in("etc/systemd/system/trust.service.d", "x", "[Unit]\\nConditionFirstBoot=no\\n")),
       {"unit-changed"},
       "/etc/systemd/system/trust.service.d/x.conf"},
      {"an order that is a cycle",
       drop_in("etc/systemd/system/node-ca-trust.service.d", "x",
               "[Unit]\\nAfter=a.service cloud-final.service\\n"),
       {"unit-changed"},
       "node-ca-trust.service.d/x.conf"},
      {"no room to write in",
       drop_in("etc/systemd/system/node-ca-trust.service.d", "x", "[Service]\\nReadWritePaths=\\n"),
       {"unit-changed"},
       "node-ca-trust.service.d/x.conf"},
      {"rotation's command replaced",
       drop_in("etc/systemd/system/node-ca-trust-rotate.service.d", "x",
               "[Service]\\nExecStart=\\\\\\n\\nExecStart=/bin/true\\n"),
       {"unit-changed"},
       "node-ca-trust-rotate.service.d/x.conf"},
      {"a path unit that watches another directory",
       drop_in("etc/systemd/system/node-ca-trust-rotate.path.d", "x",
               "[Path]\\nPathChanged=\\nPathChanged=/srv\\n"),
       {"unit-changed"},
       "node-ca-trust-rotate.path.d/x.conf"},
      {"a timer that starts something else",
       drop_in("etc/systemd/system/node-ca-trust-rotate.timer.d", "x", "[Timer]\\nUnit=other.service\\n"),
       {"unit-changed"},
       "node-ca-trust-rotate.timer.d/x.conf"},
      {"a drop-in that others may write",
       concat(drop_in("etc/systemd/system/node-ca-trust.service.d", "x", "[Service]\\nNice=5\\n"),
              "; chmod 666 etc/systemd/system/node-ca-trust.service.d/x.conf"),
       {"unsafe-path"},
       "node-ca-trust.service.d/x.conf"},
      {"path unit disabled",
       "rm etc/systemd/system/paths.target.wants/node-ca-trust-rotate.path",
       {"unit-not-enabled"},
       "node-ca-trust-rotate.path"},
      {"timer disabled",
       "rm etc/systemd/system/timers.target.wants/node-ca-trust-rotate.timer",
       {"unit-not-enabled"},
       "node-ca-trust-rotate.timer"},
      {"another directory configured than is watched",
       "mkdir srv/ca; mkdir -p etc/node-ca-trust/config.d; printf '[rotation]\\ndirectory = \"/srv/ca\"\\n' "
       ">etc/node-ca-trust/config.d/9.toml",
       {"unit-not-enabled"},
       "node-ca-trust-rotate.path"},
      {"sandbox removed",
       "rm lib/systemd/system/node-ca-trust.service.d/10-sandbox.conf",
       {"drop-in-missing"},
       "node-ca-trust.service.d/10-sandbox.conf"},
      {"sandbox hidden",
       "mkdir etc/systemd/system/node-ca-trust.service.d; "
       "ln -s /dev/null etc/systemd/system/node-ca-trust.service.d/10-sandbox.conf",
       {"drop-in-missing"},
       "node-ca-trust.service.d/10-sandbox.conf"},
      {"containerd's order gone",
       "rm lib/systemd/system/containerd.service.d/50-node-ca-trust.conf",
       {"drop-in-missing"},
       "containerd.service.d/50-node-ca-trust.conf"},
      {"kubelet's order replaced",
       "mkdir etc/systemd/system/kubelet.service.d; "
       "echo '[Unit]' >etc/systemd/system/kubelet.service.d/50-node-ca-trust.conf",
       {"drop-in-missing"},
       "kubelet.service.d/50-node-ca-trust.conf"},
      {"a configured consumer's order gone",
       "rm -r etc/systemd/system/crio.service.d",
       {"drop-in-missing"},
       "crio.service.d/50-node-ca-trust.conf"},
      {"sync directory removed", "rmdir opt/certs", {"directory-missing"}, "/opt/certs"},
      {"libcrypto removed",
       "rm usr/lib/x86_64-linux-gnu/libcrypto.so.3",
       {"library-missing"},
       "libcrypto.so.3"},
      {"libcrypto replaced by a text",
       "echo text >usr/lib/x86_64-linux-gnu/libcrypto.so.3",
       {"library-unfit"},
       "libcrypto.so.3"},
      {"libcrypto cut off",
       "truncate -s 100k usr/lib/x86_64-linux-gnu/libcrypto.so.3",
       {"library-unfit"},
       "libcrypto.so.3"},
      {"libcrypto of another processor",
       "printf '\\267' | dd of=usr/lib/x86_64-linux-gnu/libcrypto.so.3 bs=1 seek=18 conv=notrunc",
       {"library-unfit"},
       "libcrypto.so.3"},
      {"libcrypto that is another library",
       "cp usr/lib/x86_64-linux-gnu/libz.so.1 usr/lib/x86_64-linux-gnu/libcrypto.so.3",
       {"library-unfit"},
       "libcrypto.so.3"},
      {"what systemd is spoken to with",
       "rm usr/lib/x86_64-linux-gnu/libsystemd.so.0",
       {"library-missing"},
       "libsystemd.so.0"},
      {"a library of a library",
       "rm usr/lib/x86_64-linux-gnu/libcap.so.2",
       {"library-missing"},
       "libcap.so.2"},
      {"the loader", "rm lib64/ld-linux-x86-64.so.2", {"library-missing"}, "/lib64/ld-linux-x86-64.so.2"},
      {"anchor edited",
       "echo >>$(ls usr/local/share/ca-certificates/node-ca-trust/*)",
       {"anchor-edited", "store-damaged"},
       "/node-ca-trust-"},
      {"anchor removed",
       "rm usr/local/share/ca-certificates/node-ca-trust/*",
       {"anchor-missing", "store-damaged"},
       "/node-ca-trust-"},
      {"foreign file in our directory's place",
       "cp etc/hostname "
       "usr/local/share/ca-certificates/node-ca-trust/node-ca-trust-00000000000000000000000000000000.crt",
       {"anchor-unlisted", "store-damaged"},
       "0000.crt"},
      {"bundle cut off",
       "truncate -s 1000 etc/ssl/certs/ca-certificates.crt",
       {"store-damaged", "store-differs"},
       "ca-certificates.crt"},
      {"hash link removed",
       "rm $(find etc/ssl/certs -name '????????.0' | sort | head -n 1)",
       {"store-damaged", "store-differs"},
       "/etc/ssl/certs"},
      {"a CA added without the tool",
       "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=x "
       "-out usr/local/share/ca-certificates/x.crt 2>/dev/null",
       {"store-damaged", "store-differs"},
       "ca-certificates.crt"},
      {"manifest cut off",
       "truncate -s 100 var/lib/node-ca-trust/manifest.toml",
       {"manifest-unreadable"},
       "manifest.toml"},
      {"record removed",
       "rm var/lib/node-ca-trust/record",
       {"proof-unrecorded"},
       "/var/lib/node-ca-trust/record"},
      {"record of another libcrypto",
       "sed -i '1s/OpenSSL 3[^\\t]*/OpenSSL 3.9.9/' var/lib/node-ca-trust/record",
       {"proof-unrecorded"},
       "/var/lib/node-ca-trust/record"},
      {"half-finished run",
       "cp var/lib/node-ca-trust/manifest.toml var/lib/node-ca-trust/pending.toml",
       {"interrupted"},
       "pending.toml"},
      {"staged bundle",
       "cp etc/ssl/certs/ca-certificates.crt etc/ssl/.node-ca-trust.ca-certificates.crt",
       {"leftover"},
       "/etc/ssl/.node-ca-trust.ca-certificates.crt"},
      {"staged anchor",
       "cp etc/ssl/certs/ca-certificates.crt usr/local/share/.node-ca-trust.a",
       {"leftover"},
       "/usr/local/share/.node-ca-trust.a"},
      {"state not finished", "echo half >var/lib/node-ca-trust/record.new", {"leftover"}, "record.new"},
      {"the tool's temporary bundle",
       "cp etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt.new",
       {"leftover", "store-damaged", "store-differs"},
       "ca-certificates.crt.new"},
      {"a boot's lock",
       "mkdir run/node-ca-trust && touch run/node-ca-trust/lock",
       {"machine-specific"},
       "/run/node-ca-trust/lock"},
      {"a boot's reports",
       "mkdir run/node-ca-trust && touch run/node-ca-trust/last-provision.json run/node-ca-trust/boot",
       {"machine-specific"},
       "/run/node-ca-trust/boot"},
      {"a machine's time in the manifest",
       "sed -i 's/^schema = 1$/&\\n\\n[changed]\\nunix_time = 5\\nboot = \"b\"\\nmonotonic_us = 6/' "
       "var/lib/node-ca-trust/manifest.toml",
       {"machine-specific"},
       "manifest.toml"},
      {"consumers of a machine in the manifest",
       "sed -i 's/^schema = 1$/&\\n\\n[owed]\\nhooks_added = []\\nhooks_removed = []\\nconsumers = "
       "[\"containerd.service\"]/' var/lib/node-ca-trust/manifest.toml",
       {"machine-specific"},
       "manifest.toml"},
      {"when a machine missed roots",
       "sed -i '2s/ - / 5 /' var/lib/node-ca-trust/roots",
       {"machine-specific"},
       "roots"},
      {"the boot unit without what is distrusted",
       "sed -i '/^ExecStartPre/d' lib/systemd/system/node-ca-trust.service",
       {"unit-changed"},
       "node-ca-trust.service"},
      {"hooks that were not told",
       "sed -i 's/^schema = 1$/&\\n\\n[owed]\\nhooks_added = [\"a.pem\"]\\nhooks_removed = []\\nconsumers = "
       "[]/' "
       "var/lib/node-ca-trust/manifest.toml",
       {"leftover"},
       "manifest.toml"},
      {"world-writable sync directory", "chmod 777 opt/certs", {"unsafe-path"}, "/opt/certs"},
      {"sync directory of somebody", "chown 1000 opt/certs", {"unsafe-path"}, "/opt/certs"},
      {"sync directory of a group",
       "chown :1000 opt/certs; chmod 775 opt/certs",
       {"unsafe-path"},
       "/opt/certs"},
      {"world-writable directory above", "chmod 777 opt", {"unsafe-path"}, "/opt\n"},
      {"world-writable state",
       "chmod 666 var/lib/node-ca-trust/manifest.toml",
       {"unsafe-path"},
       "manifest.toml"},
      {"world-writable configuration", "chmod 757 etc/node-ca-trust/config.d", {"unsafe-path"}, "config.d"},
      {"world-writable store", "chmod 777 etc/ssl/certs", {"unsafe-path"}, "/etc/ssl/certs"},
      {"world-writable anchor",
       "chmod 666 usr/local/share/ca-certificates/node-ca-trust/*",
       {"unsafe-path"},
       "/node-ca-trust-"},
      {"world-writable program",
       "chmod 777 usr/bin/node-ca-trust",
       {"unsafe-path"},
       "/usr/bin/node-ca-trust"},
      {"world-writable unit",
       "chmod 666 lib/systemd/system/node-ca-trust.service",
       {"unsafe-path"},
       "node-ca-trust.service"},
      {"world-writable root", "chmod 777 .", {"unsafe-path"}, "/\n"},
      {"program of a group",
       "chgrp 1000 usr/bin/node-ca-trust; chmod 775 usr/bin/node-ca-trust",
       {"unsafe-path"},
       "/usr/bin/node-ca-trust"},
      {"anchor of a group",
       "chgrp 1000 usr/local/share/ca-certificates/node-ca-trust/*; "
       "chmod 664 usr/local/share/ca-certificates/node-ca-trust/*",
       {"unsafe-path"},
       "/node-ca-trust-"},
      {"directory above of a group", "chgrp 1000 etc; chmod 775 etc", {"unsafe-path"}, "/etc\n"},
      {"configuration that is no TOML",
       "echo '[' >etc/node-ca-trust/config.d/1.toml",
       {"configuration-refused"},
       "config.toml"},
      {"a key that is misspelt",
       "echo 'lock_timeout = 1' >etc/node-ca-trust/config.d/1.toml",
       {"configuration-refused"},
       "config.toml"},
  };
  return all;
}

}  // namespace

TEST_CASE("an image that bake prepared passes, in every format, and is only read") {
  const Scratch scratch;
  const auto image = baked_image(scratch);
  const auto before = image->made(true);
  const auto text = image->offline("verify", "--image");
  CHECK_MESSAGE(text.status == 0, text.out);
  CHECK(text.out.ends_with("result: yes\n"));
  CHECK(text.out.contains("check: libraries passed\n"));
  const auto inside = image->inside("verify", "--image --format json");
  CHECK_MESSAGE(inside.status == 0, inside.out);
  const auto report = nlohmann::json::parse(inside.out);
  CHECK(report.at("result") == "unchanged");
  CHECK(report.at("checks").size() == 8);
  CHECK(report.at("checks").at(0) == nlohmann::json{{"check", "configuration"}, {"passed", true}});
  const auto junit = image->offline("verify", "--image --format junit");
  CHECK(junit.status == 0);
  CHECK(
      junit.out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<testsuites tests=\"8\" failures=\"0\" errors=\"0\">\n"));
  CHECK(image->made(true) == before);
  // Without having been baked it does not.
  const Image bare;
  const auto not_baked = bare.offline("verify", "--image");
  CHECK(not_baked.status == 1);
  CHECK(not_baked.out.contains("drift proof-unrecorded: "));
  CHECK(not_baked.out.contains("drift unit-not-enabled: node-ca-trust.service"));
  CHECK(not_baked.out.contains("drift directory-missing: /opt/certs"));
  CHECK(bare.offline("verify").status == 0);
}

TEST_CASE("what the administrator decided is no miss") {
  const Scratch scratch;
  const auto image = baked_image(scratch);
  CHECK(
      image
          ->shell("cd $ROOT && ln -s /dev/null etc/systemd/system/node-ca-trust-rotate.timer && "
                  "rm etc/systemd/system/timers.target.wants/node-ca-trust-rotate.timer && chmod 1777 opt && "
                  "mkdir -p etc/ca-certificates/update.d && chmod 700 etc/node-ca-trust")
          .status == 0);
  const auto verified = image->offline("verify", "--image");
  CHECK_MESSAGE(verified.status == 0, verified.out);
}

TEST_CASE("drop-ins and copies that change nothing that counts pass") {
  const Scratch scratch;
  const auto image = baked_image(scratch);
  const auto own = [](const std::string& unit) { return concat("etc/systemd/system/", unit, ".d"); };
  for (const auto& line : {
           drop_in(
               own("node-ca-trust.service"), "a",
               "[Unit]\\nAfter=network-online.target my.service\\nWants=network-online.target\\n"
               "[Service]\\nEnvironment=SSL_CERT_DIR=/x \\\\\\n# a comment\\n A=b\\nTimeoutStartSec=5min\\n"),
           drop_in(own("node-ca-trust.service"), "b",
                   "[Service]\\nReadWritePaths=/srv/keystore\\nPrivateNetwork=no\\nEnvironmentFile=-/etc/"
                   "default/x\\n"),
           drop_in(own("node-ca-trust-rotate.service"), "a",
                   "; ExecStart=/bin/true\\n[Service]\\nLogRateLimitIntervalSec=0\\nRestartSec=60\\n"),
           drop_in(own("node-ca-trust-rotate.timer"), "a",
                   "[Timer]\\nOnUnitInactiveSec=\\nOnUnitInactiveSec=5min\\n"),
           drop_in("usr/lib/systemd/system/service.d", "10-timeout-abort",
                   "[Service]\\nTimeoutStopFailureMode=abort\\n"),
           drop_in("etc/systemd/system/node-.service.d", "x",
                   "[Install]\\nWantedBy=a.target\\n[X-Mine]\\nUser=me\\n"),
           // A miss, until it is hidden by a file of the same name that says nothing; one that is taken back.
           drop_in("usr/lib/systemd/system/service.d", "hidden", "[Unit]\\nConditionPathExists=/nowhere\\n"),
           std::string("ln -s /dev/null etc/systemd/system/node-ca-trust.service.d/hidden.conf && "
                       "mkdir -p etc/systemd/system/node-ca-trust-rotate.service.d && "
                       ": >etc/systemd/system/node-ca-trust-rotate.service.d/hidden.conf"),
           drop_in("etc/systemd/system/service.d", "1", "[Unit]\\nConditionPathExists=/nowhere\\n"),
           drop_in("etc/systemd/system/service.d", "2", "[Unit]\\nConditionHost=\\n"),
           // A unit that was copied to be edited, and was not; a link that leads to the unit itself.
           std::string("cp lib/systemd/system/node-ca-trust.service etc/systemd/system/"),
           std::string("ln -s /lib/systemd/system/node-ca-trust-rotate.service etc/systemd/system/"),
       }) {
    CAPTURE(line);
    CHECK(image->shell(concat("cd $ROOT && ", line)).status == 0);
    const auto verified = image->offline("verify", "--image");
    CHECK_MESSAGE(verified.status == (line.contains("/nowhere") ? 1 : 0), verified.out);
  }
}

TEST_CASE("the gate finds what it is told to expect, and names what is not there") {
  const Scratch scratch;
  const auto image = baked_image(scratch);
  const auto ca = make_ca({.common_name = "Second Root"});
  const auto other = make_ca({.common_name = "Third Root"});
  const auto both = delivered(scratch, "both", ca.pem + other.pem);
  const auto ours = concat("--image --expect ", (scratch.path() / "ca.pem").string());
  const auto passes = image->offline("verify", ours);
  CHECK_MESSAGE(passes.status == 0, passes.out);
  CHECK(passes.out.contains("check: expected passed\n"));

  const auto misses = image->offline("verify", concat(ours, " --expect ", both));
  CHECK(misses.status == 1);
  CHECK(misses.out.contains("drift expected-missing: CN=Second Root"));
  CHECK(misses.out.contains(concat("sha256 ", other.fingerprint_hex)));
  CHECK(misses.out.contains("check: expected failed\n"));
  CHECK(!misses.out.contains("Baked Root"));
  const auto junit = image->offline("verify", concat("--image --format junit --expect ", both));
  CHECK(junit.out.contains("tests=\"9\" failures=\"1\""));

  // The distribution's own roots count as well; so do those that were added in its own way.
  CHECK(image
            ->shell(concat(
                "cp ", both,
                " $ROOT/srv/x && cd $ROOT && csplit -s -z -f srv/x- srv/x '/BEGIN/' '{*}' && "
                "for n in 00 01; do mv srv/x-$n usr/local/share/ca-certificates/x$n.crt; done && rm srv/x && "
                "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . update-ca-certificates"))
            .status == 0);
  CHECK(image->offline("bake").status == 0);
  const auto added = image->offline(
      "verify", concat("--image --expect ", both,
                       " --expect $(ls -d $ROOT/usr/share/ca-certificates/mozilla/* | head -n 1)"));
  CHECK_MESSAGE(added.status == 0, added.out);

  CHECK(image->offline("verify", concat("--expect ", both)).status == 64);
  CHECK(image->offline("verify", "--image --expect /nowhere").status == 66);
  CHECK(image->offline("verify", concat("--image --expect ", delivered(scratch, "key", ca.pem + ca.key_pem)))
            .status == 65);
}

TEST_CASE("every sabotage is named, with exit status 1, and what can be baked right is") {
  const Scratch scratch;
  for (const auto& sabotage : sabotages()) {
    CAPTURE(sabotage.name);
    const auto image = baked_image(scratch);
    const auto done = image->shell(concat("cd $ROOT && { ", sabotage.by, "; }"));
    REQUIRE_MESSAGE(done.status == 0, done.err);
    // By a program from outside, since the one inside may not run any more.
    const auto verified =
        image->shell(concat(builders_program(), " verify --root $ROOT --image --format json"));
    CHECK(verified.status == 1);
    const auto report = nlohmann::json::parse(verified.out, nullptr, false);
    REQUIRE_MESSAGE(report.is_object(), verified.out, verified.err);
    CHECK_MESSAGE(kinds_in(report) == sabotage.kinds, verified.out);
    CHECK_MESSAGE(subjects_in(report).contains(sabotage.subject), verified.out);
    for (const auto& drift : report.at("drift")) {
      CHECK(!drift.at("hint").get<std::string>().empty());
      const nlohmann::json failed{{"check", drift.at("check")}, {"passed", false}};
      CHECK(std::ranges::count(report.at("checks"), failed) == 1);
    }
  }
}

TEST_CASE("pipelines read each miss, whatever it is named") {
  const Scratch scratch;
  const auto image = baked_image(scratch);
  CHECK(image
            ->shell("cd $ROOT && rmdir opt/certs && "
                    "echo >'var/lib/node-ca-trust/<a> & \"b\"' && rm lib64/ld-linux-x86-64.so.2")
            .status == 0);
  const auto junit = image->shell(concat(builders_program(), " verify --root $ROOT --image --format junit"));
  CHECK(junit.status == 1);
  INFO(junit.out);
  CHECK(junit.out.contains(
      "<testsuite name=\"node-ca-trust verify\" tests=\"8\" failures=\"3\" errors=\"0\">\n"));
  CHECK(junit.out.contains("<testcase classname=\"node-ca-trust.verify\" name=\"store\"/>\n"));
  CHECK(
      junit.out.contains("name=\"directories\">\n      <failure type=\"directory-missing\" "
                         "message=\"directory-missing: /opt/certs: it is not there\">"));
  CHECK(junit.out.contains("/var/lib/node-ca-trust/&lt;a&gt; &amp; &quot;b&quot;"));
  const auto parsed =
      nct::test::run({.argv = {"python3", "-c", "import sys, xml.dom.minidom as m; m.parse(sys.stdin)"},
                      .input = junit.out});
  CHECK_MESSAGE(parsed.status == 0, parsed.err);
  // A run that does not come to its end.
  CHECK(image->shell("rm -r $ROOT/etc/ssl/certs").status == 0);
  const auto failed = image->shell(concat(builders_program(), " verify --root $ROOT --image --format junit"));
  CHECK(failed.status == 78);
  CHECK(failed.out.contains("errors=\"1\""));
  CHECK(failed.out.contains("<error type=\"configuration\" message=\"no trust store of the debian family"));
}
