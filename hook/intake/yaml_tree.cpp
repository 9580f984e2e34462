// All of libyaml that there is.
#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <yaml.h>

#include "base/text.hpp"
#include "intake/tree.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;

std::string_view text_of(const yaml_char_t* chars) {
  return chars == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(chars));
}

// What a plain scalar means where it is no string, by YAML 1.1's core types as far as they matter here.
Kind kind_of_plain(std::string_view text) {
  if (text.empty() || text == "~") return Kind::null;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  if (lower == "null") return Kind::null;
  constexpr std::string_view kBooleans[] = {"true", "false", "yes", "no", "on", "off"};
  if (std::ranges::find(kBooleans, std::string_view(lower)) != std::end(kBooleans)) return Kind::other;
  constexpr std::size_t kLongestNumber = 32;
  const bool number = text.size() <= kLongestNumber &&
                      text.find_first_not_of("0123456789+-._eExXoOabcdfABCDF:") == std::string_view::npos &&
                      text.find_first_of("0123456789") <= 1;
  return number ? Kind::other : Kind::string;
}

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }

  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }
  [[nodiscard]] unsigned line() const { return static_cast<unsigned>(event_.start_mark.line + 1); }

 private:
  yaml_event_t event_{};
};

class Parser {
 public:
  explicit Parser(std::string_view text) : works_(yaml_parser_initialize(&parser_) != 0) {
    if (!works_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    if (works_) yaml_parser_delete(&parser_);
  }

  bool parse(Event& event) { return works_ && yaml_parser_parse(&parser_, event.get()) != 0; }
  [[nodiscard]] bool wants_more() const {
    return parser_.problem != nullptr && std::string_view(parser_.problem).contains("end of stream");
  }
  [[nodiscard]] unsigned line() const {
    const auto& mark = parser_.error == YAML_READER_ERROR ? parser_.mark : parser_.problem_mark;
    return static_cast<unsigned>(mark.line + 1);
  }

 private:
  yaml_parser_t parser_{};
  bool works_;
};

constexpr std::string_view kMerge = "<<";

// Puts what the merge keys of a tree name in their place (https://yaml.org/type/merge.html), as PyYAML does:
// an object's own keys win; of several objects in a list the first one does, of several merge keys the last
// one.
class Merger {
 public:
  // `merges` are the places of the values of merge keys.
  Merger(Tree& tree, const std::set<std::size_t>& merges)
      : tree_(tree), merges_(merges), children_(tree.nodes.size()) {
    for (std::size_t i = 0; i < tree.nodes.size(); ++i)
      if (tree.nodes[i].parent != TreeNode::kNone) children_[tree.nodes[i].parent].push_back(i);
  }

  void merge() {
    Tree merged{.says_cloud_config = tree_.says_cloud_config, .says_cloud_archive = tree_.says_cloud_archive};
    TreeBuilder builder(merged);
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i)
      if (tree_.nodes[i].parent == TreeNode::kNone && !copy(i, builder)) break;
    tree_ = std::move(merged);
  }

 private:
  // No deeper than the tree, which is Tree::kMaxDepth at most.
  bool copy(std::size_t place, TreeBuilder& builder) {  // NOLINT(misc-no-recursion)
    const auto& node = tree_.nodes[place];
    if (node.kind != Kind::object && node.kind != Kind::array)
      return builder.add(node.kind, node.text, node.line, node.encoded);
    std::vector<std::size_t> members = children_[place];
    if (node.kind == Kind::object) {
      members.clear();
      std::set<std::string_view> keys;
      if (!collect(place, keys, members)) return builder.stop(Tree::Flaw::broken, node.line);
    }
    if (!builder.open(node.kind, node.line)) return false;
    for (const auto member : members) {
      if (node.kind == Kind::object && !builder.key(tree_.nodes[member].key, tree_.nodes[member].line))
        return false;
      if (!copy(member, builder)) return false;
    }
    return builder.close();
  }

  // The members of an object whose keys are not in `keys` yet: its own, then those that it merges. False
  // where it merges what is no object.
  bool collect(std::size_t object, std::set<std::string_view>& keys,  // NOLINT(misc-no-recursion)
               std::vector<std::size_t>& members) {
    for (const auto member : children_[object])
      if (!merges_.contains(member) && keys.insert(tree_.nodes[member].key).second) members.push_back(member);
    for (const auto member : std::views::reverse(children_[object])) {
      if (!merges_.contains(member)) continue;
      const bool list = tree_.nodes[member].kind == Kind::array;
      for (const auto each : list ? children_[member] : std::vector{member})
        if (tree_.nodes[each].kind != Kind::object || !collect(each, keys, members)) return false;
    }
    return true;
  }

  Tree& tree_;
  const std::set<std::size_t>& merges_;
  std::vector<std::vector<std::size_t>> children_;
};

class Reader {
 public:
  explicit Reader(Tree& tree) : tree_(tree), builder_(tree) {}

