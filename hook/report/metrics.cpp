#include "report/metrics.hpp"

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kNotAfter = "node_ca_trust_anchor_not_after_timestamp_seconds";
constexpr std::string_view kChanged = "node_ca_trust_anchors_changed_timestamp_seconds";
constexpr std::string_view kDrift = "node_ca_trust_drift";
constexpr std::string_view kStale = "node_ca_trust_stale_consumers";
constexpr std::string_view kLastSuccess = "node_ca_trust_last_success_timestamp_seconds";
constexpr std::string_view kSucceeded = "node_ca_trust_last_run_succeeded";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string labelled(std::string_view name, std::string_view command) {
  return concat(name, "{command=\"", command, "\"} ");
}

// The lines of `previous` about `name` that are not about `command`.
std::string others(std::string_view previous, std::string_view name, std::string_view command) {
  std::string kept;
  for (const auto line : lines_of(previous))
    if (line.starts_with(concat(name, "{")) && !line.starts_with(labelled(name, command)))
      kept += concat(line, "\n");
  return kept;
}

// A metric with its words, as it was.
std::string whole(std::string_view previous, std::string_view name) {
  std::string kept;
  for (const auto line : lines_of(previous))
    for (const auto& begin :
         {concat("# HELP ", name, " "), concat("# TYPE ", name, " "), concat(name, " "), concat(name, "{")})
      if (line.starts_with(begin)) kept += concat(line, "\n");
  return kept;
}

std::string own(std::string_view previous, std::string_view name, std::string_view command) {
  for (const auto line : lines_of(previous))
    if (line.starts_with(labelled(name, command))) return concat(line, "\n");
  return {};
}

class Writer {
 public:
  void begin(std::string_view name, std::string_view help) {
    text_ += concat("# HELP ", name, " ", help, "\n# TYPE ", name, " gauge\n");
  }
  void add(std::string_view line) { text_ += line; }
  template <class Number>
  void single(std::string_view name, std::string_view help, const std::optional<Number>& value) {
    if (!value) return;
    begin(name, help);
    text_ += concat(name, " ", std::to_string(*value), "\n");
  }
  void add_state(const Metrics::State& state) {
    begin(kNotAfter, "When an installed private CA certificate expires.");
    for (const auto& anchor : state.anchors)
      add(concat(kNotAfter, "{fingerprint_sha256=\"", anchor.fingerprint.hex(), "\",subject=\"",
                 escaped(anchor.subject), "\"} ", std::to_string(anchor.not_after), "\n"));
    single(kChanged, "When the set of installed private CAs changed last.", state.anchors_changed);
    single(kDrift, "Differences between manifest, anchors and store.", state.drift);
    single(kStale, "Consumers that hold an older set of private CAs.", state.stale_consumers);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string text_of(const Metrics& metrics, std::string_view previous) {
  Writer writer;
  if (metrics.state)
    writer.add_state(*metrics.state);
  else
    for (const auto name : {kNotAfter, kChanged, kDrift, kStale})
      writer.add(whole(previous, name));
  const auto now = concat(std::to_string(metrics.now), "\n");
  writer.begin(kLastSuccess, "When the command succeeded last.");
  writer.add(others(previous, kLastSuccess, metrics.command));
  writer.add(metrics.succeeded ? concat(labelled(kLastSuccess, metrics.command), now)
                               : own(previous, kLastSuccess, metrics.command));
  writer.begin(kSucceeded, "Whether the last run of the command succeeded.");
  writer.add(others(previous, kSucceeded, metrics.command));
  writer.add(concat(labelled(kSucceeded, metrics.command), metrics.succeeded ? "1\n" : "0\n"));
  return writer.take();
}

}  // namespace nct
