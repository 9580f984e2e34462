// The clients that are libraries of C, asked in this process.
#pragma once

#include "clients/question.hpp"

#include <string>

namespace nct::test {

std::string openssl_version();  // "3.0.17"
std::string gnutls_version();

// As SSL_CTX of Debian verifies: the bundle read as one file, security level 2, for a server. `strict` as
// Python 3.13 sets it.
Answer ask_openssl(const Question& question, bool strict);

// The bundle read as one file, for a server.
Answer ask_gnutls(const Question& question);

}  // namespace nct::test
