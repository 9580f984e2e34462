// The distribution's hooks are told what came and what went, and nothing else is started.
#include "distro/product.hpp"
#include "support/sandbox.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <set>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

const std::string kHooks = "/etc/ca-certificates/update.d/";
const std::string kTold = "/run/told/";

// Writes down what it is told, where it is and what its environment is; starts nothing itself.
std::string recorder(const std::string& name, const std::string& end = "") {
  return concat("#!/bin/sh\nexec >>", kTold, name, "\nwhile read line; do echo \"$line\"; done\npwd >", kTold,
                name, ".directory\nexport >", kTold, name, ".environment\necho \"arguments: $#\" >", kTold,
                name, ".arguments\n", end);
}

void add_hook(const std::string& name, const std::string& end = "", unsigned mode = 0755) {
  write_whole(kHooks + name, recorder(name, end), mode);
}

// What the hook was told since the last time it was asked for.
std::string told(const std::string& name) {
  if (!fs::exists(kTold + name)) return "not called";
  auto text = read_whole(kTold + name);
  fs::remove(kTold + name);
  return text;
}

std::string line_of(char sign, const TestCa& ca) {
  return concat(std::string(1, sign), "/etc/ssl/certs/", anchor_name(ca), ".pem\n");
}

// The lines of one sign, in the order of the names.
std::string lines_of_all(char sign, std::vector<TestCa> cas) {
  std::ranges::sort(cas, {}, &anchor_name);
  std::string lines;
  for (const auto& ca : cas)
    lines += line_of(sign, ca);
  return lines;
}

Finished provision(const std::vector<TestCa>& cas, std::map<std::string, std::string> environment = {}) {
  std::string bundle;
  for (const auto& ca : cas)
    bundle += ca.pem;
  write_whole(kDelivered, bundle);
  auto finished = node_ca_trust({"provision", "--from", kDelivered}, std::move(environment));
  CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
  return finished;
}

struct Node {
  Node() { fs::create_directories(kTold); }

  Sandbox sandbox;
  TestCa a = make_ca({.common_name = "A"});
  TestCa b = make_ca({.common_name = "B"});
  TestCa c = make_ca({.common_name = "C"});
};

}  // namespace

TEST_CASE("a hook is told the links that came and went") {
  const Node node;
  add_hook("record");
  provision({node.a, node.b}, {{"DPKG_MAINTSCRIPT_PACKAGE", "kubelet"}, {"COLOUR", "green"}});
  CHECK(told("record") == lines_of_all('+', {node.a, node.b}));
  CHECK(read_whole(kTold + "record.directory") == "/etc/ssl/certs\n");
  CHECK(read_whole(kTold + "record.arguments") == "arguments: 0\n");
  const auto environment = read_whole(kTold + "record.environment");
  CHECK(environment.contains("COLOUR='green'"));
  CHECK_FALSE(environment.contains("DPKG_MAINTSCRIPT_PACKAGE"));

  provision({node.b, node.c});
  CHECK(told("record") == line_of('+', node.c) + line_of('-', node.a));
  provision({node.b, node.c});
  CHECK(told("record") == "not called");
  CHECK(node_ca_trust({"remove", "--fingerprint", node.b.fingerprint_hex}).status == 0);
  CHECK(told("record") == line_of('-', node.b));
  CHECK(node_ca_trust({"remove", "--all"}).status == 0);
  CHECK(told("record") == line_of('-', node.c));
}

TEST_CASE("hooks are those that run-parts finds, in its order") {
  const Node node;
  const std::vector<std::string> skipped{"with.dot", ".hidden", "backup~", "not-executable", "with space"};
  for (const auto& name : skipped)
    add_hook(name, "", name == "not-executable" ? 0644 : 0755);
  fs::create_directory(kHooks + "directory");
  fs::create_symlink("/nowhere", kHooks + "dangling");
  fs::create_symlink(kHooks + "record_1", kHooks + "linked");
  for (const char* name : {"record_1", "Record-2", "0record"})
    add_hook(name, concat("echo ", name, " >>", kTold, "order\n"));

  provision({node.a});
  for (const auto& name : skipped) {
    CAPTURE(name);
    CHECK(told(name) == "not called");
  }
  CHECK(told("record_1") == line_of('+', node.a) + line_of('+', node.a));  // by its link, too
  CHECK(told("Record-2") == line_of('+', node.a));
  // No words of another: the hooks that run-parts(8) itself names.
  const auto listed = run({.argv = {"run-parts", "--test", "--", "/etc/ca-certificates/update.d"}});
  CHECK(listed.out ==
        concat(kHooks, "0record\n", kHooks, "Record-2\n", kHooks, "linked\n", kHooks, "record_1\n"));
  CHECK(told("order") == "0record\nRecord-2\nrecord_1\nrecord_1\n");
}

