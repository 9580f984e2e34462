#include "intake/tree_shapes.hpp"

#include <algorithm>
#include <utility>

#include "intake/cloud_archive.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

void read_list(TreeFields& fields) {
  using Kind = TreeNode::Kind;
  for (const auto root : fields.roots()) {
    if (!fields.is(root, Kind::array)) continue;
    const auto& items = fields.children(root);
    const auto is_text = [&](TreeFields::Place place) { return fields.is(place, Kind::string); };
    if (!items.empty() && std::ranges::none_of(items, is_text)) continue;
    if (!fields.has(Shape::list)) continue;
    items.empty() ? fields.say_blank() : fields.want_list(root, {.base64 = true});
  }
}

Fields fields_of(const Tree& tree, Shape as) {
  if (tree.says_cloud_archive && (as == Shape::sniffed || as == Shape::cloud_config))
    return fields_of_archive(tree);
  TreeFields fields(tree, as);
  read_azure(fields);
  read_kubernetes(fields);
  read_first_boot(fields);
  read_cluster(fields);
  read_node_system(fields);
  read_list(fields);
  if (!fields.has_any()) read_map(fields);
  if (!fields.has_any()) recognise_azure(fields);
  if (fields.has_any()) return std::move(fields).take();
  const auto name = unread_shape(fields);
  const auto place = first_certificates(fields);
  auto taken = std::move(fields).take();
  taken.known_as = name;
  if (place != TreeFields::kNowhere) {
    taken.certificates_at = tree.path_of(tree.nodes[place]);
    taken.certificates_line = tree.nodes[place].line;
  }
  return taken;
}

}  // namespace nct
