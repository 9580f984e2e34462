#include "plan/generation.hpp"

#include "support/certificates.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using std::chrono::milliseconds;

namespace {

// "file=entry ..." of the names that count; a trailing '!' is for what is no file, on both sides.
std::string entries(const std::vector<std::string>& names) {
  std::vector<ListedName> listing;
  for (const auto& name : names) {
    const bool odd = name.ends_with('!');
    listing.push_back({.name = name.substr(0, name.size() - (odd ? 1 : 0)), .is_file = !odd});
  }
  std::string out;
  for (const auto& [file, entry, is_file] : entries_of(listing))
    out += concat(out.empty() ? "" : " ", file, "=", entry, is_file ? "" : "!");
  return out;
}

constexpr std::int64_t kNow = 1'800'000'000;

const test::TestCa& ca(std::size_t i) {
  static const std::vector<test::TestCa> made = [] {
    std::vector<test::TestCa> cas;
    for (const char* name : {"A", "B", "C"})
      cas.push_back(
          test::make_ca({.common_name = name, .not_before = kNow - 1000, .not_after = kNow + 100'000'000}));
    return cas;
  }();
  return made.at(i);
}

Generation generation(const std::vector<std::pair<std::string, std::string>>& files) {
  Generation made{.there = true};
  for (const auto& [name, bytes] : files)
    made.entries.push_back(
        {.name = entries_of(std::vector<ListedName>{{.name = name}}).at(0), .bytes = bytes});
  return made;
}

// "entry:CN ..." of what is good, then "!entry" of what is faulty.
std::string said(const GenerationReading& reading) {
  std::string out;
  for (const auto& [fingerprint, owner] : reading.good)
    for (const auto& [index, name] : {std::pair(0U, "A"), std::pair(1U, "B"), std::pair(2U, "C")})
      if (fingerprint.hex() == ca(index).fingerprint_hex) out += concat(owner.input, ":", name, " ");
  for (const auto& entry : reading.faulty)
    out += concat("!", entry, " ");
  return out;
}

std::string read(const Generation& made) {
  return said(read_generation(made, "/opt/certs", {}, {}, kNow));
}

}  // namespace

TEST_CASE("names of the three writers make one generation") {
  struct Row {
    std::vector<std::string> names;
    std::string expected;
  };
  const Row rows[] = {
      {{}, ""},
      {{"ca2.crt", "ca1.crt"}, "ca1.crt=ca1.crt ca2.crt=ca2.crt"},
      {{"00000000000000cert0.crt", "00000000000000cert1.crt"},
       "00000000000000cert0.crt=cert0.crt 00000000000000cert1.crt=cert1.crt"},
      {{"00000000000000cert0.crt", "20260822151315ca1.crt", "20260822151314ca2.crt"},
       "20260822151315ca1.crt=ca1.crt"},
      {{"20260822151315ca1.crt", "extra.crt"}, "20260822151315ca1.crt=ca1.crt extra.crt=extra.crt"},
      // Names that only look like tags.
      {{"20260822151315"}, "20260822151315=20260822151315"},
      {{"2026082215131ca.crt"}, "2026082215131ca.crt=2026082215131ca.crt"},
      {{"202608221513159.crt"}, "202608221513159.crt=9.crt"},
      {{"0-notes.txt", "20260822151315ca1.crt"}, "0-notes.txt=0-notes.txt 20260822151315ca1.crt=ca1.crt"},
      // How writers work.
      {{"..data", "..2026_08_22_15_13_15.1", "..data_tmp", ".ca1.crt.swp", "."}, ""},
      // What is no file sets no tag, and is noticed.
      {{"99999999999999fifo!", "20260822151315ca1.crt"}, "20260822151315ca1.crt=ca1.crt"},
      {{"fifo!", "20260822151315ca1.crt", "20260822151315ca2.crt!"},
       "20260822151315ca1.crt=ca1.crt 20260822151315ca2.crt=ca2.crt! fifo=fifo!"},
      {{"a\nb.crt", "\xFF.crt"}, "a\nb.crt=a\\x0ab.crt \xFF.crt=\\xff.crt"},
  };
  for (const auto& [names, expected] : rows) {
    CAPTURE(expected);
    CHECK(entries(names) == expected);
  }
}

TEST_CASE("an empty directory is not a missing one, and what is no file does not fill it") {
  CHECK_FALSE(Generation{}.empty());
  CHECK(Generation{.there = true}.empty());
  CHECK_FALSE(generation({{"a", ""}}).empty());
  Generation odd{.there = true};
  odd.entries.push_back(
      {.name = {.file = "lost+found", .entry = "lost+found", .is_file = false},
       .refusal = Generation::Refusal{.code = FindingCode::not_a_file, .message = "a directory"}});
  CHECK(odd.empty());
}

TEST_CASE("tags make no difference, content does") {
  const auto one = generation({{"20260822151315ca1.crt", "x"}});
  CHECK(one.same_as(generation({{"20260822151320ca1.crt", "x"}})));
  CHECK_FALSE(one.same_as(generation({{"20260822151320ca1.crt", "y"}})));
  CHECK_FALSE(one.same_as(generation({{"20260822151320ca2.crt", "x"}})));
  CHECK_FALSE(one.same_as(Generation{}));
}

