// Run after the product, the distribution's own tool changes nothing, byte for byte, whatever happened
// before.
#include "distro/admin.hpp"
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <set>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kStore = "/etc/ssl/certs";
constexpr const char* kBundle = "ca-certificates.crt";
const std::vector<std::string> kDerived{"/etc/ssl", "/usr/local/share/ca-certificates", "/var/lib"};

struct Counts {
  unsigned provisions = 0;
  unsigned removals = 0;
  unsigned admin = 0;
  unsigned damages = 0;
  unsigned refusals = 0;
  unsigned real_on_damaged = 0;
  unsigned real_after = 0;
  unsigned by_chance = 0;
};

// Whether a file that the configuration selects holds `ca`: then it becomes no anchor of ours.
bool distribution_trusts(const TestCa& ca) {
  return std::ranges::any_of(selected_certificates({}), [&](const auto& path) {
    auto text = read_whole(path);
    std::erase(text, '\r');
    return text.contains(ca.pem.substr(0, ca.pem.size() - 1));
  });
}

class Node {
 public:
  explicit Node(Dice& dice) : dice_(dice) {
    fs::create_directories(fs::path(kConfig).parent_path());
    write_whole(kConfig, kManyCertificates);
  }

  // Other people's work on the node.
  void others_work() {
    for (std::size_t i = dice_.roll(4); i > 0; --i, ++counts.admin)
      tell(administer(dice_, authorities_));
    if (!dice_.one_in(4)) return;
    for (std::size_t i = 1 + dice_.roll(2); i > 0; --i, ++counts.damages)
      tell(damage(dice_));
  }

  // The product's work, of which it must say that all went well.
  void product_works() {
    std::vector<std::string> arguments;
    if (installed_.empty() || !dice_.one_in(4)) {
      arguments = {"provision", "--from", kDelivered};
      auto wanted = installed_;
      if (!dice_.one_in(8)) {  // else the same again
        if (dice_.one_in(3)) wanted.clear();
        for (std::size_t i = 1 + dice_.roll(12); i > 0 && wanted.size() < 12; --i) {
          const auto& ca = authorities_.some(dice_);
          wanted.emplace(ca.fingerprint_hex, ca);
        }
      }
      if (wanted.empty()) {
        const auto& ca = authorities_.some(dice_);
        wanted.emplace(ca.fingerprint_hex, ca);
      }
      ++counts.provisions;
      std::string bundle;
      for (const auto& [fingerprint, ca] : wanted)
        bundle += ca.pem;
      write_whole(kDelivered, bundle);
      installed_ = wanted;
      std::erase_if(installed_, [](const auto& one) { return distribution_trusts(one.second); });
    } else {
      ++counts.removals;
      arguments = {"remove", "--all"};
      if (dice_.one_in(3)) {
        arguments = {"remove", "--source", "provision"};
        installed_.clear();
      } else if (dice_.one_in(2)) {
        const auto chosen = std::next(installed_.begin(), static_cast<long>(dice_.roll(installed_.size())));
        arguments = {"remove", "--fingerprint", chosen->first};
        installed_.erase(chosen);
      } else {
        installed_.clear();
      }
    }
    auto finished = run_product(arguments);
    // It would take the servers of another one of its name that somebody else installed; so one that shares
    // its name with nobody. (With nothing of ours installed, damage would stay as it is.)
    if (finished.status == 65 && said_.contains("error same-name")) {
      ++counts.refusals;
      const auto stranger = make_ca({.common_name = "Shares its name with nobody"});
      installed_ = {{stranger.fingerprint_hex, stranger}};
      write_whole(kDelivered, stranger.pem);
      finished = run_product({"provision", "--from", kDelivered});
    }
    if (finished.status != 0)
      fail(concat("ended with ", std::to_string(finished.status), ", signal ",
                  std::to_string(finished.signal)));
  }

  // The anchors are those that were asked for, each in canonical form.
  void check_anchors() {
    Tree expected;
    if (!installed_.empty()) expected["."] = {NodeKind::directory, 0755, {}};
    for (const auto& [fingerprint, ca] : installed_)
      expected[anchor_name(ca) + ".crt"] = {NodeKind::file, 0644, ca.pem};
    auto found = tree_of(kAnchors);
    // A cross-signed one has its other name while its root is installed.
    for (const auto& [fingerprint, ca] : installed_) {
      const auto twin = std::ranges::count_if(
          installed_, [&](const auto& other) { return other.second.key_pem == ca.key_pem; });
      if (auto behind = found.extract(concat("node-ca-trust-x", fingerprint.substr(0, 31), ".crt"));
          behind && twin > 1) {
        behind.key() = anchor_name(ca) + ".crt";
        found.insert(std::move(behind));
      }
    }
    if (installed_.empty() && found.size() == 1) found.clear();  // the empty directory may stay
    expect_same("the anchors are not those that were asked for", expected, found);
  }

  // Neither run of the distribution's tool has anything left to do, and nobody else's file is lost.
  void check_store(const Tree& before) {
    const auto now = tree_of(kStore);
    const auto fresh = predict_update({}, true);
    if (fresh.numbers_by_chance) ++counts.by_chance;
    expect_same("update-ca-certificates -f would change the store", now, fresh.certs);
    expect_same("update-ca-certificates would change the store", now, predict_update({}, false).certs);
    for (const auto& [path, node] : before) {
      if (node.kind == NodeKind::link || path.starts_with(kBundle) || now.at(path) == node) continue;
      if (now.at(path).kind != NodeKind::link) fail(concat("the store lost ", path));
    }
  }

