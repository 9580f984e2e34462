#include "node/files/survey.hpp"

#include "support/certificates.hpp"
#include "support/model_fs.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"
#include "cert/sha256.hpp"
#include "store/debian/paths.hpp"

using namespace nct;
using namespace nct::test;

TEST_CASE("a file that was looked at is read again only where it looks different") {
  ModelFs fs;
  const auto path = concat(debian::kCertificates, "/a.crt");
  const auto before = make_ca({.common_name = "Before"});
  const auto after = make_ca({.common_name = "Written meanwhile, and longer"});
  fs.put_directory(std::string(debian::kStore));
  fs.put_file(std::string(debian::kConf), "a.crt\n");

  // Below another root nothing is kept between runs.
  for (const bool kept : {true, false}) {
    CAPTURE(kept);
    fs.put_file(path, before.pem);
    Record record;
    const Seen seen{.sights = {}, .listing = {}, .settled = std::nullopt, .kept = kept};
    Looks looks;
    const auto files = distro_files(fs, families().front(), record, seen, looks);
    REQUIRE(files);
    REQUIRE(files->size() == 1);
    CHECK(files->front().path == path);
    CHECK(files->front().facts->certificates == std::vector{sha256(before.der)});
    REQUIRE(looks.at(path).bytes == before.pem);
    looks.at(path).bytes = "not what lies there";  // so that it shows where the survey took it from

    const auto same = survey(fs, families().front(), record, seen, looks);
    REQUIRE(same);
    CHECK(same->selected.at(0).bytes == "not what lies there");
    fs.put_file(path, after.pem);
    const auto other = survey(fs, families().front(), record, seen, looks);
    REQUIRE(other);
    CHECK(other->selected.at(0).bytes == after.pem);
    CHECK(other->selected.at(0).digest == sha256(after.pem));
  }
}
