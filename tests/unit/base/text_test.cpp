#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("printable escapes what would drive a terminal, and keeps UTF-8") {
  CHECK(printable("plain") == "plain");
  CHECK(printable("a\nb\x1b[31m") == "a\\x0ab\\x1b[31m");
  CHECK(printable("K\xc3\xb6ln") == "K\xc3\xb6ln");
  CHECK(printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");           // C1 control sequence introducer
  CHECK(printable("\xf0\x9f\x94\x92") == "\xf0\x9f\x94\x92");
  CHECK(printable("\xe2\x82") == "\\xe2\\x82");  // cut off
}

TEST_CASE("lines_of") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\nb\n") == std::vector<std::string_view>{"a", "b"});
  CHECK(lines_of("a\n\nb") == std::vector<std::string_view>{"a", "", "b"});
}

TEST_CASE("trimmed") {
  CHECK(trimmed(" \t\r\n x y \n") == "x y");
  CHECK(trimmed(" \n") == "");
}

TEST_CASE("hex goes both ways") {
  CHECK(hex_of(std::string("\x00\xff\x10", 3)) == "00ff10");
  CHECK(bytes_of_hex("00FF10") == std::string("\x00\xff\x10", 3));
  CHECK_FALSE(bytes_of_hex("0").has_value());
  CHECK_FALSE(bytes_of_hex("0g").has_value());
}

TEST_CASE("nearest names what was meant, and nothing for what is far") {
  const std::vector<std::string_view> commands{"provision", "lint", "status", "verify", "remove"};
  CHECK(nearest("provison", commands) == "provision");
  CHECK(nearest("stauts", commands) == "status");
  CHECK(nearest("lnt", commands) == "lint");
  CHECK_FALSE(nearest("kubectl", commands).has_value());
}

TEST_CASE("rfc3339 knows leap years, the time before 1970, and the far future") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(951782400) == "2000-02-29T00:00:00Z");
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59Z");
  CHECK(rfc3339(253402300799) == "9999-12-31T23:59:59Z");
}

TEST_CASE("printable spells out what nobody sees, and what turns the direction of writing") {
  CHECK(printable("a\xE2\x80\xAE"
                  "b") == "a\\xe2\\x80\\xaeb");  // U+202E, right-to-left override
  CHECK(printable("a\xE2\x81\xA6"
                  "b") == "a\\xe2\\x81\\xa6b");                    // U+2066, an isolate
  CHECK(printable("\xC2\xAD") == "\\xc2\\xad");                    // soft hyphen
  CHECK(printable("\xEF\xBB\xBF") == "\\xef\\xbb\\xbf");           // byte order mark
  CHECK(printable("\xF3\xA0\x81\x81") == "\\xf3\\xa0\\x81\\x81");  // a tag
  CHECK(printable("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D") == "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D");
}

TEST_CASE("names are shown in their own script") {
  CHECK(with_readable_names("CN=B\\C3\\BCro CA,O=x") == "CN=B\xC3\xBCro CA,O=x");
  CHECK(with_readable_names("CN=\\E6\\A0\\B9\\E8\\AF\\81\\E4\\B9\\A6") ==
        "CN=\xE6\xA0\xB9\xE8\xAF\x81\xE4\xB9\xA6");
  CHECK(with_readable_names("CN=\\D0\\9A\\D0\\BE\\D1\\80\\D0\\B5\\D0\\BD\\D1\\8C") ==
        "CN=\xD0\x9A\xD0\xBE\xD1\x80\xD0\xB5\xD0\xBD\xD1\x8C");
  CHECK(with_readable_names("CN=\\F0\\9F\\94\\92") == "CN=\xF0\x9F\x94\x92");
  // What would drive a terminal, turn the direction or hide stays escaped.
  for (const std::string_view name :
       {"CN=\\1B[31m", "CN=\\0A", "CN=\\C2\\9B1m", "CN=\\E2\\80\\AEtxt", "CN=\\E2\\81\\A6x",
        "CN=a\\E2\\80\\8Bb", "CN=\\EF\\BB\\BF", "CN=\\C2\\AD"})
    CHECK(with_readable_names(name) == name);
  // So does what is no UTF-8, and what is no escape of a byte.
  for (const std::string_view name :
       {"CN=\\C3", "CN=\\C3x", "CN=\\FF\\FE", "CN=\\ED\\A0\\80", "CN=\\C0\\AF", "CN=a\\,b", "CN=\\\\C3\\\\BC",
        "CN=\\\\C3\\BC", "CN=x\\", "CN=\\C", "CN=\\\"\\+"})
    CHECK(with_readable_names(name) == name);
  CHECK(with_readable_names("CN=\\\\\\C3\\BC") == "CN=\\\\\xC3\xBC");  // an escaped backslash, then a letter
}

TEST_CASE("a character has a name where it cannot be seen") {
  CHECK(name_of_character("!x") == "'!'");
  CHECK(name_of_character("\xC2\xA0x") == "U+00A0 (a non-breaking space)");
  CHECK(name_of_character("\xE2\x80\x8B") == "U+200B (a zero width space)");
  CHECK(name_of_character("\xC3\xA4") == "'\xC3\xA4'");
  CHECK(name_of_character("\xFF") == "'\\xff'");
  CHECK(name_of_character("\x1b") == "'\\x1b'");
}
