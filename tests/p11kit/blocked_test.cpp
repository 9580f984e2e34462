// What an administrator blocks is not installed, and does not keep other CAs from being.
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/scratch.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <utility>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

class Site {
 public:
  explicit Site(const std::string& family) : node((scratch_.path() / "root").string(), family, 8) {}

  Finished provision(const std::string& bundle) const {
    const auto file = (scratch_.path() / "bundle.pem").string();
    write_whole(file, bundle);
    return node.run_product("provision", {"--from", file});
  }

 private:
  Scratch scratch_;

 public:
  TrustNode node;
};

}  // namespace

TEST_CASE("a CA whose key is blocked is refused, and nothing is changed") {
  for (const auto& [family, in_der] : {std::pair{"azurelinux3", false},
                                       {"azurelinux3", true},
                                       {"fedora43", true},
                                       {"arch", false},
                                       {"suse", true}}) {
    CAPTURE(family);
    CAPTURE(in_der);
    const Site site(family);
    const auto blocklist = site.node.layout().blocklist() + "/";
    const auto ca = make_ca({.common_name = "Compromised"});
    const auto renewed = make_ca({.common_name = "Compromised", .key_pem = ca.key_pem});
    const auto other = make_ca({.common_name = "Other"});
    write_whole(site.node.directory() + blocklist + "old.pem", in_der ? ca.der : ca.pem);
    const auto before = tree_of(site.node);
    const auto refused = site.provision(renewed.pem + other.pem);
    CHECK(refused.status == 65);
    CHECK_MESSAGE(refused.out.contains("error unusable: p11-kit leaves it out of every view: '" + blocklist +
                                       "old.pem' blocks its key"),
                  refused.out);
    CHECK(difference(before, tree_of(site.node)) == "");
    CHECK(site.provision(other.pem).status == 0);
    CHECK(site.node.run_product("verify").status == 0);
  }
}

TEST_CASE("a CA that is blocked after it was installed is told of, and others come and go") {
  for (const std::string family : {"azurelinux3", "fedora43", "arch", "suse"}) {
    CAPTURE(family);
    const Site site(family);
    const auto blocklist = site.node.layout().blocklist() + "/";
    const auto ca = make_ca({.common_name = "Ours"});
    const auto other = make_ca({.common_name = "Other"});
    CHECK(site.provision(ca.pem).status == 0);
    write_whole(site.node.directory() + blocklist + "ours.pem", ca.pem);
    CHECK(site.node.update_ca_trust() == "");
    for (int i = 0; i < 2; ++i) {
      const auto both = site.provision(ca.pem + other.pem);
      CHECK_MESSAGE(both.status == 0, both.out, both.err);
      CHECK_MESSAGE(both.out.contains("not trusted: p11-kit leaves it out of every view: '" + blocklist +
                                      "ours.pem' blocks its key"),
                    both.out);
    }
    const auto bundle = site.node.extract_bundle();
    CHECK(bundle.contains(other.pem));
    CHECK_FALSE(bundle.contains(ca.pem));
    CHECK(site.node.run_product("verify").status == 0);
    fs::remove(site.node.directory() + blocklist + "ours.pem");
    const auto again = site.provision(ca.pem + other.pem);
    CHECK_MESSAGE(again.status == 0, again.out);
    CHECK_FALSE(again.out.contains("not trusted"));
    CHECK(read_whole(site.node.at(site.node.layout().bundle)).contains(ca.pem));
  }
}
