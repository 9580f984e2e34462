#include "intake/encoding.hpp"

#include "support/wrap.hpp"

#include <doctest/doctest.h>

using namespace nct;
using test::gzip;
using test::utf16;

TEST_CASE("base64 decodes to its bytes and says how it ends") {
  using End = Base64::End;
  struct Case {
    std::string_view text, bytes;
    End end;
    std::size_t offset;
  };
  constexpr Case kCases[] = {
      {"", "", End::padded, 0},
      {"Zm9vYmFy", "foobar", End::padded, 7},
      {"Zm9v\n YmE=\r\n", "fooba", End::padded, 9},
      {"Zg==", "f", End::padded, 3},
      {"Zg = =", "f", End::padded, 5},
      {"Zg", "f", End::unpadded, 1},
      {"Zm8", "fo", End::unpadded, 2},
      {"Zm9vY", "foo", End::cut_off, 4},
      {"Zg=", "f", End::bad_padding, 2},
      {"Zg===", "", End::bad_padding, 4},
      {"Zm9v=", "foo", End::bad_padding, 4},
      {"Z===", "", End::bad_padding, 1},
      {"Zg==Zg==", "", End::bad_padding, 4},
      {"Zm9v-_==", "foo", End::bad_character, 4},
      {"Zm9v\xC3\xA4", "foo", End::bad_character, 4},
  };
  for (const auto& [text, bytes, end, offset] : kCases) {
    CAPTURE(text);
    const auto decoded = decode_base64(text);
    CHECK(decoded.end == end);
    CHECK(decoded.bytes == bytes);
    CHECK(decoded.offset == offset);
  }
}

TEST_CASE("base64 of all bytes goes both ways, at every length") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(decode_base64(test::base64(bytes)).bytes == bytes);
    CHECK(decode_base64(test::base64(bytes, 7, false)).bytes == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST_CASE("gzip opens within its limit") {
  const std::string text(100'000, 'a');
  const auto packed = gzip(text);
  CHECK(inflate_gzip(packed, 100'000).bytes == text);
  CHECK(inflate_gzip(packed, 100'000).end == Inflated::End::whole);

  const auto over = inflate_gzip(packed, 99'999);
  CHECK(over.end == Inflated::End::over_limit);
  CHECK(over.bytes.size() <= 99'999);

  CHECK(inflate_gzip(packed + gzip("b"), 200'000).bytes == text + "b");
  CHECK(inflate_gzip(packed + "junk", 200'000).behind == 4);
  CHECK(inflate_gzip(packed.substr(0, packed.size() - 1), 200'000).end == Inflated::End::cut_off);
  CHECK(inflate_gzip(packed.substr(0, 3), 200'000).end == Inflated::End::cut_off);
  auto damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // the checksum
  CHECK(inflate_gzip(damaged, 200'000).end == Inflated::End::damaged);
}

TEST_CASE("UTF-16 is known by its mark or its zeros") {
  for (const bool little : {true, false}) {
    for (const bool mark : {true, false}) {
      CAPTURE(little);
      CAPTURE(mark);
      CHECK(utf8_of_utf16(utf16("-----BEGIN", little, mark)) == "-----BEGIN");
    }
  }
  using namespace std::string_view_literals;
  CHECK_FALSE(utf8_of_utf16("-----BEGIN").has_value());
  CHECK_FALSE(utf8_of_utf16("\x30\x82\x01\x00\x30\x00\x02\x00"sv).has_value());
  CHECK(utf8_of_utf16("\xFE\xFF\xD8\x3D\xDD\x12"sv) == "\xF0\x9F\x94\x92");
  CHECK(utf8_of_utf16("\xFE\xFF\x00\xE4\x20\xAC"sv) == "\xC3\xA4\xE2\x82\xAC");
  CHECK(utf8_of_utf16("\xFE\xFF\xD8\x3D\x00\x41"sv) == "\xEF\xBF\xBD\x41");  // half a pair
  CHECK(utf8_of_utf16("\xFE\xFF\xDD\x12"sv) == "\xEF\xBF\xBD");              // the other half
  CHECK(utf8_of_utf16("\xFE\xFF\x00\x41\x00"sv) == "A\xEF\xBF\xBD");         // cut off
}

TEST_CASE("line ends of every kind become LF, and lines keep their numbers") {
  CHECK(with_lf("a\nb\n").first_cr == 0);
  const auto mixed = with_lf("a\nb\r\nc\rd");
  CHECK(mixed.text == "a\nb\nc\nd");
  CHECK(mixed.first_cr == 2);
}

TEST_CASE("DER is told from text that begins with a zero") {
  using namespace std::string_view_literals;
  CHECK(looks_like_der("\x30\x82\x05\x00\x30\x82"sv));
  CHECK(looks_like_der("\x30\x80\x06\x09"sv));          // BER, as PKCS#7 often is
  CHECK(looks_like_der("\x30\x2e\x02\x01\x00\x30"sv));  // an Ed25519 key
  CHECK_FALSE(looks_like_der("0 s:CN = root"sv));
  CHECK_FALSE(looks_like_der("000000"sv));
  CHECK_FALSE(looks_like_der("\x30\x82\x05\x00\xFF\xFF"sv));
  CHECK_FALSE(looks_like_der("\x30\x82"sv));
}
