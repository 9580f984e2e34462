#include "report/junit.hpp"

#include "base/text.hpp"

namespace nct {

namespace {

// Fit for an attribute, and for text; XML 1.0 has no control characters at all.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return concat(" ", name, "=\"", escaped(value), "\"");
}

std::string test_case(std::string_view name, const std::string& content) {
  return concat("    <testcase", attribute("classname", "node-ca-trust.verify"), attribute("name", name),
                content.empty() ? "/>\n" : concat(">\n", content, "    </testcase>\n"));
}

// One element for all that a check found, since many readers of such files take no more.
std::string failure_of(const Report& report, std::string_view check) {
  std::string first;
  std::string all;
  if (report.drift)
    for (const auto& drift : *report.drift) {
      if (drift.check != check) continue;
      const auto line = concat(drift.kind, ": ", drift.subject, ": ", drift.message);
      if (first.empty()) first = concat(attribute("type", drift.kind), attribute("message", line));
      all += escaped(line) + "\n";
      if (!drift.hint.empty()) all += concat("  ", escaped(drift.hint), "\n");
    }
  return all.empty() ? "" : concat("      <failure", first, ">", all, "</failure>\n");
}

}  // namespace

std::string junit_of(const Report& report) {
  std::string cases;
  std::size_t failures = 0;
  for (const auto& check : report.checks) {
    const auto failure = failure_of(report, check);
    if (!failure.empty()) ++failures;
    cases += test_case(check, failure);
  }
  if (report.error)
    cases += test_case("run", concat("      <error", attribute("type", report.error->code),
                                     attribute("message", report.error->message), ">",
                                     escaped(report.error->hint), "</error>\n"));
  const auto tests = report.checks.size() + (report.error ? 1U : 0U);
  const auto counts =
      concat(attribute("tests", std::to_string(tests)), attribute("failures", std::to_string(failures)),
             attribute("errors", report.error ? "1" : "0"));
  return concat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", counts, ">\n  <testsuite",
                attribute("name", concat("node-ca-trust ", report.command)), counts, ">\n", cases,
                "  </testsuite>\n</testsuites>\n");
}

}  // namespace nct
