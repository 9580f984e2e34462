#include "cmd/events.hpp"

#include <map>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace nct {

namespace {

// Each is in units/node-ca-trust.catalog, too; tests/checks/catalog.sh compares.
constexpr std::string_view kAnchorAdded = "50c8adff403b4884a132ae23d8742d5e";
constexpr std::string_view kAnchorRemoved = "0fe8871c03334235917bbb26da0b0276";
constexpr std::string_view kRootDistrusted = "f0c6fb12d09b4fd59e53b7a28138e8a7";
constexpr std::string_view kRootRestored = "55f70f4408d644dcb323381a24a94524";
constexpr std::string_view kStorePublished = "d4eaddb2f9c240e2a9986469a6963826";
constexpr std::string_view kStoreMended = "2136900cd4c242e99715565e1b13e566";
constexpr std::string_view kUnitEnabled = "e892b3f4bc9f4466957f7a6b3eb1fa6c";
constexpr std::string_view kConsumerRestarted = "f0484df664cc4ac49caf228ace272af5";
constexpr std::string_view kConsumerStale = "466e8905fa8e4759a28c169d2118b455";
constexpr std::string_view kCertificateFinding = "59daab62118a41c7b4f7f0ffd9558c89";
constexpr std::string_view kRunWarned = "c3cb2ff263ab4f6d8aef070eb2b4b54a";
constexpr std::string_view kRunFailed = "939ecb9fc49a48c9968ce519bfdb4940";

// As in syslog(3).
enum class Priority { error = 3, warning = 4, notice = 5, info = 6 };

class Entries {
 public:
  explicit Entries(const Report& report) : command_(report.command) {}

  // `fields` are ours: "NCT_UNIT=..."; those without a value are left out.
  // Of a kind that there are too many of, the last entry says how many more there are.
  void add(std::string_view id, Priority priority, std::string_view message, const JournalEntry& fields) {
    auto& kind = kinds_[std::string(id)];
    if (kind.entries == kMostOfAKind) {
      ++kind.left_out;
      return;
    }
    ++kind.entries;
    JournalEntry entry{concat("MESSAGE=", message), concat("MESSAGE_ID=", id),
                       concat("PRIORITY=", std::to_string(static_cast<int>(priority))),
                       "SYSLOG_IDENTIFIER=node-ca-trust", concat("NCT_COMMAND=", command_)};
    for (const auto& field : fields)
      if (!field.ends_with('=')) entry.push_back(field);
    entries_.push_back(std::move(entry));
  }

  std::vector<JournalEntry> take() {
    for (const auto& [id, kind] : kinds_)
      if (kind.left_out > 0)
        entries_.push_back(
            {concat("MESSAGE=", std::to_string(kind.left_out), " more entries of this kind are left out"),
             concat("MESSAGE_ID=", id),
             concat("PRIORITY=", std::to_string(static_cast<int>(Priority::warning))),
             "SYSLOG_IDENTIFIER=node-ca-trust", concat("NCT_COMMAND=", command_)});
    return std::move(entries_);
  }

  // There are `more` that the report does not list, should there be entries of this kind that say too little.
  void count_more(std::string_view id, std::size_t more) {
    auto& kind = kinds_[std::string(id)];
    if (kind.entries == kMostOfAKind) kind.left_out += more;
  }

