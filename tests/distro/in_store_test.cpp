// Flatcar and Photon: run after the product, the distribution's own tool changes nothing, byte for byte,
// whatever happened before; and what comes goes again.
#include "distro/in_store.hpp"

#include "distro/admin.hpp"
#include "distro/product.hpp"
#include "support/debian_node.hpp"
#include "support/in_store_node.hpp"
#include "support/random.hpp"
#include "support/sandbox.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <set>

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

const std::string kCerts = "/etc/ssl/certs/";
const char* const kSystems[] = {"flatcar", "photon"};

std::string bundle_of(const std::map<std::string, TestCa>& cas) {
  std::string bundle;
  for (const auto& [fingerprint, ca] : cas)
    bundle += ca.pem;
  return bundle;
}

Finished provision(const std::string& bundle) {
  write_whole(kDelivered, bundle);
  return node_ca_trust({"provision", "--from", kDelivered});
}

void done(const Finished& finished) {
  REQUIRE_MESSAGE(finished.status == 0, finished.out, finished.err);
}

// Neither of two runs of the tool has anything left to do.
std::string changed_by_tool(const InStoreSystem& system) {
  const auto before = system.derived();
  for (const char* const run : {"first", "second"}) {
    system.tool();
    if (const auto different = difference(before, system.derived()); !different.empty())
      return concat("the ", run, " run of ", system.name(), "'s tool changed\n", different);
  }
  return {};
}

std::string some_hash_link(Dice& dice) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCerts))
    if (const auto name = entry.path().filename().string();
        entry.is_symlink() && name.size() == 10 && name[8] == '.')
      names.push_back(name);
  std::ranges::sort(names);
  return dice.pick(names);
}

void link_anew(const std::string& target, const std::string& path) {
  fs::remove(path);
  fs::create_symlink(target, path);
}

// Of files that people have there.
const std::vector<std::string> kNames{"corp.pem",    "cloud-init-ca-cert-1.pem", "a b.pem",     "Corp.crt",
                                      "zz-corp.cer", "node-ca-trust.pem",        ".hidden.pem", "0.pem",
                                      "notes.txt",   "0123abcd.0.pem",           "zz.PEM"};

// What people do in the directory, and what happens to it.
std::string others_work(Dice& dice, const std::string& pem, const std::string& second,
                        const InStoreSystem& system) {
  const auto path = kCerts + dice.pick(kNames);
  switch (dice.roll(13)) {
    case 0:
    case 1:
    case 2:
      fs::remove(path);
      write_whole(path, pem);
      return "write " + path;
    case 3:
      fs::remove(path);
      write_whole(path, concat("Issued to:\n  us\n", pem, "\n"));
      return "write with text " + path;
    case 4:
      fs::remove(path);
      write_whole(path, pem + second);
      return "write two into " + path;
    case 5:
      fs::remove(path);
      return "remove " + path;
    case 6:
      write_whole("/etc/corp-ca", pem);
      link_anew("/etc/corp-ca", path);
      return "link " + path;
    case 7:
      link_anew("corp.pem", kCerts + "alias.pem");
      return "link alias.pem to corp.pem";
    case 8:
      link_anew("nowhere.pem", kCerts + "lost.pem");
      fs::create_directories(kCerts + "others");
      link_anew("nowhere", kCerts + "others/link");
      return "leave dangling links";
    case 9: {
      const auto name = some_hash_link(dice);
      fs::remove(kCerts + name);
      return "remove the link " + name;
    }
    case 10: {
      const auto name = some_hash_link(dice);
      link_anew("lost.pem", kCerts + name);
      return "let dangle " + name;
    }
    case 11: {
      const auto name = some_hash_link(dice);
      const auto further = concat(name.substr(0, 9), std::to_string(1 + dice.roll(3)));
      link_anew(fs::read_symlink(kCerts + some_hash_link(dice)), kCerts + further);
      return "make a stale link " + further;
    }
    default: {
      if (!fs::is_regular_file(system.bundle())) return "find no bundle to truncate";
      const auto bytes = read_whole(system.bundle());
      if (fs::is_symlink(system.bundle())) return "find the bundle as it was shipped";
      write_whole(system.bundle(), bytes.substr(0, dice.roll(bytes.size())));
      return "truncate the bundle";
    }
  }
}

