// A certificate as a plain value: everything that verdicts, reports and the store need to know of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/fingerprint.hpp"

namespace nct {

struct Certificate {
  enum class KeyKind : std::uint8_t { rsa, ec, dsa, other };

  Fingerprint fingerprint;         // SHA-256 of `der`
  std::string der;                 // exactly one DER certificate, nothing behind it
  std::uint32_t subject_hash = 0;  // X509_NAME_hash_ex(3): what hash directories name their links by
  std::string subject;             // RFC 2253
  std::string issuer;              // RFC 2253
  std::string serial;              // lower-case hex, '-' in front of a negative one
  std::int64_t not_before = 0;     // seconds since 1970-01-01 UTC
  std::int64_t not_after = 0;
  KeyKind key_kind = KeyKind::other;
  unsigned key_bits = 0;         // security-relevant size: modulus, or order of the curve's group
  Fingerprint key;               // SHA-256 of the public key's bits
  std::string key_id;            // subjectKeyIdentifier, in hex; empty where there is none
  std::string name_constraints;  // the extension's SHA-256, in hex; empty where there is none
  long path_length = -1;         // as basicConstraints limit it; below 0 where they do not
  std::uint16_t refused_by = 0;  // refusing_clients()
  bool ca = false;               // Profile::ca
  bool self_issued = false;      // subject equals issuer, as X509_NAME_cmp(3) compares them
  bool self_signed = false;      // ... and its own key verifies its signature
  // Why OpenSSL would refuse a server by it, with nothing else in the store, at a moment when it is valid
  // (anchor_failure()); of an intermediate, where its issuer is not asked for. Empty where it would not.
  std::string chain_failure;

  [[nodiscard]] bool negative_serial() const { return serial.starts_with('-'); }
};

// Parses exactly one certificate. Errc::input where `der` is not one: not X.509, bytes behind it, or BER that
// DER would spell otherwise. Errc::bug where libcrypto itself fails.
Result<Certificate> parse_certificate(std::string_view der);

// One "CERTIFICATE" block: 64 columns, LF, final newline, no text around it (RFC 7468, strict).
std::string canonical_pem(std::string_view der);

// The way back: the DER in the first "CERTIFICATE" block of `pem`, not parsed. Nothing where there is none.
std::optional<std::string> der_from_pem(std::string_view pem);

// Version text of the libcrypto that parses here; what one version accepted another may refuse.
std::string_view libcrypto_version();

// Keeps libcrypto from reading the machine's openssl.cnf: with a broken one parsing works while digests fail.
// To be called before anything else of this layer, once.
void isolate_libcrypto();

}  // namespace nct
