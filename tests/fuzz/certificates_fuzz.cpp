// Any document, read down to its certificates: what comes out keeps the promises of cert/read.hpp, and what
// is accepted of it can be proved.
#include "fuzz/promises.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cert/judge.hpp"
#include "cert/proof.hpp"
#include "cert/read.hpp"
#include "cert/record.hpp"
#include "cert/sha256.hpp"
#include "intake/document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nct;
  constexpr IntakeLimits kLimits{.max_document_bytes = std::size_t{64} * 1024};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Any bytes have a profile, and no certificate that the strict reader cannot read is for the store.
  const auto profile = profile_of(bytes);
  test::promise(!profile.has(Trait::malformed) || !client_verdicts(profile, Use::issues).empty());
  const auto delivery = read_document("f", bytes, kLimits);
  const auto reading = read_certificates(delivery.entries, {});

  Record known;
  for (const auto& found : reading.certificates) {
    const auto& certificate = found.certificate;
    test::promise(sha256(certificate.der) == certificate.fingerprint);
    // What is written into the store is read back as the same certificate.
    const auto again = read_document("again", canonical_pem(certificate.der));
    const auto reread = read_certificates(again.entries, {});
    test::promise(again.findings.empty() && reread.findings.empty() && reread.certificates.size() == 1);
    test::promise(reread.certificates[0].certificate.fingerprint == certificate.fingerprint);
    known.certificates.emplace(certificate.fingerprint, certificate);
  }
  for (const auto& judged : judge(reading.certificates, {}, 0)) {
    if (judged.verdict != Verdict::accepted) continue;
    const auto pem = canonical_pem(judged.certificate.der);
    test::promise(inspect_store_file(pem).kind == StoreFile::Kind::certificate);
    test::promise(load_bundle(pem, {}).has_value());
    test::promise(verify_anchor(pem, judged.certificate.fingerprint, {}).has_value());
  }
  for (const auto& finding : reading.findings)
    test::promise(test::is_fit_for_people(finding));
  // Every entry leaves something behind: a certificate or a finding.
  for (const auto& entry : delivery.entries) {
    bool spoken_of = false;
    for (const auto& found : reading.certificates)
      spoken_of |= found.origin.entry == entry.origin.entry;
    for (const auto& finding : reading.findings)
      spoken_of |= finding.origin.entry == entry.origin.entry;
    test::promise(spoken_of);
  }
  // What is known already changes nothing.
  const auto remembered = read_certificates(delivery.entries, known);
  test::promise(remembered.findings == reading.findings);
  test::promise(remembered.certificates.size() == reading.certificates.size());
  return 0;
}
