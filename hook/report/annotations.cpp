#include "report/annotations.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace nct {

namespace {

using Json = nlohmann::ordered_json;

// Those about documents, then those of each certificate.
std::vector<const Report::Finding*> all_findings(const Report& report) {
  std::vector<const Report::Finding*> all;
  if (report.findings)
    for (const auto& row : *report.findings)
      all.push_back(&row);
  if (report.certificates)
    for (const auto& certificate : *report.certificates)
      for (const auto& row : certificate.findings)
        all.push_back(&row);
  return all;
}

// Standard input and the environment are no files.
bool is_file(std::string_view name) {
  return !name.empty() && name != "-" && name != "env:";
}

std::string message_of(const Report::Finding& row) {
  const auto& finding = row.finding;
  return concat(finding.origin.text(), ": ", finding.message, row.hint.empty() ? "" : "\n", row.hint);
}

// As @actions/core escapes; in a property the two that part properties, too.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (!special) {
      out += c;
      continue;
    }
    auto hex = hex_of({&c, 1});
    std::ranges::transform(hex, hex.begin(), [](char digit) {
      return digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    });
    out += concat("%", hex);
  }
  return out;
}

// RFC 3986: an absolute path becomes a file URL, a relative one stays relative.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path)
    out += kPlain.find(c) != std::string_view::npos ? std::string(1, c) : concat("%", hex_of({&c, 1}));
  return out;
}

Json location_of(const Origin& origin) {
  auto location = Json::object();
  if (is_file(origin.file)) {
    auto& physical = location["physicalLocation"];
    physical["artifactLocation"]["uri"] = uri_of(origin.file);
    if (origin.line > 0) physical["region"]["startLine"] = origin.line;
  }
  location["logicalLocations"] = Json::array({Json{{"fullyQualifiedName", origin.text()}}});
  return location;
}

}  // namespace

std::string github_of(const Report& report) {
  std::string out;
  for (const auto* row : all_findings(report)) {
    const auto& finding = row->finding;
    const auto& origin = finding.origin;
    std::string properties;
    if (is_file(origin.file))
      properties =
          concat("file=", escaped(printable(origin.file), true), ",",
                 origin.line == 0 ? std::string() : concat("line=", std::to_string(origin.line), ","));
    out += concat("::", name_of(finding.severity), " ", properties, "title=node-ca-trust ",
                  name_of(finding.code), "::", escaped(message_of(*row), false), "\n");
  }
  if (report.error)
    out += concat("::error title=node-ca-trust::",
                  escaped(concat(report.error->message, "\n", report.error->hint), false), "\n");
  return out;
}

std::string sarif_of(const Report& report, std::string_view version) {
  auto rules = Json::array();
  auto results = Json::array();
  std::vector<FindingCode> known;
  for (const auto* row : all_findings(report)) {
    const auto& finding = row->finding;
    const auto name = std::string(name_of(finding.code));
    const auto place = static_cast<std::size_t>(std::ranges::find(known, finding.code) - known.begin());
    if (place == known.size()) {
      known.push_back(finding.code);
      Json rule{{"id", name}, {"shortDescription", {{"text", name}}}};
      if (!row->hint.empty()) rule["help"]["text"] = row->hint;
      rules.push_back(std::move(rule));
    }
    results.push_back({{"ruleId", name},
                       {"ruleIndex", place},
                       {"level", name_of(finding.severity)},
                       {"message", {{"text", message_of(*row)}}},
                       {"locations", Json::array({location_of(finding.origin)})}});
  }
  Json invocation{{"executionSuccessful", !report.error.has_value()}};
  if (report.error)
    invocation["toolExecutionNotifications"] =
        Json::array({Json{{"level", "error"},
                          {"message", {{"text", concat(report.error->message, "\n", report.error->hint)}}}}});
  const Json run{{"tool", {{"driver", {{"name", "node-ca-trust"}, {"version", version}, {"rules", rules}}}}},
                 {"invocations", Json::array({invocation})},
                 {"columnKind", "unicodeCodePoints"},
                 {"results", results}};
  const Json document{
      {"$schema",
       "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", Json::array({run})}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace nct
