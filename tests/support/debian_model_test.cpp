#include "support/debian_model.hpp"

#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/random.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

// All that the tool reads and writes, in one temporary directory.
class Place {
 public:
  Place() {
    std::string pattern = fs::temp_directory_path() / "nct-model-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    ::umask(022);
    top = fs::canonical(pattern);
    paths = {.conf = top + "/conf",
             .shared = top + "/shared",
             .local = top + "/local",
             .certs = top + "/certs",
             .hooks = top + "/hooks"};
    for (const auto& directory :
         {paths.shared + "/m", paths.local, paths.certs, paths.hooks, paths.certs + "/sub"})
      fs::create_directories(directory);
    write_whole(paths.conf, "# nothing yet\n");
    write_whole(paths.hooks + "/told", concat("#!/bin/sh\ncat >", top, "/lines\n"), 0755);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(top); }

  // Runs the real tool; empty where it did what the model said it would.
  [[nodiscard]] std::string surprise(bool fresh) const {
    const auto predicted = predict_update(paths, fresh);
    fs::remove(top + "/lines");
    const auto finished = run({.argv = update_command(paths, fresh)});
    if (predicted.numbers_by_chance) return {};
    std::string expected_lines;
    for (const auto& name : predicted.added)
      expected_lines += concat("+", name, "\n");
    for (const auto& name : predicted.removed)
      expected_lines += concat("-", name, "\n");
    std::string wrong = difference(predicted.certs, tree_of(paths.certs));
    if (finished.status != predicted.status)
      wrong += concat("status ", std::to_string(finished.status), ": ", finished.err);
    if (predicted.status == 0 && read_whole(top + "/lines") != expected_lines)
      wrong += concat("hooks were told\n", read_whole(top + "/lines"), "not\n", expected_lines);
    return wrong;
  }

  std::string top;
  DebianPaths paths;
};

// A few CAs, three of them with one subject, and files that are not one CA.
const std::vector<std::string>& contents() {
  static const std::vector<std::string> all = [] {
    const auto a = make_ca({.common_name = "A"});
    const auto r1 = make_ca({.common_name = "Rekeyed"});
    const auto r2 = make_ca({.common_name = "Rekeyed"});
    const auto r3 = make_ca({.common_name = "REKEYED "});
    std::string crlf;
    for (const char c : r3.pem)
      crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return std::vector<std::string>{a.pem,
                                    r1.pem,
                                    r2.pem,
                                    r3.pem,
                                    crlf,
                                    a.pem.substr(0, a.pem.size() - 1),
                                    concat("text before\n", r1.pem, "text behind"),
                                    r1.pem + r2.pem,
                                    r2.pem + r2.key_pem,
                                    a.der,
                                    "",
                                    "-----BEGIN CERTIFICATE-----\nAAAA\n",
                                    make_ca({.common_name = "B"}).pem};
  }();
  return all;
}

std::string hash_of_rekeyed() {
  static const std::string hash = make_ca({.common_name = "Rekeyed"}).subject_hash_hex;
  return hash;
}

