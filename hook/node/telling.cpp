#include "node/telling.hpp"

#include <algorithm>

#include "node/boot.hpp"
#include "plan/consumer.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// containerd takes a quarter of a second; systemd kills what does not stop after a minute and a half.
constexpr std::chrono::minutes kRestartPatience{3};

Moment moment_now(Fs& fs) {
  return {.unix_time = unix_time(), .boot = this_boot(fs), .monotonic_us = monotonic_us()};
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
  if (!has_systemd(node)) return {};
  return {.consumers = node.config.consumers, .now = [&fs = *node.fs] { return moment_now(fs); }};
}

Result<std::vector<Consumer>> tell(Node& node, const std::vector<std::string>& owed_before) {
  if (node.state.manifest.owed.consumers.empty() || !has_systemd(node)) return std::vector<Consumer>();
  NCT_TRY(auto* services, systemd_of(node));
  NCT_CHECK(wait_for_turn(node, *services));
  const auto boot = this_boot(*node.fs);
  return tell_consumers(*node.fs, *services, node.state,
                        {.configured = node.config.consumers,
                         .owed_before = owed_before,
                         .boot = boot,
                         .patience = kRestartPatience});
}

Result<void> all_told(const std::vector<Consumer>& consumers) {
  for (const auto& consumer : consumers)
    if (!consumer.failure.empty()) return fail(Errc::systemd, consumer.failure);
  return {};
}

Result<std::vector<std::string>> concerned(Node& node) {
  std::vector<std::string> units;
  if (!has_systemd(node)) return units;
  NCT_TRY(auto* services, systemd_of(node));
  for (const auto& unit : node.config.consumers) {
    NCT_TRY(const auto status, services->status(unit));
    if (status.runs()) units.push_back(unit);
  }
  return units;
}

}  // namespace nct
