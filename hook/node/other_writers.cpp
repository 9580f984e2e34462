#include "node/other_writers.hpp"

#include <chrono>
#include <string>

#include "base/text.hpp"
#include "sys/clock.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr std::chrono::milliseconds kToRest{50};

}  // namespace

Result<void> wait_for_writers(std::span<const std::string_view> names) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (const auto name : names)
    while (is_running(name)) {
      if (std::chrono::steady_clock::now() >= end)
        return fail(Errc::busy,
                    concat(name, " has been running for ", std::to_string(kPatience.count()), " s"));
      wait_until(std::chrono::steady_clock::now() + kBetweenLooks);
    }
  return {};
}

Result<void> wait_until_writers_rest(std::span<const std::string_view> names) {
  NCT_CHECK(wait_for_writers(names));
  wait_until(std::chrono::steady_clock::now() + kToRest);
  return {};
}

}  // namespace nct
