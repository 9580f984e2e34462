// The product and the distribution's own tool at work at the same time, in any order of their steps that
// comes about: both do their work, and what the product did is there when the tool has ended.
#include "distro/admin.hpp"
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kStore = "/etc/ssl/certs";

// Runs of the tool, with pauses, `fresh` or not.
class Tool {
 public:
  struct Run {
    bool fresh;
    std::chrono::milliseconds before;
  };
  explicit Tool(const std::vector<Run>& runs)
      : thread_([this, runs] {
          for (const auto& each : runs) {
            std::this_thread::sleep_for(each.before);
            CHECK(run({.argv = update_command({}, each.fresh)}).status == 0);
          }
          done_ = true;
        }) {}
  [[nodiscard]] bool done() const { return done_; }

 private:
  std::atomic<bool> done_ = false;
  std::jthread thread_;
};

std::vector<Tool::Run> some_runs(Dice& dice) {
  std::vector<Tool::Run> runs;
  for (std::size_t i = 1 + dice.roll(4); i > 0; --i)
    runs.push_back({.fresh = dice.one_in(2), .before = std::chrono::milliseconds(dice.roll(200))});
  return runs;
}

// Has the product install some of the CAs, or take back what it installed.
Finished product_works(Dice& dice, Authorities& authorities) {
  if (dice.one_in(6)) return node_ca_trust({"remove", "--all"});
  std::string bundle;
  for (std::size_t i = 1 + dice.roll(10); i > 0; --i)
    bundle += authorities.some(dice).pem;
  write_whole(kDelivered, bundle);
  return node_ca_trust({"provision", "--from", kDelivered});
}

// What the tool would change, where it knows its mind.
std::string left_to_do() {
  const auto fresh = predict_update({}, true);
  if (fresh.numbers_by_chance) return {};
  return concat(difference(tree_of(kStore), fresh.certs),
                difference(tree_of(kStore), predict_update({}, false).certs));
}

}  // namespace

TEST_CASE("beside update-ca-certificates the product does its work, which stays") {
  const auto seed = seed_of_run();
  const auto trials = number_from("NCT_STEPS", 10);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", trials);
  const Sandbox sandbox;
  std::filesystem::create_directories(std::filesystem::path(kConfig).parent_path());
  write_whole(kConfig, kManyCertificates);
  Dice dice(seed);
  Authorities authorities;
  unsigned runs = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    CAPTURE(trial);
    {
      const Tool tool(some_runs(dice));
      do {
        std::this_thread::sleep_for(std::chrono::milliseconds(dice.roll(300)));
        const auto finished = product_works(dice, authorities);
        CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
        ++runs;
      } while (!tool.done());
    }
    CHECK(left_to_do() == "");
    const auto verified = node_ca_trust({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
  }
  MESSAGE(runs, " runs beside the tool");
}
