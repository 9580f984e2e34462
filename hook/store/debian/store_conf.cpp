#include <utility>

#include "base/text.hpp"
#include "store/debian/fresh_store.hpp"

namespace nct {

namespace {

// What the shell's read makes of the lines of a file, in `lines` without their ends. Blanks at the ends go,
// but for quoted ones.
std::vector<std::string> as_read(const std::vector<std::string_view>& lines, bool raw) {
  std::vector<std::string> read;
  std::string line;
  std::size_t quoted_up_to = 0;  // blanks before that stay
  bool joined = false;           // to the line before
  for (const auto text : lines) {
    if (!joined && !text.empty() && !is_blank(text.front()) && !is_blank(text.back()) &&
        (raw || !text.contains('\\'))) {  // as nearly all are
      read.emplace_back(text);
      continue;
    }
    bool quoted = false;
    for (const char c : text) {
      if (!raw && !quoted && c == '\\') {
        quoted = true;
        continue;
      }
      if (!quoted && is_blank(c) && line.empty()) continue;
      line += c;
      if (quoted || !is_blank(c)) quoted_up_to = line.size();
      quoted = false;
    }
    joined = quoted;
    if (joined) continue;
    line.resize(quoted_up_to);
    read.push_back(std::exchange(line, {}));
    quoted_up_to = 0;
  }
  return read;  // what is joined to a line that never comes is not handed over
}

}  // namespace

StoreConf conf_from(std::string_view text, bool raw) {
  std::vector<std::string_view> selected;
  std::vector<std::string_view> deselected;
  while (true) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('!'))
      deselected.push_back(line.substr(1));
    else if (!line.empty() && !line.starts_with('#'))
      selected.push_back(line);
  }
  return {.selected = as_read(selected, raw), .deselected = as_read(deselected, raw)};
}

}  // namespace nct
