#include <string_view>

#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;
constexpr auto kNowhere = TreeFields::kNowhere;

void read_bottlerocket(TreeFields& fields, Place root) {
  const auto settings = fields.child(root, "settings");
  const auto pki = fields.child(settings, "pki");
  if (!fields.is(pki, Kind::object)) {
    if (fields.is(fields.child(settings, "host-containers"), Kind::object) ||
        fields.is(fields.child(settings, "kubernetes"), Kind::object))
      fields.has(Shape::bottlerocket);
    return;
  }
  if (!fields.has(Shape::bottlerocket)) return;
  if (fields.children(pki).empty()) fields.say_none();
  for (const auto bundle : fields.children(pki)) {
    const auto trusted = fields.child(bundle, "trusted");
    const auto data = fields.child(bundle, "data");
    if (is_truth(fields.text(trusted)))
      data == kNowhere ? fields.flaw(bundle, "no 'data' in it")
                       : fields.want(data, {.base64 = true, .takes = Takes::base64_of_pem});
    else
      fields.distrust(bundle, trusted == kNowhere
                                  ? "'trusted' is not said, which means false: neither installed nor "
                                    "distrusted"
                                  : "'trusted' is false: neither installed nor distrusted");
  }
}

void read_talos(TreeFields& fields, Place root) {
  if (fields.text(fields.child(root, "kind")) != "TrustedRootsConfig" || !fields.has(Shape::talos)) return;
  const auto certificates = fields.child(root, "certificates");
  certificates == kNowhere ? fields.flaw(root, "no 'certificates' in it")
                           : fields.want(certificates, {.takes = Takes::pem});
}

// Talos's machine configuration, or a patch of it.
void read_talos_machine(TreeFields& fields, Place root) {
  const auto files = fields.child(fields.child(root, "machine"), "files");
  if (fields.is(files, Kind::array) && fields.has(Shape::talos)) read_written_files(fields, files);
}

// The PEM itself, or, as Cluster API has it, an object that says what kind of value it is.
void read_openshift(TreeFields& fields, Place place) {
  if (!fields.has(Shape::openshift)) return;
  if (!fields.is(place, Kind::object)) return fields.want(place, {.takes = Takes::pem});
  const auto data = fields.child(place, "data");
  data == kNowhere ? fields.flaw(place, "a reference to something that is not read")
                   : fields.want(data, {.base64 = true});
}

}  // namespace

void read_node_system(TreeFields& fields) {
  for (Place place = 0; place < fields.size(); ++place)
    if (fields.node(place).key == "additionalTrustBundle") read_openshift(fields, place);
  for (const auto root : fields.roots()) {
    read_bottlerocket(fields, root);
    read_talos(fields, root);
    read_talos_machine(fields, root);
  }
}

}  // namespace nct
