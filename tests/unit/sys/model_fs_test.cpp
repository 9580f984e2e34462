// The model file system: what it loses at a power cut, and that its visible side behaves as the real one.
#include "support/model_fs.hpp"

#include "support/scratch.hpp"

#include <cerrno>
#include <doctest/doctest.h>
#include <random>

#include "base/text.hpp"

using namespace nct;
using test::FsStep;
using test::ModelFs;
using test::PowerCut;

namespace {

// The paths below the root, links with their targets.
std::string names_in(const ModelFs& fs) {
  std::string names;
  for (const auto& [path, node] : fs.tree())
    if (path != ".") names += concat(path, node.kind == test::NodeKind::link ? "->" : "", node.content, " ");
  return names;
}

// Replaces /d/file by the book: aside, sync, rename, sync the directory. doctest's macros would catch
// PowerCut.
void replace(ModelFs& fs) {
  const NewFile file{.path = "/d/.new", .bytes = "new"};
  fs.write_files({&file, 1}).value();
  fs.rename("/d/.new", "/d/file").value();
  fs.sync_directory("/d").value();
}

std::unique_ptr<ModelFs> old_file() {
  auto fs = std::make_unique<ModelFs>();
  fs->put_file("/d/file", "old");
  return fs;
}

// The bytes of /d/file that may be found after a cut before any of the steps of `change`, or after its end.
std::set<std::string> outcomes(const std::function<void(ModelFs&)>& prepare,
                               const std::function<void(ModelFs&)>& change) {
  std::set<std::string> found;
  auto whole = old_file();
  prepare(*whole);
  change(*whole);
  for (std::size_t cut = 1; cut <= whole->steps() + 1; ++cut) {
    auto fs = old_file();
    prepare(*fs);
    fs->cut_before(cut);
    try {
      change(*fs);
    } catch (const PowerCut&) {
    }
    for (std::uint64_t seed = 0; seed < 16; ++seed)
      found.insert(printable(fs->after_cut(seed)->read_file("/d/file", 100).value_or("gone")));
  }
  return found;
}

}  // namespace

TEST_CASE("a file replaced by the book is old or new at every cut") {
  CHECK(outcomes([](ModelFs&) {}, replace) == std::set<std::string>{"old", "new"});
}

TEST_CASE("mistakes show") {
  using Outcomes = std::set<std::string>;
  SUBCASE("content that was not synced is lost, its name is not") {
    CHECK(outcomes([](ModelFs& fs) { fs.forget_content_syncs(); }, replace) ==
          Outcomes{"old", "", "\\x00\\x00\\x00"});
  }
  SUBCASE("removing first leaves a gap") {
    const auto removing_first = [](ModelFs& fs) {
      fs.remove_file("/d/file").value();
      const NewFile file{.path = "/d/file", .bytes = "new"};
      fs.write_files({&file, 1}).value();
      fs.sync_directory("/d").value();
    };
    CHECK(outcomes([](ModelFs&) {}, removing_first) == Outcomes{"old", "gone", "", "\\x00\\x00\\x00", "new"});
  }
  SUBCASE("names that were not synced may be lost after the end") {
    auto fs = old_file();
    fs->forget_name_syncs("/d");
    replace(*fs);
    CHECK(fs->read_file("/d/file", 100).value() == "new");
    CHECK(fs->after_cut(0)->read_file("/d/file", 100).value() == "old");
    CHECK(fs->after_cut(1)->read_file("/d/file", 100).value() == "new");
    auto synced = old_file();
    replace(*synced);
    CHECK(synced->after_cut(0)->read_file("/d/file", 100).value() == "new");
  }
}

