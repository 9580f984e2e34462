// What the real binary makes of paths: it reads what the kernel would read, knows this machine's own root by
// every name, and waits for nobody for ever.
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kNo = 1;
constexpr int kUsage = 64;
constexpr int kInput = 65;
constexpr int kMissingInput = 66;
constexpr int kNotPermitted = 77;

using Words = std::vector<std::string>;

// `script` is one for sh(1), with the program as $0.
Finished in_shell(const std::string& script, const fs::path& directory) {
  return run({.argv = {"sh", "-c", script, NCT_BINARY}, .directory = directory});
}

Finished node_ca_trust(const Words& words, const fs::path& directory) {
  Command command{.argv = {NCT_BINARY}, .directory = directory};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return run(command);
}

// "SUBJECT VERDICT" of each certificate of a report, and the codes of findings about none.
std::string found(const Finished& finished) {
  const auto report = json::parse(finished.out, nullptr, false);
  if (!report.is_object()) return concat(finished.out, finished.err);
  std::string words;
  for (const auto& row : report.value("certificates", json::array()))
    words += concat(row.at("subject").get<std::string>(), " ", row.at("verdict").get<std::string>(), "\n");
  for (const auto& row : report.value("findings", json::array()))
    words += concat(row.at("code").get<std::string>(), "\n");
  return words;
}

}  // namespace

TEST_CASE("an empty path is no path") {
  const Scratch scratch;
  for (const Words& words : {Words{"rotate", "--directory", ""},
                             {"provision", "--from", ""},
                             {"status", "--root", ""},
                             {"status", "--config", ""},
                             {"lint", ""},
                             {"lint", "--from", ""},
                             {"verify", "--image", "--expect", ""}}) {
    CAPTURE(words.front());
    const auto finished = node_ca_trust(words, scratch.path());
    CHECK(finished.status == kUsage);
    CHECK_MESSAGE(finished.err.contains(": an empty path\n"), finished.err);
  }
}

TEST_CASE("a working directory that was removed: status 66 for what is relative to it") {
  const Scratch scratch;
  put(debian_node(), scratch.path() / "root");
  fs::create_directory(scratch.path() / "gone");
  const auto removed = [&](const std::string& words) {
    return in_shell(
        concat("cd gone && rmdir ../gone && \"$0\" ", words, "; status=$?; mkdir ../gone; exit $status"),
        scratch.path());
  };
  for (const auto& words : {concat("rotate --directory d --root '", scratch.path().string(), "/root'"),
                            std::string("lint ca.pem")}) {
    CAPTURE(words);
    const auto finished = removed(words);
    CHECK_MESSAGE(finished.status == kMissingInput, finished.err);
    CHECK_MESSAGE(finished.err.contains(": no such file or directory\n"), finished.err);
    fs::create_directory(scratch.path() / "gone");
  }
}

TEST_CASE("'..' behind a link is the parent of where the link leads") {
  const Scratch scratch;
  const auto far = make_ca({.common_name = "Far"});
  const auto near = make_ca({.common_name = "Near"});
  for (const char* directory : {"far/inner", "far/d", "near/d"})
    fs::create_directories(scratch.path() / directory);
  fs::create_directory_symlink("../far/inner", scratch.path() / "near/link");
  write_whole(scratch.path() / "far/d/ca.crt", far.pem);
  write_whole(scratch.path() / "near/d/ca.crt", near.pem);
  put(debian_node(), scratch.path() / "root");

  CHECK(found(node_ca_trust({"lint", "near/link/../d", "--format", "json"}, scratch.path())) ==
        "CN=Far accepted\n");
  if (::geteuid() != 0) return;
  CHECK(found(node_ca_trust(
            {"rotate", "--dry-run", "--directory", "near/link/../d", "--root", "root", "--format", "json"},
            scratch.path())) == "CN=Far accepted\n");
}

TEST_CASE("this machine's own root is known by every name") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become somebody else");
    return;
  }
  for (const char* root : {"/", "//", "/.", "/usr/..", "/proc/self/root"}) {
    CAPTURE(root);
    const auto finished = run(
        {.argv = {
             "sh", "-c",
             "exec 3<\"$0\"; exec setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/3 \"$@\"",
             NCT_BINARY, "provision", "--from", "/dev/null", "--root", root}});
    CHECK_MESSAGE(finished.status == kNotPermitted, finished.err);
    CHECK(finished.err.starts_with("node-ca-trust: changing this node's trust store is for root\n"));
  }
}

TEST_CASE("a directory without a file is judged like an empty file") {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "empty");
  put(debian_node(), scratch.path() / "root");
  for (const Words& words : {Words{"lint", "empty"}, {"lint", "--from", "empty"}}) {
    auto asked = words;
    asked.insert(asked.end(), {"--format", "json"});
    const auto finished = node_ca_trust(asked, scratch.path());
    CHECK(finished.status == kNo);
    CHECK(found(finished) == "no-certificates\n");
  }
  const auto refused =
      node_ca_trust({"provision", "--from", "empty", "--root", "root", "--format", "json"}, scratch.path());
  CHECK(refused.status == kInput);
  CHECK(found(refused) == "no-certificates\n");
}

TEST_CASE("lint takes --from as well, behind what it names itself") {
  const Scratch scratch;
  write_whole(scratch.path() / "one.pem", make_ca({.common_name = "One"}).pem);
  write_whole(scratch.path() / "two.pem", make_ca({.common_name = "Two"}).pem);
  CHECK(found(node_ca_trust({"lint", "one.pem", "--from", "two.pem", "--format", "json"}, scratch.path())) ==
        "CN=One accepted\nCN=Two accepted\n");
}

TEST_CASE("a FIFO is read once somebody writes to it, and refused where nobody does") {
  const Scratch scratch;
  REQUIRE(::mkfifo((scratch.path() / "fifo").c_str(), 0600) == 0);
  write_whole(scratch.path() / "ca.pem", make_ca({.common_name = "Piped"}).pem);

  const auto alone = node_ca_trust({"lint", "fifo"}, scratch.path());
  CHECK(alone.status == kInput);
  CHECK(alone.err.starts_with("node-ca-trust: open 'fifo': a FIFO that nobody writes to\n"));

  const auto slow = in_shell("{ sleep 1; exec >fifo; sleep 1; cat ca.pem; } & \"$0\" lint fifo --format json",
                             scratch.path());
  CHECK(found(slow) == "CN=Piped accepted\n");
  const auto nothing = in_shell(": >fifo & \"$0\" lint fifo --format json", scratch.path());
  CHECK(found(nothing) == "no-certificates\n");
}

TEST_CASE("a bundle over the limit is too large, whoever named it") {
  const Scratch scratch;
  const auto root = scratch.path() / "root";
  put(debian_node(), root);
  const std::string large(2'000'000, '\n');
  write_whole(scratch.path() / "large.pem", large);
  fs::create_directories(root / "etc/node-ca-trust");
  write_whole(root / "etc/node-ca-trust/bundle.pem", large);
  write_whole(root / "etc/node-ca-trust/config.toml",
              "[provision]\nfrom = [\"/etc/node-ca-trust/bundle.pem\"]\n");

  const Words provision{"provision", "--root", "root", "--format", "json"};
  auto named = provision;
  named.insert(named.end(), {"--from", "large.pem"});
  for (const auto& words : {provision, named}) {
    const auto finished = node_ca_trust(words, scratch.path());
    CHECK_MESSAGE(finished.status == kInput, finished.out);
    CHECK(found(finished) == "too-large\n");
  }
}
