#include "intake/base64_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.hpp"
#include "intake/encoding.hpp"

namespace nct {

namespace {

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

// "sha256:" or the like may stand in front of one.
bool is_digest(std::string_view part) {
  const auto name = part.find_last_of(":=");
  if (name != std::string_view::npos) part.remove_prefix(name + 1);
  return !part.empty() && std::ranges::all_of(part, is_hex);
}

// How the encodings of a bundle begin. All are long enough not to begin a line by chance.
bool begins_value(std::string_view line) {
  constexpr std::array<std::string_view, 6> kBeginnings{
      "LS0tLS1CRUdJTi",                 // -----BEGIN
      "77u/LS0tLS1CRUdJT",              // the same behind a byte order mark
      "LQAtAC0ALQAtAEIARQBHAEkATg",     // the same in UTF-16
      "//4tAC0ALQAtAC0AQgBFAEcASQBOA",  // and with its byte order mark
      "TFMwdExTMUNSVWRKVGl",            // LS0tLS1CRUdJTi
      "H4sIA",                          // gzip
  };
  return std::ranges::any_of(kBeginnings, [&](std::string_view b) { return line.starts_with(b); });
}

// Bytes that the DER value at the start of the base64 `text` has, header included; 0 where that is not said.
std::size_t der_size(std::string_view text) {
  constexpr std::size_t kHeaderCharacters = 12;
  const auto head = decode_base64(text.substr(0, kHeaderCharacters)).bytes;
  if (!looks_like_der(head)) return 0;
  const auto byte = [&](std::size_t i) -> std::size_t { return static_cast<unsigned char>(head[i]); };
  if (byte(1) < 0x80) return 2 + byte(1);
  std::size_t size = 0;
  const std::size_t octets = byte(1) & 0x7FU;
  for (std::size_t i = 0; i < octets; ++i)
    size = size << 8U | byte(2 + i);
  return size == 0 ? 0 : 2 + octets + size;
}

}  // namespace

bool is_base64_line(std::string_view line) {
  constexpr std::size_t kTooLongForAWord = 16;
  if (line.empty() || !is_base64_character(line.front())) return false;
  std::size_t part = 0;
  for (const char c : line) {
    if (is_base64_character(c) || c == '=') {
      ++part;
    } else if (is_blank(c) && (part == 0 || part >= kTooLongForAWord)) {
      part = 0;
    } else {
      return false;
    }
  }
  return true;
}

bool holds_stray_base64(std::string_view line) {
  constexpr std::size_t kLong = 64;
  while (!line.empty()) {
    const auto end = std::min(line.find_first_of(" \t\""), line.size());
    const auto part = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    if (part.size() < kLong || part.find("://") != std::string_view::npos) continue;
    const auto letters = static_cast<std::size_t>(std::ranges::count_if(part, is_base64_character));
    if (letters * 10 >= part.size() * 9 && !is_digest(part)) return true;
  }
  return false;
}

std::vector<Base64Value> base64_values(std::span<const Line> lines) {
  std::vector<Base64Value> values;
  bool ended = true;
  std::size_t expected = 0;  // bytes of the current value, where its beginning says so
  for (const auto& line : lines) {
    if (begins_value(line.text)) ended = true;
    for (const char c : line.text) {
      if (is_blank(c)) continue;
      if (ended || (c != '=' && !values.back().text.empty() && values.back().text.back() == '=')) {
        values.push_back({.text = {}, .line = line.number});
        ended = false;
        expected = 0;
      }
      values.back().text += c;
    }
    if (values.empty()) continue;
    const auto& text = values.back().text;
    if (expected == 0) expected = der_size(text);
    ended = expected != 0 && text.size() / 4 * 3 + text.size() % 4 * 3 / 4 == expected;
  }
  return values;
}

bool may_hold_something(const Base64Value& value) {
  constexpr std::size_t kSmallestKey = 32;
  return value.text.size() >= kSmallestKey && !std::ranges::all_of(value.text, is_hex);
}

}  // namespace nct
