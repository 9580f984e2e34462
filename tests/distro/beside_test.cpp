// The product and the distribution's own tool at work at the same time, in any order of their steps that
// comes about: both do their work, and what the product did is there when the tool has ended.
#include "distro/admin.hpp"
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>

using namespace nct;
using namespace nct::test;

namespace {

constexpr const char* kStore = "/etc/ssl/certs";

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
  const auto trials = number_from("NCT_STEPS", 25);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", trials);
  const Sandbox sandbox;
  std::filesystem::create_directories(std::filesystem::path(kConfig).parent_path());
  write_whole(kConfig, kManyCertificates);
  Dice dice(seed);
  Authorities authorities;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    CAPTURE(trial);
    {
      // Nothing of the product comes behind the tool: what is there then has stayed.
      const std::jthread tool(
          [fresh = dice.one_in(2)] { CHECK(run({.argv = update_command({}, fresh)}).status == 0); });
      std::this_thread::sleep_for(std::chrono::milliseconds(dice.roll(900)));
      const auto finished = product_works(dice, authorities);
      CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
    }
    CHECK(left_to_do() == "");
    const auto verified = node_ca_trust({"verify"});
    CHECK_MESSAGE(verified.status == 0, verified.out, verified.err);
  }
}