void change_something(const Place& place, Dice& dice) {
  static const std::vector<std::string> local_names{
      "a.crt",       "b.crt",  "Z.crt",  "x/a.crt", "x (1), y.crt", "x y.crt",
      ".hidden.crt", "no.pem", "M1.crt", "x/.crt",  "L.CRT",        "dir.crt/c.crt"};
  static const std::vector<std::string> shared_names{"m/M1.crt", "m/M2.crt", "m/M3.crt", "m/A (b).crt"};
  static const std::vector<std::string> conf_texts{
      "m/M1.crt\n",     "!m/M1.crt\n", "m/M2.crt\n",      "!m/M2.crt\n",  "  m/M3.crt \n", "m/A (b).crt\n",
      "!m/A (b).crt\n", "\n",          "m/missing.crt\n", "# m/M1.crt\n", "m/M2.crt"};
  const std::vector<std::string> links{hash_of_rekeyed() + ".0",
                                       hash_of_rekeyed() + ".1",
                                       hash_of_rekeyed() + ".5",
                                       hash_of_rekeyed() + ".r0",
                                       "a.pem",
                                       "M1.pem",
                                       "loose.pem",
                                       "sub/link",
                                       "not-a-hash",
                                       "12345678.0"};
  const std::vector<std::string> targets{"a.pem",
                                         "M1.pem",
                                         "loose.pem",
                                         "nowhere",
                                         place.paths.local + "/a.crt",
                                         place.paths.certs + "/a.pem",
                                         place.paths.shared + "/m/M2.crt"};
  const auto& certs = place.paths.certs;
  switch (dice.roll(9)) {
    case 0:
    case 1:
    case 2: {
      const std::string path = concat(place.paths.local, "/", dice.pick(local_names));
      fs::create_directories(fs::path(path).parent_path());
      write_whole(path, dice.pick(contents()));
      break;
    }
    case 3:
      fs::remove(concat(place.paths.local, "/", dice.pick(local_names)));
      break;
    case 4:
      write_whole(concat(place.paths.shared, "/", dice.pick(shared_names)), dice.pick(contents()));
      break;
    case 5: {
      std::string conf = dice.one_in(8) ? "" : "# a comment\n";
      for (std::size_t i = dice.roll(6); i > 0 && !conf.empty(); --i)
        conf += dice.pick(conf_texts);
      write_whole(place.paths.conf, conf);
      break;
    }
    case 6: {
      const std::string link = concat(certs, "/", dice.pick(links));
      fs::remove(link);
      fs::create_symlink(dice.pick(targets), link);
      break;
    }
    case 7: {
      fs::remove(certs + "/loose.pem");
      write_whole(certs + "/loose.pem", dice.pick(contents()));
      break;
    }
    default:
      write_whole(certs + (dice.one_in(2) ? "/ca-certificates.crt.new" : "/ca-certificates.crt"),
                  dice.pick(contents()));
  }
}

}  // namespace

TEST_CASE("the model does what the distribution's tool does, from any state") {
  const auto seed = seed_of_run();
  const auto steps = number_from("NCT_STEPS", 150);
  Dice dice(seed);
  MESSAGE("NCT_SEED=", seed, " NCT_STEPS=", steps);
  unsigned failed_runs = 0;
  for (std::uint64_t trees = 0; trees < steps / 10; ++trees) {
    const Place place;
    for (int step = 0; step < 10; ++step) {
      for (std::size_t i = dice.roll(6); i > 0; --i)
        change_something(place, dice);
      const bool fresh = dice.one_in(3);
      const auto before = tree_of(place.top);
      const auto wrong = place.surprise(fresh);
      if (!wrong.empty()) {
        for (const auto& [path, node] : before)
          if (node.kind == NodeKind::link) MESSAGE(path, " -> ", node.content);
        FAIL(concat("tree ", std::to_string(trees), ", step ", std::to_string(step), fresh ? ", -f" : "",
                    ":\n", wrong));
      }
      if (predict_update(place.paths, fresh).status != 0) ++failed_runs;
    }
  }
  MESSAGE("runs that failed as predicted: ", failed_runs);
}

TEST_CASE("the model knows where the numbers of the distribution's tool are left to chance") {
  // Thirteen certificates of one subject leave thirteen bits set, of which eight of another one clear only
  // eight.
  const auto chain_of = [](const TestCa& ca) { return std::stoul(ca.subject_hash_hex, nullptr, 16) % 257; };
  const auto first = make_ca({.common_name = "Before"});
  TestCa later = first;
  std::string name;
  while (chain_of(later) <= chain_of(first)) {
    name += 'L';
    later = make_ca({.common_name = name});
  }
  const Place place;
  const auto deliver = [&](const std::string& common_name, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      write_whole(concat(place.paths.local, "/", common_name, std::to_string(i), ".crt"),
                  make_ca({.common_name = common_name}).pem);
  };
  deliver("Before", 13);
  deliver(name, 8);
  CHECK_FALSE(predict_update(place.paths, true).numbers_by_chance);
  CHECK(place.surprise(true).empty());

  // A link that leads to no certificate takes one of the eight numbers.
  fs::remove(concat(place.paths.certs, "/", later.subject_hash_hex, ".3"));
  write_whole(place.paths.certs + "/other", "no certificate");
  fs::create_symlink("other", concat(place.paths.certs, "/", later.subject_hash_hex, ".3"));
  const auto predicted = predict_update(place.paths, true);
  CHECK(predicted.numbers_by_chance);
  CHECK(predicted.certs.contains(later.subject_hash_hex + ".8"));
  CHECK(run({.argv = update_command(place.paths, true)}).status == 0);
  CHECK(fs::is_symlink(concat(place.paths.certs, "/", later.subject_hash_hex, ".13")));
}
