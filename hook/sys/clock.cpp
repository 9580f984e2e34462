#include "sys/clock.hpp"

#include <thread>

namespace nct {

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void wait_until(Instant instant) {
  std::this_thread::sleep_until(instant);
}

}  // namespace nct
