// Names with certificates: {"corp.crt": "-----BEGIN CERTIFICATE-----..."}, and the data of a Secret without
// the rest.
#include <algorithm>

#include "intake/file_kind.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

// Every value a string or null, and one of them certificates at least.
bool is_map(const TreeFields& fields, Place root) {
  const auto& values = fields.children(root);
  const auto plain = [&](Place value) {
    return fields.is(value, Kind::string) || fields.is(value, Kind::null);
  };
  const auto certificates = [&](Place value) {
    return fields.is(value, Kind::string) && may_hold_certificates(fields.text(value));
  };
  return fields.is(root, Kind::object) && std::ranges::all_of(values, plain) &&
         std::ranges::any_of(values, certificates);
}

}  // namespace

void read_map(TreeFields& fields) {
  for (const auto root : fields.roots()) {
    if (!is_map(fields, root) || !fields.has(Shape::map)) continue;
    for (const auto value : fields.children(root))
      if (!fields.is(value, Kind::null)) fields.want(value, {.base64 = true, .holds = Holds::perhaps});
  }
}

}  // namespace nct
