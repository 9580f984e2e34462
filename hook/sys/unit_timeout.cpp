#include "sys/unit_timeout.hpp"

#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "sys/libsystemd.hpp"

namespace nct {

void extend_unit_timeout(std::chrono::milliseconds more) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread, and nothing sets a variable
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;  // the library is not loaded for nothing
  const auto library = libsystemd();
  if (!library) return;
  const auto state =
      concat("EXTEND_TIMEOUT_USEC=",
             std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(more).count()));
  (void)(*library)->notify(0, state.c_str());
}

}  // namespace nct
