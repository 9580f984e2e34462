#include "support/tree.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace nct::test;
namespace fs = std::filesystem;

TEST_CASE("every change of a tree is in the difference") {
  std::string pattern = fs::temp_directory_path() / "nct-tree-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  const fs::path top = pattern;
  ::umask(022);
  fs::create_directory(top / "sub");
  write_whole(top / "sub/kept", "one\ntwo\n");
  write_whole(top / "gone", "");
  fs::create_symlink("nowhere", top / "link");
  const auto before = tree_of(top);
  CHECK(before.size() == 5);
  CHECK(difference(before, tree_of(top)).empty());

  write_whole(top / "sub/kept", "one\nthree\n");
  fs::remove(top / "gone");
  fs::remove(top / "link");
  fs::create_symlink("elsewhere", top / "link");
  fs::create_directory(top / "new");
  fs::permissions(top / "sub", fs::perms::owner_all);
  CHECK(difference(before, tree_of(top)) ==
        "- gone: file 0644, 0 bytes\n"
        "~ link: link to nowhere -> link to elsewhere\n"
        "+ new: directory 0755\n"
        "~ sub: directory 0755 -> directory 0700\n"
        "~ sub/kept: file 0644, 8 bytes -> file 0644, 10 bytes (line 2: 'two' became 'three')\n");
  CHECK(tree_of(top, {"sub", "new"}).size() == 2);
  fs::remove_all(top);
  CHECK(tree_of(top).empty());
}
