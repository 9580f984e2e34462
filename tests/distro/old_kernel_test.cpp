// Where openat2(2) is not there (Linux before 5.6), or may not be called (a seccomp filter that answers
// ENOSYS, as systemd's RestrictSUIDSGID= is, or EPERM, as container runtimes do that do not know it), the
// machine's own store is kept all the same, and its sync directory followed. What cannot be done safely
// without it is refused.
#include "distro/product.hpp"
#include "support/sandbox.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kInputOutput = 74;

// Runs the program with an openat2(2) that gives `answer` to whatever it is asked; each run has asked.
Finished without_openat2(const char* answer, const std::vector<std::string>& arguments) {
  const std::string log = "/run/strace";
  Command command{.argv = {"strace", "-f", "-qq", "-o", log, "-e", "trace=openat2", "-e",
                           concat("inject=openat2:error=", answer), kBinary}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  auto finished = run(command);
  CHECK(read_whole(log).contains("(INJECTED)"));
  return finished;
}

Finished unknown_to_kernel(const std::vector<std::string>& arguments) {
  return without_openat2("ENOSYS", arguments);
}

Finished unknown_to_filter(const std::vector<std::string>& arguments) {
  return without_openat2("EPERM", arguments);
}

Finished with_openat2(const std::vector<std::string>& arguments) {
  return node_ca_trust(arguments);
}

// All that is kept, after each of some changes, by paths below its number.
std::vector<Tree> life(Finished (*product)(const std::vector<std::string>&), const std::vector<TestCa>& cas) {
  const Sandbox sandbox;
  std::vector<Tree> trees;
  const auto step = [&](const std::vector<std::string>& arguments) {
    const auto finished = product(arguments);
    CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
    for (const char* kept : {"/etc/ssl", "/usr/local/share", "/var/lib/node-ca-trust"})
      trees.push_back(tree_of(kept));
  };
  write_whole(kDelivered, cas[0].pem + cas[1].pem);
  step({"provision", "--from", kDelivered});
  step({"provision", "--from", kDelivered});
  write_whole(kDelivered, cas[1].pem + cas[2].pem);
  step({"provision", "--from", kDelivered});
  step({"status"});
  step({"verify"});
  step({"remove", "--all"});
  return trees;
}

void check_needs_openat2(const Finished& refused) {
  CHECK(refused.status == kInputOutput);
  CHECK_MESSAGE(refused.err.contains("function not implemented"), refused.err);
  CHECK_MESSAGE(refused.err.contains("Linux 5.6 or later is needed"), refused.err);
}

}  // namespace

TEST_CASE("without openat2 the machine's own store comes to be the same") {
  const std::vector cas{make_ca({.common_name = "One"}), make_ca({.common_name = "Two"}),
                        make_ca({.common_name = "Three"})};
  const auto known = life(with_openat2, cas);
  for (auto* const product : {unknown_to_kernel, unknown_to_filter}) {
    const auto unknown = life(product, cas);
    REQUIRE(known.size() == unknown.size());
    for (std::size_t i = 0; i < known.size(); ++i)
      CHECK(difference(known[i], unknown[i]) == "");
  }
}

TEST_CASE("without openat2 another root is refused, and the sync directory is read as ever") {
  const Sandbox sandbox;
  const auto ca = make_ca({.common_name = "Refused"});
  write_whole(kDelivered, ca.pem);
  const std::string sync = "/run/sync";
  fs::create_directory(sync);
  write_whole(concat(sync, "/ca.crt"), ca.pem);
  const Scratch root;
  // A link that would lead out of the root, if it were resolved outside of it.
  fs::create_directory_symlink("/etc", root.path() / "etc");

  const auto before = tree_of("/etc/ssl");
  for (auto* const product : {unknown_to_kernel, unknown_to_filter}) {
    check_needs_openat2(product({"provision", "--from", kDelivered, "--root", root.path().string()}));
    check_needs_openat2(product({"status", "--root", root.path().string()}));
  }
  CHECK(difference(before, tree_of("/etc/ssl")) == "");
  CHECK(tree_of(root.path().string()).size() == 2);
  CHECK(tree_of(kAnchors).empty());

  const auto outside = make_ca({.common_name = "Outside"});
  write_whole("/run/outside.crt", outside.pem);
  fs::create_symlink("/run/outside.crt", concat(sync, "/link.crt"));
  for (auto* const product : {unknown_to_kernel, unknown_to_filter}) {
    const auto finished = product({"rotate", "--directory", sync});
    CHECK(finished.status == 0);
    CHECK(finished.out.contains("unsafe-file"));
  }
  const auto bundle = read_whole("/etc/ssl/certs/ca-certificates.crt");
  CHECK(bundle.contains(ca.pem));
  CHECK_FALSE(bundle.contains(outside.pem));
}
