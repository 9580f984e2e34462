// A node, opened for one run.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "node/state.hpp"
#include "node/store.hpp"
#include "plan/config.hpp"
#include "plan/distro.hpp"
#include "sys/fs.hpp"
#include "sys/lock.hpp"

namespace nct {

struct Node {
  std::unique_ptr<Fs> fs;
  Config config;
  Distro distro;
  std::optional<Lock> lock;
  NodeState state;
  std::unique_ptr<Store> store;
};

enum class Access {
  read,    // nothing is changed, no lock is taken
  change,  // the lock is held while the Node lives
};

// Opens the node below `root`. Anchors of ours that no readable manifest lists are taken over, from the
// source "unknown", so that trust is not lost with a manifest. Errc::not_permitted, before anything else, for
// changing "/" without being root.
Result<std::unique_ptr<Node>> open_node(const std::string& root, const std::optional<std::string>& config,
                                        Access access);

}  // namespace nct
