// Proofs that a store works, made with the functions clients use.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "cert/record.hpp"

namespace nct {

// What OpenSSL's clients find in a file with these bytes. Errc::bug only where libcrypto itself fails.
StoreFile inspect_store_file(std::string_view bytes);

using FingerprintSet = std::unordered_set<Fingerprint, FingerprintHash>;

// Loads `bundle` as a client does: the same PEM reader over all of it, and every certificate parsed but those
// in `parsed`, which were parsed before with the same bytes. The fingerprints, in order. Errc::in_the_way
// where a client could not load it; the message names the line.
Result<std::vector<Fingerprint>> load_bundle(std::string_view bundle, const FingerprintSet& parsed);

// The DER of the first certificate in `pem_file`, as a hash directory's reader takes it
// (X509_load_cert_file(3)).
Result<std::string> first_certificate(std::string_view pem_file);

// Builds and verifies the chain of the certificate `der` with nothing but `trusted` (DER, in the order a
// client meets them), at any time: X509_verify_cert(3) with partial chains and without the clock, which is
// wrong at first boot. A self-signed certificate's own signature is checked. Errc::in_the_way where no chain
// ends in it.
Result<void> verify_chain(std::string_view der, std::span<const std::string> trusted);

}  // namespace nct
