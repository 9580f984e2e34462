// A reader of TOML 1.0 for documents that nobody vouches for. toml++ 3.3, which reads our own configuration,
// is none: it tells the compiler that input has the form it should have (TOML_ASSERT_ASSUME,
// TOML_UNREACHABLE), so that
// "[\n" and "1979-05-27T)" are undefined behaviour, and it recurses as deep as keys have dots.
// Numbers and dates are taken as words: nothing that is looked for is one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "intake/encoding.hpp"
#include "intake/tree.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = std::uint32_t;
using Path = std::vector<std::string>;

bool is_bare(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Each function that reads says whether to go on: false where the tree has got a flaw.
class Reader {
 public:
  Reader(Tree& tree, std::string_view text) : tree_(tree), text_(text) {}

  void read() {
    if (text_.starts_with(kUtf8Bom)) at_ = kUtf8Bom.size();
    if (!is_utf8() || !create(TreeNode::kNone, {}, Kind::object)) return;
    Place table = 0;
    for (;;) {
      skip_blanks(true);
      if (at_end()) return;
      const bool header = peek() == '[';
      if (!(header ? read_header(table) : read_pair(table))) return;
      skip_blanks(false);
      if (!at_end() && peek() != '\n') {
        stop(Tree::Flaw::broken);
        return;
      }
    }
  }

 private:
  // What TOML allows to be done with a value later.
  enum class State : std::uint8_t {
    open,     // a table that was only mentioned: a header may define it
    defined,  // a table with a header, or with dotted keys
    tables,   // an array of tables: a header may add one
    closed,   // everything that is written in one piece
  };

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }

  bool stop(Tree::Flaw flaw, std::string key = {}) {
    tree_.flaw = at_end() && flaw == Tree::Flaw::broken ? Tree::Flaw::cut_off : flaw;
    tree_.line = line_;
    tree_.key = std::move(key);
    return false;
  }

  bool is_utf8() {
    auto rest = text_;
    while (!rest.empty()) {
      const auto length = utf8_length(rest);
      if (length == 0) return stop(Tree::Flaw::broken);
      if (rest.front() == '\n') ++line_;
      rest.remove_prefix(length);
    }
    line_ = 1;
    return true;
  }

  void step() {
    if (peek() == '\n') ++line_;
    ++at_;
  }
  bool take(char c) {
    if (at_end() || peek() != c) return false;
    step();
    return true;
  }

  // Also comments, and the CR of a CR LF.
  void skip_blanks(bool lines) {
    while (!at_end()) {
      if (peek() == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (is_blank(peek()) || text_.substr(at_, 2) == "\r\n" || (lines && peek() == '\n'))
        step();
      else
        return;
    }
  }

  bool create(Place parent, std::string key, Kind kind, std::string text = {}, State state = State::closed) {
    if (tree_.nodes.size() >= Tree::kMaxNodes) return stop(Tree::Flaw::large);
    TreeNode node{
        .kind = kind, .parent = parent, .line = line_, .key = std::move(key), .text = std::move(text)};
    const bool root = parent == TreeNode::kNone;
    if (root)
      ++tree_.roots;
    else
      node.index = children_[parent]++;
    const auto depth = root ? 0 : depths_[parent] + 1;
    if (depth >= Tree::kMaxDepth) return stop(Tree::Flaw::deep);
    made_ = static_cast<Place>(tree_.nodes.size());
    if (!root && tree_.nodes[parent].kind == Kind::object)
      members_.emplace(std::pair(parent, node.key), made_);
    tree_.nodes.push_back(std::move(node));
    children_.push_back(0);
    depths_.push_back(depth);
    states_.push_back(state);
    return true;
  }

  [[nodiscard]] Place member(Place table, const std::string& key) const {
    const auto known = members_.find({table, key});
    return known == members_.end() ? TreeNode::kNone : known->second;
  }

  // Leads `table` to its member `key`, which is made where it is not there.
  bool enter(Place& table, const std::string& key, State state) {
    const auto known = member(table, key);
    if (known == TreeNode::kNone) {
      if (!create(table, key, Kind::object, {}, state)) return false;
      table = made_;
      return true;
    }
    table = known;
    if (states_[known] == State::tables) {
      table = last_[known];
    } else if (states_[known] == State::closed) {
      return stop(Tree::Flaw::twice, key);
    }
    return true;
  }

  bool read_key(Path& path) {
    do {
      skip_blanks(false);
      std::string part;
      if (peek() == '"' || peek() == '\'') {
        if (!read_line_string(part)) return false;
      } else {
        while (is_bare(peek()))
          part += text_[at_++];
        if (part.empty()) return stop(Tree::Flaw::broken);
      }
      if (path.size() >= Tree::kMaxDepth) return stop(Tree::Flaw::deep);
      path.push_back(std::move(part));
      skip_blanks(false);
    } while (take('.'));
    return true;
  }

  // [a.b] or [[a.b]]
  bool read_header(Place& table) {
    step();
    const bool array = take('[');
    Path path;
    if (!read_key(path)) return false;
    if (!take(']') || (array && !take(']'))) return stop(Tree::Flaw::broken);
    const auto name = std::move(path.back());
    path.pop_back();
    table = 0;
    for (const auto& part : path)
      if (!enter(table, part, State::open)) return false;
    const auto known = member(table, name);
    if (!array) {
      if (known != TreeNode::kNone && states_[known] != State::open) return stop(Tree::Flaw::twice, name);
      if (!enter(table, name, State::open)) return false;
      states_[table] = State::defined;
      return true;
    }
    if (known != TreeNode::kNone && states_[known] != State::tables) return stop(Tree::Flaw::twice, name);
    if (known == TreeNode::kNone && !create(table, name, Kind::array, {}, State::tables)) return false;
    const auto list = known == TreeNode::kNone ? made_ : known;
    if (!create(list, {}, Kind::object, {}, State::defined)) return false;
    table = last_[list] = made_;
    return true;
  }

  // a.b = value
  bool read_pair(Place table) {
    Path path;
    if (!read_key(path)) return false;
    if (!take('=')) return stop(Tree::Flaw::broken);
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      if (!enter(table, path[i], State::defined)) return false;
    if (member(table, path.back()) != TreeNode::kNone) return stop(Tree::Flaw::twice, path.back());
    skip_blanks(false);
    return read_value(table, std::move(path.back()));
  }

  // Recurses no deeper than nodes may nest.
  bool read_value(Place parent, std::string key) {
    switch (peek()) {
      case '"':
      case '\'': {
        // Where it begins, as its node says.
        if (!create(parent, std::move(key), Kind::string)) return false;
        const auto place = made_;
        std::string text;
        const bool block = text_.substr(at_, 3) == std::string(3, peek());
        if (!(block ? read_block_string(text) : read_line_string(text))) return false;
        tree_.nodes[place].text = std::move(text);
        return true;
      }
      case '[':
        return create(parent, std::move(key), Kind::array) && read_array(made_);
      case '{':
        return create(parent, std::move(key), Kind::object, {}, State::defined) && read_inline_table(made_);
      default:
        return read_word(parent, std::move(key));
    }
  }

  bool read_array(Place array) {
    step();
    for (;;) {
      skip_blanks(true);
      if (take(']')) return true;
      if (!read_value(array, {})) return false;
      skip_blanks(true);
      if (take(',')) continue;
      return take(']') || stop(Tree::Flaw::broken);
    }
  }

  bool read_inline_table(Place table) {
    step();
    skip_blanks(false);
    if (!take('}')) {
      do {
        skip_blanks(false);
        if (!read_pair(table)) return false;
        skip_blanks(false);
      } while (take(','));
      if (!take('}')) return stop(Tree::Flaw::broken);
    }
    states_[table] = State::closed;
    return true;
  }

  // true, false, a number, a date.
  bool read_word(Place parent, std::string key) {
    const auto from = at_;
    while (is_bare(peek()) || peek() == '+' || peek() == '.' || peek() == ':' ||
           (peek() == ' ' && at_ - from == kDate && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' &&
            text_[at_ + 1] <= '9'))
      ++at_;
    if (at_ == from) return stop(Tree::Flaw::broken);
    return create(parent, std::move(key), Kind::other, std::string(text_.substr(from, at_ - from)));
  }

  bool read_line_string(std::string& out) {
    const char quote = peek();
    step();
    while (!at_end() && peek() != quote) {
      if (!read_character(out, quote, false)) return false;
    }
    return take(quote) || stop(Tree::Flaw::broken);
  }

  bool read_block_string(std::string& out) {
    const char quote = peek();
    at_ += 3;
    if (text_.substr(at_, 2) == "\r\n") ++at_;
    take('\n');
    for (;;) {
      if (at_end()) return stop(Tree::Flaw::broken);
      if (text_.substr(at_, 3) == std::string(3, quote)) break;
      if (!read_character(out, quote, true)) return false;
    }
    at_ += 3;
    // One or two quotes may stand right before the end.
    for (int i = 0; i < 2 && peek() == quote; ++i, ++at_)
      out += quote;
    return true;
  }

  bool read_character(std::string& out, char quote, bool block) {
    const char c = peek();
    if (c == '\\' && quote == '"') return read_escape(out, block);
    const bool line_end = block && (c == '\n' || text_.substr(at_, 2) == "\r\n");
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && !line_end) || byte == 0x7F) return stop(Tree::Flaw::broken);
    out += c;
    step();
    return true;
  }

  bool read_escape(std::string& out, bool block) {
    step();
    constexpr std::string_view kLetters = R"(btnfr"\)";
    constexpr std::string_view kMeant = "\b\t\n\f\r\"\\";
    const char c = peek();
    if (const auto known = kLetters.find(c); !at_end() && known != std::string_view::npos) {
      out += kMeant[known];
      step();
      return true;
    }
    if (c == 'u' || c == 'U') return read_code_point(out, c == 'u' ? 4 : 8);
    // A backslash at the end of a line takes the blanks behind it away.
    const auto next = text_.find_first_not_of(" \t\r", at_);
    if (!block || next == std::string_view::npos || text_[next] != '\n') return stop(Tree::Flaw::broken);
    while (!at_end() && (is_blank(peek()) || peek() == '\r' || peek() == '\n'))
      step();
    return true;
  }

  bool read_code_point(std::string& out, std::size_t digits) {
    step();
    const auto bytes = bytes_of_hex(text_.substr(at_, digits));
    if (!bytes || bytes->size() != digits / 2) return stop(Tree::Flaw::broken);
    std::uint32_t code_point = 0;
    for (const char byte : *bytes)
      code_point = code_point << 8U | static_cast<unsigned char>(byte);
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
      return stop(Tree::Flaw::broken);
    append_utf8(out, code_point);
    at_ += digits;
    return true;
  }

  static constexpr std::size_t kDate = 10;  // characters of one, before the blank in front of a time

  Tree& tree_;
  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  Place made_ = 0;  // what create() made last
  std::vector<std::uint32_t> children_;
  std::vector<std::size_t> depths_;
  std::vector<State> states_;
  std::map<std::pair<Place, std::string>, Place> members_;
  std::map<Place, Place> last_;  // the last table of each array of tables
};

}  // namespace

Tree tree_of_toml(std::string_view text) {
  Tree tree;
  Reader(tree, text).read();
  return tree;
}

}  // namespace nct
