// A hash directory whose files are numbered by label becomes another one while a reader walks it.
#include "store/p11kit/hashed_directory.hpp"

#include "support/random.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <set>

#include "base/text.hpp"
#include "cert/sha256.hpp"

using namespace nct;
using namespace nct::test;

namespace {

using LinkMap = std::map<std::string, std::string>;

// A certificate is told by its content; those of one letter have one label and one name.
HashedDirectory directory_of(const std::vector<std::string>& contents) {
  HashedDirectory directory;
  std::map<char, std::size_t> of_label;
  for (const auto& content : contents) {
    const auto number = of_label[content[0]]++;
    const auto name =
        concat(std::string(1, content[0]), number == 0 ? "" : concat(".", std::to_string(number)), ".pem");
    directory.files.emplace(name, sha256(content));
    directory.links.emplace(concat("0000000", std::string(1, content[0]), ".", std::to_string(number)), name);
  }
  return directory;
}

// Both directories on a disk, changed step by step.
struct Disk {
  std::map<std::string, Fingerprint> files;
  LinkMap links;
  LinksAbove above;

  [[nodiscard]] std::set<Fingerprint> seen_by(const LinkMap& by) const {
    std::set<Fingerprint> seen;
    for (const auto& name : reached(by, files))
      seen.insert(files.at(name));
    return seen;
  }
};

void expect_all(const Disk& disk, const std::set<Fingerprint>& all, const std::string& after) {
  CAPTURE(after);
  for (const auto* links : {&disk.links, &disk.above.links})
    for (const auto& each : all)
      CHECK(disk.seen_by(*links).contains(each));
}

// Carries the changes out as node/p11kit does, and looks after each step.
void carry_out(const HashedChanges& changes, const HashedDirectory& wanted, Disk& disk,
               const std::set<Fingerprint>& both) {
  const auto look = [&](const std::string& after) { expect_all(disk, both, after); };
  for (const auto& name : changes.added) {
    CHECK_FALSE(disk.files.contains(name));
    disk.files[name] = wanted.files.at(name);
    look("added " + name);
  }
  for (const auto& [name, other] : changes.beside) {
    disk.files[other] = wanted.files.at(name);
    look("beside " + name);
  }
  const auto set = [&](LinkMap& links, const LinkChange& link) {
    CHECK(links.contains(link.name) == link.replaces);
    CHECK(disk.files.contains(link.target));
    links[link.name] = link.target;
    look("set " + link.name);
  };
  for (const auto& link : changes.set)
    set(disk.links, link);
  for (const auto& link : changes.set_above)
    set(disk.above.links, link);
  for (const auto& name : changes.named_above) {
    CHECK(disk.files.contains(name));
    CHECK(disk.above.names.insert(name).second);
  }
  for (const auto& name : changes.removed_above) {
    CHECK(disk.above.links.erase(name) + disk.above.names.erase(name) == 1);
    look("removed above " + name);
  }
  for (const auto& name : changes.removed) {
    CHECK(disk.links.erase(name) == 1);
    look("removed " + name);
  }
  for (const auto& [name, other] : changes.beside) {
    disk.files[name] = wanted.files.at(name);
    look("own name " + name);
  }
  for (const auto& link : changes.renamed)
    set(disk.links, link);
  for (const auto& link : changes.renamed_above)
    set(disk.above.links, link);
  for (const auto& [name, other] : changes.beside) {
    CHECK(disk.files.erase(other) == 1);
    look("no more beside " + name);
  }
  for (const auto& name : changes.files_removed) {
    CHECK(disk.files.erase(name) == 1);
    CHECK_FALSE(disk.above.names.contains(name));
    look("removed file " + name);
  }
}

std::vector<std::string> some_contents(Dice& dice) {
  std::vector<std::string> contents;
  for (const char label : {'a', 'b', 'c'})
    for (int i = 0; i < 4; ++i)
      if (dice.one_in(2)) contents.push_back(concat(std::string(1, label), std::to_string(i)));
  for (std::size_t i = contents.size(); i > 1; --i)  // trust(1) numbers them in the order it reads them in
    std::swap(contents[i - 1], contents[dice.roll(i)]);
  return contents;
}

}  // namespace

TEST_CASE("every certificate that stays is found at every step, whatever its file is called") {
  const auto seed = seed_of_run();
  MESSAGE("NCT_SEED=", seed);
  Dice dice(seed);
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    const auto now = directory_of(some_contents(dice));
    const auto wanted = directory_of(some_contents(dice));
    const bool names = dice.one_in(2);
    Disk disk{.files = now.files, .links = now.links, .above = links_to(now, names)};
    if (dice.one_in(8)) disk.above = {};  // as update-ca-trust leaves it when it is killed
    if (dice.one_in(8)) disk.links.emplace("0000000f.0", "nowhere");
    if (dice.one_in(8)) disk.files.emplace("leftover", sha256("leftover"));
    const HashedDirectory found{.files = disk.files, .links = disk.links};
    std::set<Fingerprint> both;
    for (const auto& each : disk.seen_by(disk.links))
      if (disk.seen_by(disk.above.links).contains(each) &&
          std::ranges::any_of(wanted.files, [&](const auto& file) { return file.second == each; }))
        both.insert(each);
    const auto changes = hashed_changes(found, wanted, &disk.above, names);
    carry_out(changes, wanted, disk, both);
    CHECK(disk.files == wanted.files);
    CHECK(disk.links == wanted.links);
    const auto goal = links_to(wanted, names);
    CHECK(disk.above == goal);
    CHECK(hashed_changes(wanted, wanted, &goal, names).none());
  }
}
