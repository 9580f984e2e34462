// Cuts the power before every step of a run, lets chance decide which unsynced names survive, and asks: does
// every reader find all that the old and the new state share, and does the next run end where an undisturbed
// one does? The same with steps that fail. Then the question is put to writers that make mistakes, to see
// that it can be answered with no.
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/in_store_node.hpp"
#include "support/model_fs.hpp"
#include "support/store_view.hpp"

#include <algorithm>
#include <cerrno>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <set>
#include <unordered_set>

#include "base/text.hpp"
#include "node/apply.hpp"
#include "node/files/staging.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr std::uint64_t kSeeds = 5;
constexpr char kStore[] = "/etc/ssl/certs";
constexpr char kAnchors[] = "/usr/local/share/ca-certificates/node-ca-trust";
constexpr char kState[] = "/var/lib/node-ca-trust";

struct Cas {
  TestCa a = make_ca({.common_name = "Private A"});
  TestCa b = make_ca({.common_name = "Private B"});
  TestCa c = make_ca({.common_name = "Private C"});
  TestCa k1 = rekeyed_ca();
  TestCa k2 = rekeyed_ca();
  TestCa cross = twin_before(a, b);

  // `ca` issued again by `issuer`, with a name before its own: behind it by its other name alone.
  static TestCa twin_before(const TestCa& ca, const TestCa& issuer) {
    while (true) {
      const CaOptions options{.subject_like_der = ca.der, .key_pem = ca.key_pem};
      if (auto twin = make_ca(options, issuer); twin.fingerprint_hex < ca.fingerprint_hex) return twin;
    }
  }
};

const Cas& cas() {
  static const Cas made;
  return made;
}

AnchorSet anchors(std::initializer_list<const TestCa*> list) {
  AnchorSet set;
  for (const auto* ca : list) {
    const auto origin = concat("bundle.pem: ", ca->subject);
    set[Fingerprint::from_hex(ca->fingerprint_hex).value()] =
        Anchor{.der = ca->der,
               .subject = ca->subject,
               .owners = {{.source = "provision", .input = "bundle.pem", .origin = origin}}};
  }
  return set;
}

Result<Applied> run_on(Fs& fs, const AnchorSet& wanted) {
  NCT_TRY(auto state, read_state(fs));
  NCT_TRY(const auto distro, recognise(fs));
  const auto store = open_store(*distro.family, fs, state.remembered, {});
  return apply(fs, *store, state, wanted);
}

struct Scenario {
  std::string name;
  AnchorSet before;
  AnchorSet after;
  std::function<void(ModelFs&)> damage = nullptr;  // what befell the store in between
  Tree (*node)() = [] { return debian_node(); };

  [[nodiscard]] std::unique_ptr<ModelFs> start() const {
    ModelFs fs;
    put(node(), fs);
    if (!before.empty()) (void)run_on(fs, before).value();
    auto start = fs.settled();
    if (damage) damage(*start);
    return start;
  }
};

// Every kind of damage at once that readers survive.
void damage(ModelFs& fs) {
  const auto bundle = fs.read_file(concat(kStore, "/ca-certificates.crt"), 1U << 20U).value();
  fs.put_file(concat(kStore, "/ca-certificates.crt"), bundle + cas().c.pem);
  fs.put_file(concat(kStore, "/ca-certificates.crt.new"), bundle.substr(0, bundle.size() / 2));
  fs.put_link("gone.pem", concat(kStore, "/00000000.0"));
  fs.put_link(concat("/", "usr/share/ca-certificates/mozilla/Beta_Root.crt"),
              concat(kStore, "/Alpha_Root.pem"));
  fs.put_link("Gamma_Root.pem", concat(kStore, "/", cas().a.subject_hash_hex, ".0"));
  fs.put_file(concat(kAnchors, "/node-ca-trust-", cas().b.fingerprint_hex.substr(0, 32), ".crt"), "");
  fs.put_file("/etc/ssl/.node-ca-trust.ca-certificates.crt", "left over");
  fs.put_file(concat(kState, "/manifest.toml"), "half a man");
}

