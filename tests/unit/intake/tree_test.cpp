#include "intake/tree.hpp"

#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

using namespace nct;

namespace {

// A line for each value that holds no others: "path @line kind text"; or the flaw.
std::string told(const Tree& tree) {
  constexpr std::string_view kFlaws[] = {"none", "broken", "cut off", "deep", "large", "twice", "alias"};
  if (tree.flaw != Tree::Flaw::none)
    return concat(kFlaws[static_cast<std::size_t>(tree.flaw)], " @", std::to_string(tree.line),
                  tree.key.empty() ? "" : " ", tree.key, "\n");
  std::string out;
  for (const auto& node : tree.nodes) {
    if (node.kind == TreeNode::Kind::object || node.kind == TreeNode::Kind::array) continue;
    const auto kind = node.kind == TreeNode::Kind::string ? " '"
                      : node.kind == TreeNode::Kind::null ? " null"
                                                          : " word ";
    out += concat(tree.path_of(node), " @", std::to_string(node.line), kind, printable(node.text),
                  node.kind == TreeNode::Kind::string ? "'" : "", node.encoded ? " encoded" : "", "\n");
  }
  return out;
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

void check_all(Tree (&read)(std::string_view), const std::vector<Case>& cases) {
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(told(read(text)) == expected);
  }
}

}  // namespace

TEST_CASE("TOML: values") {
  check_all(tree_of_toml,
            {
                {"", ""},
                {"# nothing\n\n", ""},
                {"a = \"x\"\nb = 'y\\n'\n", "a @1 'x'\nb @2 'y\\n'\n"},
                {"a = \"\\t\\\"\\\\\\u00e9\\U0001F600\"", "a @1 '\\x09\"\\\xC3\xA9\xF0\x9F\x98\x80'\n"},
                {"a = \"\"\"\nx\ny\"\"\"\nb = 1", "a @1 'x\\x0ay'\nb @4 word 1\n"},
                {"a = \"\"\"x\\\n   \n  y\"\"\"\n", "a @1 'xy'\n"},
                {"a = '''\nx\\''y'''''\n", "a @1 'x\\''y'''\n"},
                {"a = \"\"\"\"x\"\"\"\"\"\n", "a @1 '\"x\"\"'\n"},
                {"a = true # yes\nb = -1.5e+3\nc = 1979-05-27 07:32:00Z\nd = 1979-05-27\n",
                 "a @1 word true\nb @2 word -1.5e+3\nc @3 word 1979-05-27 07:32:00Z\nd @4 word 1979-05-27\n"},
                {"a = [1, 'x', # one\n [], ['y',],\n]\n", "a[0] @1 word 1\na[1] @1 'x'\na[3][0] @2 'y'\n"},
                {"a = {b = 1, c.d = '2', e = {}}\n", "a.b @1 word 1\na.c.d @1 '2'\n"},
                {"a.\"b c\".'d' = 1\r\na . e = 2\r\n", "a[\"b c\"].d @1 word 1\na.e @2 word 2\n"},
            });
}

TEST_CASE("TOML: tables") {
  check_all(tree_of_toml,
            {
                {"[b]\nx = 1\n[a.c]\nx = 2\n[a]\ny = 3\n", "b.x @2 word 1\na.c.x @4 word 2\na.y @6 word 3\n"},
                {"[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\nx = 3\n[a.b]\ny = 4\n",
                 "a[0].x @2 word 1\na[0].b.y @4 word 2\na[1].x @6 word 3\na[1].b.y @8 word 4\n"},
                {"[ a . \"b\" ] # here\nx = 1\n", "a.b.x @2 word 1\n"},
            });
}

