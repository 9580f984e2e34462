// YAML's merge keys, as PyYAML resolves them, and with it cloud-init. The expected values follow its rules.
#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"
#include "intake/tree.hpp"

using namespace nct;

namespace {

// "a=1 b.c=2": every value with its place; or why there are none.
std::string values(std::string_view yaml) {
  const auto tree = tree_of_yaml(yaml);
  if (tree.flaw == Tree::Flaw::broken) return "broken";
  if (tree.flaw != Tree::Flaw::none) return "flawed";
  std::string out;
  for (const auto& node : tree.nodes)
    if (node.kind != TreeNode::Kind::object && node.kind != TreeNode::Kind::array)
      out += concat(out.empty() ? "" : " ", tree.path_of(node), "=", node.text);
  return out;
}

}  // namespace

TEST_CASE("merge keys are what they name") {
  CHECK(values("x: &x {a: one, b: two}\ny:\n  <<: *x\n  b: own\n") == "x.a=one x.b=two y.b=own y.a=one");
  CHECK(values("y:\n  b: own\n  <<: {a: one, b: two}\n") == "y.b=own y.a=one");
  CHECK(values("- &x {a: one, b: two}\n- &z {b: other, c: three}\n- <<: [*x, *z]\n") ==
        "[0].a=one [0].b=two [1].b=other [1].c=three [2].a=one [2].b=two [2].c=three");
  CHECK(values("- &x {a: one}\n- &y {<<: *x, b: two}\n- {<<: *y, c: three}\n") ==
        "[0].a=one [1].b=two [1].a=one [2].c=three [2].b=two [2].a=one");
  CHECK(values("y: {<<: {a: one}, <<: {a: two}}\n") == "y.a=two");
  CHECK(values("- &x {l: [p, q]}\n- {<<: *x}\n") == "[0].l[0]=p [0].l[1]=q [1].l[0]=p [1].l[1]=q");
  CHECK(values("- &x {a: one}\n- {m: {<<: *x}, <<: *x}\n") == "[0].a=one [1].m.a=one [1].a=one");
}

TEST_CASE("what only looks like a merge key") {
  CHECK(values("y: {'<<': {a: one}}\n") == "y[\"<<\"].a=one");
  CHECK(values("y: {<<: text}\n") == "broken");
  CHECK(values("y: {<<: [{a: one}, text]}\n") == "broken");
  CHECK(values("y: {<<: {}}\n") == "");
}

TEST_CASE("a merge brings what an alias of it would, and no more") {
  std::string yaml = "a0: &a0 {k: v}\n";
  for (int i = 1; i < 30; ++i) {
    const auto before = std::to_string(i - 1);
    yaml += concat("a", std::to_string(i), ": &a", std::to_string(i), " {<<: [*a", before, ", *a", before,
                   "]}\n");
  }
  CHECK(values(yaml) == "flawed");
}
