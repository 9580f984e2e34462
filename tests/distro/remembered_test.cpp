// What runs remember saves time and changes no result: a run without it does the same.
#include "distro/admin.hpp"
#include "distro/product.hpp"
#include "support/debian_model.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

const std::string kCopy = "/run/copy";
const std::vector<std::string> kPlaces{"/etc/ssl",
                                       "/etc/ca-certificates",
                                       "/etc/node-ca-trust",
                                       "/usr/local/share/ca-certificates",
                                       "/usr/share/ca-certificates",
                                       "/var/lib/node-ca-trust"};

// The node as another root, of which nothing is remembered.
void copy_node() {
  fs::remove_all(kCopy);
  for (const auto& place : kPlaces) {
    fs::create_directories(fs::path(kCopy + place).parent_path());
    if (fs::exists(place)) REQUIRE(run({.argv = {"cp", "-a", place, kCopy + place}}).status == 0);
  }
  for (const char* file :
       {"/etc/ca-certificates.conf", "/etc/os-release", "/usr/sbin/update-ca-certificates"}) {
    fs::create_directories(fs::path(kCopy + file).parent_path());
    fs::copy_file(file, kCopy + file);
  }
  fs::create_directories(kCopy + "/run");
  fs::remove(kCopy + "/var/lib/node-ca-trust/record");
}

// Until every file is older than the longest tick of a file system's clock: only then is it known again.
void grow_old() {
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
}

}  // namespace

TEST_CASE("a run that remembers nothing does the same") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 10);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  const Sandbox sandbox;
  Dice dice(seed);
  Authorities authorities;
  fs::create_directories(fs::path(kConfig).parent_path());
  write_whole(kConfig, std::string(kManyCertificates) + "[store]\nhooks = \"skip\"\n");
  std::size_t same_answers = 0;
  std::size_t refused = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    CAPTURE(step);
    if (step == 0 || !dice.one_in(3)) {
      std::string bundle;
      for (std::size_t i = 1 + dice.roll(4); i > 0; --i)
        bundle += authorities.some(dice).pem;
      write_whole(kDelivered, bundle);
    }
    if (dice.one_in(2)) {
      grow_old();
      (void)node_ca_trust({"provision", "--from", kDelivered});  // writes down what it saw
    }
    std::string story;
    for (std::size_t i = dice.roll(3); i > 0; --i)
      story += concat(administer(dice, authorities), "; ");
    if (dice.one_in(3)) story += concat(damage(dice), "; ");
    CAPTURE(story);

    copy_node();
    const auto remembering = node_ca_trust({"provision", "--from", kDelivered});
    const auto forgetful = node_ca_trust({"provision", "--root", kCopy, "--from", kDelivered});
    CHECK(remembering.status == forgetful.status);
    CHECK(remembering.out == forgetful.out);
    CHECK(remembering.err == forgetful.err);
    if (remembering.out == forgetful.out) ++same_answers;
    if (remembering.status != 0) ++refused;
    for (const auto& place : kPlaces)
      CHECK(difference(tree_of(place, {"record"}), tree_of(kCopy + place, {"record"})) == "");
  }
  MESSAGE(steps, " steps, the same text from ", same_answers, "; ", refused, " refused");
  CHECK(refused < steps);
}
