// What a client is asked: which of these servers verify with this store?
#pragma once

#include <string>
#include <vector>

namespace nct::test {

struct Question {
  std::vector<std::string> store;    // certificates in DER, in the order of the bundle
  std::vector<std::string> servers;  // in DER; each shows its own certificate alone
};

// A character a server: '+' it verifies, '-' it does not, '?' this client could not be asked.
using Answer = std::string;

}  // namespace nct::test
