// Everything people hand over that must be refused, and what they must be told.
#pragma once

#include <string>
#include <vector>

#include "base/finding.hpp"

namespace nct::test {

struct BadInput {
  std::string name;
  std::string bytes;
  std::vector<FindingCode> codes;  // of severity error, each at least once; no other error may be there
};

// Built once, with new certificates.
const std::vector<BadInput>& bad_inputs();

// Never in any output: the lines of the private keys that are in some of the inputs.
const std::vector<std::string>& secrets();

}  // namespace nct::test
