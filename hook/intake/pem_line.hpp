// The BEGIN and END lines of PEM (RFC 7468), and the lines that were meant to be such.
#pragma once

#include <string_view>

namespace nct {

struct PemLine {
  enum class Kind {
    other,
    begin,         // exactly "-----BEGIN LABEL-----"
    end,           // exactly "-----END LABEL-----"
    broken_begin,  // meant to be one: wrong dashes, lower case, something around it
    broken_end,
  };
  Kind kind = Kind::other;
  std::string_view label;    // of a proper one, a part of the line
  bool private_key = false;  // speaks of one, in whichever kind of line, a comment included

  [[nodiscard]] bool opens() const { return kind == Kind::begin || kind == Kind::broken_begin; }
  [[nodiscard]] bool closes() const { return kind == Kind::end || kind == Kind::broken_end; }
};

// Begins with '#', ';', "//", "/*" or "<!--".
bool is_comment(std::string_view line);

// What `line` is, white space at its ends aside. A comment is `other` whatever it says.
PemLine pem_line(std::string_view line);

}  // namespace nct
