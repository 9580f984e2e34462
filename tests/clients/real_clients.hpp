// The real clients: those of this machine and, where NCT_CLIENTS_ROOT names a Debian root that has them
// (full.sh), those of there.
#pragma once

#include "clients/question.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cert/clients.hpp"

namespace nct::test {

// "OpenSSL 3.5.1" as 3, 5, 1.
std::vector<unsigned> version_in(std::string_view text);

struct RealClient {
  Client client{};   // whose rules are held against it
  std::string name;  // "Go 1.24.4"
  std::vector<unsigned> version;
  std::size_t one_in = 1;  // of so many certificates one is worth its time
  // Answers in the order of the questions. `key` is the private key of their servers, in PEM; who shakes
  // hands with a server needs it. Throws std::runtime_error where that fails.
  std::function<std::vector<Answer>(std::span<const Question>, const std::string& key)> ask;

  // Whether a rule about this client is one about this version.
  [[nodiscard]] bool is_meant_by(const ClientRule& rule) const;
};

// Made at the first call.
const std::vector<RealClient>& real_clients();

}  // namespace nct::test
