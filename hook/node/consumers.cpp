#include "node/consumers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/consumer.hpp"

namespace nct {

namespace {

constexpr std::uint64_t kMicroseconds = 1'000'000;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Consumer judged(const std::string& unit, const UnitStatus& status, const NodeState& state,
                const std::string& boot) {
  Consumer consumer{.unit = unit};
  consumer.started = static_cast<std::int64_t>(status.started_wall / kMicroseconds);
  if (!status.runs())
    consumer.state = ConsumerState::inactive;
  else if (started_before(state.manifest.changed, boot, status.started))
    consumer.state = ConsumerState::stale;
  return consumer;
}

void tell(ServiceManager& services, Consumer& consumer, std::chrono::milliseconds patience) {
  const auto restarted = services.restart(consumer.unit, patience);
  if (restarted) {
    consumer.state = ConsumerState::restarted;
    consumer.queued = *restarted == Restarted::queued;
  } else {
    consumer.state = ConsumerState::stale;
    consumer.failure = restarted.error().message;
  }
}

}  // namespace

Result<std::vector<Consumer>> look_at_consumers(ServiceManager& services,
                                                const std::vector<std::string>& units, const NodeState& state,
                                                const std::string& boot) {
  std::vector<Consumer> consumers;
  for (const auto& unit : units) {
    NCT_TRY(const auto status, services.status(unit));
    consumers.push_back(judged(unit, status, state, boot));
  }
  return consumers;
}

Result<std::vector<Consumer>> tell_consumers(Fs& fs, ServiceManager& services, NodeState& state,
                                             const TellingRun& run) {
  std::vector<Consumer> consumers;
  std::vector<std::string> still_owed;
  for (const auto& unit : state.manifest.owed.consumers) {
    if (!contains(run.configured, unit)) continue;
    Consumer consumer{.unit = unit};
    const auto status = services.status(unit);
    if (status) {
      consumer = judged(unit, *status, state, run.boot);
      const bool failed_by_us = status->state == "failed" && contains(run.owed_before, unit);
      if (consumer.state == ConsumerState::stale || failed_by_us) tell(services, consumer, run.patience);
    } else {
      consumer.state = ConsumerState::stale;
      consumer.failure = status.error().message;
    }
    // One whose restart is only queued is looked at by the next run.
    if (consumer.state == ConsumerState::stale || consumer.queued) still_owed.push_back(unit);
    consumers.push_back(std::move(consumer));
  }
  if (still_owed == state.manifest.owed.consumers) return consumers;
  auto manifest = state.manifest;
  manifest.owed.consumers = std::move(still_owed);
  NCT_CHECK(settle(fs, manifest, std::nullopt));
  state.manifest = std::move(manifest);
  return consumers;
}

}  // namespace nct
