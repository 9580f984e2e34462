// The power cut before every step of a run that changes a store of p11-kit's, and steps that fail: every
// reader finds all that the old and the new state share, and the next run ends where an undisturbed one does.
#include "support/certificates.hpp"
#include "support/model_fs.hpp"
#include "support/store_view.hpp"
#include "support/trust_model.hpp"

#include <algorithm>
#include <cerrno>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "node/apply.hpp"
#include "store/p11kit/extracted.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr std::uint64_t kSeeds = 3;

AnchorSet anchors(std::initializer_list<const TestCa*> list) {
  AnchorSet set;
  for (const auto* ca : list)
    set[Fingerprint::from_hex(ca->fingerprint_hex).value()] =
        Anchor{.der = ca->der,
               .subject = ca->subject,
               .owners = {{.source = "provision", .input = "bundle.pem", .origin = "bundle.pem: entry 1"}}};
  return set;
}

// What trust(1) writes goes to /run, and is gone with the power: no step of ours.
// Where somebody else is at work, the first extraction fails.
Result<Applied> run_on(ModelFs& fs, const Family& family, const AnchorSet& wanted,
                       bool others_at_work = false) {
  NCT_TRY(auto state, read_state(fs));
  StoreOptions options{.reader_grace = std::chrono::milliseconds(0)};
  options.extract = [&family, others_at_work](
                        Fs& seen,
                        std::span<const Extract> extracts) mutable -> Result<std::vector<Extracted>> {
    if (std::exchange(others_at_work, false)) return fail(Errc::busy, "others are at work");
    return extract_by_model(seen, family, extracts);
  };
  const auto store = open_store(family, fs, state.remembered, options);
  return apply(fs, *store, state, wanted);
}

struct Scenario {
  std::string name;
  AnchorSet before;
  AnchorSet after;
};

// It tells what was parsed, and so what a run has seen.
Tree without_record(Tree tree) {
  tree.erase("var/lib/node-ca-trust/record");
  return tree;
}

class Examination {
 public:
  Examination(const std::string& family, const Scenario& scenario, std::span<const TestCa> roots)
      : family_(*family_named(family).value()), scenario_(scenario) {
    ModelFs fs;
    put_trust_node(fs, family_, roots);
    if (!scenario.before.empty()) (void)run_on(fs, family_, scenario.before).value();
    start_ = fs.settled();
    const auto end = start_->settled();
    (void)run_on(*end, family_, scenario.after).value();
    end_ = without_record(end->tree());
    both_ = held_by_both(look_at(*start_), look_at(*end));
    REQUIRE(both_.hashed.size() >= roots.size());
    for (const auto& root : roots)
      REQUIRE(both_.bundle.contains(root.fingerprint_hex));
  }

  void examine() {
    const auto undisturbed = start_->settled();
    undisturbed->observe(
        [&](const FsStep& step) { check_view(*undisturbed, "before " + step.text(), false); });
    REQUIRE(run_on(*undisturbed, family_, scenario_.after));
    steps_ = undisturbed->steps();
    finish(*undisturbed->after_cut(0), "a cut after the end");
    for (std::size_t step = 1; step <= steps_ && violations_.empty(); ++step) {
      cut_at(step);
      fail_at(step);
    }
    const auto twice = start_->settled();
    REQUIRE(run_on(*twice, family_, scenario_.after, true));
    for (std::size_t step = 1; step <= twice->steps() && violations_.empty(); ++step)
      fail_late_at(step);
    std::string text;
    for (const auto& each : violations_)
      text += concat("\n", each);
    CHECK_MESSAGE(violations_.empty(), text);
    MESSAGE(scenario_.name, ": ", steps_, " steps, ", states_.size(), " states after a cut");
  }

