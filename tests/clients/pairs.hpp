// Pairs of CAs that share a subject, or a subject and a key: what one of them does to the chains of the
// other.
#pragma once

#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <map>
#include <string>
#include <vector>

namespace nct::test {

struct PairedCa {
  std::string changes;  // from a CA that all clients accept
  std::string der;
  std::string server;  // in DER: what it issued
};

struct Pair {
  bool same_key = false;
  PairedCa one;
  PairedCa other;
};

class PairGenerator {
 public:
  explicit PairGenerator(std::uint64_t seed) : dice_(seed) {}

  Pair next();

  // The private key of all servers.
  [[nodiscard]] const SigningKey& server_key() const { return server_key_; }
  // How often each change was made.
  [[nodiscard]] const std::map<std::string, std::size_t>& changes() const { return changes_; }

 private:
  PairedCa changed(const SigningKey& key, bool is_second);

  Dice dice_;
  SigningKey first_key_ = new_signing_key();
  SigningKey second_key_ = new_signing_key();
  SigningKey issuer_key_ = new_signing_key();  // of who cross-signs
  SigningKey server_key_ = new_signing_key();
  std::map<std::string, std::size_t> changes_;
};

}  // namespace nct::test
