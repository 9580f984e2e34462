// A machine's openssl.cnf can be broken, or forbid what the store needs; the program reads certificates all
// the same.
#include "faults/nodes.hpp"

#include <doctest/doctest.h>
#include <filesystem>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

TEST_CASE("a broken openssl.cnf changes nothing") {
  const Scratch scratch(fast_directory());
  const auto conf = (scratch.path() / "openssl.cnf").string();
  const auto root = (scratch.path() / "root").string();
  const Nodes nodes;
  const auto change = nodes.first_provision();

  const struct {
    std::string name;
    const char* text;
    bool stops_openssl;
  } broken[] = {
      {"garbage", "\x7f\x45\x4c\x46 [[[ = = $ENV::none \n\\", false},
      {"a section that is not there", "openssl_conf = nowhere\n", false},
      {"a provider that is not there",
       "openssl_conf = init\n[init]\nproviders = p\n[p]\nnone = n\n[n]\nactivate = 1\nmodule = /none.so\n",
       true},
      {"no default provider",
       "openssl_conf = init\n[init]\nproviders = p\n[p]\nbase = b\n[b]\nactivate = 1\n", true},
      {"nothing but FIPS",
       "openssl_conf = init\n[init]\nalg_section = a\n[a]\ndefault_properties = fips=yes\n", true},
  };
  for (const auto& c : broken) {
    CAPTURE(c.name);
    write_whole(conf, c.text);
    change.prepare(root);
    const auto finished = change.run(root, {}, {{"OPENSSL_CONF", conf}});
    CHECK_MESSAGE(finished.status == 0, finished.err);
    CHECK(change.missed_by_readers(root) == std::vector<std::string>{});
    CHECK(change.unfinished(root) == std::vector<std::string>{});
    if (!c.stops_openssl) continue;
    const auto tool =
        run({.argv = {"openssl", "dgst", "-sha256", conf}, .environment = {{"OPENSSL_CONF", conf}}});
    CHECK(tool.status != 0);  // the file does what it is here for
  }
  SUBCASE("a directory") {
    change.prepare(root);
    const auto finished = change.run(root, {}, {{"OPENSSL_CONF", scratch.path().string()}});
    CHECK_MESSAGE(finished.status == 0, finished.err);
  }
}
