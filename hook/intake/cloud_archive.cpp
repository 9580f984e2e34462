#include "intake/cloud_archive.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "intake/tree_fields.hpp"
#include "intake/tree_shapes.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

// Takes `part` for something that stands in the text at `place`.
void add(Fields& fields, Fields part, const TreeNode& text, const std::string& path) {
  const auto rename = [&](std::string& name, unsigned& line) {
    name = name.empty() ? path : concat(path, ": ", name);
    line += text.line;
  };
  for (auto* list : {&part.wanted, &part.others})
    for (auto& field : *list)
      rename(field.name, field.line);
  for (auto& flaw : part.flaws)
    rename(flaw.origin.field, flaw.origin.line);
  std::ranges::move(part.wanted, std::back_inserter(fields.wanted));
  std::ranges::move(part.others, std::back_inserter(fields.others));
  std::ranges::move(part.flaws, std::back_inserter(fields.flaws));
  fields.custom = std::max(fields.custom, part.custom);
}

// How cloud-init tells: by the type that is said, or by the first line.
bool is_cloud_config(const TreeFields& list, Place part, std::string_view content) {
  return list.text(list.child(part, "type")) == "text/cloud-config" || content.starts_with("#cloud-config") ||
         content.starts_with("## template: jinja");
}

}  // namespace

Fields fields_of_archive(const Tree& tree) {
  TreeFields list(tree, Shape::cloud_config);
  list.has(Shape::cloud_config);
  const auto parts = list.roots().empty() ? TreeFields::kNowhere : list.roots().front();
  std::vector<std::pair<Place, Tree>> inner;
  for (const auto part : list.children(parts)) {
    const auto content = list.is(part, Kind::object) ? list.child(part, "content") : part;
    const std::string text(list.text(content));
    if (!list.is(content, Kind::string) || !is_cloud_config(list, part, text)) continue;
    auto nested = tree_of_yaml(text);
    if (nested.says_cloud_archive)
      list.flaw(content, "an archive inside of an archive");
    else if (nested.flaw != Tree::Flaw::none)
      list.flaw(content, concat("a cloud-config that is broken in its line ", std::to_string(nested.line)));
    else
      inner.emplace_back(content, std::move(nested));
  }
  auto fields = std::move(list).take();
  for (const auto& [content, nested] : inner) {
    const auto& node = tree.nodes[content];
    std::erase_if(fields.others, [&](const Field& other) { return other.name == tree.path_of(node); });
    add(fields, fields_of(nested, Shape::cloud_config), node, tree.path_of(node));
  }
  return fields;
}

}  // namespace nct
