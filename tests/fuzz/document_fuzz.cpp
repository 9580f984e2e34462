// Any document: what comes out keeps the promises of intake/document.hpp.
#include "fuzz/promises.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "intake/document.hpp"

namespace {

void keeps_promises(std::string_view bytes, nct::Shape as) {
  using namespace nct;
  constexpr IntakeLimits kLimits{.max_document_bytes = std::size_t{64} * 1024};
  const auto delivery = read_document("f", bytes, kLimits, as);

  bool refused = false;
  for (const auto& finding : delivery.findings) {
    refused |= finding.severity == Severity::error;
    test::promise(test::is_fit_for_people(finding));
  }
  // Nothing goes unnoticed: there is an entry, or a reason why not, or it says none.
  const bool says_some = delivery.custom == Says::some || delivery.proxy == Says::some;
  test::promise(refused || !delivery.entries.empty() || !says_some);
  test::promise(says_some || as != Shape::bundle);
  test::promise(says_some || delivery.entries.empty());
  std::size_t total = 0;
  for (const auto& entry : delivery.entries) {
    total += entry.bytes.size();
    test::promise(entry.origin.entry > 0);
    test::promise(!entry.bytes.empty());
    if (entry.form == Entry::Form::der) {
      test::promise(entry.bytes[0] == '\x30');
      continue;
    }
    test::promise(entry.bytes.find('\r') == std::string::npos);
    test::promise(entry.bytes.find("-----BEGIN PRIVATE KEY-----") == std::string::npos);
    test::promise(!entry.lines_match || entry.origin.line > 0);
  }
  // Decoding shrinks, gzip is bounded; only line ends may be added.
  test::promise(total <= 4 * kLimits.max_document_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  keeps_promises(bytes, nct::Shape::bundle);
  keeps_promises(bytes, nct::Shape::sniffed);
  for (const auto shape : nct::all_shapes())
    keeps_promises(bytes, shape);
  return 0;
}
