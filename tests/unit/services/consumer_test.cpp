#include "services/consumer.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

#include "services/rotation_units.hpp"

using namespace nct;

TEST_CASE("who was started before a change is told, in the boot of the change only") {
  const Moment changed{.unix_time = 1795463073, .boot = "this", .monotonic_us = 1000};
  CHECK(started_before(changed, "this", 0));
  CHECK(started_before(changed, "this", 999));
  CHECK_FALSE(started_before(changed, "this", 1000));
  CHECK_FALSE(started_before(changed, "this", 5000));
  // The machine was booted since: everything was started after the change, whatever the clock says.
  CHECK_FALSE(started_before(changed, "next", 1));
  CHECK_FALSE(started_before(std::nullopt, "this", 1));
}

TEST_CASE("a machine's splay is always the same, within the limit, and not that of others") {
  using std::chrono::milliseconds;
  CHECK(splay_of("a", milliseconds(0)) == milliseconds(0));
  CHECK(splay_of("a", milliseconds(60000)) == splay_of("a\n", milliseconds(60000)));
  std::set<milliseconds> seen;
  for (int i = 0; i < 100; ++i) {
    const auto splay = splay_of(std::to_string(i), milliseconds(60000));
    CHECK(splay >= milliseconds(0));
    CHECK(splay <= milliseconds(60000));
    seen.insert(splay);
  }
  CHECK(seen.size() > 95);
  CHECK(*seen.begin() < milliseconds(6000));
  CHECK(*seen.rbegin() > milliseconds(54000));
}

TEST_CASE("the directory of the path unit") {
  CHECK(path_drop_in("/opt/certs").empty());
  CHECK(path_drop_in("/srv/50%").ends_with("\n[Path]\nPathChanged=\nPathChanged=/srv/50%%\n"));
}
