// All of nlohmann-json that intake has.
#include <cstddef>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "intake/tree.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

using Json = nlohmann::json;
using Kind = TreeNode::Kind;

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
class Events {
 public:
  Events(Tree& tree, const unsigned& line, std::size_t size) : builder_(tree), line_(line), size_(size) {}

  bool null() { return builder_.add(Kind::null, {}, line_); }
  bool boolean(bool value) { return builder_.add(Kind::other, value ? "true" : "false", line_); }
  bool number_integer(Json::number_integer_t /*value*/) { return builder_.add(Kind::other, {}, line_); }
  bool number_unsigned(Json::number_unsigned_t /*value*/) { return builder_.add(Kind::other, {}, line_); }
  bool number_float(Json::number_float_t /*value*/, const std::string& /*text*/) {
    return builder_.add(Kind::other, {}, line_);
  }
  bool string(std::string& text) { return builder_.add(Kind::string, std::move(text), line_); }
  static bool binary(Json::binary_t& /*value*/) { return false; }

  bool start_object(std::size_t /*elements*/) { return builder_.open(Kind::object, line_); }
  bool start_array(std::size_t /*elements*/) { return builder_.open(Kind::array, line_); }
  bool end_object() { return builder_.close(); }
  bool end_array() { return builder_.close(); }
  bool key(std::string& key) { return builder_.key(std::move(key), line_); }

  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) {
    return builder_.stop(position > size_ ? Tree::Flaw::cut_off : Tree::Flaw::broken, line_);
  }

 private:
  TreeBuilder builder_;
  const unsigned& line_;
  std::size_t size_;
};

}  // namespace

Tree tree_of_json(std::string_view text) {
  Tree tree;
  unsigned line = 1;
  Events events(tree, line, text.size());
  // Not Json::sax_parse(): it brings the readers of four binary formats along.
  const CountingIterator begin(std::to_address(text.begin()), &line);
  const CountingIterator end(std::to_address(text.end()), &line);
  using Input = decltype(nlohmann::detail::input_adapter(begin, end));
  nlohmann::detail::parser<Json, Input> parser(nlohmann::detail::input_adapter(begin, end), nullptr, true,
                                               false);
  const bool whole = parser.sax_parse(&events);
  if (!whole && tree.flaw == Tree::Flaw::none) tree.flaw = Tree::Flaw::broken;
  return tree;
}

}  // namespace nct