void install_units(const std::string& root) {
  const fs::path units = NCT_UNITS_DIRECTORY;
  const fs::path system = concat(root, "/usr/lib/systemd/system");
  const auto install = [&](const std::string& from, const std::string& to) {
    fs::create_directories((system / to).parent_path());
    fs::copy_file(units / from, system / to);
  };
  for (const std::string unit : {"node-ca-trust.service", "node-ca-trust-rotate.path",
                                 "node-ca-trust-rotate.service", "node-ca-trust-rotate.timer"})
    install(unit, unit);
  for (const std::string service : {"node-ca-trust", "node-ca-trust-rotate"})
    install("sandbox.conf", service + ".service.d/10-sandbox.conf");
  for (const std::string consumer : {"containerd", "kubelet"})
    install(consumer + ".conf", consumer + ".service.d/50-node-ca-trust.conf");
}

class Node {
 public:
  Node(const InStoreSystem& system, Dice& dice) : system_(system), dice_(dice) {}

  void step() {
    for (std::size_t i = dice_.roll(4); i > 0; --i)
      tell(others_work(dice_, some().pem, some().pem, system_));
    product_works();
    check_anchors();
    if (const auto changed = changed_by_tool(system_); !changed.empty()) fail(changed);
    const auto verified = node_ca_trust({"verify"});
    // What others have there may break clients, and is said.
    if (verified.status != 0 && !verified.out.contains("load nothing of it")) fail(verified.out);
  }

 private:
  const TestCa& some() {
    while (true)
      if (const auto& ca = authorities_.some(dice_); !system_.is_foremost(ca)) return ca;
  }

  void product_works() {
    Finished finished;
    if (installed_.empty() || !dice_.one_in(4)) {
      if (dice_.one_in(3)) installed_.clear();
      for (std::size_t i = 1 + dice_.roll(4); i > 0 && installed_.size() < 8; --i) {
        const auto& ca = some();
        installed_.emplace(ca.fingerprint_hex, ca);
      }
      finished = provision(bundle_of(installed_));
      tell(concat("provision ", std::to_string(installed_.size())));
    } else {
      installed_.clear();
      finished = node_ca_trust({"remove", "--all"});
      tell("remove --all");
    }
    said_ = concat(finished.out, finished.err);
    // The limit of Flatcar's tool: people take theirs away.
    const bool too_many = finished.status == 73 && said_.contains("more than ten certificates share");
    for (const auto& name : kNames)
      if (too_many) fs::remove(kCerts + name);
    if (too_many || (finished.status == 65 && said_.contains("error same-name"))) {
      const auto stranger = make_ca({.common_name = "Shares its name with nobody"});
      installed_ = {{stranger.fingerprint_hex, stranger}};
      finished = provision(stranger.pem);
      said_ = concat(finished.out, finished.err);
    }
    if (finished.status != 0) fail(concat("ended with ", std::to_string(finished.status)));
  }

  void check_anchors() {
    std::set<std::string> expected;
    for (const auto& [fingerprint, ca] : installed_)
      expected.insert(ca.pem);
    std::set<std::string> found;
    const auto bundle = read_whole(system_.bundle());
    for (const auto& entry : fs::directory_iterator(kCerts))
      if (const auto name = entry.path().filename().string();
          name.starts_with("node-ca-trust-") && name.size() == 50)
        found.insert(read_whole(entry.path()));
    if (expected != found) fail("the anchors are not those that were asked for");
    for (const auto& pem : expected)
      if (!bundle.contains(pem)) fail("the bundle lacks one of ours");
  }

  void tell(const std::string& what) { story_.push_back(what); }

  void fail(const std::string& why) {
    std::string text;
    for (std::size_t i = story_.size() > 30 ? story_.size() - 30 : 0; i < story_.size(); ++i)
      text += concat("  ", story_[i], "\n");
    FAIL(concat("what happened:\n", text, why, "\nThe last run said:\n", said_));
  }

  const InStoreSystem& system_;
  Dice& dice_;
  Authorities authorities_;
  std::map<std::string, TestCa> installed_;
  std::vector<std::string> story_;
  std::string said_;
};

}  // namespace

TEST_CASE("the distribution's tool, run after the product, changes nothing") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 120);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  for (const auto* const name : kSystems) {
    CAPTURE(name);
    const Sandbox sandbox;
    fs::create_directories(fs::path(kConfig).parent_path());
    write_whole(kConfig, kManyCertificates);
    const InStoreSystem system(name);
    Dice dice(seed);
    Node node(system, dice);
    for (std::uint64_t step = 0; step < steps; ++step)
      node.step();
  }
}

