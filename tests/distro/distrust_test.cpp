// Roots of the distribution that the configuration distrusts, beside the tool that makes the store.
#include "distro/product.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kStore = "/etc/ssl/certs";
constexpr const char* kBundle = "/etc/ssl/certs/ca-certificates.crt";
constexpr const char* kConf = "/etc/ca-certificates.conf";

struct Root {
  std::string name;  // in ca-certificates.conf
  std::string pem;
  std::string fingerprint;
};

std::string fingerprint_of(const std::string& path) {
  const auto said = run({.argv = {"openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", path}}).out;
  return std::string(trimmed(said.substr(said.find('=') + 1)));  // with colons, as people copy it
}

std::vector<Root> some_roots(std::size_t count) {
  std::vector<Root> roots;
  const auto conf = read_whole(kConf);
  for (const auto line : lines_of(conf)) {
    if (!line.starts_with("mozilla/") || roots.size() == count) continue;
    const auto path = concat("/usr/share/ca-certificates/", line);
    roots.push_back(
        {.name = std::string(line), .pem = read_whole(path), .fingerprint = fingerprint_of(path)});
  }
  return roots;
}

void configure(const std::vector<Root>& distrusted) {
  fs::create_directories("/etc/node-ca-trust");
  std::string list;
  for (const auto& root : distrusted)
    list += concat("\"", root.fingerprint, "\", ");
  write_whole(kConfig, concat("[distrust]\nfingerprints = [", list, "]\n"));
}

bool trusts(const Root& root) {
  const auto by_directory = run({.argv = {"sh", "-c",
                                          concat("openssl verify -no-CAfile -CApath ", kStore,
                                                 " /usr/share/ca-certificates/", root.name)}});
  const bool in_bundle = read_whole(kBundle).contains(root.pem);
  CHECK((by_directory.status == 0) == in_bundle);
  return in_bundle;
}

void check_tool_changes_nothing() {
  const auto made = tree_of(kStore);
  for (const bool fresh : {false, true}) {
    Command command{.argv = {"update-ca-certificates"}};
    if (fresh) command.argv.emplace_back("--fresh");
    REQUIRE(run(command).status == 0);
    const auto different = difference(made, tree_of(kStore));
    CHECK_MESSAGE(different.empty(), different);
  }
}

Finished provision(const std::vector<TestCa>& cas) {
  std::string bundle;
  for (const auto& ca : cas)
    bundle += ca.pem;
  write_whole(kDelivered, bundle);
  return node_ca_trust({"provision", "--from", kDelivered});
}

}  // namespace

