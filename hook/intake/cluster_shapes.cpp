// Objects of Kubernetes' API, and of what extends it, that carry certificates in a field of their own;
// kubeconfigs.
#include <algorithm>
#include <functional>
#include <string_view>

#include "base/text.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;
constexpr auto kNowhere = TreeFields::kNowhere;

// Calls `visit` with every place that `path` leads to: keys parted by dots, "[]" behind one for each of a
// list.
void each_of(TreeFields& fields, Place from, std::string_view path, const std::function<void(Place)>& visit) {
  if (from == kNowhere) return;
  if (path.empty()) return visit(from);
  const auto dot = path.find('.');
  auto step = path.substr(0, dot);
  const auto rest = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  const bool list = step.ends_with("[]");
  if (list) step.remove_suffix(2);
  const auto next = fields.child(from, step);
  if (!list) return each_of(fields, next, rest, visit);
  if (!fields.is(next, Kind::array)) return;
  for (const auto item : fields.children(next))
    each_of(fields, item, rest, visit);
}

// Calls `visit` with everything below `from` that has the key `key`.
void each_named(TreeFields& fields, Place from, std::string_view key,
                const std::function<void(Place)>& visit) {
  for (const auto below : fields.children(from)) {
    if (fields.node(below).key == key) visit(below);
    each_named(fields, below, key, visit);
  }
}

struct Carrier {
  std::string_view group;  // how the group of its apiVersion ends
  std::string_view kind;
  std::string_view path;
};

// Fields with PEM in them. trust-manager calls its Bundle ClusterBundle from v1alpha2 on.
constexpr auto kCarriers = std::to_array<Carrier>({
    {.group = "certificates.k8s.io", .kind = "ClusterTrustBundle", .path = "spec.trustBundle"},
    {.group = "trust.cert-manager.io", .kind = "Bundle", .path = "spec.sources[].inLine"},
    {.group = "trust-manager.io", .kind = "ClusterBundle", .path = "spec.inLineCAs"},
    {.group = "anywhere.eks.amazonaws.com",
     .kind = "",
     .path = "spec.registryMirrorConfiguration.caCertContent"},
    {.group = "anywhere.eks.amazonaws.com",
     .kind = "",
     .path = "spec.hostOSConfiguration.certBundles[].data"},
});

std::string_view group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

// Whoever fills it in later leaves it empty, or writes a newline in base64, which the API does not take for
// empty.
bool is_unfilled(std::string_view value) {
  return trimmed(value).empty() || value == "Cg==";
}

class ClusterObject {
 public:
  ClusterObject(TreeFields& fields, Place object)
      : fields_(fields),
        object_(object),
        group_(group_of(fields.text(fields.child(object, "apiVersion")))),
        kind_(fields.text(fields.child(object, "kind"))) {}

  void read() {
    if (group_.empty() || kind_.empty()) return;
    for (const auto& [group, kind, path] : kCarriers)
      if (group_ == group && (kind.empty() || kind_ == kind)) read_carrier(path, !kind.empty());
    if (group_ == "trust.cert-manager.io" && kind_ == "Bundle") note_references();
    if (group_ == "machineconfiguration.openshift.io" && kind_ == "MachineConfig" &&
        fields_.has(Shape::kubernetes))
      read_ignition(fields_, fields_.child(fields_.child(object_, "spec"), "config"), Shape::kubernetes);
    if (group_.ends_with("cluster.x-k8s.io")) read_files();
    read_ca_bundles();
    read_additional_trusted();
  }

 private:
  void want(Place place, bool base64) {
    if (fields_.has(Shape::kubernetes))
      fields_.want(place, {.base64 = base64, .takes = base64 ? Takes::base64 : Takes::pem});
  }

  // `telling`: the kind is there for certificates alone.
  void read_carrier(std::string_view path, bool telling) {
    if (telling) fields_.has(Shape::kubernetes);
    each_of(fields_, object_, path, [&](Place place) { want(place, false); });
  }

  void note_references() {
    for (const std::string_view path : {"spec.sources[].configMap", "spec.sources[].secret"})
      each_of(fields_, object_, path, [&](Place place) {
        fields_.note(place, FindingCode::other_content, Severity::warning,
                     "a reference to another object, which is not read");
      });
  }

  // Webhooks, API services, CRDs, issuers, Gardener's profiles and worker pools: one name for all of them.
  void read_ca_bundles() {
    const bool gardener = group_ == "core.gardener.cloud";
    each_named(fields_, object_, "caBundle", [&](Place place) {
      // In the schema of a CRD it is the description of such a field.
      if (!is_unfilled(fields_.text(place))) want(place, !gardener);
    });
  }

  // Tanzu's: a Secret holds the data where an item has only a name.
  void read_additional_trusted() {
    each_named(fields_, object_, "additionalTrustedCAs", [&](Place list) {
      if (!fields_.is(list, Kind::array)) return;
      for (const auto item : fields_.children(list)) {
        if (!fields_.is(item, Kind::object) || !fields_.has(Shape::kubernetes)) continue;
        const auto data = fields_.child(item, "data");
        data == kNowhere ? fields_.flaw(item, "a reference to a Secret, which is not read")
                         : fields_.want(data, {.base64 = true, .takes = Takes::base64_of_pem});
      }
    });
  }

  // Of KubeadmConfig, KubeadmControlPlane, their templates, and of the other bootstrap providers.
  void read_files() {
    each_named(fields_, object_, "files", [&](Place files) {
      if (fields_.is(files, Kind::array) && fields_.has(Shape::kubernetes))
        read_written_files(fields_, files);
    });
  }

  TreeFields& fields_;
  Place object_;
  std::string_view group_;
  std::string_view kind_;
};

void read_kubeconfig(TreeFields& fields, Place root) {
  const auto clusters = fields.child(root, "clusters");
  if (fields.text(fields.child(root, "kind")) != "Config" || !fields.is(clusters, Kind::array) ||
      !fields.has(Shape::kubeconfig))
    return;
  for (const auto item : fields.children(clusters)) {
    const auto cluster = fields.child(item, "cluster");
    const auto data = fields.child(cluster, "certificate-authority-data");
    const auto file = fields.child(cluster, "certificate-authority");
    if (data != kNowhere)
      fields.want(data, {.base64 = true, .takes = Takes::base64_of_pem});
    else if (file != kNowhere)
      fields.flaw(file, "the name of a file, which is not read");
  }
}

}  // namespace

void read_cluster(TreeFields& fields) {
  for (const auto root : fields.roots()) {
    read_kubeconfig(fields, root);
    ClusterObject(fields, root).read();
    const auto items = fields.child(root, "items");
    if (!fields.text(fields.child(root, "kind")).ends_with("List") || !fields.is(items, Kind::array))
      continue;
    for (const auto item : fields.children(items))
      ClusterObject(fields, item).read();
  }
}

}  // namespace nct