TEST_CASE("an installed system is found as it should be, and left alone; what came goes again") {
  for (const auto* const name : kSystems) {
    CAPTURE(name);
    const Sandbox sandbox;
    const InStoreSystem system(name);
    const auto installed = system.derived();
    const auto status = node_ca_trust({"status", "--format", "json"});
    CHECK_MESSAGE(status.status == 0, status.out, status.err);
    CHECK_MESSAGE(status.out.contains("\"drift\": []"), status.out);
    CHECK(status.out.contains(concat("\"bundle\": \"", system.bundle(), "\"")));
    done(node_ca_trust({"remove", "--all"}));
    CHECK(difference(installed, system.derived()) == "");

    const auto ca = make_ca({.common_name = "Ours"});
    const auto rekeyed = make_ca({.common_name = "Ours"});
    const auto provisioned = provision(ca.pem + rekeyed.pem);
    done(provisioned);
    CHECK_MESSAGE(!provisioned.out.contains("mended"), provisioned.out);
    CHECK(read_whole(concat(kCerts, anchor_name(ca), ".pem")) == ca.pem);
    CHECK(fs::is_regular_file(fs::symlink_status(system.bundle())));
    CHECK(changed_by_tool(system) == "");
    CHECK(provision(ca.pem + rekeyed.pem).out.contains("result: unchanged"));
    done(node_ca_trust({"remove", "--all"}));
    // On Flatcar as its tool leaves it, which is what it would have made of the installed system.
    const auto left = system.derived();
    CHECK(changed_by_tool(system) == "");
    if (!system.is_flatcar()) CHECK(difference(installed, left) == "");
    done(node_ca_trust({"verify"}));
  }
}

TEST_CASE("Flatcar's boot and its updates take nothing of ours, and the next run puts all in order") {
  const Sandbox sandbox;
  const InStoreSystem system("flatcar");
  const auto ca = make_ca({.common_name = "Ours"});
  done(provision(ca.pem));
  system.boot();
  CHECK(read_whole(system.bundle()).contains(ca.pem));
  CHECK(provision(ca.pem).out.contains("result: unchanged"));
  // One root goes, one comes with the subject of ours; its link is made as systemd-tmpfiles(8) does.
  fs::remove("/usr/share/ca-certificates/ISRG_Root_X1.pem");
  const auto shipped = make_ca({.common_name = "Ours"});
  ship(system, "aa_New_Root", shipped);
  system.boot();
  const auto provisioned = provision(ca.pem);
  done(provisioned);
  const auto bundle = read_whole(system.bundle());
  CHECK(bundle.contains(ca.pem));
  CHECK(bundle.contains(shipped.pem));
  CHECK(changed_by_tool(system) == "");
  done(node_ca_trust({"verify"}));
}

TEST_CASE("what others left half done is named, and mended with the next change") {
  for (const auto* const name : kSystems) {
    CAPTURE(name);
    const Sandbox sandbox;
    const InStoreSystem system(name);
    const auto ca = make_ca({.common_name = "Ours"});
    done(provision(ca.pem));
    const auto good = system.derived();
    write_whole(system.bundle(), read_whole(system.bundle()).substr(0, 5000));
    link_anew("gone.pem", concat(kCerts, ca.subject_hash_hex, ".0"));
    const auto status = node_ca_trust({"status"});
    for (const auto& named :
         {concat("drift store-damaged: ", system.bundle(), "\n  is not what its certificate files make up"),
          concat("drift store-damaged: ", kCerts, ca.subject_hash_hex, ".0\n  should lead to ",
                 anchor_name(ca), ".pem")})
      CHECK_MESSAGE(status.out.contains(named), status.out);
    CHECK(node_ca_trust({"verify"}).status == 1);
    const auto mended = provision(ca.pem);
    done(mended);
    CHECK(mended.out.contains("mended"));
    CHECK(difference(good, system.derived()) == "");
  }
}

