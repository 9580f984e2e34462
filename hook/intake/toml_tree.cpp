// All of toml++ that intake has.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "intake/tree.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;

// What the parser must not meet. It recurses for each part of a dotted key and for each bracket, and so does
// what it returns; and of the name of a table it takes for granted that it begins with a character of names
// (a wrong promise to the compiler, TOML_ASSERT_ASSUME in its parse_key(); to be dropped with a toml++ that
// looks, which 3.3 does not).
class Guard {
 public:
  explicit Guard(std::string_view text) : text_(text) {}

  // The first flaw, and its line.
  std::pair<Tree::Flaw, unsigned> look() && {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string();
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '[' && brackets_ == 0 && !in_value_ && !names_a_table()) return {Tree::Flaw::broken, line_};
      count(c);
      if (dots_ + brackets_ > Tree::kMaxDepth) return {Tree::Flaw::deep, line_};
      ++at_;
    }
    return {Tree::Flaw::none, 0};
  }

 private:
  void count(char c) {
    if (c == '\n') ++line_;
    if (c == '.') ++dots_;
    if (c == '\n' || c == '=' || c == ',') dots_ = 0;
    if (c == '=') in_value_ = true;
    if (c == '\n' && brackets_ == 0) in_value_ = false;
    if (c == '[' || c == '{') ++brackets_;
    if ((c == ']' || c == '}') && brackets_ > 0) --brackets_;
  }

  [[nodiscard]] bool names_a_table() const {
    constexpr std::string_view kBlanks = " \t";
    auto name = text_.find_first_not_of(kBlanks, at_ + 1);
    if (name != std::string_view::npos && text_[name] == '[')
      name = text_.find_first_not_of(kBlanks, name + 1);
    if (name == std::string_view::npos) return true;  // cut off, which the parser sees
    const char c = text_[name];
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '"' || c == '\'' || c == ']';
  }

  void skip_string() {
    const char c = text_[at_];
    const auto mark = text_.substr(at_, text_.substr(at_, 3) == std::string(3, c) ? 3 : 1);
    at_ += mark.size();
    while (at_ < text_.size() && !text_.substr(at_).starts_with(mark)) {
      if (text_[at_] == '\n') {
        if (mark.size() == 1) return;
        ++line_;
      }
      at_ += c == '"' && text_[at_] == '\\' && text_.substr(at_ + 1, 1) != "\n" ? 2U : 1U;
    }
    at_ = std::min(at_ + mark.size(), text_.size());
    // A string of several lines may end in one or two quotes of its own.
    while (mark.size() == 3 && at_ < text_.size() && text_[at_] == c)
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  std::size_t dots_ = 0;
  std::size_t brackets_ = 0;
  bool in_value_ = false;
};

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
  std::tie(tree.flaw, tree.line) = Guard(text).look();
  if (tree.flaw != Tree::Flaw::none) return tree;
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
