// Images that bake prepared: what is in them, what is not, and machines that are made of them.
#include "system/image.hpp"
#include "system/node_disk.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <thread>

using namespace nct;
using namespace nct::test;

namespace {

// In the root directory.
constexpr const char* kStateSums =
    "sha256sum var/lib/node-ca-trust/manifest.toml var/lib/node-ca-trust/record var/lib/node-ca-trust/roots";
constexpr const char* kOthersDropIn = "/etc/systemd/system/crio.service.d/50-node-ca-trust.conf";

// Of a report in JSON, whether it holds this text.
bool says(const Finished& finished, const std::string& text) {
  return finished.out.contains(text);
}

std::string result_of(const Finished& finished) {
  const auto place = finished.out.rfind("result: ");
  return place == std::string::npos ? concat(finished.out, finished.err)
                                    : std::string(trimmed(finished.out.substr(place + 8)));
}

}  // namespace

TEST_CASE("an image is prepared: directories, links, record and manifest, and nothing else") {
  const Image image;
  const auto before = image.made();
  const auto planned = image.offline("bake", "--dry-run");
  CHECK(planned.status == 0);
  CHECK(result_of(planned) == "planned");
  CHECK(image.made() == before);

  // Not even what a boot has left, which bake takes out.
  CHECK(image.shell("mkdir $ROOT/run/node-ca-trust && touch $ROOT/run/node-ca-trust/boot").status == 0);
  CHECK(image.offline("bake", "--dry-run").status == 0);
  CHECK(image.shell("ls $ROOT/run/node-ca-trust").out == "boot\n");

  const auto baked = image.offline("bake");
  CHECK_MESSAGE(baked.status == 0, baked.err);
  CHECK(result_of(baked) == "changed");
  CHECK(image.shell("test -e $ROOT/run/node-ca-trust").status == 1);
  CHECK(image
            .shell("cd $ROOT && echo $(stat -c '%n:%a:%u:%g' etc/node-ca-trust etc/node-ca-trust/config.d "
                   "var/lib/node-ca-trust opt/certs)")
            .out ==
        "etc/node-ca-trust:755:0:0 etc/node-ca-trust/config.d:755:0:0 var/lib/node-ca-trust:755:0:0 "
        "opt/certs:755:0:0\n");
  const auto names = image.shell(
      concat("cd ", image.changes().string(),
             " && find . ! -type d ! -path './etc/systemd/system/*.service' -printf '%P\\n' | sort"));
  CHECK(names.out ==
        "etc/cloud/cloud-init.disabled\n"
        "etc/systemd/system/apt-daily-upgrade.timer\netc/systemd/system/apt-daily.timer\n"
        "etc/systemd/system/default.target\netc/systemd/system/dev-hugepages.mount\n"
        "etc/systemd/system/dpkg-db-backup.timer\netc/systemd/system/e2scrub_all.timer\n"
        "etc/systemd/system/fstrim.timer\netc/systemd/system/getty.target\n"
        "etc/systemd/system/paths.target.wants/node-ca-trust-rotate.path\n"
        "etc/systemd/system/sys-kernel-debug.mount\n"
        "etc/systemd/system/systemd-ask-password-console.path\n"
        "etc/systemd/system/systemd-ask-password-wall.path\netc/systemd/system/systemd-tmpfiles-clean.timer\n"
        "etc/systemd/system/timers.target.wants/node-ca-trust-rotate.timer\n"
        "var/lib/node-ca-trust/manifest.toml\nvar/lib/node-ca-trust/record\nvar/lib/node-ca-trust/roots\n");
  CHECK(image
            .shell("systemctl --root=$ROOT is-enabled node-ca-trust.service node-ca-trust-rotate.path "
                   "node-ca-trust-rotate.timer")
            .out == "enabled\nenabled\nenabled\n");
  CHECK(image.offline("verify").status == 0);

  // Again: not one byte, not one time of a file.
  const auto once = image.made(true);
  const auto again = image.offline("bake");
  CHECK(again.status == 0);
  CHECK(result_of(again) == "unchanged");
  CHECK(image.shell("test -e $ROOT/run/node-ca-trust").status == 1);
  CHECK(image.made(true) == once);
  CHECK(result_of(image.offline("bake", "--dry-run")) == "unchanged");
}

