#include "sys/stop.hpp"

#include <csignal>
#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("each signal that asks a run to end is a request, and is forgotten with it") {
  constexpr std::chrono::minutes kLong{10};
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    CAPTURE(signal);
    const StopRequest stop;
    CHECK_FALSE(stop.made());
    CHECK_FALSE(stop.wait(std::chrono::steady_clock::now()));
    ::raise(signal);
    REQUIRE(stop.made());
    CHECK(stop.wait(std::chrono::steady_clock::now() + kLong));
    CHECK(stop.made());
  }
  CHECK_FALSE(StopRequest().made());
}
