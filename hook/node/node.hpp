// A node, opened for one run.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "config/config.hpp"
#include "node/state.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "sys/lock.hpp"
#include "sys/service_manager.hpp"

namespace nct {

struct Node {
  std::string root;
  std::unique_ptr<Fs> fs;
  Config config;
  Distro distro;
  std::optional<Lock> lock;
  NodeState state;
  std::unique_ptr<Store> store;
  std::unique_ptr<ServiceManager> services;  // once systemd_of() has connected
};

enum class Access {
  read,    // nothing is changed, no lock is taken
  change,  // the lock is held while the Node lives
};

// The node's configuration, and nothing else yet. Errc::not_permitted, before anything else, for changing "/"
// without being root.
Result<std::unique_ptr<Node>> configured_node(const std::string& root,
                                              const std::optional<std::string>& config, Access access);

// The same with the defaults for a configuration, whatever lies on the node.
Result<std::unique_ptr<Node>> unconfigured_node(const std::string& root, Access access);

// Opens the rest of it; a request to `stop` ends the wait for the lock (Errc::busy). Anchors of ours that no
// readable manifest lists are taken over, from the source "unknown", so that trust is not lost with a
// manifest.
Result<void> open_configured(Node& node, Access access, const StopRequest* stop = nullptr);

// Reads state and store afresh.
Result<void> read_again(Node& node);

// Takes the lock again, which was given up for a while, and reads again. Errc::busy as Lock::take() has it.
Result<void> take_again(Node& node, const StopRequest* stop = nullptr);

// Whether a run holds the lock of this node now.
LockState lock_of(const Node& node);

// Both.
Result<std::unique_ptr<Node>> open_node(const std::string& root, const std::optional<std::string>& config,
                                        Access access, const StopRequest* stop = nullptr);

// Whether systemd runs on the node as it stands; never below a root that is not the machine's.
bool has_systemd(const Node& node);

// What systemd says of this node and does for it; connects at the first call. Null below a root that is not
// running, and where systemd is not the service manager.
Result<ServiceManager*> systemd_of(Node& node);

}  // namespace nct
