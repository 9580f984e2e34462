#include "cmd/tell.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cmd/rows.hpp"
#include "node/consumers.hpp"
#include "node/rotation_units.hpp"
#include "plan/consumer.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// containerd takes a quarter of a second; systemd kills what does not stop after a minute and a half.
constexpr std::chrono::minutes kRestartPatience{3};

bool runs(const Node& node) {
  return node.root == "/" && (node.services || systemd_runs());
}

Moment moment_now() {
  return {.unix_time = unix_time(), .boot = boot_id(), .monotonic_us = monotonic_us()};
}

void add_step(Report& report, Report::Step step) {
  if (!report.plan) report.plan.emplace();
  report.plan->push_back(std::move(step));
}

Report::Step step_of(const Consumer& consumer) {
  Report::Step step{.step = "tell-consumer",
                    .subject = consumer.unit,
                    .reason = "it was started before the anchors changed",
                    .outcome = "done"};
  if (consumer.queued) step.reason += "; its restart waits for the unit that this run is part of";
  if (!consumer.failure.empty()) {
    step.reason += concat("; ", consumer.failure);
    step.outcome = "failed";
  }
  return step;
}

// Waits for this machine's turn, without the lock, so that other runs need not wait as well.
Result<void> wait_for_turn(Node& node, ServiceManager& services) {
  const auto& changed = node.state.manifest.changed;
  if (node.config.splay.count() == 0 || !changed) return {};
  NCT_TRY(const auto consumers,
          look_at_consumers(services, node.state.manifest.owed.consumers, node.state, changed->boot));
  if (std::ranges::none_of(consumers, [](const auto& each) { return each.state == ConsumerState::stale; }))
    return {};
  constexpr std::size_t kMostBytes = 4096;
  const auto machine_id = node.fs->read_file("/etc/machine-id", kMostBytes);
  const auto splay = splay_of(machine_id.value_or(std::string()), node.config.splay);
  // By the monotonic clock of the change, so that several changes in a row share one restart.
  const auto turn = std::chrono::microseconds(changed->monotonic_us) + splay;
  const auto now = std::chrono::microseconds(monotonic_us());
  if (turn <= now || !node.lock) return {};
  node.lock.reset();
  wait_until(std::chrono::steady_clock::now() + (turn - now));
  NCT_TRY(node.lock, Lock::take(node.root, std::string(kLock), node.config.lock_timeout));
  return read_again(node);
}

}  // namespace

Telling telling_of(const Node& node) {
  if (!runs(node)) return {};
  return {.consumers = node.config.consumers, .now = moment_now};
}

Result<void> tell(Node& node, const std::vector<std::string>& owed_before, Report& report) {
  if (node.state.manifest.owed.consumers.empty() || !runs(node)) return {};
  NCT_TRY(auto* services, systemd_of(node));
  NCT_CHECK(wait_for_turn(node, *services));
  const auto boot = boot_id();
  NCT_TRY(const auto consumers, tell_consumers(*node.fs, *services, node.state,
                                               {.configured = node.config.consumers,
                                                .owed_before = owed_before,
                                                .boot = boot,
                                                .patience = kRestartPatience}));
  report.consumers = rows_of(consumers, node.state);
  const std::string* failure = nullptr;
  for (const auto& consumer : consumers) {
    if (consumer.state == ConsumerState::restarted || !consumer.failure.empty())
      add_step(report, step_of(consumer));
    if (consumer.state == ConsumerState::restarted) report.result = RunResult::changed;
    if (!consumer.failure.empty() && failure == nullptr) failure = &consumer.failure;
  }
  if (failure != nullptr) return fail(Errc::systemd, *failure);
  return {};
}

Result<void> add_tell_steps(Node& node, Report& report) {
  if (!runs(node)) return {};
  NCT_TRY(auto* services, systemd_of(node));
  for (const auto& unit : node.config.consumers) {
    NCT_TRY(const auto status, services->status(unit));
    if (status.runs())
      add_step(report, {.step = "tell-consumer",
                        .subject = unit,
                        .reason = "it was started before the anchors change",
                        .outcome = ""});
  }
  return {};
}

Result<void> follow_rotation(Node& node, bool dry_run, Report& report) {
  const auto& directory = node.config.rotation_directory;
  // Without systemd first: where nothing is installed, nobody is asked.
  NCT_TRY(auto change, compare_rotation(*node.fs, nullptr, directory));
  if (!change.installed) return {};
  if (node.root == "/" && !runs(node)) {
    if (!change.steps.empty())
      report.warnings.emplace_back("systemd does not run here, so rotation is not enabled");
    return {};
  }
  NCT_TRY(auto* services, systemd_of(node));
  if (services != nullptr) {
    NCT_TRY(change, compare_rotation(*node.fs, services, directory));
  }
  if (change.steps.empty()) return {};
  const auto enabled = dry_run ? Result<void>() : enable_rotation(*node.fs, services, change, directory);
  bool acted = false;
  for (const auto& step : change.steps) {
    const std::string done = dry_run ? "" : enabled ? "done" : "failed";
    add_step(report, {.step = "enable-unit",
                      .subject = step.unit,
                      .reason = step.reason,
                      .outcome = step.masked ? "skipped" : done});
    acted = acted || !step.masked;
  }
  NCT_CHECK(enabled);
  if (acted) report.result = dry_run ? RunResult::planned : RunResult::changed;
  return {};
}

}  // namespace nct