 private:
  void cut_at(std::size_t number) {
    const auto fs = start_->settled();
    fs->cut_before(number);
    std::string where;
    fs->observe([&](const FsStep& step) { where = "cut before " + step.text(); });
    try {
      (void)run_on(*fs, family_, scenario_.after);
      return violated(where, "the power was not cut");
    } catch (const PowerCut&) {
    }
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto found = fs->after_cut(seed);
      std::string text;
      for (const auto& [path, node] : found->tree())
        text += concat(path, " ", std::to_string(node.mode), " ", node.content, "\n");
      if (!states_.insert(text).second) continue;
      check_view(*found, concat(where, ", seed ", std::to_string(seed)), true);
      finish(*found, concat(where, ", seed ", std::to_string(seed)));
    }
  }

  // What a run that failed has changed and not taken back is pending.
  void check_pending(const ModelFs& fs, const std::string& where) {
    const auto store_of = [this](Tree tree) {
      std::erase_if(tree, [this](const auto& node) {
        const auto path = concat("/", node.first);
        return path.contains("/.node-ca-trust.") ||
               (!path.starts_with(family_.sources.front()) &&
                std::ranges::none_of(family_.extracts,
                                     [&](const Extract& extract) { return path.starts_with(extract.path); }));
      });
      return tree;
    };
    const auto manifest_of = [](const Tree& tree) {
      const auto manifest = tree.find("var/lib/node-ca-trust/manifest.toml");
      return manifest == tree.end() ? std::string() : manifest->second.content;
    };
    const auto now = fs.tree();
    const auto start = start_->tree();
    if (!now.contains("var/lib/node-ca-trust/pending.toml") && manifest_of(now) == manifest_of(start) &&
        store_of(now) != store_of(start))
      violated(where, concat("nothing is pending:\n", difference(store_of(start), store_of(now))));
  }

  // In the second pass, after others were at work in the first.
  void fail_late_at(std::size_t number) {
    const auto fs = start_->settled();
    fs->fail_at(number, ENOSPC);
    std::string where;
    fs->observe([&](const FsStep& step) {
      if (step.number == number) where = concat("others at work, then at ", step.text());
    });
    (void)run_on(*fs, family_, scenario_.after, true);
    check_view(*fs, where, false);
    check_pending(*fs, where);
    finish(*fs->settled(), where);
  }

  void fail_at(std::size_t number) {
    for (const auto& [os_errno, lasting] : {std::pair{ENOSPC, false}, {EROFS, true}}) {
      const auto fs = start_->settled();
      fs->fail_at(number, os_errno, lasting);
      std::string where;
      fs->observe([&](const FsStep& step) {
        if (step.number == number) where = concat(std::to_string(os_errno), " at ", step.text());
      });
      const auto finished = run_on(*fs, family_, scenario_.after);
      if (finished)
        violated(where, "the run says it is done");
      else if (finished.error().os_errno != os_errno)
        violated(where, concat("the error is ", finished.error().message));
      check_view(*fs, where, false);
      check_pending(*fs, where);
      finish(*fs->settled(), where);
    }
  }

  void finish(const ModelFs& found, const std::string& where) {
    const auto fs = found.settled();
    const auto finished = run_on(*fs, family_, scenario_.after);
    if (!finished) return violated(where, concat("the next run: ", finished.error().message));
    if (const auto differs = difference(end_, without_record(fs->tree())); !differs.empty())
      violated(where, concat("after the next run:\n", differs));
  }

  // A link of a CA that comes or goes may lead nowhere after a cut, where it hides nobody.
  void check_view(ModelFs& fs, const std::string& where, bool after_cut) {
    const auto view = look_at(fs);
    for (const auto& missing : missing_from(view, both_))
      violated(where, missing);
    for (const auto& fault : view.faults)
      if (!after_cut || !(fault.ends_with(" leads nowhere") || fault.ends_with(" has a gap at 0")))
        violated(where, fault);
    for (const auto& extract : family_.extracts) {
      if (is_directory(extract.form)) continue;
      const auto bytes = fs.read_file(std::string(extract.path), std::size_t{1} << 20U);
      if (!bytes || !certificates_of(extract.form, *bytes, {}))
        violated(where, concat(extract.path, " is not whole"));
    }
  }

  StoreView look_at(ModelFs& fs) const { return view_of(fs, "/etc/ssl/certs", std::string(family_.bundle)); }

  void violated(const std::string& where, const std::string& what) {
    violations_.push_back(concat(where, ": ", what));
  }

  const Family& family_;
  const Scenario& scenario_;
  std::unique_ptr<ModelFs> start_;
  Tree end_;
  StoreView both_;
  std::set<std::string> states_;
  std::size_t steps_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace

TEST_CASE("power may fail, and steps may, while a store of p11-kit's is changed") {
  const TestCa roots[] = {make_ca({.common_name = "Alpha Root"}), make_ca({.common_name = "Beta Root"})};
  const auto a = make_ca({.common_name = "Private A"});
  const auto b = make_ca({.common_name = "Private B"});
  // Of one name: files are numbered, and get other contents as some come and go.
  std::vector<TestCa> keys;
  for (int i = 0; i < 3; ++i)
    keys.push_back(make_ca({.common_name = "Re-keyed"}));
  std::ranges::sort(keys, {}, &TestCa::fingerprint_hex);
  const Scenario scenarios[] = {
      {"first provision", {}, anchors({&a, &b})},
      {"replace", anchors({&a}), anchors({&b})},
      {"one in front of its name comes", anchors({&keys[1], &keys[2]}),
       anchors({&keys[0], &keys[1], &keys[2]})},
      {"one in front of its name goes", anchors({&keys[0], &keys[1], &a}), anchors({&keys[1], &a})},
      {"remove all", anchors({&a, &keys[0]}), {}},
  };
  for (const auto& scenario : scenarios) {
    CAPTURE(scenario.name);
    Examination("fedora43", scenario, roots).examine();
  }
  // Arch has links by name, too, and SUSE two hash directories in one that is unwritable.
  const auto& goes = scenarios[3];
  for (const std::string family : {"arch", "suse"}) {
    CAPTURE(family);
    Examination(family, goes, roots).examine();
  }
}
