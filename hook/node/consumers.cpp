#include "node/consumers.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "services/consumer.hpp"
#include "sys/unit_timeout.hpp"

namespace nct {

namespace {

constexpr std::uint64_t kMicroseconds = 1'000'000;
// What a run does itself around a restart takes milliseconds; the rest is for a slow disk.
constexpr std::chrono::minutes kOwnTime{1};

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

void restart(ServiceManager& services, Consumer& consumer, std::chrono::milliseconds patience) {
  extend_unit_timeout(patience + kOwnTime);
  const auto restarted = services.restart(consumer.unit, patience);
  if (restarted) {
    consumer.state = ConsumerState::restarted;
    consumer.queued = *restarted == Restarted::queued;
  } else {
    consumer.state = ConsumerState::stale;
    consumer.failure = restarted.error().message;
  }
}

// Whether a later run must look at it again: it is stale or cannot be asked about, its restart failed and
// nobody has started it since, or the restart is only queued.
bool needs_more(ServiceManager& services, const Consumer& told, const NodeState& state,
                const std::string& boot) {
  if (told.queued) return true;
  const auto status = services.status(told.unit);
  if (!status) return true;
  const auto now = judged(told.unit, *status, state, boot).state;
  return now == ConsumerState::stale || (!told.failure.empty() && now != ConsumerState::fresh);
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

std::vector<Consumer> restart_consumers(ServiceManager& services, const NodeState& state,
                                        const TellingRun& run) {
  std::vector<Consumer> consumers;
  for (const auto& unit : state.manifest.owed.consumers) {
    if (!contains(run.configured, unit)) continue;
    Consumer consumer{.unit = unit};
    const auto status = services.status(unit);
    if (status) {
      consumer = judged(unit, *status, state, run.boot);
      const bool failed_by_us = status->state == "failed" && contains(run.owed_before, unit);
      if (consumer.state == ConsumerState::stale || failed_by_us) restart(services, consumer, run.patience);
    } else {
      consumer.state = ConsumerState::stale;
      consumer.failure = status.error().message;
    }
    consumers.push_back(std::move(consumer));
  }
  return consumers;
}

Result<void> strike_off(Fs& fs, ServiceManager& services, NodeState& state, const TellingRun& run,
                        const std::vector<Consumer>& told) {
  if (state.interrupted) return {};
  std::set<std::string> owed;
  for (const auto& unit : state.manifest.owed.consumers)
    if (contains(run.configured, unit)) owed.insert(unit);
  for (const auto& consumer : told)
    if (needs_more(services, consumer, state, run.boot))
      owed.insert(consumer.unit);
    else
      owed.erase(consumer.unit);
  auto manifest = state.manifest;
  manifest.owed.consumers.assign(owed.begin(), owed.end());
  if (manifest == state.manifest) return {};
  NCT_CHECK(settle(fs, manifest, std::nullopt));
  state.manifest = std::move(manifest);
  return {};
}

}  // namespace nct
