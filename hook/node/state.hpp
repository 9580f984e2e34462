// What this program wrote down on the node: its manifest, what is pending, and what it remembers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/paths.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "sys/lock.hpp"
#include "wish/manifest.hpp"

namespace nct {

struct NodeState {
  Manifest manifest;          // what is true, or what an interrupted run was making true
  bool has_manifest = false;  // one was found and could be read
  bool interrupted = false;   // a pending manifest was found: proving, publishing and telling are owed
  std::string damage;         // why a manifest could not be read; empty if it could
  Remembered remembered;
  // Of the lock, where this was read without it and a pending manifest was found: a run that holds it is at
  // work, and was not broken off.
  LockState lock = LockState::free;
  // Something is left to do even if nothing else is wanted.
  [[nodiscard]] bool owes() const { return interrupted || !manifest.owed.none(); }
};

Result<NodeState> read_state(Fs& fs);

// Writes the pending manifest, before the first change; and in the same go `staged`, and the record, if it
// has grown. They are durable once the directories that are returned (Fs::make_directories() of
// kStateDirectory), and then kStateDirectory itself, are synced.
Result<std::vector<std::string>> write_pending(Fs& fs, const Manifest& manifest, NodeState& state,
                                               const RecordScope& scope, std::vector<NewFile> staged);

// Writes `manifest` as pending, durably, before what the store is made of is changed: whatever comes then,
// the next run makes the store anew, and tells whom it owes.
Result<void> owe(Fs& fs, const Manifest& manifest);

// Where its names stand, outermost first.
std::vector<std::string> state_directories();

// Makes `manifest` the true one, durably, after the last change, and after the names in the directories
// `unsynced`. `pending` is what write_pending() wrote, if it did.
Result<void> settle(Fs& fs, const Manifest& manifest, const std::optional<Manifest>& pending,
                    const std::vector<std::string>& unsynced = {});

// The configuration: vendor file, then the administrator's (or `named` in its place, from outside the root),
// then drop-ins in byte order of their names.
Result<Config> read_config(Fs& fs, const std::optional<std::string>& named);

// The distribution of the root, its family's directories found to be there.
// Errc::configuration names what was looked for.
Result<Distro> recognise(Fs& fs, std::string_view chosen = {});

}  // namespace nct
