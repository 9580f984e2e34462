#include "store/family.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/anchor_name.hpp"

using namespace nct;

TEST_CASE("a system is known by its os-release, and by its likeness where it is not") {
  struct Row {
    std::string os_release;
    std::string id;
    std::string likeness;
  };
  const Row rows[] = {
      {"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n", "debian",
       ""},
      {"NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", "ubuntu", ""},
      {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "linuxmint", "ubuntu"},
      {"ID=devuan\nID_LIKE='debian'\n", "devuan", "debian"},
      {"ID=\"Debian\"", "debian", ""},
      {"# a comment\n  ID=debian\nID_LIKE=fedora\n", "debian", ""},
  };
  for (const auto& [os_release, id, likeness] : rows) {
    CAPTURE(os_release);
    const auto distro = distro_from(os_release);
    REQUIRE(distro);
    CHECK(distro->id == id);
    CHECK(distro->likeness == likeness);
    REQUIRE(distro->family != nullptr);
    CHECK(distro->family->name == "debian");
    CHECK(distro->family->mechanism == Mechanism::certificate_files);
    CHECK(distro->family->bundle == "/etc/ssl/certs/ca-certificates.crt");
  }
}

TEST_CASE("p11-kit's families are known by name, variant and version") {
  const std::pair<std::string, std::string> rows[] = {
      {"ID=azurelinux\nVERSION_ID=\"3.0\"\n", "azurelinux3"},
      {"ID=azurelinux\nVARIANT_ID=osguard\nVERSION_ID=\"3.0\"\n", "azurelinux3"},
      {"ID=azurelinux\nVARIANT_ID=AzureContainerLinux\nVERSION_ID=4593.0.0\n", "azurelinux3"},
      {"ID=azurecontainerlinux\n", "azurelinux3"},
      {"ID=azurelinux\nID_LIKE=fedora\nVERSION_ID=4.0\n", "fedora43"},
      {"ID=\"rocky\"\nVERSION_ID=\"9.5\"\nID_LIKE=\"rhel centos fedora\"\n", "el9"},
      {"ID=\"amzn\"\nVERSION_ID=\"2023\"\nID_LIKE=\"fedora\"\n", "el9"},
      {"ID=\"rhel\"\nVERSION_ID=\"10.1\"\nID_LIKE=\"centos fedora\"\n", "el10"},
      {"ID=fedora\nVERSION_ID=42\n", "fedora43"},
      {"ID=fedora\nVERSION_ID=43\n", "fedora43"},
      {"ID=fedora\nVERSION_ID=44\n", "fedora44"},
      {"ID=fedora\nVERSION_ID=45\n", "fedora44"},
      {"NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", "arch"},
      {"ID=\"sles\"\nID_LIKE=\"suse\"\nVERSION_ID=\"16.0\"\n", "suse"},
      {"ID=\"sles\"\nID_LIKE=\"suse\"\nVERSION_ID=\"15.6\"\n", "suse"},
      {"ID=\"sles\"\nID_LIKE=\"suse\"\nVERSION_ID=\"15.7\"\n", "suse"},
      {"ID=\"sl-micro\"\nID_LIKE=\"suse sle-micro opensuse-microos microos\"\nVERSION_ID=\"6.1\"\n", "suse"},
      {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"16.0\"\n", "suse"},
      {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.6\"\n", "suse"},
      {"ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\nVERSION_ID=\"20261128\"\n", "suse"},
      {"ID=\"opensuse-microos\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"20261128\"\n", "suse"},
  };
  for (const auto& [os_release, family] : rows) {
    CAPTURE(os_release);
    const auto distro = distro_from(os_release);
    REQUIRE(distro);
    CHECK(distro->family->name == family);
    CHECK(distro->likeness.empty());
    CHECK(distro->family->mechanism == Mechanism::extracts);
  }
}

TEST_CASE("Flatcar and Photon are known, with what lies in /etc/ssl/certs itself") {
  const std::pair<std::string, std::string> rows[] = {
      {"NAME=\"Flatcar Container Linux by Kinvolk\"\nID=flatcar\nID_LIKE=coreos\nVERSION_ID=4230.2.1\n",
       "flatcar"},
      {"NAME=\"VMware Photon OS\"\nID=photon\nVERSION_ID=5.0\n", "photon"},
  };
  for (const auto& [os_release, name] : rows) {
    CAPTURE(os_release);
    const auto distro = distro_from(os_release);
    REQUIRE(distro);
    const auto& family = *distro->family;
    CHECK(family.name == name);
    CHECK(lie_in_store(family.mechanism));
    CHECK(family.anchors == family.store);
    CHECK(family.anchor_suffix == ".pem");
    // Go reads every file in the first two, rehash those with four suffixes in the first.
    for (const auto staging : {family.anchor_staging, family.store_staging, family.bundle_staging})
      for (const auto* const read : {"/etc/ssl/certs/", "/etc/pki/tls/certs/"})
        CHECK_FALSE(staging.starts_with(read));
  }
}

