// Where the store is made with update-ca-certificates --localcertsdir, as Gardener does on its nodes.
#include "distro/product.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <random>
#include <set>
#include <string>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kStore = "/etc/ssl/certs";
constexpr const char* kLocal = "/var/lib/ca-certificates-local";
constexpr const char* kRoots = "/var/lib/ca-certificates-local/ROOTcerts.crt";

void configure() {
  fs::create_directories("/etc/node-ca-trust");
  write_whole(kConfig, "[store]\nfamily = \"gardener\"\n");
}

// As Gardener's node agent does, with what the Shoot's caBundle has.
void gardener_works(const std::string& bundle) {
  fs::create_directories(kLocal);
  write_whole(kRoots, bundle);
  REQUIRE(run({.argv = {"update-ca-certificates", "--fresh", "--localcertsdir", kLocal}}).status == 0);
}

Finished provision(const std::vector<TestCa>& cas) {
  std::string bundle;
  for (const auto& ca : cas)
    bundle += ca.pem;
  write_whole(kDelivered, bundle);
  return node_ca_trust({"provision", "--from", kDelivered});
}

bool trusts(const TestCa& ca) {
  return read_whole("/etc/ssl/certs/ca-certificates.crt").contains(ca.pem);
}

// Neither run of the tool, as Gardener starts it, has anything left to do.
void check_tool_changes_nothing() {
  const auto made = tree_of(kStore);
  for (const bool fresh : {false, true}) {
    Command command{.argv = {"update-ca-certificates", "--localcertsdir", kLocal}};
    if (fresh) command.argv.emplace_back("--fresh");
    REQUIRE(run(command).status == 0);
    const auto different = difference(made, tree_of(kStore));
    CHECK_MESSAGE(different.empty(), different);
  }
}

}  // namespace

TEST_CASE("without its family the store is left as it is, and the way out is named") {
  const Sandbox sandbox;
  const auto theirs = make_ca({.common_name = "Of the Shoot"});
  gardener_works(theirs.pem);
  const auto before = tree_of(kStore);
  const auto refused = provision({make_ca()});
  CHECK(refused.status == 73);
  CHECK(refused.err.contains("another local directory"));
  const auto status = node_ca_trust({"status"});
  CHECK_MESSAGE(status.out.contains("store.family = \"gardener\""), status.out);
  CHECK(difference(before, tree_of(kStore)).empty());
}

TEST_CASE("our anchors lie where Gardener's do, and its tool changes nothing of the store") {
  const Sandbox sandbox;
  configure();
  const auto seed = std::random_device()();
  CAPTURE(seed);
  Dice dice(seed);
  auto theirs = make_ca({.common_name = "Of the Shoot"});
  gardener_works(theirs.pem);
  std::vector<TestCa> ours;
  for (int step = 0; step < 6; ++step) {
    CAPTURE(step);
    if (dice.one_in(3)) {
      theirs = make_ca({.common_name = concat("Of the Shoot ", std::to_string(step))});
      // Several of one bundle in one file: update-ca-certificates warns of it, and so do we.
      gardener_works(dice.one_in(2) ? theirs.pem : theirs.pem + make_ca().pem);
    }
    if (ours.size() > 3) ours.erase(ours.begin());
    ours.push_back(make_ca({.common_name = concat("Ours ", std::to_string(step))}));
    const auto done = provision(ours);
    CHECK_MESSAGE(done.status == 0, done.out, done.err);
    CHECK(trusts(theirs));
    for (const auto& ca : ours) {
      CHECK(trusts(ca));
      CHECK(read_whole(concat(kLocal, "/node-ca-trust/", anchor_name(ca), ".crt")) == ca.pem);
    }
    CHECK(fs::directory_iterator("/usr/local/share/ca-certificates") == fs::directory_iterator());
    check_tool_changes_nothing();
    const auto verified = node_ca_trust({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
  }
  gardener_works(theirs.pem);
  for (const auto& ca : ours)
    CHECK(trusts(ca));
  CHECK(node_ca_trust({"remove", "--all"}).status == 0);
  for (const auto& ca : ours)
    CHECK_FALSE(trusts(ca));
  CHECK(trusts(theirs));
  check_tool_changes_nothing();
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(kLocal))
    left.insert(entry.path().filename());
  CHECK(left == std::set<std::string>{"ROOTcerts.crt"});
}