TEST_CASE("hooks are left out where the configuration says so") {
  const Node node;
  add_hook("record");
  fs::create_directories(fs::path(kConfig).parent_path());
  write_whole(kConfig, "[store]\nhooks = \"skip\"\n");
  provision({node.a});
  CHECK(told("record") == "not called");
}

TEST_CASE("a hook that fails is reported, is not fatal, and is told again") {
  const Node node;
  add_hook("record", "exit 3\n");
  add_hook("other");
  const auto failed = provision({node.a});
  CHECK((failed.out + failed.err).contains("record"));
  CHECK((failed.out + failed.err).contains("3"));
  CHECK(told("record") == line_of('+', node.a));
  CHECK(told("other") == line_of('+', node.a));

  // Still owed, beside what is new, until it succeeds.
  provision({node.a});
  CHECK(told("record") == line_of('+', node.a));
  provision({node.a, node.b});
  CHECK(told("record") == lines_of_all('+', {node.a, node.b}));
  add_hook("record");
  provision({node.b});
  CHECK(told("record") == line_of('+', node.b) + line_of('-', node.a));
  provision({node.b});
  CHECK(told("record") == "not called");
}

TEST_CASE("what is owed and happens the other way round is told once") {
  const Node node;
  provision({node.a, node.b});
  add_hook("record", "exit 3\n");
  provision({node.b});
  CHECK(told("record") == line_of('-', node.a));
  // It comes back before the hook knows that it went; and goes again.
  provision({node.a, node.b});
  CHECK(told("record") == line_of('+', node.a));
  provision({node.b});
  CHECK(told("record") == line_of('-', node.a));
  add_hook("record");
  provision({node.a, node.b});
  CHECK(told("record") == line_of('+', node.a));
  provision({node.a, node.b});
  CHECK(told("record") == "not called");
}

TEST_CASE("a hook that does not read, or reads nothing of many lines, does no harm") {
  const Node node;
  write_whole(kHooks + "deaf", "#!/bin/sh\nexit 0\n", 0755);
  CHECK(provision({node.a, node.b, node.c}).err.empty());
}

TEST_CASE("a hook without an interpreter's name is a script for the shell") {
  const Node node;
  const auto script = recorder("plain");
  write_whole(kHooks + "plain", script.substr(script.find('\n') + 1), 0755);
  CHECK(provision({node.a}).err.empty());
  CHECK(told("plain") == line_of('+', node.a));
}

TEST_CASE("no process is started but the hooks") {
  const Node node;
  add_hook("record");
  write_whole(kDelivered, node.a.pem);
  const std::string trace = "/run/trace";
  const auto finished =
      run({.argv = {"strace", "-f", "-q", "-s", "4096", "-e", "trace=process", "-e", "signal=none", "-o",
                    trace, kBinary, "provision", "--from", kDelivered},
           .environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}});  // which cannot work under strace
  CHECK_MESSAGE(finished.status == 0, finished.out, finished.err);
  CHECK(told("record") == line_of('+', node.a));

  std::vector<std::string> programs;
  unsigned children = 0;
  const auto text = read_whole(trace);
  for (const auto line : lines_of(text)) {
    if (line.contains("execve(") || line.contains("execveat("))
      programs.emplace_back(
          line.substr(line.find('"') + 1, line.find('"', line.find('"') + 1) - line.find('"') - 1));
    for (const char* call : {" clone(", " clone3(", " fork(", " vfork("})
      if (line.contains(call)) ++children;
  }
  CHECK(programs == std::vector<std::string>{kBinary, kHooks + "record"});
  CHECK_MESSAGE(children == 1, text);
}