  // The distribution's tool does to a copy of the store what the model says.
  void check_model_on_copy() {
    ++counts.real_on_damaged;
    const bool fresh = dice_.one_in(2);
    const DebianPaths paths{.certs = "/run/copy"};
    fs::remove_all(paths.certs);
    if (run({.argv = {"cp", "-a", kStore, paths.certs}}).status != 0) fail("no copy");
    const auto predicted = predict_update(paths, fresh);
    const auto finished = run({.argv = update_command(paths, fresh)});
    if (finished.status != predicted.status) fail(concat("MODEL: another status: ", finished.err));
    if (predicted.numbers_by_chance)
      ++counts.by_chance;
    else
      expect_same(fresh ? "MODEL: -f does something else" : "MODEL: the tool does something else",
                  predicted.certs, tree_of(paths.certs));
    fs::remove_all(paths.certs);
  }

  // The distribution's tool itself, run twice, changes nothing that it knows its mind about.
  void check_real_tool() {
    if (predict_update({}, true).numbers_by_chance) return;
    ++counts.real_after;
    std::vector<Tree> before;
    for (const auto& place : kDerived)
      before.push_back(tree_of(place));
    for (const bool fresh : {false, true}) {
      const auto finished = run({.argv = update_command({}, fresh)});
      if (finished.status != 0) fail(concat("the tool failed: ", finished.err));
      for (std::size_t i = 0; i < kDerived.size(); ++i)
        expect_same(concat("update-ca-certificates ", fresh ? "-f " : "", "changed ", kDerived.at(i)),
                    before.at(i), tree_of(kDerived.at(i)));
    }
  }

  void tell(const std::string& what) { story_.push_back(what); }

  Counts counts;

 private:
  Finished run_product(const std::vector<std::string>& arguments) {
    std::string line = "node-ca-trust";
    for (const auto& argument : arguments)
      line += concat(" ", argument);
    tell(concat(line, ", ", std::to_string(installed_.size()), " anchors wanted"));
    auto finished = node_ca_trust(arguments);
    said_ = concat(finished.out, finished.err);
    return finished;
  }

  void expect_same(const std::string& claim, const Tree& expected, const Tree& found) {
    if (const auto wrong = difference(expected, found); !wrong.empty()) fail(concat(claim, ":\n", wrong));
  }

  void fail(const std::string& why) {
    std::string text;
    for (std::size_t i = story_.size() > 40 ? story_.size() - 40 : 0; i < story_.size(); ++i)
      text += concat("  ", story_[i], "\n");
    FAIL(concat("what happened:\n", text, why, "\nThe last run said:\n", said_));
  }

  Dice& dice_;
  Authorities authorities_;
  std::map<std::string, TestCa> installed_;
  std::vector<std::string> story_;
  std::string said_;  // by the product's last run
};

}  // namespace

TEST_CASE("the distribution's tool, run after the product, changes nothing") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 500);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  const Sandbox sandbox;
  Dice dice(seed);
  Node node(dice);

  // Which steps the real tool is run at: a tenth of them, 40 at least. It takes most of the time.
  const auto real_steps = number_from("NCT_REAL", std::max<std::uint64_t>(40, steps / 10));
  std::set<std::uint64_t> real;
  while (real.size() < std::min(steps, real_steps))
    real.insert(dice.roll(steps));

  for (std::uint64_t step = 0; step < steps; ++step) {
    node.tell(concat("step ", std::to_string(step)));
    node.others_work();
    if (real.contains(step)) node.check_model_on_copy();
    if (dice.one_in(20) && !real.contains(step)) {
      node.tell("update-ca-certificates");
      CHECK(run({.argv = update_command({}, false)}).status == 0);
      continue;
    }
    const auto before = tree_of(kStore);
    node.product_works();
    node.check_anchors();
    node.check_store(before);
    if (real.contains(step)) node.check_real_tool();
  }
  const auto& counts = node.counts;
  MESSAGE(steps, " steps: ", counts.provisions, " provisions, ", counts.removals, " removals, ", counts.admin,
          " changes by others, ", counts.damages, " damages; real tool run after the product ",
          counts.real_after, " times, on a damaged store ", counts.real_on_damaged,
          " times; the tool's numbers left to chance ", counts.by_chance, " times");
}

// A bundle of one certificate is itself what a hash link may lead to.
TEST_CASE("a store of few certificates grows and shrinks, and the distribution's tool changes nothing") {
  const Sandbox sandbox;
  const auto root = make_ca({.common_name = "Only Root"});
  const auto one = make_ca({.common_name = "One"});
  const auto two = make_ca({.common_name = "Two"});
  for (const bool with_root : {false, true}) {
    CAPTURE(with_root);
    write_whole("/usr/share/ca-certificates/only.crt", root.pem);
    write_whole("/etc/ca-certificates.conf", with_root ? "only.crt\n" : "\n");
    REQUIRE(run({.argv = update_command({}, true)}).status == 0);
    for (const auto& bundle : {one.pem, one.pem + two.pem, two.pem, std::string(), two.pem, std::string()}) {
      write_whole(kDelivered, bundle);
      const auto finished = bundle.empty() ? node_ca_trust({"remove", "--all"})
                                           : node_ca_trust({"provision", "--from", kDelivered});
      CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
      const auto verified = node_ca_trust({"verify"});
      CHECK_MESSAGE(verified.status == 0, verified.out);
      for (const bool fresh : {false, true}) {
        const auto before = tree_of(kStore);
        REQUIRE(run({.argv = update_command({}, fresh)}).status == 0);
        CHECK(difference(before, tree_of(kStore)) == "");
      }
    }
  }
}
