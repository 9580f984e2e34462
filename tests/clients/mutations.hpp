// What a certificate may differ in from one that all clients accept: changes of every field, by chance.
#pragma once

#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nct::test {

// A key that a CA may have, written as it may be written, and what signs with it.
struct NamedKey {
  std::string name;  // "rsa-2048"
  SigningKey key;
};

// The first one is P-256, which all clients take. Making them takes a second.
std::vector<NamedKey> make_keys();

struct Mutation {
  std::string_view name;
  // False where `parts` have no place for it; then they are as they were.
  bool (*change)(Parts& parts, Dice& dice);
  bool of_key = false;  // what its key signed may no longer verify
};

std::span<const Mutation> mutations();

// The same of a finished certificate, its signature included.
std::string changed_bytes(std::string der, Dice& dice);

}  // namespace nct::test