 private:
  static constexpr std::size_t kMostOfAKind = 50;
  std::string command_;
  std::vector<JournalEntry> entries_;
  struct Kind {
    std::size_t entries = 0;
    std::size_t left_out = 0;
  };
  std::map<std::string, Kind> kinds_;  // by id
};

void add_finding(Entries& entries, const Report::Finding& row, const std::string& origin,
                 const Report::Certificate* certificate) {
  const auto& finding = row.finding;
  const auto code = name_of(finding.code);
  const bool error = finding.severity == Severity::error;
  // What may have to be done by somebody; the rest is for who delivers the bundle, and in the report.
  if (!error && finding.code != FindingCode::expired && finding.code != FindingCode::expires_soon) return;
  JournalEntry fields{concat("NCT_FINDING=", code), concat("NCT_ORIGIN=", origin),
                      concat("NCT_HINT=", row.hint)};
  if (certificate != nullptr) {
    fields.push_back(concat("NCT_FINGERPRINT_SHA256=", certificate->certificate.fingerprint.hex()));
    fields.push_back(concat("NCT_SUBJECT=", certificate->certificate.subject));
  }
  entries.add(kCertificateFinding, error ? Priority::error : Priority::warning,
              concat(origin, ": ", code, ": ", finding.message), fields);
}

void add_findings(Entries& entries, const Report& report, Severity severity) {
  if (report.findings)
    for (const auto& row : *report.findings)
      if (row.finding.severity == severity) add_finding(entries, row, row.finding.origin.text(), nullptr);
  if (report.certificates)
    for (const auto& certificate : *report.certificates)
      for (const auto& row : certificate.findings)
        if (row.finding.severity == severity) add_finding(entries, row, certificate.origin, &certificate);
}

void add_step(Entries& entries, const Report::Step& step) {
  const bool done = step.outcome == "done";
  const bool failed = step.outcome == "failed";
  const JournalEntry file{concat("NCT_FILE=", step.subject), concat("NCT_REASON=", step.reason)};
  const JournalEntry unit{concat("NCT_UNIT=", step.subject), concat("NCT_REASON=", step.reason)};
  if (step.step == "add-anchor" && done)
    entries.add(kAnchorAdded, Priority::notice, concat("trusts ", step.reason), file);
  if (step.step == "remove-anchor" && done)
    entries.add(kAnchorRemoved, Priority::notice, concat("trusts no more ", step.reason), file);
  if (step.step == "distrust-root" && done)
    entries.add(kRootDistrusted, Priority::notice, concat("took out ", step.reason), file);
  if (step.step == "restore-root" && done)
    entries.add(kRootRestored, Priority::notice, concat("put back ", step.reason), file);
  if (step.step == "publish-store" && done)
    entries.add(kStorePublished, Priority::info, concat("published ", step.subject, ": ", step.reason), file);
  if (step.step == "enable-unit" && done)
    entries.add(kUnitEnabled, Priority::info, concat("enabled ", step.subject, ": ", step.reason), unit);
  if (step.step == "tell-consumer" && done)
    entries.add(kConsumerRestarted, Priority::notice, concat("restarted ", step.subject, ": ", step.reason),
                unit);
  if (step.step == "tell-consumer" && failed)
    entries.add(kConsumerStale, Priority::error,
                concat("could not restart ", step.subject, ": ", step.reason), unit);
}

}  // namespace

std::vector<JournalEntry> events_of(const Report& report) {
  Entries entries(report);
  for (const auto severity : {Severity::error, Severity::warning})
    add_findings(entries, report, severity);
  entries.count_more(kCertificateFinding, report.more_findings + report.more_certificates);
  if (report.plan)
    for (const auto& step : *report.plan)
      add_step(entries, step);
  if (report.drift)
    for (const auto& row : *report.drift)
      entries.add(kRunWarned, Priority::warning, concat(row.subject, ": ", row.kind, ": ", row.message),
                  {concat("NCT_FILE=", row.subject), concat("NCT_HINT=", row.hint)});
  for (const auto& repair : report.repairs)
    entries.add(kStoreMended, Priority::warning, concat("mended ", repair), {});
  for (const auto& warning : report.warnings)
    entries.add(kRunWarned, Priority::warning, warning, {});
  if (report.error)
    entries.add(kRunFailed, Priority::error, concat(report.command, " failed: ", report.error->message),
                {concat("NCT_ERROR=", report.error->code), concat("NCT_HINT=", report.error->hint)});
  return entries.take();
}

}  // namespace nct
