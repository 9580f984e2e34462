#include "report/junit.hpp"

#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("a test case for each check") {
  Report report{.command = "verify", .checks = {"store", "units"}};
  report.drift = {{.kind = "unit-missing",
                   .subject = "a.service",
                   .message = "not <there>",
                   .hint = "bake",
                   .check = "units"},
                  {.kind = "unit-missing", .subject = "b", .message = "\x01", .hint = "", .check = "units"}};
  CHECK(junit_of(report) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0">
  <testsuite name="node-ca-trust verify" tests="2" failures="1" errors="0">
    <testcase classname="node-ca-trust.verify" name="store"/>
    <testcase classname="node-ca-trust.verify" name="units">
      <failure type="unit-missing" message="unit-missing: a.service: not &lt;there&gt;">unit-missing: a.service: not &lt;there&gt;
  bake
unit-missing: b: \x01
</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("a run that failed is an error") {
  Report report{.command = "verify"};
  report.error = {.code = "io", .message = "read \"x\"", .hint = "look"};
  CHECK(junit_of(report) == R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="1" failures="0" errors="1">
  <testsuite name="node-ca-trust verify" tests="1" failures="0" errors="1">
    <testcase classname="node-ca-trust.verify" name="run">
      <error type="io" message="read &quot;x&quot;">look</error>
    </testcase>
  </testsuite>
</testsuites>
)");
}
