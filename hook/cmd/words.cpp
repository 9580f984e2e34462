#include "cmd/words.hpp"

#include <string_view>

#include "base/text.hpp"
#include "cmd/hints.hpp"

namespace nct {

namespace {

class Writer {
 public:
  explicit Writer(bool colour) : colour_(colour) {}

  std::string write(const Report& report) {
    if (report.certificates) certificates(*report.certificates);
    if (report.findings) findings(*report.findings, "");
    if (report.more_certificates > 0)
      line("not listed", concat(std::to_string(report.more_certificates), " more certificates"));
    if (report.more_findings > 0)
      line("not listed", concat(std::to_string(report.more_findings), " more findings"));
    if (report.anchors) anchors(*report.anchors);
    if (report.plan) plan(*report.plan);
    for (const auto& repair : report.repairs)
      line(report.result == RunResult::changed ? "mended" : "damaged", with_readable_names(repair));
    for (const auto& warning : report.warnings)
      line(paint("warning", kYellow), with_readable_names(warning));
    if (report.drift) drift(*report.drift);
    for (const auto& check : report.checks)
      line("check",
           concat(check, " ", passed(report, check) ? paint("passed", kGreen) : paint("failed", kRed)));
    if (report.distrusted) distrusted(*report.distrusted);
    if (report.withdrawn) withdrawn(*report.withdrawn);
    if (report.store) store(*report.store);
    if (report.rotation) rotation(*report.rotation);
    if (report.consumers) consumers(*report.consumers);
    if (!report.error) line("result", verdict(report));
    return std::move(text_);
  }

 private:
  static constexpr std::string_view kRed = "31";
  static constexpr std::string_view kGreen = "32";
  static constexpr std::string_view kYellow = "33";

  [[nodiscard]] std::string paint(std::string_view word, std::string_view code) const {
    return colour_ ? concat("\x1b[", code, "m", word, "\x1b[0m") : std::string(word);
  }

  void line(std::string_view label, std::string_view rest) { text_ += concat(label, ": ", rest, "\n"); }

  void findings(const std::vector<Report::Finding>& rows, std::string_view indent) {
    for (const auto& [finding, hint] : rows) {
      const bool error = finding.severity == Severity::error;
      text_ += concat(indent, paint(name_of(finding.severity), error ? kRed : kYellow), " ",
                      name_of(finding.code));
      // A certificate's own findings stand below its origin.
      if (indent.empty()) text_ += concat(" (", finding.origin.text(), ")");
      text_ += concat(": ", with_readable_names(finding.message), "\n");
      if (!hint.empty()) text_ += concat(indent, "  ", hint, "\n");
    }
  }

  void describe(const Report::Certificate& row) {
    const auto& certificate = row.certificate;
    if (row.certificate.issuer != row.certificate.subject)
      text_ += concat("  issued by ", with_readable_names(certificate.issuer), "\n");
    text_ += concat("  sha256 ", certificate.fingerprint.hex(), "\n  valid from ",
                    rfc3339(certificate.not_before), " until ", rfc3339(certificate.not_after), "\n");
  }

  void certificates(const std::vector<Report::Certificate>& rows) {
    for (const auto& row : rows) {
      const auto colour = row.verdict == Verdict::accepted   ? kGreen
                          : row.verdict == Verdict::rejected ? kRed
                                                             : kYellow;
      text_ += concat(paint(name_of(*row.verdict), colour), " ", with_readable_names(row.certificate.subject),
                      " (", row.origin, ")\n");
      describe(row);
      findings(row.findings, "  ");
    }
  }

  void anchors(const std::vector<Report::Certificate>& rows) {
    if (rows.empty()) text_ += "no anchors of ours\n";
    for (const auto& row : rows) {
      text_ += concat("anchor ", with_readable_names(row.certificate.subject), "\n");
      describe(row);
      text_ += concat("  file ", row.file, "\n");
      findings(row.findings, "  ");
      for (const auto& owner : row.owners)
        text_ += concat("  from ", owner.source, owner.origin.empty() ? "" : ", ", owner.origin, "\n");
    }
  }

  void plan(const std::vector<Report::Step>& steps) {
    for (const auto& step : steps)
      text_ += concat(step.outcome.empty() ? "would do" : step.outcome, ": ", step.step, " ", step.subject,
                      "\n  ", with_readable_names(step.reason), "\n");
  }

  void drift(const std::vector<Report::Drift>& rows) {
    for (const auto& row : rows)
      text_ += concat(paint("drift", kRed), " ", row.kind, ": ", row.subject, "\n  ",
                      with_readable_names(row.message), "\n  ", row.hint, "\n");
  }

  void distrusted(const std::vector<Report::DistrustedRoot>& roots) {
    for (const auto& root : roots) {
      const auto state = root.state == "trusted"     ? concat(paint("still trusted", kRed), " by ", root.file)
                         : root.state == "taken-out" ? concat("taken out, ", root.file)
                                                     : std::string("not in this store");
      line("distrusted", concat("sha256 ", root.fingerprint_sha256, "\n  ", state));
    }
  }

  void withdrawn(const std::vector<Report::WithdrawnRoot>& roots) {
    for (const auto& root : roots)
      line(paint("withdrawn", kYellow),
           concat(with_readable_names(root.name), "\n  sha256 ", root.fingerprint_sha256,
                  "\n  the distribution no longer trusts it",
                  root.since ? concat("; missed since ", rfc3339(*root.since)) : std::string(),
                  ". What it issued fails; to go on trusting it, deliver it as a CA of your own"));
  }

  void store(const Report::Store& store) {
    line("store", concat(store.bundle, ", ", std::to_string(store.roots), " roots and ",
                         std::to_string(store.anchors), store.anchors == 1 ? " anchor" : " anchors",
                         " of ours, ", store.proved ? paint("proved", kGreen) : paint("not proved", kRed)));
  }

  void rotation(const Report::Rotation& rotation) {
    std::string units;
    for (const auto& unit : rotation.units)
      units += concat(", ", unit.unit, " ", unit.file_state, unit.state.empty() ? "" : " and ",
                      unit.state.empty() || unit.state == "active" ? unit.state : paint(unit.state, kYellow));
    line("rotation", concat(rotation.directory, units.empty() ? ", its units are not installed" : units));
  }

  void consumers(const std::vector<Report::Consumer>& rows) {
    for (const auto& row : rows) {
      const bool stale = row.state == "stale";
      line("consumer", concat(row.unit, " ", stale ? paint(row.state, kRed) : row.state));
      if (row.started && row.changed)
        text_ += concat("  it was started at ", rfc3339(*row.started), ", the anchors changed at ",
                        rfc3339(*row.changed), "\n");
      if (stale) text_ += concat("  ", hint_for_consumer(row.unit), "\n");
    }
  }

  [[nodiscard]] std::string verdict(const Report& report) const {
    if (report.command == "lint" || report.command == "verify")
      return report.result == RunResult::failed ? paint("no", kRed) : paint("yes", kGreen);
    if (report.command == "status")
      return report.drift && report.drift->empty() ? "as it should be" : "drifted";
    return std::string(name_of(report.result));
  }

  bool colour_;
  std::string text_;
};

}  // namespace

std::string text_of(const Report& report, bool colour) {
  return Writer(colour).write(report);
}

}  // namespace nct
