#include "store/debian/deselection.hpp"

#include <optional>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kMark = "# node-ca-trust: distrust.fingerprints has ";

// A line with its line feed, which the last one may lack; and the mark above it, if it has one.
struct Line {
  std::string_view mark;  // the whole line
  std::optional<Fingerprint> marked;
  std::string_view text;

  [[nodiscard]] std::string_view name() const { return trimmed(text.substr(text.starts_with('!') ? 1 : 0)); }
  [[nodiscard]] bool is_ours() const { return marked && text.starts_with('!'); }
};

std::string_view take_line(std::string_view& conf) {
  const auto end = conf.find('\n');
  const auto line = conf.substr(0, end == std::string_view::npos ? end : end + 1);
  conf.remove_prefix(line.size());
  return line;
}

// A mark that has lost its line to somebody else's hand means nothing.
std::vector<Line> lines_in(std::string_view conf) {
  std::vector<Line> lines;
  Line line;
  while (!conf.empty()) {
    const auto text = take_line(conf);
    if (text.starts_with(kMark)) {
      line = {.mark = text, .marked = Fingerprint::from_hex(trimmed(text.substr(kMark.size()))), .text = {}};
      continue;
    }
    line.text = text;
    lines.push_back(line);
    line = {};
  }
  return lines;
}

}  // namespace

Deselections deselected_in(std::string_view conf) {
  Deselections found;
  if (!conf.contains(kMark)) return found;
  for (const auto& line : lines_in(conf))
    if (line.is_ours()) found.emplace(line.name(), *line.marked);
  return found;
}

std::string conf_with(std::string_view conf, const Deselections& wanted) {
  std::string text;
  for (const auto& line : lines_in(conf)) {
    const auto found = wanted.find(line.name());
    const bool is_wanted = found != wanted.end() && line.text.ends_with('\n');
    if (line.is_ours())
      text += is_wanted ? concat(line.mark, line.text) : std::string(line.text.substr(1));
    else if (is_wanted && !line.text.starts_with('!'))
      text += concat(kMark, found->second.hex(), "\n!", line.text);
    else
      text += line.text;
  }
  return text;
}

}  // namespace nct
