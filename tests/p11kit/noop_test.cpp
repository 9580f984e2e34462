// Run after the product, the family's own update-ca-trust changes nothing but the times in Java's keystore,
// whatever happened before.
#include "p11kit/trust_tree.hpp"
#include "support/certificates.hpp"
#include "support/random.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

// What an administrator has beside the distribution's hash links, where that is left alone (root.sh).
bool is_an_administrators(const fs::path& path) {
  return path.filename() == "administrator.crt" ||
         (fs::is_symlink(path) && fs::read_symlink(path) == "administrator.crt");
}

// CAs that are new or were there before; several of one name, whose files trust(1) numbers.
class Pool {
 public:
  const TestCa& some(Dice& dice) {
    if (all_.size() < 4 || dice.one_in(2)) {
      const auto name =
          dice.one_in(3) ? std::string("Re-keyed") : concat("Private ", std::to_string(all_.size()));
      all_.push_back(make_ca({.common_name = name}));
    }
    return dice.pick(all_);
  }

 private:
  std::vector<TestCa> all_;
};

class Walk {
 public:
  Walk(TrustNode node, std::string copy, Dice& dice)
      : node_(std::move(node)), copy_(std::move(copy)), dice_(dice) {}

  void others_work() {
    for (std::size_t i = dice_.roll(3); i > 0; --i)
      administer();
    if (dice_.one_in(2)) {
      tell("update-ca-trust");
      CHECK(node_.update_ca_trust() == "");
    }
    if (dice_.one_in(3)) damage();
  }

  void product_works() {
    std::vector<std::string> arguments;
    std::string command = "provision";
    if (!ours_.empty() && dice_.one_in(5)) {
      command = "remove";
      arguments = {"--all"};
      ours_.clear();
    } else {
      const auto delivered = copy_ + ".pem";
      auto wanted = ours_;
      if (dice_.one_in(2)) wanted.clear();
      for (std::size_t i = 1 + dice_.roll(3); i > 0 && wanted.size() < 10; --i) {
        const auto& ca = pool_.some(dice_);
        wanted.emplace(ca.fingerprint_hex, ca);
      }
      std::string bundle;
      for (const auto& [fingerprint, ca] : wanted)
        bundle += ca.pem;
      write_whole(delivered, bundle);
      arguments = {"--from", delivered};
      ours_ = std::move(wanted);
    }
    tell(concat(command, ", ", std::to_string(ours_.size()), " anchors wanted"));
    const auto finished = node_.run_product(command, arguments);
    said_ = concat(finished.out, finished.err);
    if (finished.status != 0) fail(concat("ended with ", std::to_string(finished.status)));
    if (command == "remove") return;
    const auto done = tree_of(node_);
    const auto again = node_.run_product(command, arguments);
    if (again.status != 0 || !again.out.contains("result: unchanged"))
      fail(concat("a second run: ", again.out, again.err));
    if (const auto wrong = difference(done, tree_of(node_)); !wrong.empty())
      fail(concat("a second run changed:\n", wrong));
  }

  void check() {
    const auto verified = node_.run_product("verify");
    if (verified.status != 0) fail(concat("verify: ", verified.out, verified.err));
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator(node_.at(node_.layout().anchors()))) {
      const auto name = entry.path().filename().string();
      if (name.starts_with("node-ca-trust-")) found.emplace(name, read_whole(entry.path()));
    }
    std::map<std::string, std::string> expected;
    for (const auto& [fingerprint, ca] : ours_)
      expected.emplace(concat("node-ca-trust-", fingerprint.substr(0, 32), ".crt"), ca.pem);
    if (found != expected) fail("the anchors are not those that were asked for");
    const auto bundle = node_.extract_bundle();
    for (const auto& [fingerprint, ca] : ours_)
      if (!bundle.contains(ca.pem)) fail(concat("not trusted: ", ca.subject));
    if (fs::exists(node_.directory() + "/run/node-ca-trust/extract")) fail("an extraction was left behind");

    if (node_.family() == "arch" &&
        std::ranges::count_if(fs::directory_iterator(node_.at(node_.layout().links)),
                              [](const auto& entry) { return is_an_administrators(entry.path()); }) != 2)
      fail("what an administrator has beside the links is gone");

