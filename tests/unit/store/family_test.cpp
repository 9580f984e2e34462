#include "store/family.hpp"

#include <doctest/doctest.h>
#include <string>

#include "store/anchor_name.hpp"

using namespace nct;

TEST_CASE("a distribution is known by its os-release") {
  struct Row {
    std::string os_release;
    std::string id;
  };
  const Row rows[] = {
      {"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n", "debian"},
      {"NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n", "ubuntu"},
      {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "linuxmint"},
      {"ID=devuan\nID_LIKE='debian'\n", "devuan"},
      {"ID=\"Debian\"", "debian"},
      {"# a comment\n  ID=debian\nID_LIKE=fedora\n", "debian"},
  };
  for (const auto& [os_release, id] : rows) {
    CAPTURE(os_release);
    const auto distro = distro_from(os_release);
    REQUIRE(distro);
    CHECK(distro->id == id);
    REQUIRE(distro->layout != nullptr);
    CHECK(distro->layout->family == "debian");
    CHECK(distro->layout->kind == StoreKind::ca_certificates);
    CHECK(distro->layout->bundle == "/etc/ssl/certs/ca-certificates.crt");
  }
}

TEST_CASE("without os-release the probes decide") {
  const auto distro = distro_from(std::nullopt);
  REQUIRE(distro);
  CHECK(distro->id.empty());
  CHECK_FALSE(distro->layout->probes.empty());
}

TEST_CASE("another distribution is refused, naming what is known") {
  struct Row {
    std::string os_release;
    std::string message;
  };
  const std::string known = ", and the distributions whose trust store is known are: debian, ubuntu";
  const Row rows[] = {
      {"NAME=\"Alpine Linux\"\nID=alpine\n", "os-release says ID='alpine' ID_LIKE=''" + known},
      {"ID=rocky\nID_LIKE=\"rhel centos fedora\"\n",
       "os-release says ID='rocky' ID_LIKE='rhel centos fedora'" + known},
      {"ID=debianish\nID_LIKE=notdebian\n", "os-release says ID='debianish' ID_LIKE='notdebian'" + known},
      {"", "os-release says ID='' ID_LIKE=''" + known},
      {"ID=\x1b[31m\n", "os-release says ID='\\x1b[31m' ID_LIKE=''" + known},
  };
  for (const auto& [os_release, message] : rows) {
    const auto distro = distro_from(os_release);
    REQUIRE_FALSE(distro);
    CHECK(distro.error().code == Errc::configuration);
    CHECK(distro.error().message == message);
  }
}

TEST_CASE("an anchor's file is named by its content") {
  const std::string hex(64, 'a');
  CHECK(anchor_file_name(hex) == "node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt");
  CHECK(is_anchor_file_name(anchor_file_name(hex)));
  CHECK(anchor_file_name(hex, true) == "node-ca-trust-xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.crt");
  CHECK(is_anchor_file_name(anchor_file_name(hex, true)));
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
