// What lint says in a pipeline, provision does on a node: the real binary, given every file there is.
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using nlohmann::json;

namespace {

constexpr int kYes = 0;
constexpr int kNo = 1;
constexpr int kRefused = 65;

std::vector<std::string> files_below(const std::vector<std::string>& directories) {
  std::vector<std::string> files;
  for (const auto& directory : directories)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// "accepted 88fd..., entry 1; ": each certificate of a report, where it was and what became of it.
std::string verdicts(const test::Finished& finished) {
  const auto report = json::parse(finished.out, nullptr, false);
  if (report.is_discarded()) return concat("no report: ", finished.err);
  std::string spelled;
  for (const auto& certificate : report.value("certificates", json::array()))
    spelled += concat(certificate.value("verdict", ""), " ", certificate.value("fingerprint_sha256", ""),
                      ", ", certificate.value("origin", ""), "; ");
  return spelled;
}

}  // namespace

TEST_CASE("lint and provision agree on every file") {
  const auto files = files_below({NCT_FIXTURES, NCT_CORPUS});
  REQUIRE(files.size() > 200);
  int said_yes = 0;
  for (const auto& file : files) {
    CAPTURE(file);
    const auto lint = test::run({.argv = {NCT_BINARY, "lint", "--format", "json", file}});
    const test::Scratch scratch;
    test::put(test::debian_node(), scratch.path());
    const auto provision = test::run(
        {.argv = {NCT_BINARY, "provision", "--format", "json", "--root", scratch.path(), "--from", file}});
    CHECK_MESSAGE((lint.status == kYes || lint.status == kNo), lint.status, lint.err);
    CHECK_MESSAGE(provision.status == (lint.status == kYes ? kYes : kRefused), provision.err);
    CHECK(verdicts(provision) == verdicts(lint));
    said_yes += lint.status == kYes ? 1 : 0;
  }
  MESSAGE(files.size(), " files: ", said_yes, " times yes, ", static_cast<int>(files.size()) - said_yes,
          " times no");
}