TEST_CASE("what a family of p11-kit's has lies where readers and trust(1) do not look for it") {
  for (const auto& family : families()) {
    if (family.mechanism != Mechanism::extracts) continue;
    CAPTURE(family.name);
    bool has_bundle = false;
    for (const auto& extract : family.extracts) {
      has_bundle = has_bundle || extract.path == family.bundle;
      for (const auto staging : {family.anchor_staging, family.store_staging, family.bundle_staging})
        CHECK_FALSE(extract.path.starts_with(staging));
    }
    CHECK(has_bundle);
    for (const auto source : family.sources) {
      const auto staging = family.anchor_staging.substr(0, family.anchor_staging.rfind('/'));
      CHECK(staging != source);
      CHECK_FALSE(staging.starts_with(std::string(source) + "/"));
    }
    for (const auto& link : family.links)
      CHECK(std::ranges::any_of(family.extracts,
                                [&](const Extract& extract) { return extract.path == link.view; }));
  }
}

TEST_CASE("what a family changes, the sandbox of the services lets them write") {
  std::ifstream file(NCT_UNITS_DIRECTORY "/sandbox.conf");
  std::vector<std::string> writable;
  constexpr std::string_view kSetting = "ReadWritePaths=";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kSetting)) continue;
    std::istringstream paths(line.substr(kSetting.size()));
    for (std::string path; paths >> path;)
      writable.push_back(path.substr(path.starts_with('-') ? 1 : 0));
  }
  CHECK(writable.size() > 3);
  const auto mount_of = [&](std::string_view path) {
    CAPTURE(path);
    const auto found =
        std::ranges::find_if(writable, [&](const std::string& each) { return path.starts_with(each + "/"); });
    REQUIRE(found != writable.end());
    return *found;
  };
  for (const auto& family : families()) {
    CAPTURE(family.name);
    // What waits is renamed into its place: both are on one mount.
    CHECK(mount_of(family.anchors) == mount_of(family.anchor_staging));
    if (!family.store.empty())
      CHECK(mount_of(std::string(family.store) + "/") == mount_of(family.store_staging));
    CHECK(mount_of(family.bundle) == mount_of(family.bundle_staging));
    for (const auto& extract : family.extracts)
      CHECK(mount_of(extract.path) == mount_of(family.bundle_staging));
  }
}

TEST_CASE("every family has a name of its own, and its directories lie where it says") {
  std::set<std::string_view> names;
  for (const auto& family : families()) {
    CAPTURE(family.name);
    CHECK(names.insert(family.name).second);
    CHECK(family.anchors.starts_with(family.local));
    CHECK(family.bundle.starts_with("/"));
    CHECK_FALSE(family.probes.empty());
  }
}

TEST_CASE("the configuration chooses a family, whatever os-release says") {
  for (const auto& os_release : {std::optional<std::string>(), std::optional<std::string>("ID=alpine\n")}) {
    const auto distro = distro_from(os_release, "debian");
    REQUIRE(distro);
    CHECK(distro->family->name == "debian");
    CHECK(distro->likeness.empty());
  }
  const auto unknown = distro_from("ID=debian\n", "gentoo\n");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::configuration);
  CHECK(unknown.error().message ==
        "store.family is 'gentoo\\x0a', and the families whose store is known are: debian, gardener, "
        "azurelinux3, el9, "
        "el10, "
        "fedora43, fedora44, arch, suse, flatcar, photon");
}

TEST_CASE("without os-release the probes decide") {
  const auto distro = distro_from(std::nullopt);
  REQUIRE(distro);
  CHECK(distro->id.empty());
  CHECK_FALSE(distro->family->probes.empty());
}

