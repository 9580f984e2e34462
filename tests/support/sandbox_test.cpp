#include "support/sandbox.hpp"

#include "support/debian_model.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>

using namespace nct::test;
namespace fs = std::filesystem;

namespace {
const std::vector<std::string> kPlaces{"/etc/ssl", "/etc/ca-certificates", "/usr/local/share/ca-certificates",
                                       "/usr/share/ca-certificates"};
}

TEST_CASE("a sandbox has the distribution's roots alone, and nothing of it is left") {
  std::vector<Tree> before;
  for (const auto& place : kPlaces)
    before.push_back(tree_of(place));
  const auto mounts = read_whole("/proc/self/mountinfo");
  const auto here = fs::current_path();
  for (int round = 0; round < 3; ++round) {
    const Sandbox sandbox;
    CHECK(fs::is_empty("/usr/local/share/ca-certificates"));
    CHECK(fs::is_empty("/etc/ca-certificates/update.d"));
    CHECK(fs::is_empty("/run"));
    CHECK(tree_of("/etc/ssl/certs").size() > 100);
    for (const bool fresh : {false, true})
      CHECK(difference(tree_of("/etc/ssl/certs"), predict_update({}, fresh).certs) == "");
    for (const auto& place : kPlaces)
      write_whole(place + "/new", "new");
    for (const char* lost : {"/etc/ssl", "/etc/ca-certificates.conf", "/usr/local/share/ca-certificates",
                             "/usr/share/ca-certificates/mozilla"})
      CHECK(fs::remove_all(lost) > 0);
  }
  for (std::size_t i = 0; i < kPlaces.size(); ++i)
    CHECK(difference(before.at(i), tree_of(kPlaces.at(i))) == "");
  CHECK(read_whole("/proc/self/mountinfo") == mounts);
  CHECK(fs::current_path() == here);
}
