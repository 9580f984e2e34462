// All of toml++ that intake has.
#include <algorithm>
#include <cstddef>
#include <toml++/toml.h>
#include <utility>
#include <vector>

#include "intake/tree.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;

// The parser, and what it returns, recurse for each part of a dotted key and for each bracket. This looks at
// both first: the line at which `text` nests deeper than is read, or 0.
unsigned line_too_deep(std::string_view text) {
  unsigned line = 1;
  std::size_t dots = 0;
  std::size_t brackets = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      const auto mark = text.substr(at, 3) == std::string(3, c) ? text.substr(at, 3) : text.substr(at, 1);
      at += mark.size();
      while (at < text.size() && !text.substr(at).starts_with(mark)) {
        if (text[at] == '\n') {
          ++line;
          if (mark.size() == 1) break;
        }
        at += c == '"' && text[at] == '\\' ? 2U : 1U;
      }
      if (mark.size() == 3) at += 2;
      continue;
    }
    if (c == '#') at = std::min(text.find('\n', at), text.size()) - 1;
    if (c == '\n') ++line;
    if (c == '.') ++dots;
    if (c == '\n' || c == '=' || c == ',') dots = 0;
    if (c == '[' || c == '{') ++brackets;
    if ((c == ']' || c == '}') && brackets > 0) --brackets;
    if (dots + brackets > Tree::kMaxDepth) return line;
  }
  return 0;
}

class Walk {
 public:
  explicit Walk(Tree& tree) : builder_(tree) {}

  // Recurses no deeper than the builder opens.
  bool add(const toml::node& node) {
    const auto line = static_cast<unsigned>(node.source().begin.line);
    if (const auto* table = node.as_table()) {
      if (!builder_.open(Kind::object, line)) return false;
      // In the order of the document: the parser sorts them by name.
      std::vector<std::pair<toml::source_position, const toml::key*>> keys;
      for (const auto& [key, value] : *table)
        keys.emplace_back(value.source().begin, &key);
      std::ranges::stable_sort(keys,
                               [](const auto& one, const auto& other) { return one.first < other.first; });
      for (const auto& [place, key] : keys)
        if (!builder_.key(std::string(key->str()), static_cast<unsigned>(place.line)) ||
            !add(*table->get(key->str())))
          return false;
      return builder_.close();
    }
    if (const auto* array = node.as_array()) {
      if (!builder_.open(Kind::array, line)) return false;
      for (const auto& each : *array)
        if (!add(each)) return false;
      return builder_.close();
    }
    if (const auto* text = node.as_string()) return builder_.add(Kind::string, text->get(), line);
    if (const auto* truth = node.as_boolean())
      return builder_.add(Kind::other, truth->get() ? "true" : "false", line);
    return builder_.add(Kind::other, {}, line);
  }

 private:
  TreeBuilder builder_;
};

}  // namespace

Tree tree_of_toml(std::string_view text) {
  Tree tree;
  if (const auto line = line_too_deep(text); line > 0) {
    tree.flaw = Tree::Flaw::deep;
    tree.line = line;
    return tree;
  }
  const auto parsed = toml::parse(text);
  if (!parsed) {
    tree.flaw = Tree::Flaw::broken;
    tree.line = static_cast<unsigned>(parsed.error().source().begin.line);
    return tree;
  }
  Walk(tree).add(parsed.table());
  return tree;
}

}  // namespace nct
