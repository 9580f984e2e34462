// Other processes: those we start (hooks, nothing else) and those we must not disturb.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nct {

struct Command {
  std::string root;       // chroot(2) there first, unless it is "/"
  std::string directory;  // working directory, within the root
  std::string program;    // absolute, within the root
  std::string input;      // what its standard input, a pipe, gives
  std::vector<std::string> unset_environment;
};

// Runs the program to its end, without arguments; what it prints goes to our standard error. Its exit status,
// or 128 + the signal that ended it. Errc::io where it could not be started.
Result<int> run(const Command& command);

// Whether a process of this machine has the name `name`; the kernel keeps 15 bytes of it.
bool is_running(std::string_view name);

// Whether this process may change a node.
bool is_superuser();

}  // namespace nct