// The same where the certificate files lie in the directory itself.
void damage_in_store(ModelFs& fs) {
  const bool photon = fs.status("/etc/pki/tls/certs/ca-bundle.crt", true).value().has_value();
  const std::string path = photon ? "/etc/pki/tls/certs/ca-bundle.crt" : "/etc/ssl/certs/ca-certificates.crt";
  const auto bundle = fs.read_file(path, 1U << 20U).value();
  fs.put_file(path, bundle + cas().c.pem);
  fs.put_link("gone.pem", concat(kStore, "/00000000.0"));
  fs.put_link("gone.pem", concat(kStore, "/lost.pem"));
  fs.put_link(concat(cas().b.subject_hash_hex, ".0"), concat(kStore, "/alias.pem"));
  fs.put_file(concat(kStore, "/node-ca-trust-", cas().b.fingerprint_hex.substr(0, 32), ".pem"), "");
  fs.put_file("/etc/ssl/.node-ca-trust.ca-certificates.crt", "left over");
  fs.put_file(concat(kState, "/manifest.toml"), "half a man");
}

std::vector<Scenario> scenarios_in_store(Tree (*node)()) {
  const auto& ca = cas();
  std::vector<Scenario> all{
      {"first provision", {}, anchors({&ca.a, &ca.b, &ca.c, &ca.k1})},
      {"replace", anchors({&ca.a, &ca.b, &ca.k1}), anchors({&ca.b, &ca.c, &ca.k2})},
      {"re-keyed CA comes", anchors({&ca.k1}), anchors({&ca.k1, &ca.k2})},
      {"re-keyed CA goes", anchors({&ca.k1, &ca.k2, &ca.a}), anchors({&ca.k2, &ca.a})},
      {"root of a cross-signed CA comes", anchors({&ca.cross, &ca.b}), anchors({&ca.a, &ca.cross, &ca.b})},
      {"remove all", anchors({&ca.a, &ca.b, &ca.k1}), {}},
      {"repair and replace", anchors({&ca.a, &ca.b, &ca.k1}), anchors({&ca.b, &ca.k2}), damage_in_store},
  };
  for (auto& scenario : all)
    scenario.node = node;
  return all;
}

std::vector<Scenario> scenarios() {
  const auto& ca = cas();
  return {
      {"first provision", {}, anchors({&ca.a, &ca.b, &ca.c})},
      {"replace one", anchors({&ca.a, &ca.b}), anchors({&ca.b, &ca.c})},
      {"replace", anchors({&ca.a, &ca.b, &ca.k1}), anchors({&ca.b, &ca.c, &ca.k2})},
      {"re-keyed CA comes", anchors({&ca.k1}), anchors({&ca.k1, &ca.k2})},
      {"older key comes back", anchors({&ca.k2}), anchors({&ca.k1, &ca.k2})},
      {"re-keyed CA goes", anchors({&ca.k1, &ca.k2, &ca.a}), anchors({&ca.k2, &ca.a})},
      {"root of a cross-signed CA comes", anchors({&ca.cross, &ca.b}), anchors({&ca.a, &ca.cross, &ca.b})},
      {"root of a cross-signed CA goes", anchors({&ca.a, &ca.cross}), anchors({&ca.cross})},
      {"remove all", anchors({&ca.a, &ca.b, &ca.k1}), {}},
      {"repair", anchors({&ca.a, &ca.b, &ca.k1}), anchors({&ca.a, &ca.b, &ca.k1}), damage},
      {"repair and replace", anchors({&ca.a, &ca.b, &ca.k1}), anchors({&ca.b, &ca.k2}), damage},
  };
}

// Hands everything on to a model; mistakes are made in subclasses.
class Through : public Fs {
 public:
  explicit Through(ModelFs& fs) : fs_(fs) {}
  Result<std::string> read_start(const std::string& path, std::size_t max_bytes) override {
    return fs_.read_start(path, max_bytes);
  }
  Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) override {
    return fs_.list_directory(path);
  }
  Result<std::vector<DirectoryEntry>> list_names(const std::string& path) override {
    return fs_.list_names(path);
  }
  Result<std::optional<FileStatus>> status(const std::string& path, bool follow) override {
    return fs_.status(path, follow);
  }
  Result<std::vector<std::string>> make_directories(const std::string& path) override {
    return fs_.make_directories(path);
  }
  Result<void> write_files(std::span<const NewFile> files) override { return fs_.write_files(files); }
  Result<void> make_link(const std::string& target, const std::string& path) override {
    return fs_.make_link(target, path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return fs_.rename(from, to);
  }
  Result<void> remove_file(const std::string& path) override { return fs_.remove_file(path); }
  Result<bool> remove_directory(const std::string& path) override { return fs_.remove_directory(path); }
  Result<void> sync_directory(const std::string& path) override { return fs_.sync_directory(path); }
  Result<void> set_mode(const std::string& path, std::uint32_t mode) override {
    return fs_.set_mode(path, mode);
  }
  Result<void> copy_label(const std::string& like, const std::string& path) override {
    return fs_.copy_label(like, path);
  }

 protected:
  ModelFs& fs_;
};

