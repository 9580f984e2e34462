#include "wish/generation.hpp"

#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z
constexpr std::int64_t kSecond = 1'000'000'000;

std::string said(const GenerationNames& names) {
  std::string out;
  for (const auto& [file, entry, is_file] : names.entries)
    out += concat(out.empty() ? "" : " ", file, "=", entry, is_file ? "" : "!");
  return out;
}

// "file=entry ..." of the names that count; a trailing '!' is for what is no file, on both sides.
std::string entries(const std::vector<std::string>& names) {
  DirectoryListing listing{.changed_ns = kNow * kSecond};
  for (const auto& name : names) {
    const bool odd = name.ends_with('!');
    listing.names.push_back({.name = name.substr(0, name.size() - (odd ? 1 : 0)), .is_file = !odd});
  }
  return said(names_of_generation(listing, kNow));
}

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
        {.name = names_of_generation({.names = {{.name = name}}}, kNow).entries.at(0), .bytes = bytes});
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

TEST_CASE("a tag of a clock that ran ahead does not win over files that are newer") {
  // Seconds before (-) and after now.
  struct File {
    std::string name;
    std::int64_t modified = 0;
  };
  struct Row {
    std::string what;
    std::vector<File> files;
    std::int64_t changed = 0;  // the directory
    std::string entries;
    std::string early;  // the message
  };
  const std::string kRanAhead = " was given by a clock that ran ahead; the files with the tag ";
  const std::string kNewer = " are newer, and count in its place";
  const auto early = [&](const std::string& tag, const std::string& chosen) {
    return concat(tag, "a: the tag ", tag, kRanAhead, chosen, kNewer);
  };
  const std::int64_t kYear = 31'536'000;
  const std::string future = "20280115080000";  // in a year
  const std::string later = "20290115080000";   // in two
  const std::string soon = "20270115080059";
  const std::string past = "20270115070000";  // an hour ago
  const std::string older = "20270115060000";
  const std::string boot = "00000000000000";
  const Row rows[] = {
      {"an ordinary rotation", {{past + "a", -3600}, {older + "a", -7200}}, -3600, past + "a=a", ""},
      {"another machine's clock", {{soon + "a", 0}, {past + "a", -3600}}, 0, soon + "a=a", ""},
      {"alone",
       {{future + "a", kYear}},
       kYear,
       future + "a=a",
       future + "a: the tag " + future + " lies in the future; there is no other, so its files count"},
      {"the clock was put right, and a rotation came",
       {{future + "a", kYear}, {past + "a", -3600}, {past + "b", -3600}},
       -3600,
       concat(past, "a=a ", past, "b=b"),
       early(future, past)},
      {"the highest of the others",
       {{future + "a", kYear}, {older + "a", -7200}, {past + "a", -3600}},
       -3600,
       past + "a=a",
       early(future, past)},
      {"the boot wrote after it",
       {{future + "a", kYear}, {boot + "a", -60}},
       -60,
       boot + "a=a",
       early(future, boot)},
      {"files without tags count beside",
       {{future + "a", kYear}, {past + "a", -60}, {"b", -60}},
       -60,
       concat(past, "a=a b=b"),
       early(future, past)},
      {"written at once, by whom",
       {{future + "a", -5}, {past + "a", -6}},
       -5,
       past + "a=a",
       early(future, past)},
      {"another machine's clock runs ahead, and its files are newer",
       {{future + "a", -5}, {past + "a", -3600}},
       -5,
       future + "a=a",
       concat(future, "a: the tag ", future, " lies in the future; its files are the newest, and count")},
      {"... and were newer",
       {{future + "a", -7200}, {past + "a", -3600}},
       -3600,
       past + "a=a",
       early(future, past)},
      // Its time has come, and no name changed since the clock was put right.
      {"an hour later",
       {{past + "a", -3600}, {older + "a", -7200}},
       -7200,
       older + "a=a",
       early(past, older)},
      {"an hour later, alone", {{past + "a", -3600}}, -7200, past + "a=a", ""},
      {"put right in two steps",
       {{later + "a", 2 * kYear}, {future + "a", kYear}},
       kYear,
       future + "a=a",
       early(later, future)},
      {"a directory that knows no time",
       {{future + "a", kYear}, {past + "a", -3600}},
       -kNow,
       past + "a=a",
       early(future, past)},
      {"... nor do its files", {{past + "a", -kNow}, {older + "a", -kNow}}, -kNow, past + "a=a", ""},
      {"no date",
       {{"99999999999999a", 0}, {past + "a", -60}},
       0,
       past + "a=a",
       early("99999999999999", past)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    DirectoryListing listing{.changed_ns = (kNow + row.changed) * kSecond};
    for (const auto& [name, modified] : row.files)
      listing.names.push_back({.name = name, .modified_ns = (kNow + modified) * kSecond});
    const auto names = names_of_generation(listing, kNow);
    CHECK(said(names) == row.entries);
    CHECK((names.early ? concat(names.early->file, ": ", names.early->message) : "") == row.early);
  }
}

TEST_CASE("copies that editors and package managers leave are no entries, and set no tag") {
  const std::vector<std::string> backups{
      "#ca.crt#",         "20270115070000ca.crt~",
      "CA.BAK",           "ca.crt.bak",
      "ca.crt.dpkg-dist", "ca.crt.dpkg-new",
      "ca.crt.dpkg-old",  "ca.crt.old",
      "ca.crt.orig",      "ca.crt.rpmnew",
      "ca.crt.rpmorig",   "ca.crt.rpmsave",
      "ca.crt.save",      "ca.crt.swp",
      "ca.crt.tmp",       "ca.crt.ucf-dist",
      "ca.crt~",
  };
  const std::vector<std::string> files{"#ca.crt",      "ca#", "ca.crt",   "ca.tmp.crt",
                                       "dpkg-old.crt", "old", "orig.crt", "~ca.crt"};
  DirectoryListing listing;
  for (const auto& all : {backups, files})
    for (const auto& name : all)
      listing.names.push_back({.name = name});
  listing.names.push_back({.name = "20260115070000ca.crt"});
  const auto names = names_of_generation(listing, kNow);
  CHECK(names.backups == backups);
  std::string expected = "#ca.crt=#ca.crt 20260115070000ca.crt=ca.crt";
  for (std::size_t i = 1; i < files.size(); ++i)
    expected += concat(" ", files[i], "=", files[i]);
  CHECK(said(names) == expected);
}

TEST_CASE("an early tag is a warning that makes nothing faulty") {
  auto made = generation({{"a", ca(0).pem}});
  made.early = {.file = "20280115080000a", .message = "why"};
  const auto reading = read_generation(made, "/opt/certs", {}, {}, kNow);
  CHECK(said(reading) == "a:A ");
  REQUIRE(reading.source.findings.size() == 1);
  CHECK(reading.source.findings[0] == Finding{.code = FindingCode::tag_in_the_future,
                                              .severity = Severity::warning,
                                              .origin = {.file = "/opt/certs/20280115080000a"},
                                              .message = "why"});
}

TEST_CASE("an entry may be a document; one that says nothing of certificates keeps what it brought") {
  const auto secret = [](const std::string& data) {
    return concat("apiVersion: v1\nkind: Secret\nmetadata: {name: corp-ca}\ntype: Opaque\n", data);
  };
  const auto made =
      generation({{"a.yaml", secret(concat("data:\n  ca.crt: ", test::base64(ca(0).pem), "\n"))},
                  {"b.yaml", "#cloud-config\npackages: [curl]\n"},
                  {"c.yaml", "kind: Deployment\napiVersion: apps/v1\n"},
                  {"d", ca(1).pem}});
  const auto reading = read_generation(made, "/opt/certs", {}, {}, kNow);
  CHECK(said(reading) == "a.yaml:A d:B !c.yaml ");
  CHECK(reading.silent == std::set<std::string>{"b.yaml"});
  CHECK(reading.good.at(0).second.origin == "a.yaml: data[\"ca.crt\"], line 6");
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