TEST_CASE("a system whose store is not changed is refused by its name, with the reason") {
  struct Row {
    std::string os_release;
    std::string message;
  };
  const std::string known =
      ", and the families whose trust store is known are: debian, gardener, azurelinux3, el9, el10, "
      "fedora43, fedora44, arch, suse, flatcar, photon "
      "(store.family in the configuration chooses one)";
  const std::string old_openssl = ": it has OpenSSL 1.1.1, and this program needs OpenSSL 3";
  const std::string musl = ": its C library is musl, and this program needs glibc";
  const std::string old_suse =
      ": it has OpenSSL 1.1.1 and a glibc before 2.34, and this program needs OpenSSL 3 and glibc 2.34: "
      "service "
      "pack 6 and SUSE Linux Micro 6 are the first that have them";
  const std::string old_glibc = ": its C library is older than glibc 2.34, which this program needs";
  const Row rows[] = {
      {"ID=mariner\nVERSION_ID=\"2.0\"\n", "ID='mariner' VERSION_ID='2.0'" + old_openssl},
      {"ID=\"amzn\"\nVERSION_ID=\"2\"\nID_LIKE=\"centos rhel fedora\"\n",
       "ID='amzn' VERSION_ID='2' ID_LIKE='centos rhel fedora'" + old_openssl},
      {"ID=rocky\nVERSION_ID=\"8.10\"\nID_LIKE=\"rhel centos fedora\"\n",
       "ID='rocky' VERSION_ID='8.10' ID_LIKE='rhel centos fedora'" + old_openssl},
      {"ID=\"sles\"\nVERSION_ID=\"12.5\"\n", "ID='sles' VERSION_ID='12.5'" + old_suse},
      {"ID=\"sles\"\nVERSION_ID=\"15\"\n", "ID='sles' VERSION_ID='15'" + old_suse},
      {"ID=\"sles\"\nVERSION_ID=\"15.5\"\n", "ID='sles' VERSION_ID='15.5'" + old_suse},
      {"ID=\"sles_sap\"\nVERSION_ID=\"15.4\"\nID_LIKE=\"suse\"\n",
       "ID='sles_sap' VERSION_ID='15.4' ID_LIKE='suse'" + old_suse},
      {"ID=\"sle-micro\"\nVERSION_ID=\"5.5\"\nID_LIKE=\"suse\"\n",
       "ID='sle-micro' VERSION_ID='5.5' ID_LIKE='suse'" + old_suse},
      {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.5\"\n",
       "ID='opensuse-leap' VERSION_ID='15.5' ID_LIKE='suse opensuse'" + old_suse},
      {"ID=photon\nVERSION_ID=4.0\n", "ID='photon' VERSION_ID='4.0'" + old_glibc},
      {"NAME=\"Alpine Linux\"\nID=alpine\n", "ID='alpine'" + musl},
      {"ID=wolfi\n", "ID='wolfi'" + musl},
      {"ID=talos\n",
       "ID='talos': it runs no programs of its users; its machine configuration takes CAs, as "
       "TrustedRootsConfig"},
      {"ID=bottlerocket\n",
       "ID='bottlerocket': it runs no programs of its users; its settings take CAs, below settings.pki"},
      {"ID=debianish\nID_LIKE=notdebian\n", "ID='debianish' ID_LIKE='notdebian'" + known},
      {"", "ID=''" + known},
      {"ID=\x1b[31m\n", "ID='\\x1b[31m'" + known},
  };
  for (const auto& [os_release, message] : rows) {
    const auto distro = distro_from(os_release);
    REQUIRE_FALSE(distro);
    CHECK(distro.error().code == Errc::configuration);
    CHECK(distro.error().message == "os-release says " + message);
  }
}

TEST_CASE("an anchor's file is named by its content") {
  const std::string hex(64, 'a');
  CHECK(anchor_file_name(hex) == "node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt");
  CHECK(is_anchor_file_name(anchor_file_name(hex)));
  CHECK(anchor_file_name(hex, true) == "node-ca-trust-xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt");
  CHECK(is_anchor_file_name(anchor_file_name(hex, true)));
  CHECK(anchor_file_name(hex, false, ".pem") == "node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.pem");
  CHECK(is_anchor_file_name(anchor_file_name(hex, true, ".pem"), ".pem"));
  CHECK_FALSE(is_anchor_file_name(anchor_file_name(hex), ".pem"));
  for (const std::string name :
       {"node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt",
        "node-ca-trust-Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt",
        "node-ca-trust-xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt",
        "node-ca-trust-xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt",
        "node-ca-trust-yaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt",
        "node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.pem", "corporate-root.crt", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_anchor_file_name(name));
  }
}

TEST_CASE("two links are for one anchor by its two names") {
  const std::string plain = "node-ca-trust-" + std::string(31, 'a') + "b.pem";
  const std::string behind = "node-ca-trust-x" + std::string(31, 'a') + ".pem";
  CHECK(link_to_the_same("a.pem", "a.pem"));
  CHECK(link_to_the_same(plain, behind));
  CHECK(link_to_the_same(behind, plain));
  CHECK_FALSE(link_to_the_same("a.pem", "b.pem"));
  CHECK_FALSE(link_to_the_same(plain, "node-ca-trust-" + std::string(31, 'a') + "c.pem"));
  CHECK_FALSE(link_to_the_same("node-ca-trust-" + std::string(32, 'b') + ".pem", behind));
  CHECK_FALSE(link_to_the_same(plain, behind.substr(0, behind.size() - 4)));
}