// Makes room before it renames, as `rm` and `mv` in a script do.
class RemovesFirst final : public Through {
 public:
  using Through::Through;
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (fs_.status(to, false).value()) NCT_CHECK(fs_.remove_file(to));
    return fs_.rename(from, to);
  }
};

// Changes the names in the store in the opposite of the order it was told.
class Backwards final : public Through {
 public:
  using Through::Through;
  Result<void> make_link(const std::string& target, const std::string& path) override {
    return in_store(path, [this, target, path] { return fs_.make_link(target, path); });
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return in_store(to, [this, from, to] { return fs_.rename(from, to); });
  }
  Result<void> remove_file(const std::string& path) override {
    return in_store(path, [this, path] { return fs_.remove_file(path); });
  }
  Result<void> sync_directory(const std::string& path) override {
    for (; path == kStore && !later_.empty(); later_.pop_back())
      NCT_CHECK(later_.back()());
    return fs_.sync_directory(path);
  }

 private:
  Result<void> in_store(const std::string& path, std::function<Result<void>()> change) {
    if (!path.starts_with(concat(kStore, "/"))) return change();
    later_.push_back(std::move(change));
    return {};
  }
  std::vector<std::function<Result<void>()>> later_;
};

// Syncs names when all is done, whatever a bucket's readers need before.
class SyncsLast final : public Through {
 public:
  using Through::Through;
  Result<void> sync_directory(const std::string& path) override {
    later_.insert(path);
    if (path != kState || fs_.status(concat(kState, "/pending.toml"), false).value()) return {};
    for (const auto& each : later_)
      NCT_CHECK(fs_.sync_directory(each));
    return {};
  }

 private:
  std::set<std::string> later_;
};

// A way to do it wrong; the default does it right.
struct Writer {
  std::string name = "ours";
  // A power cut keeps no order across directories; then a link of a CA that comes or goes may lead nowhere.
  bool may_dangle = true;
  std::function<void(ModelFs&)> prepare = [](ModelFs&) {};
  std::function<std::unique_ptr<Fs>(ModelFs&)> through = [](ModelFs& fs) {
    return std::make_unique<Through>(fs);
  };

  Result<Applied> run(ModelFs& fs, const AnchorSet& wanted) const {
    prepare(fs);
    return run_on(*through(fs), wanted);
  }
};

struct Examined {
  std::size_t steps = 0;
  std::size_t states = 0;  // different ones found after a cut
  std::vector<std::string> violations;
};

std::string text_of(const Tree& tree) {
  std::string text;
  for (const auto& [path, node] : tree)
    text += concat(path, " ", std::to_string(node.mode), " ", node.content, "\n");
  return text;
}

// All that is asked of one run from `scenario.before` to `scenario.after`. Stops at the first violations.
class Examination {
 public:
  Examination(const Scenario& scenario, const Writer& writer) : scenario_(scenario), writer_(writer) {
    const auto fs = scenario.start();
    const auto old_view = view_of(*fs);
    sound_before_ = old_view.faults.empty();
    start_ = fs->settled();
    const auto finished = run_on(*fs, scenario.after);
    if (!finished) throw std::runtime_error(finished.error().message);
    end_ = fs->tree();
    const auto new_view = view_of(*fs);
    both_ = held_by_both(old_view, new_view);
    if (both_.bundle.size() < distro_roots().size() - 1) throw std::runtime_error("nothing to lose");

    Fingerprints expected;
    for (const auto& root : distro_roots())
      expected.insert(root.ca.fingerprint_hex);
    for (const auto& [fingerprint, anchor] : scenario.after)
      expected.insert(fingerprint.hex());
    std::size_t files = 0;
    for (const auto& [path, node] : end_)
      if (path.contains("/node-ca-trust-") && node.kind == NodeKind::file) ++files;
    if (new_view.bundle != expected || new_view.hashed != expected || !new_view.faults.empty())
      violated("an undisturbed run", "the store is not what it should be");
    if (files != scenario.after.size())
      violated("an undisturbed run", "the anchors are not what they should be");
    if (scenario.after.empty() && end_.contains(kAnchors + 1))
      violated("an undisturbed run", "the anchor directory is left");
  }

