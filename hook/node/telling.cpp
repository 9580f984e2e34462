#include "node/telling.hpp"

#include <algorithm>

#include "node/boot.hpp"
#include "services/consumer.hpp"
#include "sys/clock.hpp"
#include "sys/unit_timeout.hpp"

namespace nct {

namespace {

// containerd takes a quarter of a second; systemd kills what does not stop after a minute and a half.
constexpr std::chrono::minutes kRestartPatience{3};

Moment moment_now(Fs& fs) {
  return {.unix_time = unix_time(), .boot = this_boot(fs), .monotonic_us = monotonic_us()};
}

}  // namespace

Telling telling_of(const Node& node) {
  if (!has_systemd(node)) return {};
  return {.consumers = node.config.consumers, .now = [&fs = *node.fs] { return moment_now(fs); }};
}

Result<std::chrono::milliseconds> until_turn(Node& node) {
  constexpr std::chrono::milliseconds kNow{0};
  const auto& changed = node.state.manifest.changed;
  const auto& owed = node.state.manifest.owed.consumers;
  if (node.config.splay == kNow || !changed || owed.empty() || !has_systemd(node)) return kNow;
  NCT_TRY(auto* services, systemd_of(node));
  NCT_TRY(const auto consumers, look_at_consumers(*services, owed, node.state, changed->boot));
  if (std::ranges::none_of(consumers, [](const auto& each) { return each.state == ConsumerState::stale; }))
    return kNow;
  constexpr std::size_t kMostBytes = 4096;
  const auto machine_id = node.fs->read_file("/etc/machine-id", kMostBytes);
  const auto splay = splay_of(machine_id.value_or(std::string()), node.config.splay);
  const auto turn = std::chrono::microseconds(changed->monotonic_us) + splay;
  const auto left = turn - std::chrono::microseconds(monotonic_us());
  return std::max(kNow, std::chrono::ceil<std::chrono::milliseconds>(left));
}

Result<std::vector<Consumer>> tell(Node& node, const std::vector<std::string>& owed_before,
                                   const StopRequest* stop) {
  if (node.state.manifest.owed.consumers.empty() || !has_systemd(node)) return std::vector<Consumer>();
  NCT_TRY(auto* services, systemd_of(node));
  const auto boot = this_boot(*node.fs);
  const TellingRun run{.configured = node.config.consumers,
                       .owed_before = owed_before,
                       .boot = boot,
                       .patience = kRestartPatience};
  node.lock.reset();
  auto told = restart_consumers(*services, node.state, run);
  if (const auto taken = take_again(node, stop); !taken) {
    // Another run is at work for long: it, or the next one, sees who is fresh.
    if (taken.error().code == Errc::busy) return told;
    return std::unexpected(taken.error());
  }
  NCT_CHECK(strike_off(*node.fs, *services, node.state, run, told));
  return told;
}

Result<std::vector<Consumer>> tell_in_turn(Node& node, const std::vector<std::string>& owed_before) {
  for (;;) {
    NCT_TRY(const auto left, until_turn(node));
    if (left.count() == 0) return tell(node, owed_before);
    node.lock.reset();
    extend_unit_timeout(left + kRestartPatience);
    wait_until(std::chrono::steady_clock::now() + left);
    if (const auto taken = take_again(node); !taken) {
      // Another run is at work for long: it tells them, or the next one does.
      if (taken.error().code == Errc::busy) return owed_consumers(node);
      return std::unexpected(taken.error());
    }
  }
}

Result<std::vector<Consumer>> owed_consumers(Node& node) {
  const auto& owed = node.state.manifest.owed.consumers;
  if (owed.empty() || !has_systemd(node)) return std::vector<Consumer>();
  NCT_TRY(auto* services, systemd_of(node));
  return look_at_consumers(*services, owed, node.state, this_boot(*node.fs));
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