TEST_CASE("a directory's names survive as a prefix, whatever another directory's do") {
  ModelFs fs;
  fs.put_directory("/a");
  fs.put_directory("/b");
  for (const char* path : {"/a/1", "/b/1", "/a/2", "/b/2", "/a/3", "/b/3"})
    REQUIRE(fs.make_link("x", path));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    seen.insert(names_in(*fs.after_cut(seed)));
  }
  std::set<std::string> expected;
  for (const char* a : {"a ", "a a/1->x ", "a a/1->x a/2->x ", "a a/1->x a/2->x a/3->x "})
    for (const char* b : {"b ", "b b/1->x ", "b b/1->x b/2->x ", "b b/1->x b/2->x b/3->x "})
      expected.insert(concat(a, b));
  CHECK(seen == expected);
}

TEST_CASE("where there is one journal, a prefix of all names survives, and a sync is of all") {
  ModelFs fs;
  fs.keep_one_journal();
  fs.put_directory("/a");
  fs.put_directory("/b");
  for (const char* path : {"/a/1", "/b/1", "/a/2"})
    REQUIRE(fs.make_link("x", path));
  REQUIRE(fs.rename("/a/1", "/b/3"));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    seen.insert(names_in(*fs.after_cut(seed)));
  const std::set<std::string> prefixes{"a b ", "a a/1->x b ", "a a/1->x b b/1->x ",
                                       "a a/1->x a/2->x b b/1->x ", "a a/2->x b b/1->x b/3->x "};
  CHECK(seen == prefixes);
  REQUIRE(fs.sync_directory("/b"));
  CHECK(names_in(*fs.after_cut(0)) == "a a/2->x b b/1->x b/3->x ");
}

TEST_CASE("made directories are durable once those that they were made in are synced, and else may be lost") {
  ModelFs fs;
  CHECK(fs.make_directories("/a/b").value() == std::vector<std::string>{"/", "/a"});
  CHECK(fs.steps() == 2);
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    seen.insert(names_in(*fs.after_cut(seed)));
  CHECK(seen == std::set<std::string>{"", "a ", "a a/b "});
  for (const char* directory : {"/", "/a"})
    REQUIRE(fs.sync_directory(directory));
  CHECK(names_in(*fs.after_cut(0)) == "a a/b ");
  CHECK(fs.make_directories("/a/b").value().empty());
}

TEST_CASE("a step that fails changes nothing, and write_files cleans up after itself") {
  const NewFile files[] = {{.path = "/a", .bytes = "1"}, {.path = "/b", .bytes = "2"}};
  const char* const messages[] = {"open '/a'",  "write '/a'", "open '/b'",
                                  "write '/b'", "fsync '/a'", "fsync '/b'"};
  for (std::size_t number = 1; number <= 6; ++number) {
    ModelFs fs;
    fs.fail_at(number, ENOSPC);
    const auto written = fs.write_files(files);
    REQUIRE_FALSE(written);
    CHECK(written.error().message == concat(messages[number - 1], ": no space left on device"));
    CHECK(names_in(fs).empty());
    CHECK(fs.write_files(files));  // it was one fault
  }
  ModelFs fs;
  fs.fail_at(3, EROFS, true);
  CHECK(fs.make_link("x", "/one"));
  CHECK(fs.make_link("x", "/two"));
  CHECK(fs.make_link("x", "/three").error().os_errno == EROFS);
  CHECK(fs.remove_file("/one").error().os_errno == EROFS);
}

TEST_CASE("two paths lead to one file, or they do not") {
  ModelFs fs;
  fs.put_file("/d/file", "");
  fs.put_file("/d/other", "");
  fs.put_link("d", "/link");
  const auto inode = [&fs](const char* path) { return fs.status(path, true).value()->inode; };
  CHECK(inode("/link") == inode("/d"));
  CHECK(inode("/link/file") == inode("/d/file"));
  CHECK(inode("/d/other") != inode("/d/file"));
  CHECK(inode("/d") != inode("/"));
  fs.rename("/d/file", "/d/other").value();
  CHECK(inode("/d/other") != inode("/d"));
}

