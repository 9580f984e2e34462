// A node of p11-kit's families as a value.
#pragma once

#include "p11kit/trust_node.hpp"
#include "support/tree.hpp"

namespace nct::test {

// The whole tree but for programs and what runs leave in /run; a keystore does not tell when it was made.
Tree tree_of(const TrustNode& node);

}  // namespace nct::test