TEST_CASE("a file that Photon's tool would join to the next one is named, and nothing is changed") {
  const Sandbox sandbox;
  const InStoreSystem system("photon");
  const auto theirs = make_ca({.common_name = "Theirs"});
  write_whole(kCerts + "corp.pem", theirs.pem.substr(0, theirs.pem.size() - 1));
  const auto before = system.derived();
  const auto refused = provision(make_ca({.common_name = "Ours"}).pem);
  CHECK(refused.status == 73);
  CHECK_MESSAGE(refused.err.contains("'/etc/ssl/certs/corp.pem' does not end with a line feed"), refused.err);
  CHECK(difference(before, system.derived()) == "");
  write_whole(kCerts + "corp.pem", theirs.pem);
  done(provision(make_ca({.common_name = "Ours"}).pem));
  CHECK(changed_by_tool(system) == "");
}

TEST_CASE("a private key in the directory is not published") {
  for (const auto* const name : kSystems) {
    CAPTURE(name);
    const Sandbox sandbox;
    const InStoreSystem system(name);
    const auto theirs = make_ca({.common_name = "Theirs"});
    write_whole(kCerts + "server.pem", theirs.pem + theirs.key_pem);
    const auto before = system.derived();
    const auto refused = provision(make_ca({.common_name = "Ours"}).pem);
    CHECK(refused.status == 73);
    CHECK_MESSAGE(refused.err.contains("/etc/ssl/certs/server.pem"), refused.err);
    CHECK(difference(before, system.derived()) == "");
  }
}

TEST_CASE(
    "Flatcar's tool puts the bundle into itself for the CA of the lowest hash, and the next run undoes it") {
  const Sandbox sandbox;
  const InStoreSystem system("flatcar");
  auto ca = make_ca({.common_name = "Ours"});
  for (int i = 0; !system.is_foremost(ca); ++i)
    ca = make_ca({.common_name = concat("Ours ", std::to_string(i))});
  done(provision(ca.pem));
  const auto good = system.derived();
  CHECK_FALSE(changed_by_tool(system).empty());
  done(provision(ca.pem));
  CHECK(difference(good, system.derived()) == "");
}

TEST_CASE("more CAs of one subject than Flatcar's tool puts into the bundle are refused") {
  const Sandbox sandbox;
  const InStoreSystem system("flatcar");
  fs::create_directories(fs::path(kConfig).parent_path());
  write_whole(kConfig, kManyCertificates);
  std::string ten;
  for (int i = 0; i < 10; ++i)
    ten += make_ca({.common_name = "One Name"}).pem;
  done(provision(ten));
  CHECK(changed_by_tool(system) == "");
  const auto before = system.derived();
  const auto refused = provision(ten + make_ca({.common_name = "One Name"}).pem);
  CHECK(refused.status == 73);
  CHECK_MESSAGE(
      refused.err.contains("more than ten certificates share the subject of '/etc/ssl/certs/node-ca"),
      refused.err);
  CHECK(difference(before, system.derived()) == "");
}

TEST_CASE("an image is baked, twice to the same bytes, and passes the gate as far as it is a whole one") {
  for (const auto& tree : {flatcar_node(), photon_node()}) {
    const Scratch scratch;
    const auto ca = (scratch.path() / "ca.pem").string();
    write_whole(ca, make_ca({.common_name = "Baked"}).pem);
    std::vector<Tree> baked;
    for (const std::string name : {"one", "two"}) {
      const auto root = (scratch.path() / name).string();
      put(tree, root);
      install_units(root);
      done(node_ca_trust({"bake", "--root", root, "--from", ca}));
      baked.push_back(tree_of(root));
      const auto gate = node_ca_trust({"verify", "--image", "--root", root, "--expect", ca});
      for (const char* const check : {"store", "record", "directories", "leftovers", "expected"})
        CHECK_MESSAGE(gate.out.contains(concat("check: ", check, " passed")), gate.out);
      done(node_ca_trust({"verify", "--root", root}));
    }
    CHECK(difference(baked.at(0), baked.at(1)) == "");
    // A killed run of Flatcar's tool leaves such a file, and Go trusts it.
    const auto root = (scratch.path() / "one").string();
    write_whole(concat(root, "/etc/ssl/certs/ca-certificates.crt.0aZ1bY2cX3"), "");
    const auto gate = node_ca_trust({"verify", "--image", "--root", root});
    const bool flatcar = tree.contains("usr/share/ca-certificates");
    CHECK_MESSAGE(gate.out.contains("check: leftovers failed") == flatcar, gate.out);
  }
}
