#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;

struct Pattern {
  Shape shape;
  std::string_view container;  // the key of the object that it stands in; empty: any
  std::string_view key;
  bool proxy;  // one value, the CA of the HTTP proxy; otherwise a list
};

constexpr auto kPatterns = std::to_array<Pattern>({
    {.shape = Shape::aks, .container = "", .key = "customCATrustCertificates", .proxy = false},
    {.shape = Shape::aks, .container = "", .key = "customCaTrustCertificates", .proxy = false},
    {.shape = Shape::aks, .container = "httpProxyConfig", .key = "trustedCa", .proxy = true},
    {.shape = Shape::agentbaker, .container = "", .key = "customCATrustCerts", .proxy = false},
    {.shape = Shape::agentbaker, .container = "HTTPProxyConfig", .key = "trustedCa", .proxy = true},
    {.shape = Shape::aks_node_controller, .container = "", .key = "custom_ca_certs", .proxy = false},
    {.shape = Shape::aks_node_controller, .container = "", .key = "customCaCerts", .proxy = false},
    {.shape = Shape::aks_node_controller,
     .container = "http_proxy_config",
     .key = "proxy_trusted_ca",
     .proxy = true},
    {.shape = Shape::aks_node_controller,
     .container = "httpProxyConfig",
     .key = "proxyTrustedCa",
     .proxy = true},
});

// Keys at the top that tell a document of a shape which says nothing of certificates: all of them.
struct Signature {
  Shape shape;
  std::string_view one;
  std::string_view other;
};

constexpr auto kSignatures = std::to_array<Signature>({
    {.shape = Shape::agentbaker, .one = "ContainerService", .other = "AgentPoolProfile"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "kubelet_config"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "cluster_config"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "api_server_config"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "bootstrapping_config"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "kubeletConfig"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "clusterConfig"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "apiServerConfig"},
    {.shape = Shape::aks_node_controller, .one = "version", .other = "bootstrappingConfig"},
});

bool is_cluster(std::string_view type) {
  std::string lower(type.substr(0, 64));
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  return lower == "microsoft.containerservice/managedclusters";
}

void take(TreeFields& fields, const Pattern& pattern, Place place) {
  const auto& here = fields.node(place);
  if (!fields.has(pattern.shape) || here.kind == Kind::null) return;
  if (!pattern.proxy)
    fields.want_list(place, {.base64 = true});
  else if (here.kind == Kind::string && trimmed(here.text).empty())
    fields.say_no_proxy();
  else
    fields.want(place, {.base64 = true, .proxy = true});
}

}  // namespace

void read_azure(TreeFields& fields) {
  for (Place place = 0; place < fields.size(); ++place) {
    const auto& here = fields.node(place);
    if (here.parent == TreeNode::kNone || here.key.empty()) continue;
    if (here.key == "type" && is_cluster(here.text)) fields.has(Shape::aks);
    const std::string_view container = fields.node(here.parent).key;
    for (const auto& pattern : kPatterns)
      if (here.key == pattern.key && (pattern.container.empty() || container == pattern.container))
        take(fields, pattern, place);
  }
}

void recognise_azure(TreeFields& fields) {
  for (const auto root : fields.roots())
    for (const auto& [shape, one, other] : kSignatures)
      if (!fields.has_any() && fields.child(root, one) != TreeFields::kNowhere &&
          fields.child(root, other) != TreeFields::kNowhere)
        fields.has(shape);
}

}  // namespace nct
