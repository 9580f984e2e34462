#include "intake/tree.hpp"

#include <algorithm>
#include <ranges>

#include "base/text.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

bool is_plain(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '-';
  });
}

}  // namespace

std::string Tree::path_of(const TreeNode& node) const {
  constexpr std::size_t kLongestKey = 100;
  std::vector<const TreeNode*> way;
  const auto* root = &node;
  for (; root->parent != TreeNode::kNone; root = &nodes[root->parent])
    way.push_back(root);
  std::string path;
  for (const auto* step : std::views::reverse(way)) {
    const auto name = std::string_view(step->key).substr(0, kLongestKey);
    if (nodes[step->parent].kind == TreeNode::Kind::array) {
      path += concat("[", std::to_string(step->index), "]");
    } else if (is_plain(name)) {
      path += concat(path.empty() ? "" : ".", name);
    } else {
      path += concat("[\"", name, "\"]");
    }
  }
  if (roots < 2) return path;
  return concat("document ", std::to_string(root->index + 1), path.empty() ? "" : ": ", path);
}

bool TreeBuilder::stop(Tree::Flaw flaw, unsigned line, std::string key) {
  tree_.flaw = flaw;
  tree_.line = line;
  tree_.key = std::move(key);
  return false;
}

bool TreeBuilder::add(TreeNode::Kind kind, std::string text, unsigned line, bool encoded) {
  if (tree_.nodes.size() >= Tree::kMaxNodes) return stop(Tree::Flaw::large, line);
  TreeNode node{.kind = kind,
                .line = line,
                .encoded = encoded,
                .key = std::exchange(key_, {}),
                .text = std::move(text)};
  if (open_.empty()) {
    node.index = tree_.roots++;
  } else {
    node.parent = open_.back().node;
    node.index = open_.back().children++;
  }
  tree_.nodes.push_back(std::move(node));
  return true;
}

bool TreeBuilder::open(TreeNode::Kind kind, unsigned line) {
  if (open_.size() >= Tree::kMaxDepth) return stop(Tree::Flaw::deep, line);
  if (!add(kind, {}, line)) return false;
  open_.push_back({.node = static_cast<std::uint32_t>(tree_.nodes.size() - 1)});
  return true;
}

bool TreeBuilder::close() {
  open_.pop_back();
  return true;
}

bool TreeBuilder::key(std::string key, unsigned line) {
  if (!keys_.emplace(open_.back().node, key).second) return stop(Tree::Flaw::twice, line, std::move(key));
  key_ = std::move(key);
  return true;
}

const TreeNode* TreeBuilder::container() const {
  return open_.empty() ? nullptr : &tree_.nodes[open_.back().node];
}

}  // namespace nct
