// All of nlohmann-json that intake has.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "intake/tree.hpp"
#include "intake/tree_builder.hpp"

namespace nct {

namespace {

using Json = nlohmann::json;
using Kind = TreeNode::Kind;

// Where the text is read; shared by all iterators, so that one parser goes on where another ended.
struct Cursor {
  const char* at = nullptr;
  unsigned line = 1;
};

// Reads on, and counts the lines it read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  explicit CountingIterator(Cursor* cursor) : cursor_(cursor) {}
  explicit CountingIterator(const char* end) : end_(end) {}

  reference operator*() const { return *cursor_->at; }
  CountingIterator& operator++() {
    if (*cursor_->at == '\n') ++cursor_->line;
    ++cursor_->at;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return place() == other.place(); }

 private:
  [[nodiscard]] const char* place() const { return cursor_ == nullptr ? end_ : cursor_->at; }

  Cursor* cursor_ = nullptr;
  const char* end_ = nullptr;
};

// What the parser calls. False ends the parsing.
class Events {
 public:
  Events(Tree& tree, const Cursor& cursor, const char* end)
      : builder_(tree), cursor_(cursor), line_(cursor.line), end_(end) {}

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

  // `position` counts a character more where the parser wanted one behind the end.
  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) {
    const bool beyond = position > static_cast<std::size_t>(end_ - begin_);
    return builder_.stop(beyond ? Tree::Flaw::cut_off : Tree::Flaw::broken, line_);
  }

  void begin() { begin_ = cursor_.at; }  // of the next value

 private:
  TreeBuilder builder_;
  const Cursor& cursor_;
  const unsigned& line_;
  const char* begin_ = nullptr;
  const char* end_;
};

// Over a comment, as the parser takes it, if one stands there whole.
bool skip_comment(Cursor& cursor, const char* end) {
  const std::string_view rest(cursor.at, static_cast<std::size_t>(end - cursor.at));
  const bool line = rest.starts_with("//");
  if (!line && !rest.starts_with("/*")) return false;
  const std::string_view close = line ? "\n" : "*/";
  const auto found = rest.find(close, 2);
  if (found == std::string_view::npos && !line) return false;
  const auto comment = rest.substr(0, found == std::string_view::npos ? rest.size() : found + close.size());
  cursor.line += static_cast<unsigned>(std::ranges::count(comment, '\n'));
  cursor.at += comment.size();
  return true;
}

// Whether another value follows: they may stand one behind the other, parted by white space, comments, or by
// the separator of RFC 7464, as tools write streams and JSON lines.
bool skip_to_value(Cursor& cursor, const char* end) {
  constexpr char kRecordSeparator = '\x1E';
  while (cursor.at != end) {
    if (is_space(*cursor.at) || *cursor.at == kRecordSeparator) {
      if (*cursor.at == '\n') ++cursor.line;
      ++cursor.at;
    } else if (!skip_comment(cursor, end)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Tree tree_of_json(std::string_view text) {
  Tree tree;
  constexpr bool kExceptions = true;
  constexpr bool kComments = true;  // ARM's templates have them
  Cursor cursor{.at = std::to_address(text.begin())};
  const char* const end = std::to_address(text.end());
  Events events(tree, cursor, end);
  do {
    events.begin();
    // Not Json::sax_parse(): it brings the readers of four binary formats along.
    const auto input = [&] {
      return nlohmann::detail::input_adapter(CountingIterator(&cursor), CountingIterator(end));
    };
    nlohmann::detail::parser<Json, decltype(input())> parser(input(), nullptr, kExceptions, kComments);
    if (!parser.sax_parse(&events, false) && tree.flaw == Tree::Flaw::none) tree.flaw = Tree::Flaw::broken;
  } while (tree.flaw == Tree::Flaw::none && skip_to_value(cursor, end));
  return tree;
}

}  // namespace nct
