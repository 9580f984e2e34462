#include "sys/clock.hpp"

#include <array>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/fd.hpp"

namespace nct {

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::uint64_t monotonic_us() {
  // steady_clock is CLOCK_MONOTONIC on Linux.
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

std::string boot_id() {
  const Fd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const auto length = ::read(file.get(), text.data(), text.size());
  return length > 0 ? std::string(trimmed({text.data(), static_cast<std::size_t>(length)})) : std::string();
}

void wait_until(Instant instant) {
  std::this_thread::sleep_until(instant);
}

}  // namespace nct
