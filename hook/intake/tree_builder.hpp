// Makes a tree of what a parser meets, and holds it to its limits.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "intake/tree.hpp"

namespace nct {

// Each function says whether to go on: false where the tree has got a flaw.
class TreeBuilder {
 public:
  explicit TreeBuilder(Tree& tree) : tree_(tree) {}

  bool open(TreeNode::Kind kind, unsigned line);  // an object or an array
  bool close();
  bool key(std::string key, unsigned line);  // of what comes next in an object
  bool add(TreeNode::Kind kind, std::string text, unsigned line, bool encoded = false);
  bool stop(Tree::Flaw flaw, unsigned line, std::string key = {});

  // The object or array that is open, or nothing between documents.
  [[nodiscard]] const TreeNode* container() const;

 private:
  struct Open {
    std::uint32_t node = 0;
    std::uint32_t children = 0;
  };

  Tree& tree_;
  std::string key_;
  std::vector<Open> open_;
  std::set<std::pair<std::uint32_t, std::string>> keys_;
};

}  // namespace nct
