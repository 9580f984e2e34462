// Kinds of CA certificates that the tests of others are known for, by the names that they have there. None of
// their files is here: each is made from what its name and its project's documentation say of it.
#pragma once

#include "support/der_builder.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nct::test {

// Which servers the question is about that the CA issued: leaf.test.
enum class Asked : std::uint8_t {
  inside,   // it may issue that one
  outside,  // it may not, or not now: every client may refuse
};

struct PublicKind {
  std::string project;  // "zlint", "x509-limbo", "openssl", "go"
  std::string name;     // of the lint, the case, the file or the test
  // What the rules say: A accepted, R rejected, N no certificate; then, of OpenSSL, the same as Python 3.13
  // sets it, GnuTLS, Go and Java, + accepts, - refuses, P loses others by it; of some versions only, ~
  // refuses and p loses others.
  std::string said;
  std::function<void(Parts&)> change;
  const char* algorithm = "EC";  // of its key
  const char* parameter = "P-256";
  Asked asked = Asked::inside;
};

const std::vector<PublicKind>& public_kinds();

}  // namespace nct::test
