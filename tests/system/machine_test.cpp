// The machines that system tests boot are what the tests take them for.
#include "system/machine.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <string>

using namespace nct::test;

namespace {

std::size_t traces_of(const std::string& name) {
  std::size_t count = 0;
  for (const char* place : {"/tmp/", "/sys/fs/cgroup/systemd/", "/sys/fs/cgroup/unified/", "/sys/fs/cgroup/"})
    if (std::filesystem::exists(place + name)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a machine boots real systemd with the product installed, and leaves nothing") {
  std::string name;
  {
    const Machine machine(
        {.files = {{"/etc/hello", "world\n"}, {"/usr/local/bin/say", "#!/bin/sh\necho $1\n"}}, .links = {}});
    CHECK(machine.output("systemctl is-system-running") == "running");
    CHECK(machine.output("cat /proc/1/comm") == "systemd");
    CHECK(machine.output("systemctl --failed --quiet --no-legend") == "");
    CHECK(machine.output("/usr/local/bin/say hello") == "hello");
    CHECK(machine.read("/etc/hello") == "world\n");
    CHECK(machine.output("node-ca-trust --version").starts_with("node-ca-trust "));
    CHECK(machine.run({"env"}).out == "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");

    machine.write("/run/seen", "1");
    CHECK(machine.output("cat /run/seen") == "1");
    CHECK(machine.run({"cat"}, "input").out == "input");
    CHECK(machine.run({"/bin/sh", "-c", "exit 7"}).status == 7);
    CHECK(machine.journal().find("Startup finished") != std::string::npos);
    name = machine.name();
    CHECK(traces_of(name) > 1);
  }
  CHECK(traces_of(name) == 0);
}

TEST_CASE("two machines do not know of each other") {
  const Machine one(Disk{});
  const Machine two(Disk{});
  CHECK(one.output("systemd-run --quiet --unit=foo sleep 1000; systemctl is-active foo") == "active");
  CHECK(two.output("systemd-run --quiet --unit=foo sleep 1000; systemctl is-active foo") == "active");
  CHECK(one.shell("systemctl stop foo").status == 0);
  CHECK(two.output("systemctl is-active foo") == "active");
}
