#include "intake/java_keystore.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;

namespace {

// Version 1 names no type of a certificate, version 2 does.
std::string head(char version, char count) {
  return std::string("\xFE\xED\xFE\xED", 4) + std::string(3, '\0') + version + std::string(3, '\0') + count;
}
const std::string kAliasAndTime(std::string_view("\0\1a\0\0\0\0\0\0\0\0", 11));
const std::string kBytes(std::string_view("\0\0\0\2xy", 6));
const std::string kType(std::string_view("\0\5X.509", 7));
const std::string kTrusted(std::string_view("\0\0\0\2", 4));
const std::string kPrivate(std::string_view("\0\0\0\1", 4));
const std::string kSecret(std::string_view("\0\0\0\3", 4));

}  // namespace

TEST_CASE("which Java keystores hold a key") {
  const auto trusted = kTrusted + kAliasAndTime + kType + kBytes;
  CHECK(is_java_keystore(head('\2', '\0')));
  CHECK(is_java_keystore("\xCE\xCE\xCE\xCE"));
  CHECK_FALSE(is_java_keystore("\xFE\xED\xFE"));
  CHECK_FALSE(holds_key(head('\2', '\0')));
  CHECK_FALSE(holds_key(head('\2', '\2') + trusted + trusted));
  CHECK_FALSE(holds_key(head('\1', '\1') + kTrusted + kAliasAndTime + kBytes));
  CHECK(holds_key(head('\2', '\2') + trusted + kPrivate + kAliasAndTime));
  CHECK(holds_key(head('\2', '\2') + trusted + kSecret + kAliasAndTime));
  const auto all = head('\2', '\3') + trusted + trusted + kPrivate;
  CHECK(holds_key(all));
  for (std::size_t size = 0; size < all.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(holds_key(all.substr(0, size)));
  }
}
