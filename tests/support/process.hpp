// Commands run to their end, with everything they said.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace nct::test {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH where it has no '/'
  std::string input{};            // its standard input, a pipe
  // Added to an otherwise empty environment that has PATH (the system's), LC_ALL=C and the sanitizers'
  // options: what the machine says about SSL_CERT_FILE and the like reaches no command.
  std::map<std::string, std::string> environment{};
  std::string directory{};  // it is started in; left alone where empty
};

struct Finished {
  int status = -1;  // exit status, -1 where a signal ended it
  int signal = 0;   // that signal, or 0
  std::string out;  // standard output
  std::string err;  // standard error
};

// Throws std::runtime_error where no process can be made; a command that is not there ends with status 127.
Finished run(const Command& command);

}  // namespace nct::test
