#include "intake/pem_line.hpp"

#include <doctest/doctest.h>

using namespace nct;
using Kind = PemLine::Kind;

TEST_CASE("a line is a BEGIN or END line, was meant as one, or is something else") {
  struct Case {
    std::string_view line;
    Kind kind;
    std::string_view label;
  };
  constexpr Case kCases[] = {
      {"-----BEGIN CERTIFICATE-----", Kind::begin, "CERTIFICATE"},
      {"  -----END CERTIFICATE-----\t", Kind::end, "CERTIFICATE"},
      {"-----BEGIN X509 CRL-----", Kind::begin, "X509 CRL"},
      {"-----BEGIN X9.42 DH PARAMETERS-----", Kind::begin, "X9.42 DH PARAMETERS"},

      {"----BEGIN CERTIFICATE-----", Kind::broken_begin, ""},
      {"------BEGIN CERTIFICATE-----", Kind::broken_begin, ""},
      {"-----BEGIN CERTIFICATE----", Kind::broken_begin, ""},
      {"-----BEGIN CERTIFICATE------", Kind::broken_begin, ""},
      {"-----BEGIN CERTIFICATE", Kind::broken_begin, ""},
      {"BEGIN CERTIFICATE-----", Kind::broken_begin, ""},
      {"BEGIN CERTIFICATE", Kind::broken_begin, ""},
      {"-----BEGIN  CERTIFICATE-----", Kind::broken_begin, ""},
      {"-----BEGINCERTIFICATE-----", Kind::broken_begin, ""},
      {"-----BEGIN CERTIFICATE -----", Kind::broken_begin, ""},
      {"----- BEGIN CERTIFICATE -----", Kind::broken_begin, ""},
      {"-----begin certificate-----", Kind::broken_begin, ""},
      {"\xE2\x80\x94\xE2\x80\x94-BEGIN CERTIFICATE\xE2\x80\x94\xE2\x80\x94-", Kind::broken_begin, ""},
      {"CA=\"-----BEGIN CERTIFICATE-----", Kind::broken_begin, ""},
      {"- -----BEGIN CERTIFICATE-----", Kind::broken_begin, ""},
      {"-----END CERTIFICATE-----\"", Kind::broken_end, ""},
      {"-----END CERTIFICATE----", Kind::broken_end, ""},
      {"---END PKCS7---", Kind::broken_end, ""},

      {"", Kind::other, ""},
      {"MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ", Kind::other, ""},
      {"# -----BEGIN CERTIFICATE-----", Kind::other, ""},
      {"#-----END CERTIFICATE-----", Kind::other, ""},
      {"; BEGIN CERTIFICATE", Kind::other, ""},
      {"the certificates begin here", Kind::other, ""},
      {"At the end certificates are listed", Kind::other, ""},
      {"- begin certificate rotation", Kind::other, ""},
      {"=== END OF CERTIFICATES ===", Kind::other, ""},
      {"append certificate --", Kind::other, ""},
      {"End of certificate list -----", Kind::other, ""},
      {"-- Begin certificates", Kind::other, ""},
      {"-- Begin certificate --", Kind::broken_begin, ""},
      {"-----BEGIN CERTIFICATE ca", Kind::broken_begin, ""},
      {"/* -----BEGIN CERTIFICATE----- */", Kind::other, ""},
      {"------------", Kind::other, ""},
  };
  for (const auto& [line, kind, label] : kCases) {
    CAPTURE(line);
    const auto pem = pem_line(line);
    CHECK(static_cast<int>(pem.kind) == static_cast<int>(kind));
    CHECK(pem.label == label);
    CHECK_FALSE(pem.private_key);
  }
}

TEST_CASE("a private key is told in whatever shape its lines are") {
  constexpr std::string_view kKeys[] = {
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN RSA PRIVATE KEY-----",
      "-----BEGIN ENCRYPTED PRIVATE KEY-----",
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----",
      "-----END EC PRIVATE KEY-----",
      "----BEGIN PRIVATE KEY----",
      "-----begin private key-----",
      "BEGIN PRIVATE KEY",
      "#-----BEGIN PRIVATE KEY-----",
      "# old: ---BEGIN RSA PRIVATE KEY---",
      R"("tls.key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",)",
      R"({"a": "-----BEGIN CERTIFICATE-----\nMIIE", "b": "-----BEGIN EC PRIVATE KEY-----\n"})",
  };
  for (const auto line : kKeys) {
    CAPTURE(line);
    CHECK(pem_line(line).private_key);
  }
  CHECK_FALSE(pem_line("begin by keeping the private key away").private_key);
  CHECK_FALSE(pem_line("-----BEGIN PUBLIC KEY-----").private_key);
}
