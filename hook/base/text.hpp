// The few text helpers every layer needs. All are pure and know ASCII only: no locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nct {

// One string of all pieces.
std::string concat_pieces(std::initializer_list<std::string_view> pieces);

template <class... Pieces>
std::string concat(const Pieces&... pieces) {
  return concat_pieces({std::string_view(pieces)...});
}

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_space(char c) {
  return is_blank(c) || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// Without white space at either end.
std::string_view trimmed(std::string_view text);

// The lines of `text` without their '\n'; a final '\n' opens no further line.
std::vector<std::string_view> lines_of(std::string_view text);

// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text);

// Fit for a terminal and a log: control bytes, bytes that are not well-formed UTF-8, and the bytes of
// characters that cannot be seen or turn the direction of writing become \xNN.
std::string printable(std::string_view text);

// A text with names after RFC 2253, for people: "CN=B\C3\BCro" becomes "CN=Büro". Escapes stay where they
// stand for a byte of ASCII, for no well-formed UTF-8, or for what printable() would spell out.
std::string with_readable_names(std::string_view text);

// The first character of `text`, for people: "'x'"; with its number where it cannot be seen, or looks like
// another: "U+00A0 (a non-breaking space)".
std::string name_of_character(std::string_view text);

// Two lower-case hex digits a byte.
std::string hex_of(std::string_view bytes);

// The byte that two digits of either case spell, or nothing if they are none.
std::optional<std::uint8_t> hex_byte(char high, char low);

// The bytes that `hex` spells (either case), or nothing if it spells none.
std::optional<std::string> bytes_of_hex(std::string_view hex);

// The candidate with the smallest edit distance to `word`, upper and lower case of ASCII alike; nothing where
// none is near enough to be meant (a third of the word's length, at least 2).
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);

// RFC 3339 in UTC, "2026-11-23T19:44:33Z", of seconds since 1970-01-01 (also before it).
std::string rfc3339(std::int64_t unix_seconds);

// The last component of a path, and what stands before it.
std::string_view name_in(std::string_view path);
std::string_view directory_of(std::string_view path);

}  // namespace nct
