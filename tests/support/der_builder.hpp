// Certificates built from their parts, each of which a test may replace with any bytes, and signed like every
// other. Nothing here asks whether a part is as it should be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nct::test {

std::string tlv(unsigned tag, std::string_view content);
std::string sequence(const std::vector<std::string>& elements);
std::string der_oid(std::string_view dotted);
std::string der_integer(std::string_view content);
std::string extension(std::string_view dotted, bool critical, std::string_view value);
// A SEQUENCE with one AttributeTypeAndValue of the common name, in one RDN.
std::string common_name(unsigned string_tag, std::string_view value);

// The fields of a certificate, each a whole element.
struct Parts {
  std::string version;
  std::string serial;
  std::string algorithm;
  std::string issuer;
  std::string validity;
  std::string subject;
  std::string key;
  std::string unique_ids;               // whatever stands between key and extensions
  std::vector<std::string> extensions;  // as extension() makes them
  bool without_extensions = false;      // not even an empty list
  std::string outer_algorithm;
  bool spoilt_signature = false;
};

// One key for all, so that a thousand certificates take no thousand keys.
struct SigningKey {
  std::string pem;
  std::string public_key;  // SubjectPublicKeyInfo
  std::string algorithm;   // AlgorithmIdentifier of its signatures
};
SigningKey new_signing_key();  // P-256
SigningKey new_signing_key(const char* algorithm,
                           const char* parameter);  // "EC" "P-521", "RSA" "3072", "ED25519" "", "RSA-PSS" ""

// A CA that all clients accept, from 2025 until 2040.
Parts ca_parts(std::string_view name, const SigningKey& key);

std::string signed_certificate(const Parts& parts, const SigningKey& key);

// The certificate of the server leaf.test that the CA of `parts` issued: its issuer is their subject, its
// authority key identifier their subject key identifier, if they have one.
std::string leaf_of(const Parts& parts, const SigningKey& key, const SigningKey& leaf_key);

}  // namespace nct::test
