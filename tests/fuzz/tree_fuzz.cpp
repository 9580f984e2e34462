// Any text, read as each language of structured documents: the tree keeps the promises of intake/tree.hpp,
// and so do the fields that are found in it.
#include "fuzz/promises.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "intake/environment.hpp"
#include "intake/tree.hpp"
#include "intake/tree_shapes.hpp"

namespace {

using namespace nct;

void keeps_promises(const Fields& fields) {
  for (const auto* list : {&fields.wanted, &fields.others})
    for (const auto& field : *list)
      test::promise(field.line > 0);
  for (auto flaw : fields.flaws) {
    flaw.origin.file = "f";
    test::promise(test::is_fit_for_people(flaw));
  }
  for (const auto& field : fields.wanted)
    test::promise(field.holds != Holds::certificates ||
                  (field.proxy ? fields.proxy : fields.custom) == Says::some);
}

void keeps_promises(const Tree& tree) {
  test::promise(tree.nodes.size() <= Tree::kMaxNodes);
  test::promise((tree.flaw == Tree::Flaw::none) == (tree.line == 0));
  std::vector<std::size_t> depths;
  std::uint32_t roots = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const auto& node = tree.nodes[i];
    test::promise(node.line > 0);
    const bool root = node.parent == TreeNode::kNone;
    roots += root ? 1U : 0U;
    test::promise(root || node.parent < i);
    depths.push_back(root ? 1 : depths[node.parent] + 1);
    test::promise(depths.back() <= Tree::kMaxDepth + 1);
    test::promise(root || tree.nodes[node.parent].kind == TreeNode::Kind::object ||
                  tree.nodes[node.parent].kind == TreeNode::Kind::array);
  }
  test::promise(roots == tree.roots);
  if (tree.flaw == Tree::Flaw::none) keeps_promises(fields_of(tree, Shape::sniffed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  keeps_promises(tree_of_json(text));
  keeps_promises(tree_of_yaml(text));
  keeps_promises(tree_of_toml(text));
  keeps_promises(fields_of_environment(text));
  return 0;
}
