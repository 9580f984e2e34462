#include "cli/gnutls_verifies.hpp"

#include "clients/libraries.hpp"

namespace nct::test {

bool gnutls_verifies(const std::vector<std::string>& store, const std::string& server) {
  return ask_gnutls({.store = store, .servers = {server}}) == "+";
}

}  // namespace nct::test
