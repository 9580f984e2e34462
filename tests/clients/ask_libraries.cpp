// ask_libraries openssl|openssl_strict|gnutls: reads questions from standard input and writes answers, as
// real_clients.cpp says. It needs nothing but the two libraries, so that it runs in another root with those
// of there.
#include "clients/libraries.hpp"

#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace nct::test;

namespace {

unsigned digit(char c) {
  return static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0');
}

std::string bytes_of_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(digit(text[i]) << 4U | digit(text[i + 1]));
  return bytes;
}

std::vector<std::string> picked(const std::vector<std::string>& certificates, const std::string& numbers) {
  std::vector<std::string> chosen;
  std::istringstream list(numbers);
  for (std::string number; std::getline(list, number, ',');)
    chosen.push_back(certificates.at(std::stoul(number)));
  return chosen;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view client = count == 2 ? arguments[1] : "";
  if (client != "openssl" && client != "openssl_strict" && client != "gnutls") return 64;
  std::cout << (client == "gnutls" ? "GnuTLS " + gnutls_version() : "OpenSSL " + openssl_version()) << '\n';
  std::vector<std::string> certificates;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    std::string first;
    std::string second;
    words >> what >> first >> second;
    if (what == "certificate") certificates.push_back(bytes_of_hex(first));
    if (what != "question") continue;
    const Question question{.store = picked(certificates, first), .servers = picked(certificates, second)};
    std::cout << (client == "gnutls" ? ask_gnutls(question)
                                     : ask_openssl(question, client == "openssl_strict"))
              << '\n';
  }
  return 0;
}
