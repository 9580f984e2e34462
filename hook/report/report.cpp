#include "report/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace nct {

namespace {

using Json = nlohmann::ordered_json;

// Absent means absent.
void put(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

template <class Items, class Convert>
Json list_of(const Items& items, Convert convert) {
  auto list = Json::array();
  for (const auto& item : items)
    list.push_back(convert(item));
  return list;
}

Json json(const Report::Finding& finding, bool with_origin) {
  Json object{{"code", name_of(finding.finding.code)}, {"severity", name_of(finding.finding.severity)}};
  if (with_origin) put(object, "origin", finding.finding.origin.text());
  put(object, "message", finding.finding.message);
  put(object, "hint", finding.hint);
  return object;
}

Json json(const Report::Certificate& row) {
  const auto& certificate = row.certificate;
  Json object{{"fingerprint_sha256", certificate.fingerprint.hex()}};
  put(object, "subject", certificate.subject);
  put(object, "issuer", certificate.issuer);
  put(object, "serial", certificate.serial);
  object["not_before"] = rfc3339(certificate.not_before);
  object["not_after"] = rfc3339(certificate.not_after);
  put(object, "source", row.source);
  put(object, "origin", row.origin);
  if (row.owners.size() > 1)
    object["owners"] = list_of(row.owners, [](const Owner& owner) {
      return Json{{"source", owner.source}, {"origin", owner.origin}};
    });
  put(object, "file", row.file);
  if (row.verdict) object["verdict"] = name_of(*row.verdict);
  for (const auto& verdict : row.clients) {
    Json client{{"accepts", false}};
    if (verdict.effect == Effect::breaks) client.push_back({"breaks", true});
    client["reason"] = verdict.reason;
    object["clients"][std::string(name_of(verdict.client))] = std::move(client);
  }
  object["findings"] = list_of(row.findings, [](const auto& finding) { return json(finding, false); });
  return object;
}

Json json(const Report::Step& step) {
  Json object{{"step", step.step}, {"subject", step.subject}, {"reason", step.reason}};
  put(object, "outcome", step.outcome);
  return object;
}

Json json(const Report::Drift& drift) {
  Json object{{"kind", drift.kind}, {"subject", drift.subject}, {"message", drift.message}};
  put(object, "hint", drift.hint);
  put(object, "check", drift.check);
  return object;
}

Json json(const Report::DistrustedRoot& root) {
  Json object{{"fingerprint_sha256", root.fingerprint_sha256}, {"state", root.state}};
  put(object, "file", root.file);
  return object;
}

Json json(const Report::WithdrawnRoot& root) {
  Json object{{"fingerprint_sha256", root.fingerprint_sha256}, {"name", root.name}};
  if (root.since) object["since"] = rfc3339(*root.since);
  return object;
}

Json json(const Report::Unit& unit) {
  Json object{{"unit", unit.unit}};
  put(object, "state", unit.state);
  put(object, "file_state", unit.file_state);
  return object;
}

Json json(const Report::Consumer& consumer) {
  Json object{{"unit", consumer.unit}, {"state", consumer.state}};
  if (consumer.started) object["started"] = rfc3339(*consumer.started);
  if (consumer.changed) object["changed"] = rfc3339(*consumer.changed);
  return object;
}

}  // namespace

std::string_view name_of(RunResult result) {
  switch (result) {
    case RunResult::changed:
      return "changed";
    case RunResult::unchanged:
      return "unchanged";
    case RunResult::nothing_to_do:
      return "nothing-to-do";
    case RunResult::planned:
      return "planned";
    case RunResult::failed:
      return "failed";
  }
  return "";
}

bool passed(const Report& report, std::string_view check) {
  return !report.error && (!report.drift || std::ranges::none_of(*report.drift, [&](const auto& row) {
    return row.check == check;
  }));
}

std::string json_of(const Report& report) {
  Json object{{"schema", 1}};
  put(object, "command", report.command);
  object["result"] = name_of(report.result);
  if (report.distro) {
    auto& distro = object["distro"] = Json::object();
    put(distro, "id", report.distro->id);
    put(distro, "family", report.distro->family);
  }
  const auto certificate = [](const Report::Certificate& row) { return json(row); };
  if (report.certificates) object["certificates"] = list_of(*report.certificates, certificate);
  if (report.anchors) object["anchors"] = list_of(*report.anchors, certificate);
  if (report.findings)
    object["findings"] = list_of(*report.findings, [](const auto& finding) { return json(finding, true); });
  if (report.more_certificates > 0) object["more_certificates"] = report.more_certificates;
  if (report.more_findings > 0) object["more_findings"] = report.more_findings;
  if (report.plan) object["plan"] = list_of(*report.plan, [](const auto& step) { return json(step); });
  if (!report.repairs.empty()) object["repairs"] = report.repairs;
  if (!report.warnings.empty()) object["warnings"] = report.warnings;
  if (!report.checks.empty())
    object["checks"] = list_of(report.checks, [&](const std::string& check) {
      return Json{{"check", check}, {"passed", passed(report, check)}};
    });
  if (report.drift) object["drift"] = list_of(*report.drift, [](const auto& drift) { return json(drift); });
  if (report.distrusted)
    object["distrusted"] = list_of(*report.distrusted, [](const auto& root) { return json(root); });
  if (report.withdrawn)
    object["withdrawn"] = list_of(*report.withdrawn, [](const auto& root) { return json(root); });
  if (report.store)
    object["store"] = Json{{"bundle", report.store->bundle},
                           {"roots", report.store->roots},
                           {"anchors", report.store->anchors},
                           {"proved", report.store->proved}};
  if (report.rotation) {
    const auto unit = [](const Report::Unit& row) { return json(row); };
    object["rotation"] =
        Json{{"directory", report.rotation->directory}, {"units", list_of(report.rotation->units, unit)}};
  }
  if (report.consumers)
    object["consumers"] = list_of(*report.consumers, [](const auto& consumer) { return json(consumer); });
  if (report.error) {
    Json error{{"code", report.error->code}, {"message", report.error->message}};
    put(error, "hint", report.error->hint);
    object["error"] = std::move(error);
  }
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace nct