TEST_CASE("after the cut nothing changes any more") {
  ModelFs fs;
  fs.cut_before(2);
  REQUIRE(fs.make_link("x", "/one"));
  CHECK_THROWS_AS((void)fs.make_link("x", "/two"), PowerCut);
  CHECK(fs.remove_file("/one").error().os_errno == EIO);
  CHECK(names_in(fs) == "one->x ");
}

TEST_CASE("an observer sees the state before every step") {
  auto fs = old_file();
  std::string seen;
  fs->observe([&](const FsStep& step) {
    seen += concat(step.text(), " ", fs->read_file("/d/file", 10).value(), "\n");
    CHECK_FALSE(fs->remove_file("/d/file"));
  });
  replace(*fs);
  CHECK(seen ==
        "1: open '/d/.new' old\n"
        "2: write '/d/.new' old\n"
        "3: fsync '/d/.new' old\n"
        "4: rename '/d/.new' to '/d/file' old\n"
        "5: fsync '/d' new\n");
}

// The same random calls on both, with the same results and the same trees after each.
TEST_CASE("the model behaves as the real file system") {
  const char* const names[] = {"/a",   "/b", "/d",   "/d/a",    "/d/b",  "/d/e",    "/d/e/a",
                               "/l/a", "/l", "/d/l", "/none/x", "/d/e/", "/d/../a", "/d/l/../b"};
  const char* const targets[] = {"a", "/d", "..", "../b", "/none", "l", "e", "/d/e/"};

  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const auto any = [&](const auto& list) { return std::string(list[random() % std::size(list)]); };
    const test::Scratch scratch;
    const auto real = open_root(scratch.path().string()).value();
    ModelFs model;

    const auto tree_of = [](Fs& fs) {
      std::string tree;
      const auto walk = [&](const auto& self, const std::string& directory) -> void {
        const auto entries = fs.list_directory(directory).value();
        for (const auto& entry : entries) {
          const auto path = concat(directory == "/" ? "" : directory, "/", entry.name);
          const auto status = fs.status(path, false).value().value();
          tree += concat(path, " ", std::to_string(static_cast<int>(status.kind)), " ",
                         std::to_string(status.mode), " ", entry.target, " ",
                         entry.kind == FileKind::regular ? fs.read_file(path, 100).value() : "", "\n");
          if (entry.kind == FileKind::directory) self(self, path);
        }
      };
      walk(walk, "/");
      return tree;
    };

    for (int i = 0; i < 150; ++i) {
      const auto one = any(names);
      const auto two = any(names);
      const auto target = any(targets);
      const auto call = random() % 10;
      const auto apply = [&](Fs& fs) {
        const auto outcome = [](const auto& result) { return result ? "ok" : result.error().message; };
        const auto answer = [](const Result<bool>& result) {
          return result ? (*result ? "yes" : "no") : result.error().message;
        };
        switch (call) {
          case 0: {
            const NewFile files[] = {{.path = one, .bytes = target, .mode = 0640},
                                     {.path = two, .bytes = "x"}};
            return outcome(fs.write_files(files));
          }
          case 1:
            return outcome(fs.make_link(target, one));
          case 2:
          case 3:
            return outcome(fs.rename(one, two));
          case 4:
            return outcome(fs.remove_file(one));
          case 5:
            return answer(fs.remove_directory(one));
          case 6:
          case 7:
            return outcome(fs.make_directories(one));
          case 8: {
            const auto status = fs.status(one, i % 2 == 0);
            if (!status) return status.error().message;
            return std::string(*status ? "there" : "not there");
          }
          default: {
            const auto read = fs.read_file(one, 2);
            return read ? *read : std::to_string(read.error().os_errno);
          }
        }
      };
      CAPTURE(seed);
      CAPTURE(call);
      CAPTURE(one);
      CAPTURE(two);
      CAPTURE(target);
      const auto before = tree_of(model);
      CAPTURE(before);
      REQUIRE(apply(model) == apply(*real));
      REQUIRE(tree_of(model) == tree_of(*real));
    }
  }
}
