#include "node/debian/hooks.hpp"

#include <doctest/doctest.h>

using namespace nct;

TEST_CASE("hooks are told of links that came, lead elsewhere or went") {
  const Links now{{"0000000a.0", "old.pem"}, {"0000000a.1", "a.pem"}, {"a.pem", "/a"}, {"old.pem", "/old"}};
  const Links wanted{{"0000000a.0", "a.pem"}, {"a.pem", "/other"}, {"b.pem", "/b"}, {"c.pem", "/c"}};
  CHECK(owed_for(link_changes(now, wanted, {"c.pem"})) ==
        Owed{.hooks_added = {"a.pem", "b.pem", "c.pem"}, .hooks_removed = {"old.pem"}});
}
