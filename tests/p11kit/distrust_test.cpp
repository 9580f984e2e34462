// Roots of the distribution that the configuration distrusts, where p11-kit makes the store.
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

class Site {
 public:
  explicit Site(const std::string& family) : node((scratch_.path() / "root").string(), family, 8) {
    fs::create_directories(node.directory() + "/etc/node-ca-trust");
  }

  // What the distribution ships besides.
  void ship(const std::vector<TestCa>& cas) const {
    std::string bundle;
    for (const auto& ca : cas)
      bundle +=
          concat("[p11-kit-object-v1]\nlabel: \"", ca.fingerprint_hex, "\"\ntrusted: true\n", ca.pem, "\n");
    const auto shipped = fs::read_symlink(node.at("/shipped")).string();  // root.sh
    write_whole(node.at(shipped + "/of-the-distribution.p11-kit"), bundle);
    REQUIRE(node.update_ca_trust() == "");
  }

  void distrust(const std::vector<TestCa>& cas) const {
    std::string list;
    for (const auto& ca : cas)
      list += concat("\"", ca.fingerprint_hex, "\", ");
    write_whole(node.directory() + "/etc/node-ca-trust/config.toml",
                concat("[distrust]\nfingerprints = [", list, "]\n"));
  }

  // What is not ours.
  [[nodiscard]] Tree store() const {
    auto tree = tree_of(node);
    std::erase_if(tree, [](const auto& entry) { return entry.first.contains("/node-ca-trust"); });
    return tree;
  }

  [[nodiscard]] Finished provision(const std::vector<TestCa>& cas) const {
    std::string bundle;
    for (const auto& ca : cas)
      bundle += ca.pem;
    const auto file = (scratch_.path() / "bundle.pem").string();
    write_whole(file, bundle);
    return node.run_product("provision", {"--from", file});
  }

  // In each view: those of all purposes have what is distrusted as well, and say so.
  [[nodiscard]] bool trusts(const TestCa& ca) const {
    const bool in_bundle = read_whole(node.at(node.layout().bundle)).contains(ca.pem);
    if (!node.layout().links.empty() && !node.hash_directories().empty()) {
      const auto link = concat(node.at(node.layout().links), "/", ca.subject_hash_hex, ".0");
      CHECK(fs::is_symlink(link) == in_bundle);
    }
    return in_bundle;
  }

  void check_tool_changes_nothing() const {
    const auto made = tree_of(node);
    REQUIRE(node.update_ca_trust() == "");
    const auto different = difference(made, tree_of(node));
    CHECK_MESSAGE(different.empty(), different);
  }

 private:
  Scratch scratch_;

 public:
  TrustNode node;
};

}  // namespace

TEST_CASE("roots leave every view, and come back, to the byte") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  Dice dice(seed);
  for (const std::string family : {"azurelinux3", "fedora43", "arch", "suse"}) {
    CAPTURE(family);
    const Site site(family);
    std::vector<TestCa> roots;
    for (int i = 0; i < 4; ++i)
      roots.push_back(make_ca({.common_name = concat("Of the distribution ", std::to_string(i))}));
    site.ship(roots);
    const auto before = site.store();
    std::vector<TestCa> ours;
    for (int step = 0; step < 5; ++step) {
      CAPTURE(step);
      std::vector<TestCa> distrusted;
      for (const auto& root : roots)
        if (dice.one_in(3)) distrusted.push_back(root);
      site.distrust(distrusted);
      if (dice.one_in(2)) ours.push_back(make_ca({.common_name = concat("Ours ", std::to_string(step))}));
      const auto done = ours.empty() ? site.node.run_product("distrust") : site.provision(ours);
      CHECK_MESSAGE(done.status == 0, done.out, done.err);
      for (const auto& root : roots) {
        const auto is = [&](const TestCa& other) { return other.fingerprint_hex == root.fingerprint_hex; };
        CHECK(site.trusts(root) == std::ranges::none_of(distrusted, is));
      }
      for (const auto& ca : ours)
        CHECK(site.trusts(ca));
      const auto verified = site.node.run_product("verify");
      CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
      site.check_tool_changes_nothing();
    }
    CHECK(site.node.run_product("remove", {"--all"}).status == 0);
    site.distrust({});
    CHECK(site.node.run_product("provision").status == 0);
    for (const auto& root : roots)
      CHECK(site.trusts(root));
    site.check_tool_changes_nothing();
    CHECK(fs::is_empty(site.node.at(site.node.layout().blocklist())));
    const auto different = difference(before, site.store());
    CHECK_MESSAGE(different.empty(), different);
  }
}

TEST_CASE("what p11-kit takes out with a root, since it has its key, is said") {
  const Site site("azurelinux3");
  const auto root = make_ca({.common_name = "Compromised"});
  const auto renewed = make_ca({.common_name = "Compromised, renewed", .key_pem = root.key_pem});
  site.ship({root, renewed});
  site.distrust({root});
  const auto done = site.node.run_product("provision");
  CHECK(done.status == 0);
  CHECK_MESSAGE(
      done.out.contains(concat("p11-kit blocks by the key: with CN=Compromised goes CN=Compromised\\, "
                               "renewed (sha256 ",
                               renewed.fingerprint_hex, ")")),
      done.out);
  CHECK_FALSE(site.trusts(root));
  CHECK_FALSE(site.trusts(renewed));
  site.check_tool_changes_nothing();
}

TEST_CASE("a root that an administrator has among the anchors, too, is named") {
  const Site site("fedora43");
  const auto root = make_ca({.common_name = "Of both"});
  site.ship({root});
  const auto kept = concat(kTrustAnchors, "/kept.pem");
  write_whole(site.node.at(kept), root.pem);
  REQUIRE(site.node.update_ca_trust() == "");
  site.distrust({root});
  const auto owed = site.node.run_product("verify");
  CHECK(owed.status == 1);
  CHECK_MESSAGE(owed.out.contains("drift distrust-owed: " + site.node.layout().blocklist()), owed.out);
  CHECK(site.node.run_product("provision").status == 0);
  CHECK_FALSE(site.trusts(root));
  const auto verified = site.node.run_product("verify");
  CHECK(verified.status == 1);
  CHECK_MESSAGE(verified.out.contains("drift still-trusted: " + kept), verified.out);
  fs::remove(site.node.at(kept));
  CHECK(site.node.run_product("provision").status == 0);
  CHECK(site.node.run_product("verify").status == 0);
  site.check_tool_changes_nothing();
}

TEST_CASE("what a run that was broken off has blocked or let in, the next one brings into the views") {
  const Site site("azurelinux3");
  const auto root = make_ca({.common_name = "Of the distribution"});
  site.ship({root});
  const auto file = site.node.at(site.node.layout().blocklist()) + "/node-ca-trust-" +
                    root.fingerprint_hex.substr(0, 32) + ".crt";
  site.distrust({root});
  write_whole(file, root.pem);
  const auto blocked = site.node.run_product("provision");
  CHECK_MESSAGE(blocked.status == 0, blocked.out, blocked.err);
  CHECK_FALSE(site.trusts(root));
  site.distrust({});
  fs::remove(file);
  CHECK(site.node.run_product("provision").status == 0);
  CHECK(site.trusts(root));
  CHECK(site.node.run_product("verify").status == 0);
}
