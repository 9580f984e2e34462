#include "sys/process.hpp"

#include <chrono>
#include <csignal>
#include <doctest/doctest.h>
#include <string>

using namespace nct;

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
      shell("echo begun; sleep 60"),
      shell("sleep 60 & exec >/dev/null 2>&1; sleep 60"),  // it closes what it was listened to by
      shell("echo done"),
  };
  const auto ended = run_together(commands, std::chrono::milliseconds(300));
  REQUIRE(ended);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
  CHECK(ended->at(0).late);
  CHECK(ended->at(0).status == 128 + SIGKILL);
  CHECK(ended->at(0).said == "begun\n");
  CHECK(ended->at(1).late);
  CHECK_FALSE(ended->at(2).late);
  CHECK(ended->at(2).said == "done\n");
}

TEST_CASE("of what is printed the end is kept, and a program that is not there is an error") {
  const Command loud[] = {shell("i=0; while [ $i -lt 2000 ]; do echo \"line $i\"; i=$((i + 1)); done")};
  const auto ended = run_together(loud, std::chrono::seconds(20));
  REQUIRE(ended);
  CHECK(ended->at(0).said.size() == 4096);
  CHECK(ended->at(0).said.ends_with("line 1999\n"));

  const Command commands[] = {shell("sleep 60"),
                              {.root = "/", .directory = "/", .program = "/nowhere/program"}};
  const auto failed = run_together(commands, std::chrono::seconds(50));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "exec '/nowhere/program': no such file or directory");
}
