// The kernel refuses to say what lies in the sync directory, at each call that asks it: what was installed
// stays, and it is said.
#include "rotation/sync_node.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

// What of a directory that some writer filled cannot be read: paths below "/opt", and names as they are asked
// for in a directory.
struct Target {
  std::vector<std::string> paths;
  std::vector<std::string> names{};
};

// openat2 is left out: it opens what is only watched, beside.
constexpr const char* kCalls = "openat,newfstatat,fstat,statx,getdents64,read,readlinkat,fcntl";

// A run of rotate under strace, which looks at calls about the directory and what lies in it.
Finished traced(const SyncNode& node, const Target& target, const std::string& log,
                const std::vector<std::string>& injection) {
  Command command{.argv = {"timeout", "--signal=KILL", "60", "strace", "-qq", "-E",
                           "ASAN_OPTIONS=detect_leaks=0", "-o", log}};
  for (const auto& path : target.paths)
    command.argv.insert(command.argv.end(), {"-P", node.root() / "opt" / path});
  for (const auto& name : target.names)
    command.argv.insert(command.argv.end(), {"-P", name});
  command.argv.insert(command.argv.end(), injection.begin(), injection.end());
  const auto rotate = node.rotation_command();
  command.argv.insert(command.argv.end(), rotate.begin(), rotate.end());
  return run(command);
}

// How often a run that finds nothing to do makes each of the calls.
std::map<std::string, int> calls_of(const SyncNode& node, const Target& target) {
  const auto log = node.outside() / "calls";
  const auto finished = traced(node, target, log, {"-e", concat("trace=", kCalls)});
  REQUIRE_MESSAGE(finished.status == 0, finished.err);
  std::map<std::string, int> calls;
  const auto text = read_whole(log);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.contains('(')) ++calls[std::string(line.substr(0, line.find('(')))];
  }
  return calls;
}

bool is_said(const Finished& finished) {
  if (finished.status != 0) return finished.out.contains("\"error\": {");
  for (const char* code : {"unreadable", "not-a-file", "unsafe-file"})
    if (finished.out.contains(concat("\"code\": \"", code, "\""))) return true;
  return false;
}

}  // namespace

TEST_CASE("only a name that is not there has left; any other error keeps what was installed, and is said") {
  const auto& cas = sync_cas();
  std::vector<Target> targets;
  const SyncNode node({.settle = 1, .removal_grace = 2, .empty_grace = 3});
  SUBCASE("plain") {
    targets = {{.paths = {"", "certs"}}, {.paths = {"certs/ca1"}, .names = {"ca1"}}};
    node.put("ca1", cas[0].pem);
    node.put("ca2", cas[1].pem);
  }
  SUBCASE("tagged, beside an older generation") {
    targets = {{.paths = {"certs/20200822151315ca1", "certs/20200822151315ca2"},
                .names = {"20200822151315ca1", "20200822151315ca2"}}};
    node.put("20200822151315ca1", cas[0].pem);
    node.put("20200822151315ca2", cas[1].pem);
    node.put("20200822151314ca3", cas[2].pem);
  }
  SUBCASE("atomic") {
    targets = {{.paths = {"certs/..1"}},
               {.paths = {}, .names = {"..data"}},
               {.paths = {"certs/..1/ca1"}, .names = {"ca1"}}};
    fs::create_directory(node.certs() / "..1");
    node.put("..1/ca1", cas[0].pem);
    node.put("..1/ca2", cas[1].pem);
    fs::create_symlink("..1", node.certs() / "..data");
    fs::create_symlink("..data/ca1", node.certs() / "ca1");
  }
  const auto first = node.rotate();
  REQUIRE_MESSAGE(first.status == 0, first.out, first.err);
  REQUIRE(node.trusted(cas) == "AB");

  int injected = 0;
  constexpr const char* kOthers[] = {"EACCES", "ENOTDIR", "ELOOP", "ESTALE", "EMFILE"};
  for (const auto& target : targets)
    for (const auto& [call, count] : calls_of(node, target))
      for (int number = 1; number <= count; ++number)
        // One of the others is enough of a call: it is made in each of several looks.
        for (const char* error : {"EIO", kOthers[static_cast<std::size_t>(number) % std::size(kOthers)]}) {
          // From this call on, for ever.
          const auto injection = concat(call, ":error=", error, ":when=", std::to_string(number), "+");
          CAPTURE(injection);
          const auto finished = traced(node, target, node.outside() / "log",
                                       {"-e", concat("trace=", call), "-e", concat("inject=", injection)});
          CHECK(node.trusted(cas) == "AB");
          // The status of a name in the list gives its time alone: it is opened. By an older glibc
          // the same call tells of what was opened, which is needed.
          const bool is_needed =
              call != "newfstatat" || read_whole(node.outside() / "log").contains("AT_EMPTY_PATH");
          if (is_needed) CHECK_MESSAGE(is_said(finished), finished.status, finished.out, finished.err);
          ++injected;
        }
  CHECK(injected > 20);
  MESSAGE(injected << " errors");
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(cas) == "AB");
}
