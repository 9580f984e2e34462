// Everything on a node that is not the product: an administrator's files, the distribution's configuration,
// and damage that others left behind.
#pragma once

#include "support/certificates.hpp"
#include "support/random.hpp"

#include <map>
#include <string>
#include <vector>

namespace nct::test {

// CAs to install, more and more of them; several with one subject, which some share with a root of the
// distribution.
class Authorities {
 public:
  // A new one, or one that was there before.
  const TestCa& some(Dice& dice);

 private:
  std::vector<TestCa> all_;
};

// Each does one random thing to the node, as root with a shell would, and returns what it was.
std::string administer(Dice& dice, Authorities& authorities);
std::string damage(Dice& dice);

}  // namespace nct::test
