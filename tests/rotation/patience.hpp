// Statements about time, on machines that stall.
#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <thread>

namespace nct::test {

using Clock = std::chrono::steady_clock;

inline void pause(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

// Whether `condition` came true in so long a time that only what never comes takes longer.
template <class Condition>
bool comes_true(const Condition& condition) {
  const auto begun = Clock::now();
  while (!condition()) {
    if (Clock::now() - begun > std::chrono::seconds(100)) return false;
    pause(std::chrono::milliseconds(5));
  }
  return true;
}

// What is said of time holds only where the machine keeps up. `attempt(factor)` takes each of its times
// `factor` times, and returns whether the machine kept up with them; if it did not, nothing was checked, and
// it is asked again with times twice as long.
template <class Attempt>
void with_patience(const Attempt& attempt) {
  for (int factor = 1; factor <= 16; factor *= 2) {
    if (attempt(factor)) return;
    MESSAGE("the machine did not keep up with times taken ", factor, " times");
  }
  FAIL("the machine did not keep up, however long the times were: it, or the program, is too slow");
}

}  // namespace nct::test
