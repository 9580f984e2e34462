#include "support/extracted_files.hpp"

#include <cstddef>

namespace nct::test {
namespace {

std::string number(std::size_t value, std::size_t length, bool little = false) {
  std::string bytes(length, '\0');
  for (std::size_t i = 0; i < length; ++i) {
    bytes[little ? i : length - 1 - i] = static_cast<char>(value & 0xFFU);
    value >>= 8U;
  }
  return bytes;
}

std::string text(const std::string& words) {
  return number(words.size(), 2) + words;
}

}  // namespace

std::string java_keystore(const std::vector<std::string>& certificates) {
  std::string bytes = "\xFE\xED\xFE\xED" + number(2, 4) + number(certificates.size(), 4);
  for (const auto& der : certificates)
    bytes += number(2, 4) + text("a name") + number(1, 8) + text("X.509") + number(der.size(), 4) + der;
  return bytes + std::string(20, 'd');
}

std::string signature_lists(const std::vector<std::string>& certificates) {
  std::string bytes;
  for (const auto& der : certificates)
    bytes += "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72" +
             number(28 + 16 + der.size(), 4, true) + number(0, 4) + number(16 + der.size(), 4, true) +
             std::string(16, 'o') + der;
  return bytes;
}

}  // namespace nct::test
