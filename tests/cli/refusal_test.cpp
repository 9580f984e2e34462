// The real binary, given every bad input: it says why, with the right exit status, and changes nothing.
#include "cli/bad_input.hpp"
#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;

namespace {

constexpr int kNo = 1;
constexpr int kInput = 65;
constexpr int kMissingInput = 66;

// A Debian root whose store holds a distribution's CA and one of ours.
class Node {
 public:
  Node() {
    const auto distribution = test::make_ca({.common_name = "Distribution Root"});
    write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    write("root/etc/ca-certificates.conf", "mozilla/root.crt\n");
    write("root/usr/share/ca-certificates/mozilla/root.crt", distribution.pem);
    std::filesystem::create_directories(scratch_.path() / "root/etc/ssl/certs");
    std::filesystem::create_directories(scratch_.path() / "root/usr/local/share/ca-certificates");
    const auto first = provision(write("first.pem", test::make_ca({.common_name = "Installed"}).pem));
    REQUIRE_MESSAGE(first.status == 0, first.out, first.err);
  }

  std::string write(const std::string& name, std::string_view bytes) const {
    const auto path = scratch_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    test::write_whole(path, bytes);
    return path;
  }

  [[nodiscard]] test::Finished provision(const std::string& file, const std::string& input = {}) const {
    return test::run({.argv = {NCT_BINARY, "provision", "--root", root(), "--from", file, "--format", "json"},
                      .input = input});
  }
  [[nodiscard]] test::Finished lint(const std::string& file) const {
    return test::run({.argv = {NCT_BINARY, "lint", file, "--format", "json"}});
  }

  // Without the lock and the last report, which are no part of the store.
  [[nodiscard]] test::Tree tree() const { return test::tree_of(root(), {"run"}); }
  [[nodiscard]] std::string root() const { return scratch_.path() / "root"; }

 private:
  test::Scratch scratch_;
};

// The codes of all findings of severity error, each once.
std::string errors_in(const std::string& report) {
  const auto json = nlohmann::json::parse(report, nullptr, false);
  if (!json.is_object()) return concat("no JSON: ", report);
  std::set<std::string> codes;
  const auto collect = [&](const nlohmann::json& holder) {
    for (const auto& finding : holder.value("findings", nlohmann::json::array()))
      if (finding.at("severity") == "error") codes.insert(finding.at("code"));
  };
  collect(json);
  for (const auto& certificate : json.value("certificates", nlohmann::json::array()))
    collect(certificate);
  std::string out;
  for (const auto& code : codes)
    out += concat(code, " ");
  return out;
}

std::string spelled(const std::vector<FindingCode>& codes) {
  std::set<std::string_view> names;
  for (const auto code : codes)
    names.insert(name_of(code));
  std::string out;
  for (const auto name : names)
    out += concat(name, " ");
  return out;
}

void check_no_secret(const test::Finished& finished) {
  for (const auto& secret : test::secrets()) {
    CHECK(finished.out.find(secret) == std::string::npos);
    CHECK(finished.err.find(secret) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("provision and lint refuse every bad input, and the root stays as it was") {
  const Node node;
  const auto before = node.tree();
  for (const auto& bad : test::bad_inputs()) {
    CAPTURE(bad.name);
    const auto file = node.write("bad", bad.bytes);
    const auto expected = spelled(bad.codes);

    const auto provisioned = node.provision(file);
    CHECK(provisioned.status == kInput);
    CHECK(errors_in(provisioned.out) == expected);
    check_no_secret(provisioned);
    CHECK(test::difference(before, node.tree()) == "");

    const auto linted = node.lint(file);
    CHECK(linted.status == kNo);
    CHECK(errors_in(linted.out) == expected);
    check_no_secret(linted);
  }
}

TEST_CASE("standard input is refused like a file") {
  const Node node;
  const auto before = node.tree();
  const auto finished = node.provision("-", "no certificate\n");
  CHECK(finished.status == kInput);
  CHECK(errors_in(finished.out) == "not-pem ");
  CHECK(test::difference(before, node.tree()) == "");
}

TEST_CASE("what is not there, or is no file, is named as such") {
  const Node node;
  const auto before = node.tree();
  CHECK(node.provision("/nonexistent/ca.pem").status == kMissingInput);
  CHECK(node.lint("/nonexistent/ca.pem").status == kMissingInput);
  const auto directory = node.root() + "/usr/local";  // with no file in it
  CHECK(node.provision(directory).status == kInput);
  CHECK(node.lint(directory).status == kNo);
  CHECK(test::difference(before, node.tree()) == "");
}

TEST_CASE("to take away what is not there is no error, and is said") {
  const Node node;
  const auto before = node.tree();
  const std::string none(64, '0');
  const auto finished =
      test::run({.argv = {NCT_BINARY, "remove", "--root", node.root(), "--fingerprint", none}});
  CHECK(finished.status == 0);
  CHECK(finished.out == concat("warning: ", none,
                               ": no anchor of ours; 'node-ca-trust status' lists them\n"
                               "result: nothing-to-do\n"));
  CHECK(test::difference(before, node.tree()) == "");
}
