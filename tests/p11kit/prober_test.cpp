// Readers of a store of p11-kit's miss nothing while the product changes it, and miss roots while the
// family's own update-ca-trust does.
#include "distro/prober.hpp"

#include "p11kit/trust_node.hpp"
#include "support/certificates.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// The root that a prober, which is a process of its own, enters with its first look.
std::string root;  // NOLINT: the signature of a look has no place for it

template <Look look>
std::string look_inside(const Wanted& wanted) {
  static const bool inside = ::chroot(root.c_str()) == 0 && ::chdir("/") == 0;
  return inside ? look(wanted) : "cannot enter the root";
}

// The first certificate of the distribution's in a bundle.
TestCa shipped_root(const std::string& bundle) {
  const auto begin = bundle.find("-----BEGIN");
  const std::string_view end = "-----END CERTIFICATE-----\n";
  return read_ca(bundle.substr(begin, bundle.find(end, begin) + end.size() - begin));
}

}  // namespace

TEST_CASE("readers miss nothing while the product works on a store of p11-kit's") {
  std::string family;
  SUBCASE("Fedora 43") {
    family = "fedora43";
  }
  SUBCASE("Arch") {
    family = "arch";
  }
  SUBCASE("SUSE") {
    family = "suse";
  }
  CAPTURE(family);
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 12);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  Dice dice(seed);
  const Scratch scratch;
  const TrustNode node((scratch.path() / "node").string(), family, 20);
  root = node.directory();
  const auto ours = make_ca({.common_name = "Stays"});
  const auto shipped = shipped_root(node.extract_bundle());
  const Wanted wanted{
      .roots = {ours, shipped}, .leaves = {make_leaf(ours, "registry.test")}, .bundle = node.layout().bundle};

  // Those that come and go; most share their names, and thus bucket and label, with one that stays.
  std::vector<TestCa> others;
  for (const auto* like : {&ours, &shipped})
    for (int i = 0; i < 3; ++i)
      others.push_back(make_ca({.subject_like_der = like->der}));
  others.push_back(make_ca({.common_name = "Another"}));
  const auto provision = [&](const std::vector<TestCa>& cas) {
    std::string bundle;
    for (const auto& ca : cas)
      bundle += ca.pem;
    const auto file = (scratch.path() / "bundle.pem").string();
    write_whole(file, bundle);
    const auto finished = node.run_product("provision", {"--from", file});
    REQUIRE_MESSAGE(finished.status == 0, finished.out, finished.err);
  };

  provision({ours});
  const Looks inside{.bytes = look_inside<look_at_bytes>,
                     .bundle = look_inside<look_at_bundle>,
                     .directory = look_inside<look_at_directory>};
  const auto work = [&] {
    for (std::uint64_t step = 0; step < steps; ++step) {
      std::vector<TestCa> all{ours};
      for (const auto& other : others)
        if (dice.one_in(2)) all.push_back(other);
      provision(all);
    }
  };
  const auto during_work = seen_during(wanted, work, inside);
  for (const auto& [name, looks, misses, first_miss] : during_work) {
    CAPTURE(name);
    CHECK(looks > 20);
    CHECK_MESSAGE(misses == 0, first_miss);
  }
  // The same probers do notice hash links that are taken away under them; the tools of the others replace one
  // after the other.
  if (family != "fedora43") return;
  const auto update = [&] {
    for (int i = 0; i < 3; ++i)
      CHECK(node.update_ca_trust() == "");
  };
  const auto during_update = seen_during(wanted, update, inside);
  CHECK(during_update.at(2).misses > 0);
}
