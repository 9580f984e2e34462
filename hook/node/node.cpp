#include "node/node.hpp"

#include "base/text.hpp"
#include "sys/process.hpp"

namespace nct {

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

Result<void> open_configured(Node& node, Access access) {
  NCT_TRY(node.distro, recognise(*node.fs));
  if (access == Access::change) {
    NCT_CHECK(node.fs->make_directories(std::string(kRunDirectory)));
    NCT_TRY(node.lock, Lock::take(node.root, std::string(kLock), node.config.lock_timeout));
  }
  return read_again(node);
}

Result<void> read_again(Node& node) {
  NCT_TRY(node.state, read_state(*node.fs));
  if (node.root == "/") node.state.seen = read_seen(*node.fs);
  node.store =
      open_store(*node.distro.layout, *node.fs, node.state.record, node.state.seen,
                 {.root = node.root, .hooks = node.config.hooks, .reader_grace = node.config.reader_grace});
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
                                        Access access) {
  NCT_TRY(auto node, configured_node(root, config, access));
  NCT_CHECK(open_configured(*node, access));
  return node;
}

}  // namespace nct