  Examined examine() {
    run_undisturbed();
    for (std::size_t step = 1; step <= examined_.steps && examined_.violations.empty(); ++step) {
      cut_at(step);
      fail_at(step);
    }
    return examined_;
  }

 private:
  void run_undisturbed() {
    const auto fs = start_->settled();
    fs->observe([&](const FsStep& step) { check_view(*fs, concat("before ", step.text())); });
    const auto finished = writer_.run(*fs, scenario_.after);
    examined_.steps = fs->steps();
    if (!finished) return violated("an undisturbed run", finished.error().message);
    check_end(*fs, "an undisturbed run");
    check_durable(*fs, "a cut after the end");
  }

  // What a run says is done, is durable. Only that nothing is staged any more need not be: nobody looks
  // there, and the next run sweeps.
  void check_durable(const ModelFs& fs, const std::string& where) {
    const auto found = fs.after_cut(0);
    finish(*found, where);
    const auto left = staged(*found, *recognise(*found).value().family).value();
    for (const auto& path : left)
      REQUIRE(found->remove_file(path));
    check_end(*found, where);
  }

  void cut_at(std::size_t number) {
    auto fs = start_->settled();
    fs->cut_before(number);
    std::string where;
    fs->observe([&](const FsStep& step) { where = concat("cut before ", step.text()); });
    try {
      (void)writer_.run(*fs, scenario_.after);
      return violated(std::to_string(number), "the power was not cut");
    } catch (const PowerCut&) {
    }
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto found = fs->after_cut(seed);
      if (!states_.insert(text_of(found->tree())).second) continue;
      ++examined_.states;
      const auto seeded = concat(where, ", seed ", std::to_string(seed));
      check_view(*found, seeded, true);
      finish(*found, seeded);
      // Power that fails once may fail twice: somewhere in the run that mends it.
      const auto again = after_second_cut(*found, number * kSeeds + seed);
      if (!again) continue;
      check_view(*again, concat(seeded, ", and again"), true);
      finish(*again, concat(seeded, ", and again"));
    }
  }

  [[nodiscard]] std::unique_ptr<ModelFs> after_second_cut(const ModelFs& found, std::uint64_t seed) const {
    const auto fs = found.settled();
    fs->cut_before(1 + seed % examined_.steps);
    try {
      (void)writer_.run(*fs, scenario_.after);
      return nullptr;
    } catch (const PowerCut&) {
    }
    return fs->after_cut(seed);
  }

  void fail_at(std::size_t number) {
    for (const auto& [os_errno, lasting] : {std::pair{ENOSPC, false}, {EROFS, true}}) {
      const auto fs = start_->settled();
      fs->fail_at(number, os_errno, lasting);
      std::string where;
      fs->observe([&](const FsStep& step) {
        if (step.number == number) where = concat(std::to_string(os_errno), " at ", step.text());
      });
      const auto finished = writer_.run(*fs, scenario_.after);
      if (finished)
        violated(where, "the run says it is done");
      else if (finished.error().os_errno != os_errno ||
               finished.error().message.find("'/") == std::string::npos)
        violated(where, concat("the error is ", finished.error().message));
      check_view(*fs, where);
      finish(*fs->settled(), where);
      if (lasting) continue;
      // The next run answers for what this one left to be synced, too.
      const auto next = writer_.run(*fs, scenario_.after);
      if (!next) violated(where, concat("the next run, at once: ", next.error().message));
      check_durable(*fs, concat(where, ", the next run, and a cut after its end"));
    }
  }

  void finish(const ModelFs& found, const std::string& where) {
    const auto fs = found.settled();
    const auto finished = run_on(*fs, scenario_.after);
    if (!finished) return violated(where, concat("the next run: ", finished.error().message));
    check_end(*fs, concat(where, ", then the next run"));
  }

  void check_view(ModelFs& fs, const std::string& where, bool after_cut = false) {
    const auto view = view_of(fs);
    for (const auto& missing : missing_from(view, both_))
      violated(where, missing);
    for (const auto& fault : view.faults)
      if (sound_before_ && !(after_cut && writer_.may_dangle && is_dangling(fault))) violated(where, fault);
  }

  static bool is_dangling(std::string_view fault) {
    return fault.ends_with(" leads nowhere") || fault.ends_with(" has a gap at 0");
  }

  void check_end(const ModelFs& fs, const std::string& where) {
    const auto differs = difference(end_, fs.tree());
    if (!differs.empty()) violated(where, differs);
  }

  void violated(const std::string& where, const std::string& what) {
    examined_.violations.push_back(concat(scenario_.name, ": ", where, ": ", what));
  }

  const Scenario& scenario_;
  const Writer& writer_;
  std::unique_ptr<ModelFs> start_;
  bool sound_before_ = true;
  Tree end_;
  StoreView both_;
  std::unordered_set<std::string> states_;
  Examined examined_;
};

