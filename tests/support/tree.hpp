// Whole directory trees as values, so that a test compares everything and a leftover file fails it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nct::test {

enum class NodeKind { file, directory, link, other };

struct TreeNode {
  NodeKind kind = NodeKind::other;
  unsigned mode = 0;    // permission bits; 0 for a link
  std::string content;  // of a file its bytes, of a link its target as written

  bool operator==(const TreeNode&) const = default;
};

// By path relative to the tree's root, which itself is ".". Inodes and times are not part of it.
using Tree = std::map<std::string, TreeNode>;

// The tree below `directory`, links not followed, without the relative paths in `excludes` and what lies
// below them. An empty tree where there is no such directory. Throws std::runtime_error where something
// cannot be read.
Tree tree_of(const std::string& directory, const std::vector<std::string>& excludes = {});

// One line for each path that differs ("+ path: ..." only after, "- path: ..." only before, "~ path: ...");
// empty where the trees are equal. Contents are named by size and the first line that differs.
std::string difference(const Tree& before, const Tree& after);

// The bytes of a file, links followed. Throws std::runtime_error.
std::string read_whole(const std::string& path);

// Writes a file as a shell's `>` does: made with `mode` where it is missing, truncated where it is there.
void write_whole(const std::string& path, std::string_view bytes, unsigned mode = 0644);

}  // namespace nct::test
