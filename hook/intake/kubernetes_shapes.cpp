#include <string_view>

#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

void read_object(TreeFields& fields, Place object, std::string_view kind) {
  if ((kind != "Secret" && kind != "ConfigMap") || !fields.has(Shape::kubernetes)) return;
  for (const std::string_view name : {"data", "stringData", "binaryData"}) {
    const auto values = fields.child(object, name);
    if (values == TreeFields::kNowhere || fields.is(values, Kind::null)) continue;
    if (!fields.is(values, Kind::object)) {
      fields.flaw(values, "not an object");
      continue;
    }
    if (fields.children(values).empty()) fields.say_none();
    for (const auto value : fields.children(values))
      fields.want(value, {.base64 = name == "binaryData" || (name == "data" && kind == "Secret")});
  }
}

}  // namespace

void read_kubernetes(TreeFields& fields) {
  for (const auto root : fields.roots()) {
    const auto kind = fields.text(fields.child(root, "kind"));
    if (kind != "List" && kind != "SecretList" && kind != "ConfigMapList") {
      read_object(fields, root, kind);
      continue;
    }
    const auto items = fields.child(root, "items");
    if (!fields.is(items, Kind::array) || !fields.has(Shape::kubernetes)) continue;
    if (fields.children(items).empty()) fields.say_none();
    for (const auto item : fields.children(items)) {
      const auto own = fields.text(fields.child(item, "kind"));
      read_object(fields, item, own.empty() && kind != "List" ? kind.substr(0, kind.size() - 4) : own);
    }
  }
}

}  // namespace nct
