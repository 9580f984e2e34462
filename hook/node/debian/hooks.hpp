// The hooks of update-ca-certificates(8): programs that follow the store, such as the one for Java's.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "store/link_changes.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// Names of the hooks that run-parts(8) would run: plain ones, executable, in byte order.
Result<std::vector<std::string>> hook_names(Fs& fs);

// What hooks are told of it: update-ca-certificates(8) names links to certificate files that came, or lead
// elsewhere, and those that went.
Owed owed_for(const LinkChanges& changes);

// Runs all hooks as the tool does, in `root`: in the store directory, with a line "+PATH" for every link that
// came or leads elsewhere and "-PATH" for every one that went. The tool never tells of a local CA that went;
// this does. Why hooks failed, if some did; the others have run.
Result<std::vector<std::string>> run_hooks(Fs& fs, const std::string& root, const Owed& owed);

}  // namespace nct
