#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace nct {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::uint8_t kNoHexDigit = 0xFF;

// A run's records spell thousands of digits: a table, not comparisons.
constexpr auto kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoHexDigit);
  for (std::size_t value = 0; value < kHexDigits.size(); ++value) {
    const auto digit = static_cast<unsigned char>(kHexDigits[value]);
    values[digit] = static_cast<std::uint8_t>(value);
    if (digit >= 'a')
      values[static_cast<unsigned char>(digit - 'a' + 'A')] = static_cast<std::uint8_t>(value);
  }
  return values;
}();

std::uint8_t hex_value(char c) {
  return kHexValues[static_cast<unsigned char>(c)];
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min(
          {above + 1, row[j - 1] + 1, diagonal + (ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// The number of the well-formed UTF-8 character `text`.
std::uint32_t code_point_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (text.size() == 1) return first;
  std::uint32_t value = first & (0x7FU >> text.size());
  for (const char c : text.substr(1))
    value = value << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return value;
}

// Whether the well-formed UTF-8 character `text` shows as itself: it is no control (C1, which drives
// terminals, too), does not turn the direction of writing, and is not one of those that nobody sees.
bool is_seen(std::string_view text) {
  using Range = std::pair<std::uint32_t, std::uint32_t>;  // first and last
  constexpr auto kUnseen = std::to_array<Range>({
      {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x034F, 0x034F},   {0x061C, 0x061C},
      {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
      {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
      {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
  });
  const auto code_point = code_point_of(text);
  return std::ranges::none_of(
      kUnseen, [&](const Range& range) { return range.first <= code_point && code_point <= range.second; });
}

void append_padded(std::string& out, unsigned value, int width) {
  const std::string digits = std::to_string(value);
  out.append(static_cast<std::size_t>(std::max(0, width - static_cast<int>(digits.size()))), '0');
  out += digits;
}

}  // namespace

std::string concat_pieces(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces)
    size += piece.size();
  std::string out;
  out.reserve(size);
  for (const auto piece : pieces)
    out += piece;
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF)
    return tail(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4)
    return tail(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length > 0 && is_seen(text.substr(0, length))) {
      out += text.substr(0, length);
      text.remove_prefix(length);
      continue;
    }
    for (const char byte : text.substr(0, std::max<std::size_t>(length, 1)))
      out += concat("\\x", hex_of(std::string_view(&byte, 1)));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string with_readable_names(std::string_view text) {
  constexpr std::size_t kEscape = 3;   // backslash and two digits
  constexpr std::size_t kLongest = 4;  // bytes of a character
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string bytes;
    while (bytes.size() < kLongest && text.size() >= (bytes.size() + 1) * kEscape &&
           text[bytes.size() * kEscape] == '\\') {
      const auto digits = text.substr(bytes.size() * kEscape + 1);
      const auto byte = hex_byte(digits[0], digits[1]);
      if (!byte || *byte < 0x80) break;
      bytes += static_cast<char>(*byte);
    }
    const auto length = bytes.empty() ? 0 : utf8_length(bytes);
    if (length > 0 && is_seen(std::string_view(bytes).substr(0, length))) {
      out += std::string_view(bytes).substr(0, length);
      text.remove_prefix(length * kEscape);
      continue;
    }
    // A backslash goes along with what it escapes, which may be another.
    const std::size_t plain = text.front() == '\\' ? std::min<std::size_t>(2, text.size()) : 1;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
  }
  return out;
}

std::string name_of_character(std::string_view text) {
  constexpr auto kUnseen = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"\xC2\xA0", "U+00A0 (a non-breaking space)"},
      {"\xC2\xAD", "U+00AD (a soft hyphen)"},
      {"\xE2\x80\x8B", "U+200B (a zero width space)"},
      {"\xE2\x80\x8C", "U+200C (a zero width non-joiner)"},
      {"\xE2\x80\x8D", "U+200D (a zero width joiner)"},
      {"\xE2\x80\xA8", "U+2028 (a line separator)"},
      {"\xE2\x80\xA9", "U+2029 (a paragraph separator)"},
      {"\xE2\x80\xAF", "U+202F (a narrow non-breaking space)"},
      {"\xE2\x81\xA0", "U+2060 (a word joiner)"},
      {"\xE3\x80\x80", "U+3000 (an ideographic space)"},
      {"\xEF\xBB\xBF", "U+FEFF (a byte order mark)"},
      {"\xE2\x80\x90", "U+2010 (a hyphen that is not ASCII's)"},
      {"\xE2\x80\x91", "U+2011 (a non-breaking hyphen)"},
      {"\xE2\x80\x93", "U+2013 (an en dash)"},
      {"\xE2\x80\x94", "U+2014 (an em dash)"},
      {"\xE2\x88\x92", "U+2212 (a minus sign)"},
  });
  const auto unseen =
      std::ranges::find_if(kUnseen, [&](const auto& each) { return text.starts_with(each.first); });
  if (unseen != kUnseen.end()) return std::string(unseen->second);
  const auto length = std::max<std::size_t>(utf8_length(text), 1);
  return concat("'", printable(text.substr(0, length)), "'");
}

std::string hex_of(std::string_view bytes) {
  std::string out(2 * bytes.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out[2 * i] = kHexDigits[byte >> 4U];
    out[2 * i + 1] = kHexDigits[byte & 15U];
  }
  return out;
}

std::optional<std::uint8_t> hex_byte(char high, char low) {
  const auto upper = hex_value(high);
  const auto lower = hex_value(low);
  if (upper == kNoHexDigit || lower == kNoHexDigit) return std::nullopt;
  return static_cast<std::uint8_t>(upper << 4U | lower);
}

std::optional<std::string> bytes_of_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = hex_byte(hex[2 * i], hex[2 * i + 1]);
    if (!byte) return std::nullopt;
    out[i] = static_cast<char>(*byte);
  }
  return out;
}

std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates) {
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::optional<std::string_view> found;
  for (const auto candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string rfc3339(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds instant{seconds{unix_seconds}};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss time{instant - day};
  std::string out;
  append_padded(out, static_cast<unsigned>(std::max(0, static_cast<int>(date.year()))), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<unsigned>(time.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(time.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(time.seconds().count()), 2);
  out += 'Z';
  return out;
}

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view directory_of(std::string_view path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace nct