    const auto after = node_.copy(copy_);
    if (const auto wrong = after.update_ca_trust(); !wrong.empty()) fail(wrong);
    if (const auto wrong = difference(tree_of(node_), tree_of(after)); !wrong.empty())
      fail(concat("update-ca-trust changed:\n", wrong));
  }

  void tell(const std::string& what) { story_.push_back(what); }

 private:
  [[nodiscard]] std::string anchor(const std::string& name) const {
    return concat(node_.at(node_.layout().anchors()), "/", name);
  }

  void administer() {
    const auto name = dice_.pick(std::vector<std::string>{"corp.crt", ".hidden", "z", "a.pem", "two.pem"});
    switch (dice_.roll(4)) {
      case 0:
        tell(concat("write ", name));
        return write_whole(anchor(name), concat(foreign().pem, name == "two.pem" ? foreign().pem : ""));
      case 1:
        tell(concat("write ", name, " in DER"));
        return write_whole(anchor(name), foreign().der);
      case 2:
        tell(concat("remove ", name));
        fs::remove(anchor(name));
        return;
      default: {
        tell("block a root");
        const auto& layout = node_.layout();
        const auto bundle = read_whole(node_.at(layout.mail.empty() ? layout.bundle : layout.mail));
        const auto begin = bundle.find("-----BEGIN");
        const auto end = bundle.find("-----END CERTIFICATE-----\n", begin);
        if (begin == std::string::npos) return;
        const auto root = read_ca(bundle.substr(begin, end + 26 - begin));
        if (!root.subject.contains("Private") && !root.subject.contains("Re-keyed"))
          write_whole(node_.at(layout.blocklist()) + "/root.pem", root.pem);
        return;
      }
    }
  }

  // Of a name that no CA of ours has.
  TestCa foreign() { return make_ca({.common_name = concat("Foreign ", std::to_string(++foreigners_))}); }

  void damage() {
    std::vector<std::string> files;
    for (const auto& extract : node_.layout().extracts)
      if (!extract.format.contains("directory") && fs::exists(node_.at(extract.path)) &&
          !(node_.family() == "suse" && extract.path == node_.layout().bundle))  // it would lose its heading
        files.push_back(extract.path);
    const auto view = node_.at(dice_.pick(files));
    std::vector<fs::path> hashed;
    auto directories = node_.hash_directories();
    if (!directories.empty() && !node_.layout().links.empty()) directories.push_back(node_.layout().links);
    for (const auto& directory : directories)
      for (const auto& entry : fs::directory_iterator(node_.at(directory)))
        if (!entry.is_directory() && !is_an_administrators(entry.path())) hashed.push_back(entry.path());
    std::ranges::sort(hashed);
    switch (dice_.roll(hashed.empty() ? 3 : 6)) {
      case 0:
        tell(concat("remove ", view));
        fs::remove(view);
        return;
      case 1:
        tell(concat("cut ", view));
        if (fs::exists(view)) fs::resize_file(view, fs::file_size(view) / 2);
        return;
      case 2:
        tell(concat("spoil ", view));
        return write_whole(view, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");
      case 3: {
        const auto& path = dice_.pick(hashed);
        if (path.filename().string().starts_with("ca-")) return;
        tell(concat("remove ", path.string()));
        fs::remove(path);
        return;
      }
      case 4:
        tell("leave a link that leads nowhere");
        fs::remove(node_.at(directories.back()) + "/01234567.0");
        fs::create_symlink("/nowhere", node_.at(directories.back()) + "/01234567.0");
        return;
      default: {
        const auto& path = dice_.pick(hashed);
        if (fs::is_symlink(path)) return;
        tell(concat("another certificate in ", path.string()));
        fs::remove(path);
        return write_whole(path, foreign().pem);
      }
    }
  }

  void fail(const std::string& why) {
    std::string text;
    for (const auto& line : story_)
      text += concat("  ", line, "\n");
    FAIL(concat(node_.family(), ", what happened:\n", text, why, "\nThe last run said:\n", said_));
  }

  TrustNode node_;
  std::string copy_;
  Dice& dice_;
  Pool pool_;
  std::map<std::string, TestCa> ours_;
  std::size_t foreigners_ = 0;
  std::vector<std::string> story_;
  std::string said_;
};

}  // namespace

TEST_CASE("update-ca-trust, run after the product, changes nothing") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 6);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  Dice dice(seed);
  for (const auto& [family, most] : std::vector<std::pair<std::string, std::uint64_t>>{{"azurelinux3", steps},
                                                                                       {"fedora43", steps},
                                                                                       {"arch", steps},
                                                                                       {"suse", steps},
                                                                                       {"fedora44", 2},
                                                                                       {"el10", 2},
                                                                                       {"el9", 1}}) {
    CAPTURE(family);
    const Scratch scratch;
    Walk walk(TrustNode((scratch.path() / "root").string(), family, 12), (scratch.path() / "copy").string(),
              dice);
    for (std::uint64_t step = 0; step < most; ++step) {
      walk.tell(concat("step ", std::to_string(step)));
      walk.others_work();
      walk.product_works();
      walk.check();
    }
  }
}