  void read(std::string_view text) {
    Parser parser(text);
    for (bool more = true; more;) {
      Event event;
      if (!parser.parse(event)) {
        builder_.stop(parser.wants_more() ? Tree::Flaw::cut_off : Tree::Flaw::broken, parser.line());
        return;
      }
      more = event->type != YAML_STREAM_END_EVENT && take(event);
    }
    if (tree_.flaw == Tree::Flaw::none && !merges_.empty()) Merger(tree_, merges_).merge();
  }

 private:
  struct Level {
    bool wants_key = false;
    std::string anchor;
    std::size_t node = 0;
  };
  // Nodes [from, to) of the tree; a whole value.
  struct Anchored {
    std::size_t from = 0;
    std::size_t to = 0;
  };

  // NOLINTBEGIN(cppcoreguidelines-pro-type-union-access): libyaml's events are, by their type
  bool take(const Event& event) {
    switch (event->type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        return true;
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_ALIAS_EVENT:
        return alias(std::string(text_of(event->data.alias.anchor)), event.line());
      case YAML_SEQUENCE_START_EVENT:
        return open(Kind::array, text_of(event->data.sequence_start.anchor), event.line());
      case YAML_MAPPING_START_EVENT:
        return open(Kind::object, text_of(event->data.mapping_start.anchor), event.line());
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return true;
    }
  }

  [[nodiscard]] bool at_key() const { return !levels_.empty() && levels_.back().wants_key; }

  // What stands here is whole.
  void finish(std::size_t from, const std::string& anchor) {
    if (!anchor.empty()) anchors_[anchor] = {.from = from, .to = tree_.nodes.size()};
    const auto* container = builder_.container();
    if (container != nullptr && container->kind == Kind::object) levels_.back().wants_key = true;
  }

  bool scalar(const Event& event) {
    const auto& data = event->data.scalar;
    // NOLINTEND(cppcoreguidelines-pro-type-union-access)
    std::string text(reinterpret_cast<const char*>(data.value), data.length);
    if (at_key()) {
      levels_.back().wants_key = false;
      if (text == kMerge && data.style == YAML_PLAIN_SCALAR_STYLE) {
        merges_.insert(tree_.nodes.size());
        text += std::to_string(tree_.nodes.size());  // there may be several
      }
      return builder_.key(std::move(text), event.line());
    }
    const bool plain = data.style == YAML_PLAIN_SCALAR_STYLE && data.tag == nullptr;
    const auto kind = plain ? kind_of_plain(text) : Kind::string;
    const auto from = tree_.nodes.size();
    const bool binary = text_of(data.tag) == "tag:yaml.org,2002:binary";
    if (!builder_.add(kind, std::move(text), event.line(), binary)) return false;
    finish(from, std::string(text_of(data.anchor)));
    return true;
  }

  bool open(Kind kind, std::string_view anchor, unsigned line) {
    if (at_key()) return builder_.stop(Tree::Flaw::broken, line);  // a key that is no text
    const auto from = tree_.nodes.size();
    if (!builder_.open(kind, line)) return false;
    levels_.push_back({.wants_key = kind == Kind::object, .anchor = std::string(anchor), .node = from});
    return true;
  }

  bool close() {
    const auto level = std::move(levels_.back());
    levels_.pop_back();
    builder_.close();
    finish(level.node, level.anchor);
    return true;
  }

  // Copies what the alias stands for, so that nobody behind this must know of aliases.
  bool alias(const std::string& name, unsigned line) {
    const auto known = anchors_.find(name);
    if (known == anchors_.end() || at_key()) return builder_.stop(Tree::Flaw::alias, line, name);
    const auto [from, to] = known->second;
    const auto at = tree_.nodes.size();
    std::vector<std::size_t> open;  // the originals whose copies are open
    for (auto i = from; i < to; ++i) {
      const auto original = tree_.nodes[i];
      while (i > from && open.back() != original.parent) {
        open.pop_back();
        builder_.close();
      }
      copied_ += original.key.size() + original.text.size();
      if (copied_ > Tree::kMaxCopiedBytes) return builder_.stop(Tree::Flaw::large, line);
      if (i > from && tree_.nodes[original.parent].kind == Kind::object && !builder_.key(original.key, line))
        return false;
      if (i > from && merges_.contains(i)) merges_.insert(tree_.nodes.size());
      const bool nests = original.kind == Kind::object || original.kind == Kind::array;
      if (!(nests ? builder_.open(original.kind, line)
                  : builder_.add(original.kind, original.text, line, original.encoded)))
        return false;
      if (nests) open.push_back(i);
    }
    for (; !open.empty(); open.pop_back())
      builder_.close();
    finish(at, {});
    return true;
  }

  Tree& tree_;
  TreeBuilder builder_;
  std::vector<Level> levels_;
  std::map<std::string, Anchored> anchors_;
  std::set<std::size_t> merges_;  // values of merge keys
  std::size_t copied_ = 0;
};

}  // namespace

Tree tree_of_yaml(std::string_view text) {
  Tree tree;
  tree.says_cloud_archive = text.starts_with("#cloud-config-archive");
  tree.says_cloud_config = text.starts_with("#cloud-config") || text.starts_with("## template: jinja");
  Reader(tree).read(text);
  return tree;
}

}  // namespace nct
