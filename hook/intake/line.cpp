#include "intake/line.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/text.hpp"
#include "intake/encoding.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

// Length of a line end that is spelled out at the start of `text` (backslashes and one 'n' or 'r'), or 0.
std::size_t spelled_line_end(std::string_view text) {
  const auto letter = text.find_first_not_of('\\');
  const bool is_one =
      letter != 0 && letter != std::string_view::npos && (text[letter] == 'n' || text[letter] == 'r');
  return is_one ? letter + 1 : 0;
}

std::string_view unquoted(std::string_view line) {
  for (const char quote : {'"', '\''}) {
    if (line.size() >= 2 && line.front() == quote && line.back() == quote)
      return trimmed(line.substr(1, line.size() - 2));
  }
  return line;
}

// Parts one stretch without spelled line ends at its BEGIN and END lines. False where dashes are left over,
// so that another reading is possible.
bool part_at_markers(std::string_view stretch, std::vector<std::string_view>& parts) {
  const auto add = [&](std::string_view part) {
    if (part = trimmed(part); !part.empty()) parts.push_back(part);
  };
  while (!stretch.empty()) {
    const auto at = stretch.find(kDashes);
    const auto before = stretch.substr(0, at);
    if (before.find("--") != std::string_view::npos || before.ends_with('-')) return false;
    add(before);
    if (at == std::string_view::npos) return true;
    stretch.remove_prefix(at);
    if (!stretch.starts_with(kBegin) && !stretch.starts_with(kEnd)) return false;
    const auto dashes = stretch.find(kDashes, kEnd.size());
    if (dashes == std::string_view::npos) return false;
    const auto marker = stretch.substr(0, dashes + kDashes.size());
    const auto kind = pem_line(marker).kind;
    if (kind != PemLine::Kind::begin && kind != PemLine::Kind::end) return false;
    add(marker);
    stretch.remove_prefix(marker.size());
  }
  return true;
}

// The lines that were folded into `line`, or nothing where it is one line.
std::vector<std::string_view> folded_into(std::string_view line) {
  const bool marked =
      line.find(kBegin) != std::string_view::npos || line.find(kEnd) != std::string_view::npos;
  if (!marked || is_comment(line)) return {};
  if (const auto kind = pem_line(line).kind; kind == PemLine::Kind::begin || kind == PemLine::Kind::end)
    return {};
  // What nobody sees beside a marker is not another line.
  if (std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return {};
  line = unquoted(line);
  std::vector<std::string_view> parts;
  while (!line.empty()) {
    const auto backslash = line.find('\\');
    const auto length = backslash == std::string_view::npos ? 0 : spelled_line_end(line.substr(backslash));
    if (backslash != std::string_view::npos && length == 0) return {};
    if (!part_at_markers(line.substr(0, backslash), parts)) return {};
    if (backslash == std::string_view::npos) break;
    line.remove_prefix(backslash + length);
  }
  // Something in front of a BEGIN line may be anything: a name, a list, a comment.
  const bool leads =
      !parts.empty() && (parts.front().starts_with(kBegin) || parts.front().starts_with(kEnd) ||
                         (parts.size() > 1 && parts[1].starts_with(kEnd)));
  return leads ? parts : std::vector<std::string_view>{};
}

// A line of a comment without the signs of one.
std::string_view uncommented(std::string_view line) {
  const auto from = line.find_first_not_of("#;/*>| \t");
  return from == std::string_view::npos ? std::string_view{} : trimmed(line.substr(from));
}

bool holds_base64_of(std::string_view line, std::size_t length) {
  std::size_t run = 0;
  return std::ranges::any_of(line, [&](char c) {
    run = is_base64_character(c) ? run + 1 : 0;
    return run >= length;
  });
}

bool may_be_body_of_key(std::string_view line) {
  constexpr std::size_t kTooLongForAWord = 16;
  line = uncommented(line);
  return line.starts_with("Proc-Type:") || line.starts_with("DEK-Info:") ||
         (line.find(' ') == std::string_view::npos && holds_base64_of(line, kTooLongForAWord));
}

// Whether lines[at], which speaks of a private key, does no more than that: it is a comment, or words stand
// in front, and neither it nor its neighbour has what a key consists of.
bool only_mentions_key(std::span<const std::string_view> lines, std::size_t at) {
  constexpr std::size_t kSmallestKey = 32;
  const auto line = lines[at];
  const auto bare = uncommented(line);
  const bool marker = bare.starts_with('-') || pem_line(bare).kind == PemLine::Kind::begin ||
                      pem_line(bare).kind == PemLine::Kind::end || bare.starts_with("BEGIN ");
  if (!is_comment(line) && marker) return false;
  if (holds_base64_of(line, kSmallestKey) || line.find("-\\") != std::string_view::npos) return false;
  const auto telling = [](std::string_view other) { return !uncommented(other).empty(); };
  const auto behind = lines.subspan(at + 1);
  const auto next = std::ranges::find_if(behind, telling);
  if (next != behind.end() && may_be_body_of_key(*next)) return false;
  const auto before = std::ranges::find_if(lines.first(at).rbegin(), lines.first(at).rend(), telling);
  const bool ends = line.find("END") != std::string_view::npos;
  return !ends || before == lines.first(at).rend() || !may_be_body_of_key(*before);
}

Line::Kind kind_of(const PemLine& pem) {
  if (pem.opens()) return Line::Kind::opens;
  return pem.closes() ? Line::Kind::closes : Line::Kind::loose;
}

}  // namespace

std::vector<Line> pem_lines_of(std::string_view text) {
  std::vector<Line> lines;
  lines.reserve(static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1);
  unsigned number = 0;
  bool in_key = false;
  const auto add = [&](Line line) {
    const auto pem = pem_line(line.text);
    line.kind = line.text.empty() ? Line::Kind::blank : kind_of(pem);
    if (pem.private_key) {
      line.first_of_key = !in_key;
      in_key = !pem.closes();
      line.kind = Line::Kind::key;
    } else if (in_key) {
      in_key = line.kind == Line::Kind::loose || line.kind == Line::Kind::blank;
      if (line.kind != Line::Kind::opens) line.kind = Line::Kind::key;
    }
    lines.push_back(line);
  };
  const auto wholes = lines_of(text);
  for (auto whole : wholes) {
    Line line{.text = whole, .number = ++number};
    if (whole.starts_with(kUtf8Bom)) {
      line.bom = true;
      whole.remove_prefix(kUtf8Bom.size());
    }
    line.text = trimmed(whole);
    if (!whole.empty() && is_blank(whole.front())) line.flaw = Line::Flaw::indented;
    const bool speaks = line.text.find("RIVATE") != std::string_view::npos ||
                        line.text.find("rivate") != std::string_view::npos;
    if (speaks && !in_key && pem_line(line.text).private_key && only_mentions_key(wholes, number - 1)) {
      line.text = {};
      line.kind = Line::Kind::loose;
      lines.push_back(line);
      continue;
    }
    const auto parts = folded_into(line.text);
    if (parts.empty()) add(line);
    for (const auto part : parts) {
      line.text = part;
      line.flaw = Line::Flaw::folded;
      add(line);
      line.bom = false;
    }
  }
  return lines;
}

}  // namespace nct
