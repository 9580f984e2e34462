// Other processes: those we start (hooks, and the programs that make a family's store) and those we must not
// disturb.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nct {

struct Command {
  std::string root;       // chroot(2) there first, unless it is "/"
  std::string directory;  // working directory, within the root
  std::string program;    // absolute, within the root
  std::vector<std::string> arguments;
  std::string input;                         // what its standard input, a pipe, gives
  std::vector<std::string> set_environment;  // "NAME=value"
  std::vector<std::string> unset_environment;
};

// Runs the program to its end; what it prints goes to our standard error. Its exit status, or 128 + the
// signal that ended it. Errc::io where it could not be started.
Result<int> run(const Command& command);

struct Ended {
  int status = 0;     // exit status, or 128 + the signal that ended it
  bool late = false;  // it was killed, since it had not ended in time
  std::string said;   // what it printed last, at most 4 KiB
};

// Runs the programs, without input: as many at once as there are CPUs for us, begun in their order. Those
// that have not ended after `limit` are killed, those not begun by then are late, too; all end with this
// process. How each ended, in their order. Errc::io where one could not be started: the others have ended,
// too.
Result<std::vector<Ended>> run_together(std::span<const Command> commands, std::chrono::milliseconds limit);

// Whether a process of this machine has the name `name`; the kernel keeps 15 bytes of it.
bool is_running(std::string_view name);

// Whether this process may change a node.
bool is_superuser();

}  // namespace nct
