// What Debian 12's update-ca-certificates(8), and the openssl-rehash(1) it calls, leave behind: a model made
// from the script and the command alone, sharing nothing with the product, and checked against both.
#pragma once

#include "support/tree.hpp"

#include <string>
#include <vector>

namespace nct::test {

struct DebianPaths {
  std::string conf = "/etc/ca-certificates.conf";
  std::string shared = "/usr/share/ca-certificates";
  std::string local = "/usr/local/share/ca-certificates";
  std::string certs = "/etc/ssl/certs";
  std::string hooks = "/etc/ca-certificates/update.d";
};

struct DebianRun {
  Tree certs;                        // what lies in /etc/ssl/certs afterwards
  std::vector<std::string> added;    // "/etc/ssl/certs/NAME.pem" that hooks are told with a '+'
  std::vector<std::string> removed;  // and with a '-'
  int status = 0;                    // the tool's exit status
  // The number of a hash link is left to chance, and `certs` says what would be right. For a bucket of n
  // certificates, openssl-rehash(1) of OpenSSL 3.0 clears ceil(n / 8) octets of its table of taken numbers;
  // where a number below n belongs to a link to something else, it may look further, at what the bucket
  // before left there.
  bool numbers_by_chance = false;
};

// The files of the distribution's certificates that the configuration selects, in its order.
std::vector<std::string> selected_certificates(const DebianPaths& paths);

// What a run over the directories as they are now would do; changes nothing. `fresh` is the tool's -f.
// The tool is run as root and with LC_ALL=C. Outside of the model: names with a backslash or a line feed,
// links in /etc/ssl/certs whose name has blanks, directories there that are called NAME.pem.
DebianRun predict_update(const DebianPaths& paths, bool fresh);

// The real tool's command line for the same.
std::vector<std::string> update_command(const DebianPaths& paths, bool fresh);

}  // namespace nct::test
