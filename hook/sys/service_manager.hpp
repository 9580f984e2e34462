// systemd: what it says of units, and what it is asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nct {

struct UnitStatus {
  // ActiveState: "active", "inactive", "failed", ...; "inactive" where there is no such unit.
  std::string state;
  // When its process was started, or (for a unit without one) when it became active: on CLOCK_MONOTONIC, and
  // by the wall clock, both in microseconds. 0 where it is not running.
  std::uint64_t started = 0;
  std::uint64_t started_wall = 0;

  // It may hold what it read before: it runs, or is coming up or going down.
  [[nodiscard]] bool runs() const { return state != "inactive" && state != "failed"; }
};

enum class Restarted {
  done,    // its job has ended well
  queued,  // it is queued behind the unit that this process belongs to, so nobody could wait for it here
};

enum class Start {
  if_needed,  // where it runs already, nothing happens
  afresh,     // it is stopped first
};

// Every method: Errc::systemd names the method, the unit and what systemd says.
class ServiceManager {
 public:
  ServiceManager() = default;
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;
  virtual ~ServiceManager() = default;

  virtual Result<UnitStatus> status(const std::string& unit) = 0;

  // Restarts the unit, or starts one that does not run, and waits until that has succeeded, at most
  // `patience`. Does not wait where the unit is ordered after the one that this process belongs to, since
  // that would never end; as in a boot unit that is restarted by hand. Does not count as a start that systemd
  // limits, and neither do those before it.
  virtual Result<Restarted> restart(const std::string& unit, std::chrono::milliseconds patience) = 0;

  // Asks for a start, and does not wait: at an early time of booting that could never end.
  virtual Result<void> start(const std::string& unit, Start how) = 0;

  // Enables units for the next boot, as "systemctl enable" does. Units must be known to be installed.
  virtual Result<void> enable(std::span<const std::string> units) = 0;

  // Makes systemd read all unit files again.
  virtual Result<void> reload() = 0;
};

// Whether systemd is this machine's service manager, as sd_booted(3) tells.
bool systemd_runs();

// Connects. As root to systemd itself, which works before the D-Bus daemon is up and without it; otherwise by
// way of the daemon. Errc::systemd where neither answers.
Result<std::unique_ptr<ServiceManager>> connect_to_systemd();

}  // namespace nct