TEST_CASE("two images are the same, byte for byte, wherever, whenever and however they were made") {
  const Scratch scratch;
  const auto ca = make_ca({.common_name = "Corporate Root"});
  const Image one;
  const Image other;
  CHECK(one.offline("bake", concat("--from ", delivered(scratch, "here/ca.pem", ca.pem))).status == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  other.write("/given/there/ca.pem", ca.pem);
  const auto baked = other.inside("bake", "--from /given/there/ca.pem");
  CHECK_MESSAGE(baked.status == 0, baked.err);
  CHECK(other.shell("rm -r $ROOT/given").status == 0);
  CHECK(one.made() == other.made());
  CHECK(one.made().contains("/usr/local/share/ca-certificates/node-ca-trust/node-ca-trust-"));
  // It can be seen.
  CHECK(other.shell("date +%s.%N >$ROOT/var/lib/node-ca-trust/time").status == 0);
  CHECK(one.made() != other.made());
}

TEST_CASE(
    "CAs of the image's own stay, whatever a node is provisioned with, until they are replaced or removed") {
  const Scratch scratch;
  const auto baked = make_ca({.common_name = "Baked Root"});
  const auto newer = make_ca({.common_name = "Newer Root"});
  const auto node = make_ca({.common_name = "Node Root"});
  const auto file = [&](const TestCa& ca) { return delivered(scratch, "ca.pem", ca.pem); };
  const Image image;
  const auto anchors = [&] {
    return image.offline("status", "| grep -E '^anchor|^  from' | sed 's/, .*//' | sort | tr '\\n' '|'").out;
  };
  CHECK(image.offline("bake", concat("--from ", file(baked))).status == 0);
  CHECK(anchors() == "  from baked|anchor CN=Baked Root|");
  CHECK(image.offline("provision", concat("--from ", file(node))).status == 0);
  CHECK(anchors() == "  from baked|  from provision|anchor CN=Baked Root|anchor CN=Node Root|");
  CHECK(image.offline("bake").status == 0);
  CHECK(anchors() == "  from baked|  from provision|anchor CN=Baked Root|anchor CN=Node Root|");
  CHECK(image.offline("bake", concat("--from ", file(newer))).status == 0);
  CHECK(anchors() == "  from baked|  from provision|anchor CN=Newer Root|anchor CN=Node Root|");
  CHECK(image.offline("remove", "--source baked").status == 0);
  CHECK(anchors() == "  from provision|anchor CN=Node Root|");
  CHECK(says(image.offline("bake", concat("--format json --from ", file(baked))), "\"source\": \"baked\""));

  // Of what came and went nothing is left.
  CHECK(image.offline("remove", "--all").status == 0);
  CHECK(image.offline("bake").status == 0);
  const Image fresh;
  CHECK(fresh.offline("bake").status == 0);
  CHECK(image.shell("cat $ROOT/var/lib/node-ca-trust/*").out ==
        fresh.shell("cat $ROOT/var/lib/node-ca-trust/*").out);

  // What is refused changes nothing.
  const auto before = image.made();
  const auto refused =
      image.offline("bake", concat("--from ", delivered(scratch, "key.pem", baked.pem + baked.key_pem)));
  CHECK(refused.status == 65);
  CHECK(says(refused, "private-key"));
  CHECK(image.made() == before);
}

TEST_CASE("what others left is put right, or named") {
  Disk disk;
  const Image image(disk);
  SUBCASE("directories that others could write") {
    CHECK(image
              .shell("mkdir -p $ROOT/opt/certs $ROOT/var/lib/node-ca-trust && chmod 1777 $ROOT/opt/certs && "
                     "chown 1000:1000 $ROOT/var/lib/node-ca-trust")
              .status == 0);
    CHECK(image.offline("bake").status == 0);
    CHECK(image.shell("stat -c %a:%u:%g $ROOT/opt/certs $ROOT/var/lib/node-ca-trust").out ==
          "1755:0:0\n755:0:0\n");
  }
  SUBCASE("one above the sync directory") {
    CHECK(image.shell("chmod 777 $ROOT/opt").status == 0);
    const auto refused = image.offline("bake");
    CHECK(refused.status == 73);
    CHECK(refused.err.contains("/opt"));
    CHECK(image.shell("test -e $ROOT/run/node-ca-trust").status == 1);
  }
  SUBCASE("a unit that is masked stays so") {
    CHECK(image.shell("ln -s /dev/null $ROOT/etc/systemd/system/node-ca-trust.service").status == 0);
    const auto baked = image.offline("bake");
    CHECK(says(baked, "skipped: enable-unit node-ca-trust.service\n  it is masked\n"));
    CHECK(image.shell("test -e $ROOT/etc/systemd/system/multi-user.target.wants/node-ca-trust.service")
              .status == 1);
  }
  SUBCASE("units that are not there") {
    CHECK(image.shell("rm $ROOT/lib/systemd/system/node-ca-trust-rotate.path").status == 0);
    const auto before = image.made();
    CHECK(image.offline("bake").status == 69);
    CHECK(image.made() == before);
  }
  SUBCASE("an interrupted run is finished") {
    CHECK(image.offline("bake").status == 0);
    const auto whole = image.made();
    CHECK(
        image.shell("cd $ROOT/var/lib/node-ca-trust && mv manifest.toml pending.toml && rm record").status ==
        0);
    CHECK(image.offline("bake").status == 0);
    CHECK(image.made() == whole);
  }
}

TEST_CASE(
    "units that the configuration names wait for provisioning, and its directory is the one that is "
    "watched") {
  const Image image;
  image.write(kConfig,
              "[consumers]\nunits = [\"crio.service\", \"containerd.service\"]\n[rotation]\ndirectory = "
              "\"/srv/ca\"\n");
  const auto baked = image.offline("bake");
  CHECK_MESSAGE(baked.status == 0, baked.err);
  CHECK(says(baked, concat("done: write-drop-in ", kOthersDropIn)));
  CHECK(image.shell(concat("tail -n 2 $ROOT", kOthersDropIn)).out == "[Unit]\nAfter=node-ca-trust.service\n");
  CHECK(image.shell("test -e $ROOT/etc/systemd/system/containerd.service.d").status == 1);
  CHECK(image.shell("tail -n 1 $ROOT/etc/systemd/system/node-ca-trust-rotate.path.d/50-directory.conf").out ==
        "PathChanged=/srv/ca\n");
  CHECK(image.shell("stat -c %a $ROOT/srv/ca").out == "755\n");
  CHECK(result_of(image.offline("bake")) == "unchanged");
}

TEST_CASE("a builder that runs gives the image what one that does not would, and nothing of itself") {
  const auto ca = make_ca({.common_name = "Corporate Root"});
  const Scratch scratch;
  const Image image;
  CHECK(image.offline("bake", concat("--from ", delivered(scratch, "ca.pem", ca.pem))).status == 0);
  const auto wanted = image.shell(concat("cd $ROOT && ", kStateSums)).out;

  Disk disk{.files = {}, .links = {}};
  add_stand_in(disk, "containerd");
  disk.files["/root/ca.pem"] = ca.pem;
  disk.files["/root/build.pem"] = make_ca({.common_name = "Of the build"}).pem;
  const Machine machine(disk);
  // The build itself needed a CA: the machine remembers when, and which of its programs knew.
  CHECK(
      machine.shell("node-ca-trust provision --from /root/build.pem && node-ca-trust remove --all").status ==
      0);
  REQUIRE(machine.shell("grep -q '^boot = ' /var/lib/node-ca-trust/manifest.toml").status == 0);
  const auto starts = starts_of(machine, "containerd");
  const auto baked = machine.shell("node-ca-trust bake --from /root/ca.pem");
  CHECK_MESSAGE(baked.status == 0, baked.err);
  CHECK(says(baked, "it tells of this machine, not of the image"));
  CHECK(machine.output(concat("cd / && ", kStateSums)) == trimmed(wanted));
  CHECK(starts_of(machine, "containerd") == starts);
  CHECK(machine.output("journalctl --sync; journalctl -o cat -t node-ca-trust NCT_COMMAND=remove") != "");
  CHECK(machine.output("journalctl -o cat -t node-ca-trust NCT_COMMAND=bake") == "");
  CHECK(machine.output("systemctl is-enabled node-ca-trust node-ca-trust-rotate.path") == "enabled\nenabled");
}

TEST_CASE("a machine made of it boots, trusts what was baked, and proves nothing again") {
  const Scratch scratch;
  const auto baked = make_ca({.common_name = "Baked Root"});
  const auto delivered_ca = make_ca({.common_name = "Delivered Root"});
  const auto synced = make_ca({.common_name = "Synced Root"});
  const Image image;
  CHECK(image.offline("bake", concat("--from ", delivered(scratch, "ca.pem", baked.pem))).status == 0);
  auto disk = node_disk();
  disk.links.erase("/etc/systemd/system/multi-user.target.wants/node-ca-trust.service");
  disk.layers = {image.changes()};
  SUBCASE("without a bundle: nothing is written") {
    const auto state = image.shell(concat("cd $ROOT && ", kStateSums)).out;
    const Machine machine(disk);
    CHECK(machine.output("systemctl is-active node-ca-trust kubelet containerd node-ca-trust-rotate.path") ==
          "active\nactive\nactive\nactive");
    CHECK(trusts(machine, baked));
    CHECK(machine.output(concat("cd / && ", kStateSums)) == trimmed(state));
    CHECK(machine.output("node-ca-trust verify").ends_with("result: yes"));
  }
  SUBCASE("with one: it is trusted, beside the baked one, when kubelet starts; later rotations are, too") {
    disk.files[kBundle] = delivered_ca.pem;
    const Machine machine(disk);
    CHECK(trusts(machine, baked));
    CHECK(trusts(machine, delivered_ca));
    CHECK(starts_of(machine, "containerd") == "1");
    // From the unit's start to its end.
    const auto instant = [&](const char* name) {
      return std::stoll(
          machine.property("node-ca-trust.service", concat("ExecMain", name, "TimestampMonotonic")));
    };
    const auto took = instant("Exit") - instant("Start");
    MESSAGE("time to trust: ", took / 1000, " ms");
    CHECK(took <= 5'000'000);  // the aim is 100 ms; the machine may be busy
    CHECK(machine.console().find("ordering cycle") == std::string::npos);
    machine.write("/opt/certs/ca1.crt", synced.pem);
    CHECK(machine.comes_true("node-ca-trust status | grep 'CN=Synced Root'"));
    CHECK(trusts(machine, baked));
    CHECK(machine.shell("node-ca-trust remove --source baked").status == 0);
    CHECK(!trusts(machine, baked));
    CHECK(trusts(machine, delivered_ca));
  }
}
