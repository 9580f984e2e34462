#include <string_view>

#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;
constexpr auto kNowhere = TreeFields::kNowhere;

void read_written_file(TreeFields& fields, Place file) {
  if (!is_named_as_certificate(fields.text(fields.child(file, "path")))) return;
  const auto content = fields.child(file, "content");
  const auto encoding = fields.text(fields.child(file, "encoding"));
  const bool base64 = encoding.contains("b64") || encoding.contains("base64");
  if (content != kNowhere)
    fields.want(content, {.base64 = base64});
  else if (const auto source = fields.child(file, "source"); source != kNowhere)
    fields.flaw(source, "a URL that is not fetched");
}

void read_cloud_config(TreeFields& fields, Place config) {
  for (const std::string_view name : {"ca_certs", "ca-certs"}) {
    const auto certs = fields.child(config, name);
    if (!fields.is(certs, Kind::object) || !fields.has(Shape::cloud_config)) continue;
    if (const auto trusted = fields.child(certs, "trusted"); trusted != kNowhere)
      fields.want_list(trusted, {.base64 = false});
    for (const std::string_view defaults : {"remove_defaults", "remove-defaults"})
      if (const auto place = fields.child(certs, defaults); is_truth(fields.text(place)))
        fields.distrust(place, "the distribution's own roots stay: taking trust away is not done here");
  }
  const auto files = fields.child(config, "write_files");
  if (!fields.is(files, Kind::array) || !fields.has(Shape::cloud_config)) return;
  read_written_files(fields, files);
}

}  // namespace

void read_written_files(TreeFields& fields, TreeFields::Place files) {
  for (const auto file : fields.children(files))
    read_written_file(fields, file);
}

void read_ignition(TreeFields& fields, TreeFields::Place config, Shape shape) {
  const auto ignition = fields.child(config, "ignition");
  if (fields.text(fields.child(ignition, "version")).empty() || !fields.has(shape)) return;
  const auto security = fields.child(ignition, "security");
  const auto authorities = fields.child(fields.child(security, "tls"), "certificateAuthorities");
  if (fields.is(authorities, Kind::array)) {
    if (fields.children(authorities).empty()) fields.say_none();
    for (const auto each : fields.children(authorities))
      fields.want_url(fields.child(each, "source"), {});
  }
  for (const auto file : fields.children(fields.child(fields.child(config, "storage"), "files")))
    if (is_named_as_certificate(fields.text(fields.child(file, "path"))))
      fields.want_url(fields.child(fields.child(file, "contents"), "source"), {});
}

void read_first_boot(TreeFields& fields) {
  if (fields.tree().says_cloud_config) fields.has(Shape::cloud_config);
  for (const auto root : fields.roots()) {
    read_cloud_config(fields, root);
    read_ignition(fields, root, Shape::ignition);
  }
}

}  // namespace nct
