// Where the distribution's tool takes a lock, and is started by itself at each change of the anchors: neither
// disturbs the other.
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

class Site {
 public:
  Finished provision(const std::string& bundle) const {
    const auto file = (scratch_.path() / "bundle.pem").string();
    write_whole(file, bundle);
    return node.run_product("provision", {"--from", file});
  }

  void configure(const std::string& toml) const {
    fs::create_directories(node.at("/etc/node-ca-trust"));
    write_whole(node.at("/etc/node-ca-trust/config.toml"), toml);
  }

  [[nodiscard]] TrustNode copy() const { return node.copy((scratch_.path() / "copy").string()); }

 private:
  Scratch scratch_;

 public:
  TrustNode node{(scratch_.path() / "root").string(), "suse", 8};
};

// As ca-certificates.path does: starts the tool when the anchors have changed, and again for what changed
// while it ran.
class PathUnit {
 public:
  explicit PathUnit(const TrustNode& node) : node_(node), thread_([this] { watch(); }) {}
  PathUnit(const PathUnit&) = delete;
  PathUnit& operator=(const PathUnit&) = delete;
  ~PathUnit() { stop(); }

  // After what it has still to do. What failed, in words.
  std::string stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
    return wrong_;
  }

  [[nodiscard]] int runs() const { return runs_; }

 private:
  [[nodiscard]] auto state() const { return fs::last_write_time(node_.at(node_.layout().anchors())); }

  void watch() {
    auto seen = state();
    for (;;) {
      const bool last = stopped_;
      if (const auto now = state(); now != seen) {
        seen = now;
        if (auto wrong = node_.update_ca_trust(); !wrong.empty()) wrong_ = std::move(wrong);
        ++runs_;
      } else if (last) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const TrustNode& node_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> runs_ = 0;
  std::string wrong_;
  std::jthread thread_;
};

std::string permissions_of(const std::string& path) {
  return std::to_string(static_cast<unsigned>(fs::status(path).permissions()));
}

}  // namespace

TEST_CASE("a run waits while the distribution's tool has its lock, and gives up when it keeps it") {
  const Site site;
  const auto ca = make_ca({.common_name = "Ours"});
  site.configure("lock_timeout_ms = 300\n");
  const auto before = tree_of(site.node);
  {
    const Flock held(site.node.lock());
    const auto refused = site.provision(ca.pem);
    CHECK(refused.status == 75);
    CHECK_MESSAGE(refused.err.contains("flock '/var/lib/ca-certificates': update-ca-certificates has it"),
                  refused.err);
    CHECK(site.node.run_product("status").status == 0);  // looking needs no lock
  }
  for (const auto* path : {"/etc/pki", "/var/lib/ca-certificates"}) {
    const auto part = [&](Tree tree) {
      std::erase_if(tree, [&](const auto& each) { return !concat("/", each.first).starts_with(path); });
      return tree;
    };
    CHECK(difference(part(before), part(tree_of(site.node))) == "");
  }

  site.configure("lock_timeout_ms = 30000\n");
  constexpr std::chrono::milliseconds kHeldFor(500);
  const auto start = std::chrono::steady_clock::now();
  std::atomic<bool> taken = false;
  std::jthread other([&] {
    const Flock held(site.node.lock());
    taken = true;
    std::this_thread::sleep_for(kHeldFor);
  });
  while (!taken)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto done = site.provision(ca.pem);
  CHECK_MESSAGE(done.status == 0, done.out, done.err);
  CHECK(std::chrono::steady_clock::now() - start >= kHeldFor);
  CHECK(site.node.extract_bundle().contains(ca.pem));
}

TEST_CASE("the tool that each change of the anchors starts disturbs no run, and ends in the same bytes") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 12);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  Dice dice(seed);
  const Site site;
  std::vector<TestCa> cas;
  for (int i = 0; i < 6; ++i)
    cas.push_back(
        make_ca({.common_name = i < 3 ? std::string("Re-keyed") : concat("CA ", std::to_string(i))}));
  PathUnit unit(site.node);
  for (std::uint64_t step = 0; step < steps; ++step) {
    std::string bundle = cas.back().pem;
    for (const auto& ca : cas)
      if (dice.one_in(2)) bundle += ca.pem;
    const auto done = site.provision(bundle);
    REQUIRE_MESSAGE(done.status == 0, done.out, done.err);
    for (const auto& ca : cas)
      CHECK(read_whole(site.node.at(site.node.layout().bundle)).contains(ca.pem) == bundle.contains(ca.pem));
    std::this_thread::sleep_for(std::chrono::milliseconds(dice.roll(200)));
  }
  CHECK(unit.stop() == "");
  CHECK(unit.runs() > 3);
  MESSAGE(unit.runs(), " runs of the tool beside ", steps, " of ours");
  const auto verified = site.node.run_product("verify");
  CHECK_MESSAGE(verified.status == 0, verified.out);
  const auto after = site.copy();
  CHECK(after.update_ca_trust() == "");
  CHECK(difference(tree_of(site.node), tree_of(after)) == "");
  CHECK(permissions_of(site.node.lock()) == std::to_string(0555));
}

TEST_CASE("the heading of the bundle stays, and where it is lost the tool's next run brings it back") {
  const Site site;
  const auto bundle = site.node.at(site.node.layout().bundle);
  const std::string heading = "#\n# made by the tool of this root\n#\n";
  CHECK(site.provision(make_ca().pem).status == 0);
  CHECK(read_whole(bundle).starts_with(heading + "-----BEGIN"));
  fs::remove(bundle);
  const auto ca = make_ca({.common_name = "Next"});
  CHECK(site.provision(ca.pem).status == 0);
  const auto plain = read_whole(bundle);
  CHECK(plain.starts_with("-----BEGIN"));
  CHECK(plain.contains(ca.pem));
  CHECK(site.node.update_ca_trust() == "");
  CHECK(read_whole(bundle) == heading + plain);
  CHECK(site.node.run_product("verify").status == 0);
}

TEST_CASE("a directory in the place of the link to the hash directory is told of") {
  const Site site;
  const auto certs = site.node.at("/etc/ssl/certs");
  fs::remove(certs);
  fs::create_directory(certs);
  const auto done = site.provision(make_ca().pem);
  CHECK_MESSAGE(done.status == 0, done.out, done.err);
  CHECK_MESSAGE(done.out.contains("drift copy-of-store: /etc/ssl/certs\n  is a directory of its own, not "
                                  "'/var/lib/ca-certificates/pem'"),
                done.out);
}

TEST_CASE("a hash directory that is not there is made") {
  const Site site;
  const auto ca = make_ca({.common_name = "Ours"});
  CHECK(site.provision(ca.pem).status == 0);
  const auto before = tree_of(site.node);
  fs::remove_all(site.node.at("/var/lib/ca-certificates/openssl"));
  const auto mended = site.provision(ca.pem);
  CHECK_MESSAGE(mended.status == 0, mended.out, mended.err);
  CHECK(mended.out.contains("mended: /var/lib/ca-certificates/openssl: is not there"));
  auto after = tree_of(site.node);
  CHECK(after.contains("var/lib/ca-certificates/openssl/Ours.pem"));
  after["var/lib/node-ca-trust/record"] = before.at("var/lib/node-ca-trust/record");
  CHECK(difference(before, after) == "");
}
