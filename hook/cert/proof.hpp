// Proofs that a store works, made with the functions clients use.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "cert/certificate.hpp"
#include "cert/record.hpp"

namespace nct {

// What OpenSSL's clients find in a file with these bytes. Errc::bug only where libcrypto itself fails.
StoreFile inspect_store_file(std::string_view bytes);

// The same, from `record` where it has a file of this SHA-256, and put there where it has not.
const StoreFile& facts_of(Record& record, const Fingerprint& digest, std::string_view bytes);

// Loads `bundle` as a client does: the same PEM reader over all of it, and every certificate parsed but those
// in `parsed`, which were parsed before with the same bytes. The fingerprints, in order. Errc::in_the_way
// where a client could not load it; the message names the line.
Result<std::vector<Fingerprint>> load_bundle(std::string_view bundle, const FingerprintSet& parsed);

// A certificate of a bundle, and the lines of its block there, from 1.
struct BundledCertificate {
  Certificate certificate;
  std::size_t first_line = 0;
  std::size_t last_line = 0;
  bool rejected = false;  // for some purpose, by trust data behind it (openssl-x509(1), TRUST SETTINGS)
};

// The certificates of `bundle` that are not in `known`, each once, in its order. What is no certificate is
// passed over: no other block is lost for it, as it may be for a client.
std::vector<BundledCertificate> certificates_beyond(std::string_view bundle, const FingerprintSet& known);

// Takes the first certificate of `pem_file` as a hash directory's reader does (X509_load_cert_file(3)), finds
// it to be `expected`, and builds and verifies the chain of a server to it (Certificate::chain_failure).
// Where it is one of `known`, byte for byte, the chain is the one that was built when that was parsed.
// Errc::in_the_way where any of it fails; but what OpenSSL is known to refuse (refuses()) is no failure.
Result<void> verify_anchor(std::string_view pem_file, const Fingerprint& expected, const Record& known);

// Why OpenSSL refuses what `anchor` issued where the certificates `in_order` are all there is in a store, in
// their order; empty where it does not. All are DER.
std::string failure_among(std::string_view anchor, std::span<const std::string_view> in_order);

}  // namespace nct