TEST_CASE("roots are taken out and put back, exactly, whatever else somebody does to their list") {
  const Sandbox sandbox;
  const auto seed = std::random_device()();
  CAPTURE(seed);
  Dice dice(seed);
  const auto roots = some_roots(6);
  auto theirs = read_whole(kConf);  // as it is without us
  std::vector<TestCa> ours;
  for (int step = 0; step < 8; ++step) {
    CAPTURE(step);
    if (dice.one_in(3)) {
      const auto comment = concat("# of an administrator, ", std::to_string(step), "\n");
      write_whole(kConf, comment + read_whole(kConf));
      theirs = comment + theirs;
    }
    if (dice.one_in(3)) ours.push_back(make_ca({.common_name = concat("Ours ", std::to_string(step))}));
    std::vector<Root> distrusted;
    for (const auto& root : roots)
      if (dice.one_in(3)) distrusted.push_back(root);
    configure(distrusted);
    const auto done =
        ours.empty() ? node_ca_trust({dice.one_in(2) ? "distrust" : "provision"}) : provision(ours);
    CHECK_MESSAGE(done.status == 0, done.out, done.err);
    for (const auto& root : roots) {
      const auto is = [&](const Root& other) { return other.name == root.name; };
      CHECK(trusts(root) == std::ranges::none_of(distrusted, is));
    }
    for (const auto& ca : ours)
      CHECK(read_whole(kBundle).contains(ca.pem));
    check_tool_changes_nothing();
    const auto verified = node_ca_trust({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
    CHECK(node_ca_trust({"provision"}).out.contains("done: ") == false);
    if (distrusted.empty()) CHECK(read_whole(kConf) == theirs);
  }
  configure({});
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK(read_whole(kConf) == theirs);
  check_tool_changes_nothing();
}

TEST_CASE("what is distrusted is said: what takes it out, what is not there, what keeps it") {
  const Sandbox sandbox;
  const auto roots = some_roots(2);
  const auto kept = concat("/usr/local/share/ca-certificates/kept.crt");
  write_whole(kept, roots[1].pem);
  REQUIRE(run({.argv = {"update-ca-certificates"}}).status == 0);
  const Root absent{.name = {}, .pem = {}, .fingerprint = std::string(64, 'a')};
  configure({roots[0], roots[1], absent});

  const auto before = tree_of("/etc");
  const auto planned = node_ca_trust({"provision", "--dry-run"});
  CHECK(planned.status == 0);
  CHECK_MESSAGE(planned.out.contains(concat("would do: distrust-root ", kConf)), planned.out);
  CHECK(difference(before, tree_of("/etc")).empty());
  auto verified = node_ca_trust({"verify"});
  CHECK(verified.status == 1);
  CHECK_MESSAGE(verified.out.contains(concat("drift distrust-owed: ", kConf)), verified.out);

  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK_FALSE(trusts(roots[0]));
  CHECK(trusts(roots[1]));
  const auto status = node_ca_trust({"status"}).out;
  CHECK_MESSAGE(status.contains(concat("taken out, /usr/share/ca-certificates/", roots[0].name)), status);
  CHECK_MESSAGE(status.contains(concat("still trusted by ", kept)), status);
  CHECK_MESSAGE(status.contains("not in this store"), status);
  verified = node_ca_trust({"verify"});
  CHECK(verified.status == 1);
  CHECK_MESSAGE(verified.out.contains(concat("drift still-trusted: ", kept)), verified.out);
  CHECK_FALSE(verified.out.contains("distrust-owed"));
  check_tool_changes_nothing();

  fs::remove(kept);
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK_FALSE(trusts(roots[1]));
  CHECK(node_ca_trust({"verify"}).status == 0);
  CHECK(node_ca_trust({"remove", "--all"}).status == 0);
  for (const auto& root : roots)
    CHECK(trusts(root));
  check_tool_changes_nothing();
}

TEST_CASE("what an administrator deselected stays so when the configuration says no more of it") {
  const Sandbox sandbox;
  const auto roots = some_roots(1);
  auto conf = read_whole(kConf);
  conf.insert(conf.find(roots[0].name), "!");
  write_whole(kConf, conf);
  configure(roots);
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK(read_whole(kConf) == conf);
  configure({});
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK(read_whole(kConf) == conf);
  CHECK_FALSE(trusts(roots[0]));
}

TEST_CASE("a root that an update puts in the place of a distrusted one is trusted") {
  const Sandbox sandbox;
  const auto roots = some_roots(1);
  configure(roots);
  CHECK(node_ca_trust({"provision"}).status == 0);
  const auto renewed = make_ca({.common_name = "The root, renewed"});
  write_whole(concat("/usr/share/ca-certificates/", roots[0].name), renewed.pem);
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK(read_whole(kBundle).contains(renewed.pem));
  CHECK_FALSE(read_whole(kConf).contains("\n!"));
  check_tool_changes_nothing();
}

// The package reads and writes the list anew at each of its updates (ca-certificates.config and .postinst).
TEST_CASE("what is taken out stays so when the distribution's package is configured again") {
  const Sandbox sandbox;
  REQUIRE(run({.argv = {"cp", "-a", "/var/cache/debconf", "/run/debconf"}}).status == 0);
  REQUIRE(run({.argv = {"sed", "-i", "s,/var/cache/debconf,/run/debconf,", "/etc/debconf.conf"}}).status ==
          0);
  const auto roots = some_roots(1);
  const auto theirs = read_whole(kConf);
  configure(roots);
  CHECK(node_ca_trust({"provision"}).status == 0);
  const auto conf = read_whole(kConf);
  const auto configured = run({.argv = {"dpkg-reconfigure", "--frontend=noninteractive", "ca-certificates"}});
  REQUIRE_MESSAGE(configured.status == 0, configured.err);
  CHECK(read_whole(kConf) == conf);
  CHECK_FALSE(trusts(roots[0]));
  CHECK(node_ca_trust({"verify"}).status == 0);
  configure({});
  CHECK(node_ca_trust({"provision"}).status == 0);
  CHECK(read_whole(kConf) == theirs);
  CHECK(trusts(roots[0]));
}

TEST_CASE("a CA that is delivered and distrusted is left out, and one that was installed goes") {
  const Sandbox sandbox;
  const auto one = make_ca({.common_name = "One"});
  const auto other = make_ca({.common_name = "Other"});
  CHECK(provision({one, other}).status == 0);
  configure({{.name = {}, .pem = {}, .fingerprint = one.fingerprint_hex}});
  SUBCASE("with its bundle") {
    const auto done = provision({one, other});
    CHECK(done.status == 0);
    CHECK_MESSAGE(done.out.contains("warning distrusted: "), done.out);
  }
  SUBCASE("without") {
    CHECK(node_ca_trust({"distrust"}).status == 0);
  }
  CHECK_FALSE(read_whole(kBundle).contains(one.pem));
  CHECK(read_whole(kBundle).contains(other.pem));
  check_tool_changes_nothing();
}

TEST_CASE("a root that an update withdrew is named, until it comes back") {
  const Sandbox sandbox;
  const auto roots = some_roots(3);
  const auto ca = make_ca();
  CHECK(provision({ca}).status == 0);
  const auto withdraw = [](const Root& root) {
    auto conf = read_whole(kConf);
    conf.erase(conf.find(root.name), root.name.size() + 1);
    write_whole(kConf, conf);
    fs::remove(concat("/usr/share/ca-certificates/", root.name));
    REQUIRE(run({.argv = {"update-ca-certificates"}}).status == 0);
  };
  CHECK_FALSE(node_ca_trust({"status"}).out.contains("withdrawn: "));
  withdraw(roots[0]);
  withdraw(roots[1]);
  configure({roots[1], roots[2]});
  auto status = node_ca_trust({"status"}).out;
  CHECK_MESSAGE(status.contains(concat("withdrawn: ", roots[0].name)), status);
  CHECK_FALSE(status.contains("missed since"));
  const auto done = provision({ca});
  CHECK(done.status == 0);
  CHECK_MESSAGE(done.out.contains("the distribution trusts 1 root no more"), done.out);
  CHECK_FALSE(provision({ca}).out.contains("no more"));
  status = node_ca_trust({"status"}).out;
  CHECK_MESSAGE(status.contains(concat("withdrawn: ", roots[0].name)), status);
  CHECK(status.contains("missed since"));
  for (const auto i : {1U, 2U})
    CHECK_FALSE(status.contains(concat("withdrawn: ", roots[i].name)));

  write_whole(concat("/usr/share/ca-certificates/", roots[0].name), roots[0].pem);
  write_whole(kConf, concat(read_whole(kConf), roots[0].name, "\n"));
  CHECK(provision({ca}).status == 0);
  CHECK(trusts(roots[0]));
  CHECK_FALSE(node_ca_trust({"status"}).out.contains("withdrawn: "));
}
