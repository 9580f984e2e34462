#include "node/known_roots.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace nct;

namespace {

Fingerprint numbered(unsigned number) {
  Fingerprint fingerprint;
  fingerprint.bytes[0] = static_cast<std::uint8_t>(number >> 8U);
  fingerprint.bytes[1] = static_cast<std::uint8_t>(number);
  return fingerprint;
}

}  // namespace

TEST_CASE("what is missed is missed since the first look that did not find it, until it is found again") {
  auto known = after_look({}, {{numbered(1), "one"}, {numbered(2), "two"}}, 10);
  known = after_look(known, {{numbered(2), "two"}}, 20);
  known = after_look(known, {{numbered(2), "two, renamed"}, {numbered(3), "three"}}, 30);
  CHECK(known == KnownRoots{{numbered(1), {.name = "one", .missed = 20}},
                            {numbered(2), {.name = "two, renamed", .missed = {}}},
                            {numbered(3), {.name = "three", .missed = {}}}});
  CHECK(known_roots_from(text_of(known)) == known);
  CHECK(after_look(known, {{numbered(1), "one"}}, 40).at(numbered(1)).missed == std::nullopt);
}

TEST_CASE("of what is missed the latest hundred are kept") {
  KnownRoots known;
  for (unsigned i = 0; i < 150; ++i)
    known[numbered(i)] = {.name = "gone", .missed = 1000 - static_cast<std::int64_t>(i)};
  const auto after = after_look(known, {{numbered(200), "there"}}, 2000);
  CHECK(after.size() == 101);
  CHECK(after.contains(numbered(99)));
  CHECK_FALSE(after.contains(numbered(100)));
}

TEST_CASE("a line that is none is passed over") {
  const auto hex = numbered(1).hex();
  for (const auto& text : {std::string("x"), hex, hex + " ", hex + " -", std::string(63, 'a') + "g - name"})
    CHECK(known_roots_from(text + "\n").empty());
  CHECK(known_roots_from(hex + " - a name\n") == KnownRoots{{numbered(1), {.name = "a name", .missed = {}}}});
}
