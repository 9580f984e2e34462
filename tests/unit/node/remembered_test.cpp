#include "node/remembered.hpp"

#include "support/model_fs.hpp"

#include <doctest/doctest.h>
#include <string>

#include "cert/certificate.hpp"
#include "cert/sha256.hpp"
#include "config/paths.hpp"

using namespace nct;
using namespace nct::test;

namespace {

Seen example() {
  Seen seen{.sights = {},
            .listing = {{.name = "a link", .kind = FileKind::link, .target = "to /some where"},
                        {.name = "below", .kind = FileKind::directory, .target = {}}},
            .settled = sha256("anchors"),
            .kept = true};
  seen.sights["/etc/a name with blanks"] = {.status = FileStatus{.kind = FileKind::regular,
                                                                 .mode = 0644,
                                                                 .size = 12,
                                                                 .device = 1,
                                                                 .inode = 2,
                                                                 .modified_ns = -5,
                                                                 .changed_ns = 1795477799786435737},
                                            .digest = sha256("content")};
  seen.sights["/etc/directory"] = {.status = FileStatus{.kind = FileKind::directory, .mode = 0755},
                                   .digest = {}};
  seen.sights["/etc/nothing there"] = {.status = std::nullopt, .digest = {}};
  return seen;
}

std::string path() {
  return std::string(kSeen);
}

}  // namespace

TEST_CASE("what was seen comes back as it was written") {
  ModelFs fs;
  fs.put_directory(std::string(kRunDirectory));
  CHECK(read_seen(fs).sights.empty());
  CHECK(read_seen(fs).kept);
  const auto seen = example();
  write_seen(fs, seen);
  const auto back = read_seen(fs);
  CHECK(back.sights == seen.sights);
  CHECK(back.listing == seen.listing);
  CHECK(back.settled == seen.settled);

  auto unsettled = seen;
  unsettled.settled.reset();
  write_seen(fs, unsettled);
  CHECK_FALSE(read_seen(fs).settled.has_value());
  CHECK(read_seen(fs).sights == seen.sights);
}

TEST_CASE("what is cut off or spoilt was not seen") {
  ModelFs fs;
  write_seen(fs, example());
  fs.put_directory(std::string(kRunDirectory));
  write_seen(fs, example());
  const auto text = fs.read_file(path(), 1U << 20U).value();
  for (std::size_t length = 0; length < text.size(); ++length) {
    fs.put_file(path(), text.substr(0, length));
    CHECK(read_seen(fs).sights.empty());
  }
  auto spoilt = text;
  spoilt.replace(spoilt.find(" 12 "), 4, " 1x ");
  fs.put_file(path(), spoilt);
  CHECK(read_seen(fs).sights.empty());
  CHECK_FALSE(read_seen(fs).settled.has_value());
}

TEST_CASE("below another root nothing is kept, and a path with a line feed is not written") {
  ModelFs fs;
  fs.put_directory(std::string(kRunDirectory));
  auto seen = example();
  seen.kept = false;
  write_seen(fs, seen);
  CHECK(fs.steps() == 0);
  seen.kept = true;
  seen.sights["/a\nb"] = {};
  write_seen(fs, seen);
  CHECK(fs.steps() == 0);
}

TEST_CASE("times tell nothing while the clock's tick may not have passed") {
  const FileStatus status{.changed_ns = 1'000'999'999'999};
  CHECK_FALSE(is_telling(status, 999));  // from the future, too
  CHECK_FALSE(is_telling(status, 1000));
  CHECK_FALSE(is_telling(status, 1002));
  CHECK(is_telling(status, 1003));
}
