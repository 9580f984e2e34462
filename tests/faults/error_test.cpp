// Lets each call that would change something fail, and looks at what the program says, what readers find, and
// where the next run ends.
#include "faults/nodes.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <mutex>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr int kInputOutput = 74;

struct Fault {
  SystemCall call;
  const char* error;
  const char* says;
};

// Every changing call, refused in each of three ways. That write-back cannot be started early harms nothing,
// and is left out.
std::vector<Fault> faults_of(const Change& change) {
  std::vector<Fault> faults;
  for (const auto& call : change.changing_calls()) {
    if (call.name == "sync_file_range") continue;
    faults.push_back({call, "EIO", "input/output error"});
    faults.push_back({call, "ENOSPC", "no space left on device"});
    faults.push_back({call, "EROFS", "read-only file system"});
  }
  return faults;
}

std::vector<std::string> wrong_with(const Finished& finished, const Fault& fault) {
  std::vector<std::string> wrong;
  if (finished.status != kInputOutput)
    wrong.push_back(concat("exit status ", std::to_string(finished.status), ", signal ",
                           std::to_string(finished.signal), ": ", finished.err));
  if (finished.err.find("'/") == std::string::npos)
    wrong.push_back(concat("no path is named: ", finished.err));
  if (finished.err.find(fault.says) == std::string::npos)
    wrong.push_back(concat("no reason: ", finished.err));
  return wrong;
}

void check(const Change& change) {
  CAPTURE(change.name());
  const auto faults = faults_of(change);
  CHECK(faults.size() > 60);
  std::vector<std::string> bad;
  std::mutex mutex;
  const Scratch scratch(fast_directory());
  in_two_threads(faults.size(), [&](std::size_t i) {
    const auto root = (scratch.path() / std::to_string(i)).string();
    change.prepare(root);
    const auto finished = change.run_injected(root, faults[i].call, concat("error=", faults[i].error));
    auto wrong = wrong_with(finished, faults[i]);
    for (const auto& list : {change.missed_by_readers(root), change.unfinished(root)})
      wrong.insert(wrong.end(), list.begin(), list.end());
    std::filesystem::remove_all(root);
    const std::scoped_lock lock(mutex);
    for (const auto& text : wrong)
      bad.push_back(concat(change.name(), ", ", faults[i].error, " at ", faults[i].call.text(), ": ", text));
  });
  std::ranges::sort(bad);
  std::string lines;
  for (const auto& text : bad)
    lines += concat("\n", text);
  CHECK_MESSAGE(bad.empty(), lines);
  MESSAGE(change.name() << ": " << faults.size() << " errors, " << bad.size() << " bad");
}

}  // namespace

TEST_CASE("an error at any changing call is said, loses nothing, and the next run finishes") {
  const Nodes nodes;
  SUBCASE("replacement") {
    check(nodes.replacement());
  }
  SUBCASE("removal") {
    check(nodes.removal());
  }
  SUBCASE("first provision") {
    check(nodes.first_provision());
  }
  SUBCASE("distrust") {
    check(nodes.distrust());
  }
  SUBCASE("restoration") {
    check(nodes.restoration());
  }
  SUBCASE("Flatcar") {
    check(nodes.first_provision_of_flatcar());
    check(nodes.replacement_of_flatcar());
  }
  SUBCASE("Photon") {
    check(nodes.replacement_of_photon());
    check(nodes.removal_of_photon());
  }
}
