// A trust(1) that fails in any way leaves the old state, and a clear error.
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

struct Failure {
  std::string what;
  std::string script;  // in place of trust(1), which is called real-trust; $last is where it is to write
  int status;
  std::string message;
};

// But for the record, which only tells what was parsed.
Tree state_of(const TrustNode& node) {
  auto tree = tree_of(node);
  tree.erase("var/lib/node-ca-trust/record");
  return tree;
}

std::vector<Failure> failures_of(const TrustLayout& layout) {
  const std::string of_bundle = "case $* in *pem-bundle*server-auth*) ";
  const auto bundle = concat("for '", layout.bundle, "'");
  return {
      {"fails", "echo 'p11-kit: no slots' >&2; exit 1", 73, "exited with status 1: p11-kit: no slots"},
      {"is killed", "kill -9 $$", 73, "exited with status 137"},
      {"fails for one view", of_bundle + "exit 1 ;; esac; exec real-trust \"$@\"", 73,
       bundle + " exited with status 1"},
      {"writes nothing, and says that it did", "exit 0", 73, "wrote nothing"},
      {"writes half", "real-trust \"$@\"; " + of_bundle + "lines 1 45 \"$last\" ;; esac", 73,
       bundle + ": no client can load the bundle: "},
      {"writes an empty file", "real-trust \"$@\"; " + of_bundle + ": >\"$last\" ;; esac", 73, "leaves '"},
      {"forgets an anchor",
       of_bundle + "real-trust \"$@\"; copy /tmp/old.pem \"$last\" ;; *) real-trust \"$@\" ;; esac", 73,
       concat("leaves '", layout.anchors(), "/node-ca-trust-")},
      {"forgets a root in one view", "real-trust \"$@\"; " + of_bundle + "without_third \"$last\" ;; esac",
       73, " would not hold the certificates of "},
      {"cannot be run", "", 73, "exec '/usr/bin/trust'"},
  };
}

}  // namespace

TEST_CASE("a trust(1) that fails leaves the old state") {
  // dash(1) alone is there to do it with.
  const std::string functions = R"(PATH=/usr/bin
for last; do :; done
text=
lines() { # FIRST LAST FILE
  n=0 text=
  while IFS= read -r line; do
    n=$((n + 1))
    [ $n -lt $1 ] || [ $n -gt $2 ] || text="$text$line
"
  done <"$3"
  printf %s "$text" >"$3"
}
copy() {
  text=
  while IFS= read -r line; do text="$text$line
"; done <"$1"
  printf %s "$text" >"$2"
}
without_third() {
  n=0 text=
  while IFS= read -r line; do
    case $line in *BEGIN*) n=$((n + 1)) ;; esac
    [ $n = 3 ] || text="$text$line
"
  done <"$1"
  printf %s "$text" >"$1"
}
)";
  const auto a = make_ca({.common_name = "A"});
  const auto b = make_ca({.common_name = "B"});
  const auto c = make_ca({.common_name = "C"});
  for (const std::string family : {"azurelinux3", "fedora43", "arch", "suse"}) {
    const Scratch scratch;
    const TrustNode stock((scratch.path() / "stock").string(), family, 12);
    write_whole((scratch.path() / "old.pem").string(), a.pem + b.pem);
    write_whole((scratch.path() / "new.pem").string(), b.pem + c.pem);
    REQUIRE(stock.run_product("provision", {"--from", (scratch.path() / "old.pem").string()}).status == 0);
    const auto program = [](const TrustNode& node) { return node.directory() + "/usr/bin/trust"; };
    for (const auto& [what, script, status, message] : failures_of(stock.layout())) {
      CAPTURE(family);
      CAPTURE(what);
      const auto node = stock.copy((scratch.path() / "node").string());
      fs::rename(program(node), node.directory() + "/usr/bin/real-trust");
      write_whole(node.directory() + "/tmp/old.pem", read_whole(node.at(node.layout().bundle)));
      write_whole(program(node), concat("#!/usr/bin/dash\n", functions, script, "\n"),
                  script.empty() ? 0644 : 0755);
      const auto before = state_of(node);
      const auto finished = node.run_product("provision", {"--from", (scratch.path() / "new.pem").string()});
      CHECK_MESSAGE(finished.status == status, finished.out, finished.err);
      CHECK_MESSAGE(finished.err.contains(message), finished.err);
      CHECK(difference(before, state_of(node)) == "");
      const auto as_before = node.run_product("verify");
      CHECK_MESSAGE(as_before.status == 0, as_before.out);
      fs::rename(node.directory() + "/usr/bin/real-trust", program(node));
      const auto again = node.run_product("provision", {"--from", (scratch.path() / "new.pem").string()});
      CHECK_MESSAGE(again.status == 0, again.out, again.err);
      const auto verified = node.run_product("verify");
      CHECK_MESSAGE(verified.status == 0, verified.out);
    }
  }
}

TEST_CASE("a block that seems older than the views costs a second pass, and the next run has nothing to do") {
  const Scratch scratch;
  const TrustNode node((scratch.path() / "root").string(), "azurelinux3", 12);
  const auto delivered = (scratch.path() / "delivered.pem").string();
  write_whole(delivered, make_ca().pem);
  const auto bundle = read_whole(node.at(node.layout().bundle));
  const auto begin = bundle.find("-----BEGIN");
  const std::string end = "-----END CERTIFICATE-----\n";
  const auto root = bundle.substr(begin, bundle.find(end) + end.size() - begin);
  const auto sources = node.at(node.layout().source);
  write_whole(sources + "/blocklist/root.pem", root);
  for (const auto* path : {"", "/anchors", "/blocklist", "/blocklist/root.pem"})
    fs::last_write_time(sources + path, fs::file_time_type::clock::now() - std::chrono::hours(1));

  const auto done = node.run_product("provision", {"--from", delivered});
  CHECK_MESSAGE(done.status == 0, done.out, done.err);
  CHECK_FALSE(node.extract_bundle().contains(root));
  const auto made = tree_of(node);
  const auto again = node.run_product("provision", {"--from", delivered});
  CHECK_MESSAGE(again.out.contains("result: unchanged"), again.out, again.err);
  const auto different = difference(made, tree_of(node));
  CHECK_MESSAGE(different.empty(), different);
}
