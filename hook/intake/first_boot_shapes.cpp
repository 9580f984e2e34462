#include <string_view>

#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;
constexpr auto kNowhere = TreeFields::kNowhere;

// What is written into a file is a certificate if its name or its content says so.
Field written(std::string_view path, bool base64) {
  return {.base64 = base64, .holds = is_named_as_certificate(path) ? Holds::certificates : Holds::anything};
}

void read_written_file(TreeFields& fields, Place file) {
  const auto path = fields.text(fields.child(file, "path"));
  const auto content = fields.child(file, "content");
  const auto encoding = fields.text(fields.child(file, "encoding"));
  const bool base64 = encoding.contains("b64") || encoding.contains("base64");
  if (content != kNowhere)
    fields.want(content, written(path, base64));
  else if (const auto source = fields.child(file, "source");
           source != kNowhere && is_named_as_certificate(path))
    fields.flaw(source, "a URL that is not fetched");
  // Cluster API's way of naming a Secret.
  else if (const auto from = fields.child(file, "contentFrom");
           from != kNowhere && is_named_as_certificate(path))
    fields.flaw(from, "a reference to a Secret, which is not read");
}

void read_cloud_config(TreeFields& fields, Place config) {
  for (const std::string_view name : {"ca_certs", "ca-certs"}) {
    const auto certs = fields.child(config, name);
    if (!fields.is(certs, Kind::object) || !fields.has(Shape::cloud_config)) continue;
    if (const auto trusted = fields.child(certs, "trusted"); trusted != kNowhere)
      fields.want_list(trusted, {.takes = Takes::pem});
    for (const std::string_view defaults : {"remove_defaults", "remove-defaults"})
      if (const auto place = fields.child(certs, defaults); is_truth(fields.text(place)))
        fields.distrust(place, "the distribution's own roots stay: taking trust away is not done here");
  }
  const auto files = fields.child(config, "write_files");
  if (!fields.is(files, Kind::array) || !fields.has(Shape::cloud_config)) return;
  read_written_files(fields, files);
}

// Ubuntu's installer hands its user-data over to the system that it installs.
void read_autoinstall(TreeFields& fields, Place root) {
  const auto autoinstall = fields.child(root, "autoinstall");
  if (fields.is(autoinstall, Kind::object)) fields.has(Shape::cloud_config);
  read_cloud_config(fields, fields.child(autoinstall, "user-data"));
  read_cloud_config(fields, fields.child(root, "user-data"));
}

// Where the bytes of a file or of a CA come from: a URL in Ignition; in Butane, which is turned into it, also
// a text, or a file beside it.
void read_contents(TreeFields& fields, Place contents, const Field& field) {
  if (const auto text = fields.child(contents, "inline"); text != kNowhere) fields.want(text, field);
  if (const auto local = fields.child(contents, "local");
      local != kNowhere && field.holds == Holds::certificates)
    fields.flaw(local, "a file beside the document, which is not read");
  fields.want_url(fields.child(contents, "source"), field);
}

bool is_butane(const TreeFields& fields, Place root) {
  return !fields.text(fields.child(root, "variant")).empty() &&
         !fields.text(fields.child(root, "version")).empty();
}

}  // namespace

void read_written_files(TreeFields& fields, TreeFields::Place files) {
  for (const auto file : fields.children(files))
    read_written_file(fields, file);
}

void read_ignition(TreeFields& fields, TreeFields::Place config, Shape shape) {
  const auto ignition = fields.child(config, "ignition");
  const bool is_ignition = !fields.text(fields.child(ignition, "version")).empty();
  if ((!is_ignition && !is_butane(fields, config)) || !fields.has(shape)) return;
  const auto tls = fields.child(fields.child(ignition, "security"), "tls");
  for (const std::string_view name : {"certificateAuthorities", "certificate_authorities"})
    for (const auto each : fields.children(fields.child(tls, name)))
      read_contents(fields, each, {.takes = Takes::pem});
  for (const auto file : fields.children(fields.child(fields.child(config, "storage"), "files")))
    read_contents(fields, fields.child(file, "contents"),
                  written(fields.text(fields.child(file, "path")), false));
}

void read_first_boot(TreeFields& fields) {
  if (fields.tree().says_cloud_config) fields.has(Shape::cloud_config);
  for (const auto root : fields.roots()) {
    read_cloud_config(fields, root);
    read_autoinstall(fields, root);
    read_ignition(fields, root, Shape::ignition);
  }
}

}  // namespace nct
