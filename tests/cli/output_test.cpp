// What the real binary does where what it prints cannot be written, and how much it prints at most.
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr int kIo = 74;
constexpr int kInput = 65;

// A shell's command line, in which "$0" is the program.
Finished shell(const std::string& line, const std::map<std::string, std::string>& environment = {}) {
  return run({.argv = {"bash", "-c", line, NCT_BINARY}, .environment = environment});
}

class Node {
 public:
  Node() {
    put(debian_node(), root());
    write_whole(file("ca.pem"), make_ca().pem);
    write_whole(file("bad.pem"), "no certificate\n");
  }
  [[nodiscard]] std::string root() const { return scratch_.path() / "root"; }
  [[nodiscard]] std::string file(const std::string& name) const { return scratch_.path() / name; }

 private:
  Scratch scratch_;
};

}  // namespace

TEST_CASE("a report that cannot be written is exit status 74, whatever is reported") {
  const Node node;
  const auto ca = node.file("ca.pem");
  const auto bad = node.file("bad.pem");
  const auto root = concat(" --root ", node.root());
  const std::string commands[] = {"--version",
                                  "--help",
                                  "lint --help",
                                  concat("lint ", ca),
                                  concat("lint ", bad),
                                  concat("lint --format json ", ca),
                                  concat("lint --format sarif ", ca),
                                  concat("provision --dry-run --from ", ca, root),
                                  concat("provision --from ", ca, root),
                                  concat("status", root),
                                  concat("verify", root),
                                  concat("verify --format junit", root)};
  for (const auto& command : commands) {
    CAPTURE(command);
    const auto full = shell(concat("exec \"$0\" ", command, " >/dev/full"));
    CHECK(full.status == kIo);
    CHECK(full.err ==
          "node-ca-trust: write 'standard output': no space left on device\n"
          "  what is printed is not complete; what the run did stands\n");
    const auto closed = shell(concat("exec \"$0\" ", command, " >&-"));
    CHECK(closed.status == kIo);
    CHECK(closed.err.starts_with("node-ca-trust: write 'standard output': bad file descriptor\n"));
  }
  SUBCASE("an error is said, too, in every format") {
    for (const std::string format : {"text", "json"}) {
      const auto refused =
          shell(concat("exec \"$0\" provision --format ", format, root, " --from ", bad, " >/dev/full"));
      CHECK(refused.status == kIo);
      CHECK(refused.err.starts_with(concat("node-ca-trust: '", bad, "': refused\n  ")));
      CHECK(refused.err.find("no space left on device") != std::string::npos);
    }
  }
  SUBCASE("a pipe that nobody reads") {
    const auto gone = shell(concat("trap '' PIPE; \"$0\" lint ", ca, " | true; exit ${PIPESTATUS[0]}"));
    const bool was_faster = gone.status == 0;
    CHECK((was_faster || gone.status == kIo));
  }
  SUBCASE("standard error that cannot be written changes nothing") {
    CHECK(shell(concat("exec \"$0\" provision", root, " --from ", bad, " 2>/dev/full")).status == kInput);
    CHECK(shell(concat("exec \"$0\" provision", root, " --from ", bad, " 2>&-")).status == kInput);
    CHECK(shell(concat("exec \"$0\" lint ", ca, " 2>&- <&-")).status == 0);
  }
}

TEST_CASE("a closed descriptor is not taken by a file of the node") {
  const Node node;
  const auto words = concat(" provision --root ", node.root(), " --from ", node.file("ca.pem"));
  CHECK(shell(concat("exec \"$0\"", words, " <&- >&- 2>&-")).status == kIo);
  CHECK(run({.argv = {NCT_BINARY, "verify", "--root", node.root()}}).status == 0);
  CHECK(read_whole(node.root() + "/run/node-ca-trust/lock").empty());
}

TEST_CASE("colour: on a terminal, unless NO_COLOR holds something") {
  const Node node;
  // script(1) gives a terminal.
  const auto on_terminal = [&](const std::map<std::string, std::string>& environment) {
    return shell(concat("exec script -qec '\"", NCT_BINARY, "\" lint ", node.file("ca.pem"), "' /dev/null"),
                 environment)
        .out.contains("\x1b[32m");
  };
  CHECK(on_terminal({}));
  CHECK(on_terminal({{"NO_COLOR", ""}}));
  CHECK_FALSE(on_terminal({{"NO_COLOR", "1"}}));
  CHECK_FALSE(on_terminal({{"NO_COLOR", "0"}}));
  CHECK_FALSE(shell(concat("exec \"$0\" lint ", node.file("ca.pem"))).out.contains("\x1b["));
}

TEST_CASE("of thousands of findings the report lists the errors first, and says how many more there are") {
  constexpr int kMany = 12'000;
  constexpr std::size_t kMostListed = 500;
  constexpr std::size_t kMostBytes = 1'000'000;
  const Node node;
  nlohmann::json settings;
  for (int i = 0; i < kMany; ++i)
    settings["data"][concat("k", std::to_string(i))] = "-----BEGIN CERTIFICATE-----\nx\n";
  settings["kind"] = "ConfigMap";
  settings["apiVersion"] = "v1";
  write_whole(node.file("many.json"), settings.dump());
  for (const std::string command : {"lint ", "provision --root R --from "}) {
    CAPTURE(command);
    auto words = command;
    if (const auto at = words.find('R'); at != std::string::npos) words.replace(at, 1, node.root());
    const auto json = shell(concat("exec \"$0\" ", words, node.file("many.json"), " --format json"));
    const auto report = nlohmann::json::parse(json.out);
    CHECK(report["findings"].size() == kMostListed);
    CHECK(report["more_findings"] == kMany - kMostListed);
    CHECK(json.out.size() < kMostBytes);
    const auto text = shell(concat("exec \"$0\" ", words, node.file("many.json")));
    CHECK(text.out.size() < kMostBytes);
    CHECK(text.out.contains(concat("not listed: ", std::to_string(kMany - kMostListed), " more findings\n")));
  }
  SUBCASE("in a directory of many files the message names a few") {
    std::string words;
    for (int i = 0; i < 200; ++i) {
      const auto file = node.file(concat("many-", std::to_string(i), ".pem"));
      write_whole(file, "junk\n");
      words += concat(" --from ", file);
    }
    const auto refused = shell(concat("exec \"$0\" provision --root ", node.root(), words));
    CHECK(refused.status == kInput);
    CHECK(refused.err.contains(" and 190 more: refused\n"));
  }
}
