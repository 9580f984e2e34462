#include "cmd/afterwards.hpp"

#include <algorithm>

#include "cmd/events.hpp"
#include "cmd/rows.hpp"
#include "node/boot.hpp"
#include "node/consumers.hpp"
#include "node/replace_files.hpp"
#include "plan/metrics.hpp"
#include "sys/clock.hpp"
#include "sys/journal.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::size_t kMostMetricsBytes = std::size_t{1} << 20U;

bool changes_this_node(const Options& options) {
  const auto command = options.command_name;
  return options.root == "/" && !options.dry_run && is_superuser() &&
         (command == "provision" || command == "rotate" || command == "remove");
}

Metrics metrics_of(Node& node, const Options& options, bool succeeded) {
  Metrics metrics{.command = options.command_name, .succeeded = succeeded, .now = unix_time()};
  const auto& manifest = node.state.manifest;
  for (const auto& row : rows_of(manifest.anchors, *node.distro.layout))
    metrics.anchors.push_back(row.certificate);
  if (manifest.changed) metrics.anchors_changed = manifest.changed->unix_time;
  if (const auto change = node.store->compare(manifest.anchors))
    metrics.drift = drift_of(node.state, **change).size();
  const auto systemd = systemd_of(node);
  if (!systemd || *systemd == nullptr) return metrics;
  if (const auto seen = look_at_consumers(**systemd, node.config.consumers, node.state, this_boot(*node.fs)))
    metrics.stale_consumers =
        static_cast<std::size_t>(std::ranges::count(*seen, ConsumerState::stale, &Consumer::state));
  return metrics;
}

}  // namespace

void leave_metrics(Node& node, const Options& options, bool succeeded) {
  const auto& path = node.config.metrics_file;
  if (path.empty() || !changes_this_node(options) || !node.store) return;
  const auto previous = node.fs->read_file(path, kMostMetricsBytes);
  const NewFile file{
      .path = path, .bytes = text_of(metrics_of(node, options, succeeded), previous.value_or(std::string()))};
  (void)replace_files(*node.fs, {&file, 1});
}

void leave_traces(const Options& options, const Report& report) {
  if (!changes_this_node(options)) return;
  for (const auto& entry : events_of(report))
    (void)write_journal(entry);
  if (options.command_name == "remove") return;
  const auto path = options.command_name == "provision" ? kLastProvision : kLastRotate;
  const auto fs = open_root("/");
  if (!fs || !(*fs)->make_directories(std::string(kRunDirectory))) return;
  const NewFile file{.path = std::string(path), .bytes = json_of(report)};
  (void)replace_files(**fs, {&file, 1});
}

}  // namespace nct
