#include "sys/process.hpp"

#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <chrono>
#include <csignal>
#include <doctest/doctest.h>
#include <sched.h>
#include <string>

using namespace nct;
using namespace nct::test;

namespace {

Command shell(const std::string& script) {
  return {.root = "/", .directory = "/", .program = "/bin/sh", .arguments = {"-c", script}};
}

}  // namespace

TEST_CASE("programs run at the same time, and each says how it ended") {
  const Command commands[] = {
      shell("echo out; echo err >&2; exit 3"),
      shell("kill -TERM $$"),
      {.root = "/",
       .directory = "/",
       .program = "/bin/sh",
       .arguments = {"-c", "echo $WORD$0", "!"},
       .set_environment = {"WORD=hello"}},
  };
  const auto ended = run_together(commands, std::chrono::seconds(20));
  REQUIRE(ended);
  CHECK(ended->at(0).status == 3);
  CHECK(ended->at(0).said == "out\nerr\n");
  CHECK(ended->at(1).status == 128 + SIGTERM);
  CHECK(ended->at(2).status == 0);
  CHECK(ended->at(2).said == "hello!\n");
  for (const auto& each : *ended)
    CHECK_FALSE(each.late);
}

TEST_CASE("what has not ended in time is killed, with what it started") {
  const auto begun = std::chrono::steady_clock::now();
  const Command commands[] = {
      shell("echo done"),
      shell("sleep 60 & exec >/dev/null 2>&1; sleep 60"),  // it closes what it was listened to by
      shell("echo begun; sleep 60"),
  };
  const auto ended = run_together(commands, std::chrono::milliseconds(300));
  REQUIRE(ended);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  CHECK_FALSE(ended->at(0).late);
  CHECK(ended->at(0).said == "done\n");
  CHECK(ended->at(1).late);
  CHECK(ended->at(2).late);
  CHECK(ended->at(2).status == 128 + SIGKILL);
  CHECK(ended->at(2).said == "begun\n");
}

TEST_CASE("no more run at once than there are CPUs, and what had no turn in time is late") {
  cpu_set_t before;
  REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  std::size_t first = 0;
  while (!CPU_ISSET(first, &before))
    ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  const Scratch directory;
  const auto file = (directory.path() / "order").string();
  const Command in_turn[] = {shell("echo begun >>" + file + "; sleep 0.2; echo done >>" + file),
                             shell("echo next >>" + file)};
  const auto ended = run_together(in_turn, std::chrono::seconds(20));
  const Command endless[] = {shell("sleep 60"), shell("echo begun >>" + file)};
  const auto late = run_together(endless, std::chrono::milliseconds(300));
  REQUIRE(::sched_setaffinity(0, sizeof before, &before) == 0);
  REQUIRE(ended);
  REQUIRE(late);
  CHECK(read_whole(file) == "begun\ndone\nnext\n");
  CHECK(late->at(0).late);
  CHECK(late->at(1).late);
}

TEST_CASE("of what is printed the end is kept, and a program that is not there is an error") {
  const Command loud[] = {shell("i=0; while [ $i -lt 2000 ]; do echo \"line $i\"; i=$((i + 1)); done")};
  const auto ended = run_together(loud, std::chrono::seconds(20));
  REQUIRE(ended);
  CHECK(ended->at(0).said.size() == 4096);
  CHECK(ended->at(0).said.ends_with("line 1999\n"));

  const Command commands[] = {shell("exec >/dev/null 2>&1; sleep 60"),
                              {.root = "/", .directory = "/", .program = "/nowhere/program"}};
  const auto failed = run_together(commands, std::chrono::seconds(50));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "exec '/nowhere/program': no such file or directory");
}
