#include <cstddef>
#include <string_view>

#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

// Every value may be a certificate; one that is named as one must be. How many values there are.
std::size_t read_object(TreeFields& fields, Place object, std::string_view kind) {
  std::size_t values_read = 0;
  for (const std::string_view name : {"data", "stringData", "binaryData"}) {
    const auto values = fields.child(object, name);
    if (values == TreeFields::kNowhere || fields.is(values, Kind::null)) continue;
    if (!fields.is(values, Kind::object)) {
      fields.flaw(values, "not an object");
      continue;
    }
    const bool base64 = name == "binaryData" || (name == "data" && kind == "Secret");
    for (const auto value : fields.children(values)) {
      const bool named = is_named_as_certificate(fields.node(value).key);
      fields.want(value, {.base64 = base64,
                          .holds = named ? Holds::certificates : Holds::perhaps,
                          .takes = base64 ? Takes::base64 : Takes::any});
      ++values_read;
    }
  }
  return values_read;
}

bool is_carrier(std::string_view kind) {
  return kind == "Secret" || kind == "ConfigMap";
}

}  // namespace

// An object without data, and a list without an object, say nothing: a selector that matches nothing must not
// take trust away.
void read_kubernetes(TreeFields& fields) {
  std::size_t values = 0;
  std::size_t others = 0;  // objects of other kinds
  bool any = false;
  for (const auto root : fields.roots()) {
    const auto kind = fields.text(fields.child(root, "kind"));
    const bool list = kind == "List" || kind == "SecretList" || kind == "ConfigMapList";
    if ((!list && !is_carrier(kind)) || !fields.has(Shape::kubernetes)) continue;
    any = true;
    if (!list) values += read_object(fields, root, kind);
    for (const auto item : fields.children(list ? fields.child(root, "items") : TreeFields::kNowhere)) {
      auto own = fields.text(fields.child(item, "kind"));
      if (own.empty() && kind != "List") own = kind.substr(0, kind.size() - 4);
      if (is_carrier(own))
        values += read_object(fields, item, own);
      else
        ++others;
    }
  }
  if (any && values == 0 && others == 0) fields.say_blank();
}

}  // namespace nct