std::string lines(const std::vector<std::string>& texts) {
  std::string joined;
  for (const auto& text : texts)
    joined += concat("\n", text);
  return joined;
}

}  // namespace

TEST_CASE("power may fail, and steps may, at any moment") {
  const Writer writers[] = {
      {.name = "ours, each directory by itself"},
      {.name = "ours, one journal",
       .may_dangle = false,
       .prepare = [](ModelFs& fs) { fs.keep_one_journal(); }},
  };
  for (const auto& writer : writers)
    for (const auto& scenario : scenarios()) {
      CAPTURE(writer.name);
      CAPTURE(scenario.name);
      const auto examined = Examination(scenario, writer).examine();
      CHECK_MESSAGE(examined.violations.empty(), lines(examined.violations));
      CHECK(examined.states >= examined.steps / 2);
      MESSAGE(writer.name << ": " << scenario.name << ": " << examined.steps << " steps, " << examined.states
                          << " states after a cut");
    }
}

TEST_CASE("power may fail, and steps may, where the certificate files lie in the hash directory") {
  const std::pair<std::string, Tree (*)()> systems[] = {{"Flatcar", &flatcar_node}, {"Photon", &photon_node}};
  for (const auto& [name, node] : systems)
    for (const auto& scenario : scenarios_in_store(node)) {
      CAPTURE(name);
      CAPTURE(scenario.name);
      const auto examined = Examination(scenario, {}).examine();
      CHECK_MESSAGE(examined.violations.empty(), lines(examined.violations));
      CHECK(examined.states >= examined.steps / 2);
      MESSAGE(name << ": " << scenario.name << ": " << examined.steps << " steps, " << examined.states
                   << " states after a cut");
    }
}

TEST_CASE("every seeded mistake is seen") {
  const auto forgetting = [](const char* directory) {
    return [directory](ModelFs& fs) { fs.forget_name_syncs(directory); };
  };
  const Writer mistakes[] = {
      {.name = "never syncs content", .prepare = [](ModelFs& fs) { fs.forget_content_syncs(); }},
      {.name = "never syncs the store", .prepare = forgetting(kStore)},
      {.name = "never syncs the anchors", .prepare = forgetting(kAnchors)},
      {.name = "never syncs Photon's bundle", .prepare = forgetting("/etc/pki/tls/certs")},
      {.name = "never syncs its state", .prepare = forgetting(kState)},
      {.name = "never syncs that it has a place for anchors",
       .prepare = forgetting("/usr/local/share/ca-certificates")},
      {.name = "never syncs that it has a place for its state", .prepare = forgetting("/var/lib")},
      {.name = "removes before it renames",
       .through = [](ModelFs& fs) { return std::make_unique<RemovesFirst>(fs); }},
      {.name = "syncs when all is done",
       .through = [](ModelFs& fs) { return std::make_unique<SyncsLast>(fs); }},
      {.name = "changes links backwards",
       .through = [](ModelFs& fs) { return std::make_unique<Backwards>(fs); }},
  };
  auto all = scenarios();
  std::ranges::move(scenarios_in_store(&photon_node), std::back_inserter(all));
  for (const auto& mistake : mistakes) {
    CAPTURE(mistake.name);
    std::vector<std::string> seen;
    for (const auto& scenario : all) {
      seen = Examination(scenario, mistake).examine().violations;
      if (!seen.empty()) break;
    }
    CHECK_FALSE(seen.empty());
    if (!seen.empty()) MESSAGE(mistake.name << ": " << seen.front());
  }
}
