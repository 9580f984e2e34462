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
