// The real clients, asked what they make of a CA: with it and a good CA in one bundle, does a server below
// it, and one below the good CA, verify?
#pragma once

#include <string>
#include <vector>

namespace nct::test {

enum class Answer {
  accepts,
  refuses,
  breaks,  // what the good CA issued no longer verifies
};

struct Question {
  std::string ca_der;
  std::string leaf_der;
};

struct GoodCa {
  std::string ca_der;
  std::string leaf_der;
};

Answer ask_libcrypto(const Question& question, const GoodCa& good, bool strict);
Answer ask_gnutls(const Question& question, const GoodCa& good);

// All at once, by one process of the Go that is installed. Throws std::runtime_error where that fails.
std::vector<Answer> ask_go(const std::vector<Question>& questions, const GoodCa& good);

}  // namespace nct::test
