#include "support/process.hpp"

#include <csignal>
#include <doctest/doctest.h>

using namespace nct::test;

namespace {
Finished shell(const std::string& script, Command command = {}) {
  command.argv = {"sh", "-c", script};
  return run(command);
}
}  // namespace

TEST_CASE("a command gives its status, its signal and what it said") {
  CHECK(shell("exit 3").status == 3);
  CHECK(shell("kill -9 $$").signal == SIGKILL);
  CHECK(shell("kill -9 $$").status == -1);
  const auto finished = shell("echo out; echo err >&2");
  CHECK(finished.out == "out\n");
  CHECK(finished.err == "err\n");
  CHECK(run({.argv = {"/no/such/command"}}).status == 127);
}

TEST_CASE("a command has its own input, environment and directory") {
  Command command;
  command.input = std::string(1 << 20, 'x');
  command.directory = "/proc";
  command.environment = {{"COLOUR", "green"}};
  CHECK(shell("wc -c; pwd; echo $COLOUR", command).out == "1048576\n/proc\ngreen\n");
  CHECK(shell("exit 0", command).status == 0);  // the input unread
  CHECK(shell("echo ${SSL_CERT_FILE-none}").out == "none\n");
}
