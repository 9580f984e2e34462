#include "node/node.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

// Reads the state. Without the lock, a run may end, or another begin, between two looks: "pending, and nobody
// holds the lock" is said only of what both looks found.
Result<void> read_state_of(Node& node) {
  constexpr int kMostLooks = 10;
  NCT_TRY(node.state, read_state(*node.fs));
  for (int look = 1; node.state.interrupted && !node.lock && look < kMostLooks; ++look) {
    const auto lock = lock_of(node);
    if (lock != LockState::free) {
      node.state.lock = lock;
      break;
    }
    const auto before = std::move(node.state.manifest);
    NCT_TRY(node.state, read_state(*node.fs));
    if (node.state.manifest == before) break;
  }
  return {};
}

// As the distribution's own tool reads it.
bool is_set(const std::string& variable) {
  const char* const found = std::getenv(variable.c_str());
  const std::string_view value = found == nullptr ? "" : found;
  return value == "1" || value == "true" || value == "TRUE" || value == "yes" || value == "YES";
}

// While a snapshot is made, what is below /var belongs to the system that runs: its store would get anchors
// that it does not have, or lose some.
Result<void> refuse_in_snapshot(const Node& node) {
  const std::string variable(node.distro.family->snapshot_variable);
  if (node.root != "/" || variable.empty() || !is_set(variable)) return {};
  return fail(Errc::busy,
              concat("a snapshot of the system is being made (", variable, "), to which '",
                     node.distro.family->view_directory,
                     "' does not belong: the system that boots from it is changed by its own runs"));
}

}  // namespace

Result<std::unique_ptr<Node>> unconfigured_node(const std::string& root, Access access) {
  if (access == Access::change && root == "/" && !is_superuser())
    return fail(Errc::not_permitted, "changing this node's trust store is for root");
  auto node = std::make_unique<Node>();
  node->root = root;
  NCT_TRY(node->fs, open_root(root));
  return node;
}

Result<std::unique_ptr<Node>> configured_node(const std::string& root,
                                              const std::optional<std::string>& config, Access access) {
  NCT_TRY(auto node, unconfigured_node(root, access));
  NCT_TRY(node->config, read_config(*node->fs, config));
  return node;
}

Result<void> open_configured(Node& node, Access access, const StopRequest* stop) {
  NCT_TRY(node.distro, recognise(*node.fs, node.config.family));
  node.config.policy.p11_kit = node.distro.family->mechanism == Mechanism::extracts;
  if (access == Access::change) {
    NCT_CHECK(refuse_in_snapshot(node));
    NCT_CHECK(node.fs->make_directories(std::string(kRunDirectory)));
    return take_again(node, stop);
  }
  return read_again(node);
}

Result<void> take_again(Node& node, const StopRequest* stop) {
  NCT_TRY(node.lock, Lock::take(node.root, std::string(kLock), node.config.lock_timeout, stop));
  return read_again(node);
}

LockState lock_of(const Node& node) {
  return lock_state(node.root, std::string(kLock));
}

Result<void> read_again(Node& node) {
  NCT_CHECK(read_state_of(node));
  if (node.root == "/") node.state.remembered.seen = read_seen(*node.fs);
  node.store = open_store(*node.distro.family, *node.fs, node.state.remembered,
                          {.root = node.root,
                           .hooks = node.config.hooks,
                           .reader_grace = node.config.reader_grace,
                           .distrusted = node.config.policy.distrusted,
                           .lock_timeout = node.config.lock_timeout});
  if (!node.state.has_manifest) {
    NCT_TRY(node.state.manifest.anchors, node.store->found_anchors());
  }
  return {};
}

bool has_systemd(const Node& node) {
  return node.root == "/" && (node.services || systemd_runs());
}

Result<ServiceManager*> systemd_of(Node& node) {
  if (!node.services && has_systemd(node)) {
    NCT_TRY(node.services, connect_to_systemd());
  }
  return node.services.get();
}

Result<std::unique_ptr<Node>> open_node(const std::string& root, const std::optional<std::string>& config,
                                        Access access, const StopRequest* stop) {
  NCT_TRY(auto node, configured_node(root, config, access));
  NCT_CHECK(open_configured(*node, access, stop));
  return node;
}

}  // namespace nct
