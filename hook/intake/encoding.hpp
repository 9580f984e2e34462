// Transport encodings, each undone by one pure function.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nct {

bool is_base64_character(char c);  // of the standard alphabet (RFC 4648, section 4), padding not included

struct Base64 {
  enum class End {
    padded,         // whole groups, padded where that was needed
    unpadded,       // the last group lacks its padding
    cut_off,        // one character is left over, which cannot be
    bad_character,  // outside the alphabet
    bad_padding,    // too much of it, or anything behind it
  };
  std::string bytes;  // what was decoded up to there
  End end = End::padded;
  std::size_t offset = 0;  // of the first offending character, for the last two
};

// Decodes one value; white space is skipped. Bits that the last group does not need are not looked at.
Base64 decode_base64(std::string_view text);

bool looks_gzipped(std::string_view bytes);

struct Inflated {
  enum class End { whole, cut_off, damaged, over_limit };
  std::string bytes;  // at most the limit
  End end = End::whole;
  std::size_t behind = 0;  // bytes behind the last member
};

// Opens all gzip members that follow each other (RFC 1952, 2.2), as gzip(1) does.
Inflated inflate_gzip(std::string_view bytes, std::size_t limit);

constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";

// UTF-8 of a UTF-16 text, known by its byte order mark or, without one, by an ASCII beginning of at least
// four characters or a BEGIN line anywhere. What is not well formed becomes U+FFFD. Nothing where `bytes` is
// no such text.
std::optional<std::string> utf8_of_utf16(std::string_view bytes);

void append_utf8(std::string& out, unsigned code_point);

struct LfText {
  std::string text;
  unsigned first_cr = 0;  // line of the first carriage return, from 1; 0 if there was none
};

// Every CR LF, and every CR without LF, becomes LF.
LfText with_lf(std::string_view text);

// A byte stands in it that no text holds (a control character other than white space and escape).
bool looks_binary(std::string_view bytes);

// Begins with the header of a DER (or BER) SEQUENCE and that of a first element.
bool looks_like_der(std::string_view bytes);

}  // namespace nct
