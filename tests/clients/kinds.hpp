// Kinds of certificates: each one change of a CA that all clients accept. The names are those of the table of
// measurements (kinds.txt).
#pragma once

#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nct::test {

struct Kind {
  std::string name;
  std::function<void(Parts&)> change;
};

const std::vector<Kind>& kinds();

// One change of a random place: a bit, a byte, an element taken out, doubled or put elsewhere.
void change_anywhere(Parts& parts, Dice& dice);

}  // namespace nct::test
