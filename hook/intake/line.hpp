// The lines of a text, each with its part in PEM.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace nct {

struct Line {
  enum class Kind : std::uint8_t {
    blank,
    loose,   // outside PEM blocks, or their base64
    opens,   // a BEGIN line, be it broken
    closes,  // an END line, be it broken
    key,     // a part of a private key: goes nowhere
  };
  enum class Flaw : std::uint8_t { none, folded, indented };

  std::string_view text;  // without white space at its ends, and without a byte order mark
  unsigned number = 0;    // from 1; several lines that were folded into one have the same
  Kind kind = Kind::loose;
  Flaw flaw = Flaw::none;
  bool bom = false;  // a byte order mark stood in front
  bool first_of_key = false;

  // An edge of a PEM block, or a part of a key.
  [[nodiscard]] bool is_marker() const {
    return kind == Kind::opens || kind == Kind::closes || kind == Kind::key;
  }
};

// The lines of `text` (LF line ends), with views into it. A line that holds BEGIN or END lines and more,
// parted by blanks or by "\n" or "\r\n" spelled out, becomes one line for each, if that can be read in one
// way only. A private key reaches from its BEGIN line to the next END line, or to the next BEGIN line of
// something else. A line of words that only mentions a private key, a comment for example, is a loose one
// without its text.
std::vector<Line> pem_lines_of(std::string_view text);

}  // namespace nct
