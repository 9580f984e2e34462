// Consumers of the store: whether they hold an older one, and restarting those that do.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/state.hpp"
#include "sys/fs.hpp"
#include "sys/service_manager.hpp"

namespace nct {

enum class ConsumerState : std::uint8_t { restarted, fresh, stale, inactive };

struct Consumer {
  std::string unit;
  ConsumerState state = ConsumerState::fresh;
  std::int64_t started = 0;  // of one that runs, by the wall clock in seconds
  bool queued = false;       // its restart waits for the unit we belong to
  std::string failure;       // why it could not be restarted
};

// How each of `units` stands to the last change of the anchors. Changes nothing.
Result<std::vector<Consumer>> look_at_consumers(ServiceManager& services,
                                                const std::vector<std::string>& units, const NodeState& state,
                                                const std::string& boot);

// What a run has to tell, and how.
struct TellingRun {
  const std::vector<std::string>& configured;   // units that are no longer among them are owed nothing
  const std::vector<std::string>& owed_before;  // by earlier runs: our own restart may have left them failed
  const std::string& boot;                      // boot_id(5)
  std::chrono::milliseconds patience;           // with one restart
};

// Restarts each owed consumer that runs and was started before the anchors changed, once. Writes nothing, and
// needs no lock. Failures are said consumer by consumer.
std::vector<Consumer> restart_consumers(ServiceManager& services, const NodeState& state,
                                        const TellingRun& run);

// Under the lock, of a `state` that was read since: strikes off those of `told` that need nothing more, and
// units that are not `configured`; what is still owed is in the manifest, durably. The anchors may have
// changed again since the restarts: who was started before that stays owed. Where a run was broken off
// meanwhile, nothing is struck off.
Result<void> strike_off(Fs& fs, ServiceManager& services, NodeState& state, const TellingRun& run,
                        const std::vector<Consumer>& told);

}  // namespace nct
