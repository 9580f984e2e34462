#include "cli/bad_input.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

#include "base/text.hpp"
#include "cert/judge.hpp"
#include "cert/read.hpp"
#include "cert/record.hpp"
#include "intake/document.hpp"

using namespace nct;

TEST_CASE("the reading layers refuse every bad input for the reason it is bad") {
  constexpr std::int64_t kNow = 1'800'000'000;
  std::set<std::string> names;
  for (const auto& [name, bytes, codes] : test::bad_inputs()) {
    CAPTURE(name);
    CHECK(names.insert(name).second);

    auto delivery = read_document("bad", bytes, {}, Shape::sniffed);
    auto reading = read_certificates(delivery.entries, {});
    const auto judged = judge(std::move(reading.certificates), {}, kNow);
    auto findings = std::move(delivery.findings);
    findings.insert(findings.end(), reading.findings.begin(), reading.findings.end());
    for (const auto& each : judged)
      findings.insert(findings.end(), each.findings.begin(), each.findings.end());

    std::set<std::string_view> said;
    for (const auto& finding : findings) {
      if (finding.severity == Severity::error) said.insert(name_of(finding.code));
      for (const auto& secret : test::secrets())
        CHECK(finding.message.find(secret) == std::string::npos);
    }
    std::set<std::string_view> expected;
    for (const auto code : codes)
      expected.insert(name_of(code));
    const auto spelled = [](const std::set<std::string_view>& set) {
      std::string out;
      for (const auto each : set)
        out += concat(each, " ");
      return out;
    };
    CHECK(spelled(said) == spelled(expected));
  }
  CHECK(names.size() >= 60);
  MESSAGE(names.size(), " bad inputs");
}
