#include "intake/json_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

using Json = nlohmann::json;

// Reads on, and counts the lines it read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, unsigned* line) : at_(at), line_(line) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  unsigned* line_;
};

// What the parser calls. False ends the parsing.
class Builder {
 public:
  Builder(JsonTree& tree, const unsigned& line, std::size_t size) : tree_(tree), line_(line), size_(size) {}

  bool null() { return add(JsonNode::Kind::null, {}); }
  bool boolean(bool /*value*/) { return add(JsonNode::Kind::other, {}); }
  bool number_integer(Json::number_integer_t /*value*/) { return add(JsonNode::Kind::other, {}); }
  bool number_unsigned(Json::number_unsigned_t /*value*/) { return add(JsonNode::Kind::other, {}); }
  bool number_float(Json::number_float_t /*value*/, const std::string& /*text*/) {
    return add(JsonNode::Kind::other, {});
  }
  bool string(std::string& text) { return add(JsonNode::Kind::string, std::move(text)); }
  bool binary(Json::binary_t& /*value*/) { return false; }

  bool start_object(std::size_t /*elements*/) { return open(JsonNode::Kind::object); }
  bool start_array(std::size_t /*elements*/) { return open(JsonNode::Kind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& key) {
    key_ = std::move(key);
    if (keys_.emplace(open_.back().node, key_).second) return true;
    tree_.key = key_;
    return stop(JsonTree::Flaw::twice);
  }

  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) {
    return stop(position > size_ ? JsonTree::Flaw::cut_off : JsonTree::Flaw::broken);
  }

 private:
  struct Open {
    std::uint32_t node = 0;
    std::uint32_t children = 0;
  };

  bool stop(JsonTree::Flaw flaw) {
    tree_.flaw = flaw;
    tree_.line = line_;
    return false;
  }

  bool add(JsonNode::Kind kind, std::string text) {
    if (tree_.nodes.size() >= JsonTree::kMaxNodes) return stop(JsonTree::Flaw::large);
    JsonNode node{.kind = kind, .line = line_, .key = std::exchange(key_, {}), .text = std::move(text)};
    if (!open_.empty()) {
      node.parent = open_.back().node;
      node.index = open_.back().children++;
    }
    tree_.nodes.push_back(std::move(node));
    return true;
  }

  bool open(JsonNode::Kind kind) {
    if (open_.size() >= JsonTree::kMaxDepth) return stop(JsonTree::Flaw::deep);
    if (!add(kind, {})) return false;
    open_.push_back({.node = static_cast<std::uint32_t>(tree_.nodes.size() - 1)});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  JsonTree& tree_;
  const unsigned& line_;
  std::size_t size_;
  std::string key_;
  std::vector<Open> open_;
  std::set<std::pair<std::uint32_t, std::string>> keys_;
};

bool is_plain(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '-';
  });
}

}  // namespace

std::string JsonTree::path_of(const JsonNode& node) const {
  constexpr std::size_t kLongestKey = 100;
  std::vector<const JsonNode*> way;
  for (const auto* at = &node; at->parent != JsonNode::kRoot; at = &nodes[at->parent])
    way.push_back(at);
  std::string path;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    const auto name = std::string_view((*step)->key).substr(0, kLongestKey);
    if (nodes[(*step)->parent].kind == JsonNode::Kind::array) {
      path += concat("[", std::to_string((*step)->index), "]");
    } else if (is_plain(name)) {
      path += concat(path.empty() ? "" : ".", name);
    } else {
      path += concat("[\"", name, "\"]");
    }
  }
  return path;
}

JsonTree json_tree_of(std::string_view text) {
  JsonTree tree;
  unsigned line = 1;
  Builder builder(tree, line, text.size());
  // Not Json::sax_parse(): it brings the readers of four binary formats along.
  auto input = nlohmann::detail::input_adapter(CountingIterator(text.data(), &line),
                                               CountingIterator(text.data() + text.size(), &line));
  nlohmann::detail::parser<Json, decltype(input)> parser(std::move(input), nullptr, true, false);
  const bool whole = parser.sax_parse(&builder);
  if (!whole && tree.flaw == JsonTree::Flaw::none) tree.flaw = JsonTree::Flaw::broken;
  return tree;
}

}  // namespace nct
