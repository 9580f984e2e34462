// A certificate factory: CAs and leaves with every property that verdicts and stores look at. Names are what
// the caller says, keys and serial numbers are new each time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nct::test {

enum class TestKey { ec_p256, ec_p224, ec_p384, rsa_1024, rsa_2048, ed25519 };

enum class BasicConstraints { ca, not_ca, absent };

// Every member has an initializer, so that designated ones may name any of them.
struct CaOptions {
  std::string common_name = "Test Root";
  std::string organization{};      // left out where empty
  std::string subject_like_der{};  // the exact subject of this certificate, instead of the two
  TestKey key = TestKey::ec_p256;
  std::string key_pem{};  // this key (TestCa::key_pem), instead of a new one

  int days_before = 1;  // valid since that many days, and for that many from now on;
  int days_after = 3650;
  std::optional<std::int64_t> not_before{};  // or absolute, in seconds since 1970-01-01 UTC
  std::optional<std::int64_t> not_after{};

  int version = 3;  // 1: no extensions at all
  BasicConstraints basic_constraints = BasicConstraints::ca;
  std::string key_usage = "critical,keyCertSign,cRLSign";  // of a CA
  std::string extended_key_usage{};  // as in openssl.cnf, "serverAuth,clientAuth"; left out where empty
  std::string name_constraints{};    // as in openssl.cnf, "permitted;DNS:example.test"; left out where empty
  bool key_ids = true;               // subjectKeyIdentifier, and authorityKeyIdentifier of the issuer's key
  bool negative_serial = false;
  bool sha1_signature = false;
  bool unknown_extension = false;  // one that nobody knows, critical
  bool extension_twice = false;    // one that nobody knows, two times: GnuTLS loads no bundle with it
  bool spoilt_signature = false;   // of another last bit than it was made with
};

// A certificate with its key.
struct TestCa {
  std::string der;
  std::string pem;  // one CERTIFICATE block: 64 columns, LF, final newline
  std::string key_pem;
  std::string fingerprint_hex;   // SHA-256 of `der`, 64 lower-case hex digits
  std::string subject_hash_hex;  // what hash directories name their links by, 8 lower-case hex digits
  std::string subject;           // RFC 2253
};

// All of these throw std::runtime_error where OpenSSL refuses.

// Self-signed, an EC key and key identifiers unless the options say otherwise. Two calls with the same name
// make a re-keyed CA: the same subject, another key.
TestCa make_ca(const CaOptions& options = {});

// Signed by `issuer`.
TestCa make_ca(const CaOptions& options, const TestCa& issuer);

// A TLS server's certificate for `dns_name`, signed by `issuer`.
TestCa make_leaf(const TestCa& issuer, std::string_view dns_name);

// The one certificate in `pem`, which somebody else made; without a key.
TestCa read_ca(const std::string& pem);

}  // namespace nct::test
