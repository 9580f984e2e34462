// Kinds of certificates: each one change of a CA that all clients accept. The names are those of the table of
// measurements (kinds.txt).
#pragma once

#include "support/der_builder.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nct::test {

struct Kind {
  std::string name;
  std::function<void(Parts&)> change;
};

const std::vector<Kind>& kinds();

}  // namespace nct::test
