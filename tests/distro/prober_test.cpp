// No reader, of the bundle file or of the hash directory, ever misses a root that is in both the old and the
// new store.
#include "distro/prober.hpp"

#include "distro/in_store.hpp"
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <memory>
#include <unistd.h>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

// What stays throughout: a CA of ours with a leaf, and two roots of the distribution, of which one sorts
// before our anchors and one behind them.
struct Staying {
  TestCa ours = make_ca({.common_name = "Stays"});
  TestCa before = read_ca(read_whole("/usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt"));
  TestCa behind = read_ca(read_whole("/usr/share/ca-certificates/mozilla/vTrus_Root_CA.crt"));

  [[nodiscard]] Wanted wanted() const {
    return {.roots = {ours, before, behind}, .leaves = {make_leaf(ours, "registry.test")}};
  }
};

std::string bundle_of(const std::vector<TestCa>& cas) {
  std::string bundle;
  for (const auto& ca : cas)
    bundle += ca.pem;
  return bundle;
}

void provision(const std::vector<TestCa>& cas) {
  write_whole(kDelivered, bundle_of(cas));
  const auto finished = node_ca_trust({"provision", "--from", kDelivered});
  REQUIRE_MESSAGE(finished.status == 0, finished.out, finished.err);
}

// Those that come and go; most share their subject, and thus the bucket, with one that stays.
std::vector<TestCa> others_like(const Staying& staying) {
  std::vector<TestCa> others;
  for (const auto* like : {&staying.ours, &staying.before, &staying.behind})
    for (int i = 0; i < 3; ++i)
      others.push_back(make_ca({.subject_like_der = like->der}));
  others.push_back(make_ca({.common_name = "Another"}));
  return others;
}

void come_and_go(Dice& dice, std::uint64_t steps, const Staying& staying, const std::vector<TestCa>& others) {
  std::vector<TestCa> there;
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (!there.empty() && dice.one_in(3)) {
      const auto chosen = there.begin() + static_cast<long>(dice.roll(there.size()));
      const auto finished = node_ca_trust({"remove", "--fingerprint", chosen->fingerprint_hex});
      REQUIRE_MESSAGE(finished.status == 0, finished.out, finished.err);
      there.erase(chosen);
    } else {
      there.clear();
      for (const auto& other : others)
        if (dice.one_in(2)) there.push_back(other);
      auto all = there;
      all.push_back(staying.ours);
      provision(all);
    }
  }
}

}  // namespace

TEST_CASE("readers miss nothing while the product works, and miss roots while others do") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 300);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  Dice dice(seed);
  const Sandbox sandbox;
  const Staying staying;
  fs::create_directories(fs::path(kConfig).parent_path());
  write_whole(kConfig, kManyCertificates);

  provision({staying.ours});
  const auto during_work =
      seen_during(staying.wanted(), [&] { come_and_go(dice, steps, staying, others_like(staying)); });
  for (const auto& [name, looks, misses, first_miss] : during_work) {
    CAPTURE(name);
    CHECK(looks > 20);
    CHECK_MESSAGE(misses == 0, first_miss);
  }

  // The same probers do notice a store that is taken away under them.
  const auto during_fresh = seen_during(staying.wanted(), [] {
    for (int i = 0; i < 4; ++i)
      CHECK(run({.argv = update_command({}, true)}).status == 0);
  });
  CHECK(during_fresh.at(2).misses > 0);
  const auto during_rewrite = seen_during(staying.wanted(), [] {
    const std::string path = "/etc/ssl/certs/ca-certificates.crt";
    const auto bytes = read_whole(path);
    for (int i = 0; i < 50; ++i) {  // as a shell's `>` does
      const int file = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
      ::usleep(20000);
      ::close(file);
      write_whole(path, bytes);
      ::usleep(20000);
    }
  });
  CHECK(during_rewrite.at(0).misses > 0);
  CHECK(during_rewrite.at(1).misses > 0);
}

TEST_CASE("readers miss nothing on Flatcar and Photon, and miss roots while the distribution's tool runs") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 150);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  for (const auto* const name : {"flatcar", "photon"}) {
    CAPTURE(name);
    Dice dice(seed);
    const Sandbox sandbox;
    const Staying staying;
    fs::create_directories(fs::path(kConfig).parent_path());
    write_whole(kConfig, kManyCertificates);
    const InStoreSystem system(name);
    auto wanted = staying.wanted();
    wanted.bundle = system.bundle();
    // From the first moment, when Flatcar's links and bundle are those of its image, all but ours is there.
    const Wanted shipped{.roots = {staying.before, staying.behind}, .leaves = {}, .bundle = system.bundle()};
    for (const auto& seen : seen_during(shipped, [&] { provision({staying.ours}); }))
      CHECK_MESSAGE(seen.misses == 0, seen.name, seen.first_miss);
    const auto during_work =
        seen_during(wanted, [&] { come_and_go(dice, steps, staying, others_like(staying)); });
    for (const auto& seen : during_work) {
      CAPTURE(seen.name);
      CHECK(seen.looks > 20);
      CHECK_MESSAGE(seen.misses == 0, seen.first_miss);
    }
    const auto during_tool = seen_during(wanted, [&] {
      for (int i = 0; i < (system.is_flatcar() ? 10 : 200); ++i)  // Photon's gap is a short one
        system.tool();
    });
    CHECK(during_tool.at(system.is_flatcar() ? 2 : 0).misses > 0);
  }
}
