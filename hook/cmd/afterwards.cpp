#include "cmd/afterwards.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cmd/events.hpp"
#include "cmd/rows.hpp"
#include "config/paths.hpp"
#include "node/boot.hpp"
#include "node/consumers.hpp"
#include "node/node.hpp"
#include "node/replace_files.hpp"
#include "report/metrics.hpp"
#include "sys/clock.hpp"
#include "sys/journal.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::size_t kMostMetricsBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostPathBytes = 4096;

bool changes_this_node(const Options& options) {
  using enum Options::Command;
  return options.root == "/" && !options.dry_run && is_superuser() &&
         (options.command == provision || options.command == rotate || options.command == distrust ||
          options.command == remove);
}

// None where it cannot be read, or is just being changed by another run.
std::optional<Metrics::State> state_of(Node& node) {
  if (lock_of(node) == LockState::held || !open_configured(node, Access::read)) return std::nullopt;
  Metrics::State state;
  const auto& manifest = node.state.manifest;
  for (const auto& row : rows_of(manifest.anchors, *node.distro.family))
    state.anchors.push_back(row.certificate);
  if (manifest.changed) state.anchors_changed = manifest.changed->unix_time;
  if (const auto change = node.store->compare(manifest.anchors))
    state.drift = drift_of(node.state, **change, *node.distro.family).size();
  const auto systemd = systemd_of(node);
  if (!systemd || *systemd == nullptr) return state;
  if (const auto seen = look_at_consumers(**systemd, node.config.consumers, node.state, this_boot(*node.fs)))
    state.stale_consumers =
        static_cast<std::size_t>(std::ranges::count(*seen, ConsumerState::stale, &Consumer::state));
  // What another run that began meanwhile has half done is no state.
  if (lock_of(node) == LockState::held) return std::nullopt;
  return state;
}

// The file of the last run that could read its configuration; empty for none.
std::string remembered_place(Fs& fs) {
  return std::string(trimmed(fs.read_file(std::string(kMetricsPlace), kMostPathBytes).value_or("")));
}

void remember_place(Fs& fs, const std::string& path) {
  if (remembered_place(fs) == path) return;
  const std::string place(kMetricsPlace);
  if (path.empty()) {
    (void)remove_if_there(fs, place);
    return;
  }
  const NewFile file{.path = place, .bytes = concat(path, "\n")};
  if (make_durable_directories(fs, std::string(kStateDirectory))) (void)replace_files(fs, {&file, 1});
}

void leave_metrics(Fs& fs, const Options& options, bool succeeded) {
  const auto node = configured_node(options.root, options.config, Access::read);
  // What somebody tries out is not what the next run on its own goes by.
  if (node && !options.config) remember_place(fs, (*node)->config.metrics_file);
  const auto path = node ? (*node)->config.metrics_file : remembered_place(fs);
  if (path.empty()) return;
  const Metrics metrics{.command = options.command_name,
                        .succeeded = succeeded,
                        .now = unix_time(),
                        .state = node ? state_of(**node) : std::nullopt};
  const auto previous = fs.read_file(path, kMostMetricsBytes);
  const NewFile file{.path = path, .bytes = text_of(metrics, previous.value_or(std::string()))};
  (void)replace_files(fs, {&file, 1});
}

}  // namespace

void leave_traces(const Options& options, const Report& report) {
  // Others wait as long for a slow disk; a run that is stuck must not keep all later ones.
  constexpr std::chrono::seconds kPatience{10};
  if (!changes_this_node(options)) return;
  // Run at each boot, before what tells of it.
  if (options.command == Options::Command::distrust && report.result == RunResult::nothing_to_do) return;
  for (const auto& entry : events_of(report))
    (void)write_journal(entry);
  const auto fs = open_root("/");
  if (!fs || !(*fs)->make_directories(std::string(kRunDirectory))) return;
  // One at a time: two that replace one file would rename what the other has not written yet.
  const auto lock = Lock::take("/", std::string(kTracesLock), kPatience);
  if (!lock) return;
  const bool provision = options.command == Options::Command::provision;
  if (provision || options.command == Options::Command::rotate) {
    const NewFile file{.path = std::string(provision ? kLastProvision : kLastRotate),
                       .bytes = json_of(report)};
    (void)replace_files(**fs, {&file, 1});
  }
  leave_metrics(**fs, options, !report.error);
}

}  // namespace nct
