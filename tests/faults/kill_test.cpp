// Kills the program at every system call, and looks at what readers find then, and where the next run ends.
#include "faults/nodes.hpp"
#include "support/debian_node.hpp"

#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <mutex>
#include <set>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

struct Killed {
  std::size_t kills = 0;
  std::size_t survived = 0;  // the kill never came: the count of calls was off
  std::vector<std::string> bad;
};

Killed kill_at_each(const Change& change, const std::vector<SystemCall>& calls) {
  Killed killed;
  std::mutex mutex;
  const Scratch scratch(fast_directory());
  in_two_threads(calls.size(), [&](std::size_t i) {
    const auto root = (scratch.path() / std::to_string(i)).string();
    change.prepare(root);
    const auto finished = change.run_injected(root, calls[i], "signal=KILL");
    auto wrong = change.missed_by_readers(root);
    for (auto& text : change.unfinished(root))
      wrong.push_back(std::move(text));
    std::filesystem::remove_all(root);

    const std::scoped_lock lock(mutex);
    ++(finished.signal == SIGKILL ? killed.kills : killed.survived);
    for (const auto& text : wrong)
      killed.bad.push_back(concat(change.name(), ", killed at ", calls[i].text(), ": ", text));
  });
  return killed;
}

std::string lines(const std::vector<std::string>& texts) {
  std::string joined;
  for (std::size_t i = 0; i < std::min<std::size_t>(texts.size(), 10); ++i)
    joined += concat("\n", texts[i]);
  return joined;
}

void check(const Change& change, const std::vector<SystemCall>& calls) {
  CAPTURE(change.name());
  CHECK(calls.size() > 20);
  const auto killed = kill_at_each(change, calls);
  CHECK_MESSAGE(killed.bad.empty(), lines(killed.bad));
  CHECK(killed.survived == 0);
  CHECK(killed.kills == calls.size());
  MESSAGE(change.name() << ": " << killed.kills << " kills, " << killed.bad.size() << " bad");
}

}  // namespace

TEST_CASE("a kill at any system call leaves old or new, and the next run finishes") {
  const Nodes nodes;
  SUBCASE("replacement") {
    const auto change = nodes.replacement();
    check(change, change.calls());
  }
  SUBCASE("removal") {
    const auto change = nodes.removal();
    check(change, change.calls());
  }
  // Between two changes a kill leaves the same tree: here only the calls that make one.
  SUBCASE("first provision") {
    const auto change = nodes.first_provision();
    check(change, change.changing_calls());
  }
  SUBCASE("rotation") {
    const auto change = nodes.rotation();
    check(change, change.changing_calls());
  }
  SUBCASE("distrust") {
    const auto change = nodes.distrust();
    check(change, change.changing_calls());
  }
  SUBCASE("restoration") {
    const auto change = nodes.restoration();
    check(change, change.changing_calls());
  }
  SUBCASE("Flatcar") {
    for (const auto make : {&Nodes::first_provision_of_flatcar, &Nodes::replacement_of_flatcar}) {
      const auto change = (nodes.*make)();
      check(change, change.changing_calls());
    }
  }
  SUBCASE("Photon") {
    for (const auto make : {&Nodes::replacement_of_photon, &Nodes::removal_of_photon}) {
      const auto change = (nodes.*make)();
      check(change, change.changing_calls());
    }
  }
  SUBCASE("replacement in a store of full size") {
    const auto change = nodes.replacement_at_full_size();
    check(change, change.changing_calls());
  }
}

// The test put to programs that do not take care.
TEST_CASE("a careless program is seen") {
  const Scratch scratch(fast_directory());
  const auto start = (scratch.path() / "start").string();
  const auto bundle = (scratch.path() / "bundle").string();
  put(debian_node(), start);
  write_whole(bundle,
              concat(read_whole(concat(start, "/etc/ssl/certs/ca-certificates.crt")), rekeyed_ca().pem));
  const auto root_of_link = [](const std::string& root) {
    return concat(root, "/etc/ssl/certs/", distro_roots().front().ca.subject_hash_hex, ".0");
  };

  SUBCASE("cp writes a bundle in place") {
    const Change change("cp", start, [&](const std::string& root) {
      return std::vector<std::string>{"cp", bundle, concat(root, "/etc/ssl/certs/ca-certificates.crt")};
    });
    const auto killed = kill_at_each(change, change.calls());
    CHECK(killed.survived == 0);
    CHECK_FALSE(killed.bad.empty());
    CHECK(lines(killed.bad).find("bundle misses") != std::string::npos);
  }
  SUBCASE("a script that the next run does not finish") {
    const Change change("sh", start, [&](const std::string& root) {
      return std::vector<std::string>{
          "sh", "-c",
          concat("echo >>", root, "/var/lib/runs; rm ", root_of_link(root), "; ln -s ",
                 distro_roots().front().name, ".pem ", root_of_link(root))};
    });
    // Its children are not the first process: strace counts for each, and all `rm` have a first unlinkat.
    const auto killed = kill_at_each(change, {{.name = "unlinkat", .number = 1, .arguments = ""},
                                              {.name = "symlinkat", .number = 1, .arguments = ""}});
    CHECK(lines(killed.bad).find("hash directory misses") != std::string::npos);
    CHECK(lines(killed.bad).find("var/lib/runs") != std::string::npos);
  }
}
