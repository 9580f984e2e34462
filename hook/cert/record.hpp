// What was parsed before, by content: parsing a certificate costs a hundred times more than hashing it, so
// what is already proved is not parsed again. A memo of pure functions: losing it costs time and changes no
// result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fingerprint.hpp"
#include "cert/certificate.hpp"

namespace nct {

// A file of the store as OpenSSL's clients see it (PEM_X509_INFO_read_bio(3), which both
// X509_load_cert_crl_file(3) and openssl-rehash(1) use).
struct StoreFile {
  enum class Kind : std::uint8_t {
    unusable,     // not one object that a hash link may point to: none, several, or a key
    certificate,  // exactly one certificate
    crl,          // exactly one certificate revocation list
  };
  Kind kind = Kind::unusable;
  std::uint32_t name_hash = 0;  // of the certificate's subject, or the CRL's issuer
  std::vector<Fingerprint>
      certificates;  // all of them, in order; for a CRL its own fingerprint stands here alone
  std::vector<std::uint32_t> name_hashes;  // of their subjects, where there are several
  bool only_key = false;                   // holds keys and nothing else: openssl-rehash(1) fails on it
  bool private_key = false;                // there is one in it, whether clients can read it or not
  std::string failure;  // not empty: a bundle which holds these bytes cannot be loaded, and why
  std::string breaks;   // not empty: which clients load nothing of such a bundle all the same, and why
};

struct Record {
  std::unordered_map<Fingerprint, StoreFile, FingerprintHash> files;  // by SHA-256 of the file's bytes
  std::unordered_map<Fingerprint, Certificate, FingerprintHash>
      certificates;  // by SHA-256 of the DER; `der` is empty
  // What clients did with whole byte strings, by their SHA-256.
  FingerprintSet chained;  // files: a chain to their certificate was built and verified
  FingerprintSet loaded;   // bundles, or parts of one: every block was read, every certificate parsed

  [[nodiscard]] std::size_t size() const {
    return files.size() + certificates.size() + chained.size() + loaded.size();
  }
};

// Puts a certificate that was parsed on record.
void remember(Certificate certificate, Record& record);

// What `record` knows of the certificate `der`, once it was parsed; null where it is none, or another one.
const Certificate* parsed(std::string_view der, const Fingerprint& fingerprint, Record& record);

// The text of `record`, the same for the same record. Holds the versions of libcrypto and of this program,
// whose rules `breaks` follows, and a last line that marks it whole.
std::string text_of(const Record& record);

// The record that `text` holds; an empty one if it was written with other versions, or is not whole.
Record record_from(std::string_view text);

}  // namespace nct
