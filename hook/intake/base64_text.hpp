// Base64 among the lines of a text: which lines are it, and where one value ends and the next begins.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "intake/line.hpp"

namespace nct {

// Only characters of the alphabet, padding, and blanks between parts too long to be words.
bool is_base64_line(std::string_view line);

// Letters and digits too many in a row for a word: what a value with a foreign character in it looks like, or
// one that stands inside something else ("ca: LS0t..."). URLs and hex digits are not taken for it.
bool holds_stray_base64(std::string_view line);

struct Base64Value {
  std::string text;  // without white space
  unsigned line = 0;
};

// The values in `lines`, all of which are base64 lines. A value may be broken anywhere; it ends at its
// padding, where the DER value in it ends, and where the next line begins as an encoded bundle does.
std::vector<Base64Value> base64_values(std::span<const Line> lines);

// Long enough for a key or a certificate to be in it, and no digest in hex.
bool may_hold_something(const Base64Value& value);

}  // namespace nct
