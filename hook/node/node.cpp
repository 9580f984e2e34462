#include "node/node.hpp"

#include "base/text.hpp"
#include "sys/process.hpp"

namespace nct {

Result<std::unique_ptr<Node>> open_node(const std::string& root, const std::optional<std::string>& config,
                                        Access access) {
  if (access == Access::change && root == "/" && !is_superuser())
    return fail(Errc::not_permitted, "changing this node's trust store is for root");
  auto node = std::make_unique<Node>();
  NCT_TRY(node->fs, open_root(root));
  NCT_TRY(node->config, read_config(*node->fs, config));
  NCT_TRY(node->distro, recognise(*node->fs));
  if (access == Access::change) {
    NCT_CHECK(node->fs->make_directories(std::string(kRunDirectory)));
    NCT_TRY(node->lock, Lock::take(root, std::string(kLock), node->config.lock_timeout));
  }
  NCT_TRY(node->state, read_state(*node->fs));
  if (root == "/") node->state.seen = read_seen(*node->fs);
  node->store =
      open_store(*node->distro.layout, *node->fs, node->state.record, node->state.seen,
                 {.root = root, .hooks = node->config.hooks, .reader_grace = node->config.reader_grace});
  if (!node->state.has_manifest) {
    NCT_TRY(node->state.manifest.anchors, node->store->found_anchors());
  }
  return node;
}

}  // namespace nct