TEST_CASE("an entry is good or faulty as a whole, and others do not suffer from it") {
  const auto leaf = test::make_leaf(ca(0), "registry.test");
  CHECK(read(generation({{"1", ca(0).pem}, {"2", ca(1).pem + ca(2).pem}})) == "1:A 2:B 2:C ");
  CHECK(read(generation({{"1", ca(0).pem + ca(0).key_pem}, {"2", ca(1).pem}})) == "2:B !1 ");
  CHECK(read(generation({{"1", ca(0).pem + leaf.pem}, {"2", ca(1).pem}})) == "2:B !1 ");
  CHECK(read(generation({{"1", ""}, {"2", " \n"}, {"3", ca(1).pem.substr(0, 300)}})) == "!1 !2 !3 ");
  // The same CA twice belongs to both; its copy in a faulty entry spoils nothing.
  CHECK(read(generation({{"1", ca(0).pem}, {"2", ca(0).pem}})) == "1:A 2:A ");
  CHECK(read(generation({{"1", ca(0).pem + ca(0).pem}})) == "1:A ");
  CHECK(read(generation({{"1", ca(0).pem + ca(0).key_pem}, {"2", ca(0).pem}})) == "2:A !1 ");
  // A copy of what was rejected is no better.
  CHECK(read(generation({{"1", leaf.pem}, {"2", leaf.pem + ca(1).pem}})) == "2:B !1 ");

  auto refused = generation({{"20260822151315ca1.crt", ""}, {"20260822151315ca2.crt", ca(1).pem}});
  refused.entries[0].refusal = Generation::Refusal{.code = FindingCode::unsafe_file, .message = "why"};
  const auto reading = read_generation(refused, "/opt/certs", {}, {}, kNow);
  CHECK(said(reading) == "ca2.crt:B !ca1.crt ");
  CHECK(reading.good.at(0).second ==
        Owner{.source = "rotation", .input = "ca2.crt", .origin = "ca2.crt: entry 1, line 1"});
  CHECK(reading.source.findings.at(0).origin.text() == "/opt/certs/20260822151315ca1.crt");
  CHECK(reading.refused(Config::OnRejected::fail));
  CHECK_FALSE(reading.refused(Config::OnRejected::keep));
}

TEST_CASE("certificates over the limit make their entry faulty") {
  Config config;
  config.policy.max_certificates = 1;
  CHECK(said(read_generation(generation({{"1", ca(0).pem}, {"2", ca(1).pem}}), "/d", config, {}, kNow)) ==
        "1:A !2 ");
}

TEST_CASE("add promptly, remove late") {
  using enum NextMove::Kind;
  const Config::Rotation kTimes{.settle = milliseconds(500),
                                .removal_grace = milliseconds(10'000),
                                .empty_grace = milliseconds(60'000)};
  struct Row {
    std::string what;
    Outlook outlook;
    Calm calm;
    NextMove expected;
  };
  const auto ms = [](int count) { return milliseconds(count); };
  const Row rows[] = {
      {"nothing to do", {}, {}, {.kind = end}},
      {"nothing to do, and something moved", {}, {.moved = true}, {.kind = wait, .at_most = ms(500)}},
      {"... some time ago", {}, {.quiet = ms(500), .moved = true}, {.kind = end}},
      {"perhaps being written", {.doubtful = true}, {.quiet = ms(100)}, {.kind = wait, .at_most = ms(400)}},
      {"really faulty", {.doubtful = true}, {.quiet = ms(500)}, {.kind = end}},
      {"new", {.adds = true}, {}, {.kind = wait, .at_most = ms(500)}},
      {"new, settled", {.adds = true}, {.quiet = ms(501)}, {.kind = add}},
      {"new, never settled", {.adds = true}, {.impatient = true}, {.kind = add}},
      {"faulty, never settled", {.doubtful = true}, {.impatient = true}, {.kind = wait, .at_most = ms(500)}},
      {"gone", {.removes = true}, {}, {.kind = wait, .at_most = ms(10'000)}},
      {"gone for long", {.removes = true}, {.quiet = ms(10'000), .same = ms(10'000)}, {.kind = remove}},
      {"new and gone", {.adds = true, .removes = true}, {.quiet = ms(600)}, {.kind = add}},
      {"new and gone, quiet", {.adds = true, .removes = true}, {.quiet = ms(10'000)}, {.kind = remove}},
      {"all gone",
       {.removes = true, .empty = true},
       {.quiet = ms(10'000)},
       {.kind = wait, .at_most = ms(50'000)}},
      {"all gone for long", {.removes = true, .empty = true}, {.quiet = ms(60'000)}, {.kind = remove}},
      {"rewritten for ever, the same",
       {.removes = true},
       {.quiet = ms(600), .same = ms(30'000)},
       {.kind = remove}},
      {"rewritten, not settled",
       {.removes = true},
       {.quiet = ms(1), .same = ms(30'000), .moved = true},
       {.kind = wait, .at_most = ms(499)}},
      {"the nearer end",
       {.removes = true},
       {.quiet = ms(600), .same = ms(29'000)},
       {.kind = wait, .at_most = ms(1'000)}},
  };
  for (const auto& [what, outlook, calm, expected] : rows) {
    CAPTURE(what);
    const auto move = next_move(outlook, calm, kTimes);
    CHECK(static_cast<int>(move.kind) == static_cast<int>(expected.kind));
    CHECK(move.at_most.count() == expected.at_most.count());
  }
  CHECK(next_move({.removes = true}, {.quiet = ms(100)}, {.settle = ms(500), .removal_grace = ms(0)}).kind ==
        wait);
  CHECK(patience(kTimes) == ms(5'000));
}
