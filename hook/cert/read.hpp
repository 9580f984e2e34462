// From entries to certificates: strict, so that nothing a document holds goes unnoticed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "cert/certificate.hpp"
#include "intake/document.hpp"

namespace nct {

struct Record;

struct FoundCertificate {
  Certificate certificate;
  Origin origin;
};

struct Reading {
  std::vector<FoundCertificate>
      certificates;  // in the order of the entries, the same one twice if delivered twice
  std::vector<Finding> findings;
};

// Reads every PEM block and every DER value of every entry. A block is one of
//   CERTIFICATE, X509 CERTIFICATE   one certificate
//   TRUSTED CERTIFICATE             the certificate without OpenSSL's trust data      warning
//   trusted-certificate PKCS7, CMS; DER PKCS#7          all certificates of a SignedData warning pkcs7
// and everything else is an error: private-key (any kind, PKCS#12 and DER keys included), malformed-pem
// (wrong dashes, END without BEGIN or with another label, a byte that is not base64), truncated (no END; DER
// shorter than it says), not-a-certificate (a CSR, a CRL, a public key, BER, ...); bytes behind a DER value
// are the warning trailing-garbage. A naive PEM loop stops quietly at the first bad block and skips a key
// without a word; this one does not. Where an entry need not be a certificate (Entry::may_be_other), a
// PKCS#12 store without a private key is the warning other-content. `known` spares parsing what was parsed
// before (by the fingerprint of the DER); it changes no result.
Reading read_certificates(std::span<const Entry> entries, const Record& known);

// Whether a file with these bytes holds a private key, of any kind and in any state, encrypted or cut off:
// PEM by a line that begins or ends one, DER by how it begins. A file of certificates is not parsed for that.
bool holds_private_key(std::string_view bytes);

}  // namespace nct