TEST_CASE("TOML: what is wrong") {
  check_all(tree_of_toml, {
                              {"a = 1\na = 2\n", "twice @2 a\n"},
                              {"[a]\n[a]\n", "twice @2 a\n"},
                              {"a = {b = 1}\n[a.c]\n", "twice @2 a\n"},
                              {"a = {b = 1}\na.c = 2\n", "twice @2 a\n"},
                              {"a = [{}]\n[[a]]\n", "twice @2 a\n"},
                              {"[[a]]\n[a]\n", "twice @2 a\n"},
                              {"a = \"x\n\"\n", "broken @1\n"},
                              {"a = \"\\x\"\n", "broken @1\n"},
                              {"a = \"\\ud800\"\n", "broken @1\n"},
                              {"a = 'x\x01'\n", "broken @1\n"},
                              {"\n\na\n", "broken @3\n"},
                              {"a = 1 b = 2\n", "broken @1\n"},
                              {"[\n\"a\"]\n", "broken @1\n"},
                              {"a = 1979-05-27T)\n", "broken @1\n"},
                              {"[a.\xC3\xA9]\n", "broken @1\n"},
                              {"\n# \xFF\n", "broken @2\n"},
                              {"a = {b = 1\n}\n", "broken @1\n"},
                              {"a = \"x", "cut off @1\n"},
                              {"a = \"\"\"x\n\n", "cut off @3\n"},
                              {"a = [\n1,\n", "cut off @3\n"},
                              {"[a", "cut off @1\n"},
                              {"a = \"\\u00", "broken @1\n"},
                          });
}

TEST_CASE("YAML: values") {
  check_all(tree_of_yaml,
            {
                {"", ""},
                {"a: x\nb: 'y'\nc: \"z\\u00e9\"\n", "a @1 'x'\nb @2 'y'\nc @3 'z\xC3\xA9'\n"},
                {"a:\nb: ~\nc: null\nd: 'null'\n", "a @1 null\nb @2 null~\nc @3 nullnull\nd @4 'null'\n"},
                {"a: true\nb: 12\nc: 0x1F\nd: No\ne: cafe\n",
                 "a @1 word true\nb @2 word 12\nc @3 word 0x1F\nd @4 word No\ne @5 'cafe'\n"},
                {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "a @1 'x\\x0ay\\x0a'\nb @4 'x y'\n"},
                {"a: !!binary eA==\nb: !!str 12\n", "a @1 'eA==' encoded\nb @2 '12'\n"},
                {"- a\n- {b: [c, d]}\n", "[0] @1 'a'\n[1].b[0] @2 'c'\n[1].b[1] @2 'd'\n"},
                {"a: 1\n---\nb: 2\n", "document 1: a @1 word 1\ndocument 2: b @3 word 2\n"},
                {"a: &x {b: c, d: [e]}\nf: *x\ng: [*x]\n",
                 "a.b @1 'c'\na.d[0] @1 'e'\nf.b @2 'c'\nf.d[0] @2 'e'\ng[0].b @3 'c'\ng[0].d[0] @3 'e'\n"},
                {"a: &x b\nc: *x\nx: &x d\ne: *x\n", "a @1 'b'\nc @2 'b'\nx @3 'd'\ne @4 'd'\n"},
            });
}

TEST_CASE("YAML: what is wrong") {
  check_all(tree_of_yaml, {
                              {"a: b\na: c\n", "twice @2 a\n"},
                              {"a: *x\n", "alias @1 x\n"},
                              {"a: &x [*x]\n", "alias @1 x\n"},
                              {"a: &x b\n---\nc: *x\n", "alias @3 x\n"},
                              {"&x a: b\n*x : c\n", "alias @2 x\n"},
                              {"? [a]\n: b\n", "broken @1\n"},
                              {"a: [b\n", "broken @2\n"},
                              {"a: \"b\n", "cut off @2\n"},
                              {"a: b\n c: d\n", "broken @2\n"},
                              {"a: \xFF\n", "broken @1\n"},
                              {"a: @b\n", "broken @1\n"},
                          });
}

TEST_CASE("JSON: values, and what is wrong") {
  check_all(tree_of_json, {
                              {"{\"a\": \"x\\n\\u00e9\", \"b\": [null, true, 1.5]}",
                               "a @1 'x\\x0a\xC3\xA9'\nb[0] @1 null\nb[1] @1 word true\nb[2] @1 word \n"},
                              {"{\"a\": 1,\n\"a\": 2}", "twice @2 a\n"},
                              {"{\"a\": ", "cut off @1\n"},
                              {"{\"a\":\n b}", "broken @2\n"},
                          });
}
