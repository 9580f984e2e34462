// Documents that have a name, and are not read.
#include <algorithm>
#include <array>
#include <string_view>

#include "intake/file_kind.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

struct Named {
  std::string_view group;
  std::string_view kind;
  std::string_view name;
};

constexpr auto kNamed = std::to_array<Named>({
    {.group = "bitnami.com/", .kind = "SealedSecret", .name = "a SealedSecret, which is encrypted"},
    {.group = "external-secrets.io/", .kind = "", .name = "an ExternalSecret, which names a secret"},
    {.group = "cert-manager.io/",
     .kind = "Certificate",
     .name = "a cert-manager Certificate, which asks for one"},
});

// "cACertificate;binary:: MIIB...": YAML takes the first colon for a part of the key.
bool is_ldif(const TreeFields& fields, Place root) {
  return fields.child(root, "dn") != TreeFields::kNowhere &&
         std::ranges::any_of(fields.children(root), [&](Place value) {
           return std::string_view(fields.node(value).key).find(";binary") != std::string_view::npos;
         });
}

std::string_view name_of_object(const TreeFields& fields, Place root) {
  const auto group = fields.text(fields.child(root, "apiVersion"));
  const auto kind = fields.text(fields.child(root, "kind"));
  const auto named = std::ranges::find_if(kNamed, [&](const Named& each) {
    return group.starts_with(each.group) && (each.kind.empty() || kind == each.kind);
  });
  return named == kNamed.end() ? std::string_view{} : named->name;
}

}  // namespace

std::string_view unread_shape(const TreeFields& fields) {
  for (const auto root : fields.roots()) {
    if (fields.is(fields.child(root, "sops"), Kind::object)) return "a file encrypted by sops";
    if (is_ldif(fields, root)) return "LDIF of a directory";
    if (const auto name = name_of_object(fields, root); !name.empty()) return name;
  }
  return {};
}

TreeFields::Place first_certificates(const TreeFields& fields) {
  for (Place place = 0; place < fields.size(); ++place)
    if (fields.is(place, Kind::string) && may_hold_certificates(fields.text(place))) return place;
  return TreeFields::kNowhere;
}

}  // namespace nct
