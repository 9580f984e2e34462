#include "intake/tree_shapes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "intake/encoding.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;

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

// The text of a data URL (RFC 2397), and whether it is base64; nothing where `url` is none.
std::pair<std::string, bool> opened_data_url(std::string_view url) {
  const auto comma = url.find(',');
  const auto head = url.substr(0, comma);
  std::string out;
  auto rest = url.substr(comma + 1);
  while (!rest.empty()) {
    const auto byte = rest.front() == '%' ? bytes_of_hex(rest.substr(1, 2)) : std::nullopt;
    out += byte && byte->size() == 1 ? byte->front() : rest.front();
    rest.remove_prefix(byte && byte->size() == 1 ? 3 : 1);
  }
  return {std::move(out), head.ends_with(";base64")};
}

bool is_data_url(std::string_view url) {
  return url.starts_with("data:") && url.find(',') != std::string_view::npos;
}

bool is_named_as_certificate(std::string_view path) {
  constexpr std::array<std::string_view, 5> kEnds{".crt", ".pem", ".cer", ".der", ".p7b"};
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return path.ends_with(end); });
}

bool is_truth(std::string_view word) {
  return word == "true" || word == "yes" || word == "on" || word == "True";
}

class Finder {
 public:
  Finder(const Tree& tree, Shape as) : tree_(tree), as_(as), children_(tree.nodes.size()) {
    for (Place i = 0; i < tree.nodes.size(); ++i)
      if (node(i).parent == TreeNode::kNone)
        roots_.push_back(i);
      else
        children_[node(i).parent].push_back(i);
  }

  Fields find() && {
    by_patterns();
    if (tree_.says_cloud_config) has(Shape::cloud_config);
    for (const auto root : roots_) {
      by_kubernetes(root);
      by_cloud_config(root);
      by_bottlerocket(root);
      by_talos(root);
      by_ignition(root);
      by_list(root);
      by_signature(root);
    }
    note_others();
    say();
    return std::move(fields_);
  }

 private:
  using Place = std::size_t;  // of a node
  static constexpr Place kNowhere = static_cast<Place>(-1);

  // One value that was found: where, and what is in it if it is not the node's own text.
  struct Found {
    Place place = 0;
    std::string text;
    bool base64 = true;
    bool proxy = false;
  };

  [[nodiscard]] const TreeNode& node(Place place) const { return tree_.nodes[place]; }
  [[nodiscard]] bool is(Place place, Kind kind) const {
    return place != kNowhere && node(place).kind == kind;
  }

  [[nodiscard]] Place child(Place place, std::string_view key) const {
    if (!is(place, Kind::object)) return kNowhere;
    for (const auto each : children_[place])
      if (node(each).key == key) return each;
    return kNowhere;
  }
  [[nodiscard]] std::string_view text(Place place) const {
    return is(place, Kind::string) || is(place, Kind::other) ? std::string_view(node(place).text)
                                                             : std::string_view();
  }

  // Whether what belongs to `shape` is to be read.
  bool has(Shape shape) {
    if (as_ != Shape::sniffed && as_ != shape) return false;
    if (std::ranges::find(fields_.shapes, shape) == fields_.shapes.end()) fields_.shapes.push_back(shape);
    return true;
  }

  void note(Place place, FindingCode code, Severity severity, std::string message) {
    fields_.flaws.push_back({.code = code,
                             .severity = severity,
                             .origin = {.line = node(place).line, .field = tree_.path_of(node(place))},
                             .message = std::move(message)});
  }
  void flaw(Place place, std::string message) {
    note(place, FindingCode::not_pem, Severity::error, std::move(message));
  }
  void distrust(Place place, std::string message) {
    note(place, FindingCode::distrust, Severity::warning, std::move(message));
  }

  void want(Place place, bool base64, bool proxy = false) {
    switch (node(place).kind) {
      case Kind::string:
        found_.push_back({.place = place,
                          .text = node(place).text,
                          .base64 = base64 || node(place).encoded,
                          .proxy = proxy});
        return;
      case Kind::null:
        return;
      default:
        flaw(place, "not a string");
    }
  }

  void want_url(Place place) {
    if (!is(place, Kind::string)) return;
    if (!is_data_url(node(place).text)) return flaw(place, "a URL that is not fetched");
    auto [opened, base64] = opened_data_url(node(place).text);
    found_.push_back({.place = place, .text = std::move(opened), .base64 = base64});
  }

  void want_list(Place list, bool base64 = true) {
    if (!is(list, Kind::array)) return want(list, base64);
    if (children_[list].empty()) empty_list_ = true;
    for (const auto each : children_[list])
      is(each, Kind::null) ? flaw(each, "not a string") : want(each, base64);
  }

  void by_patterns() {
    for (Place place = 0; place < tree_.nodes.size(); ++place) {
      const auto& here = node(place);
      if (here.parent == TreeNode::kNone || here.key.empty()) continue;
      if (here.key == "additionalTrustBundle") by_openshift(place);
      if (here.key == "type" && is_cluster(here.text)) has(Shape::aks);
      const std::string_view container = node(here.parent).key;
      for (const auto& pattern : kPatterns) {
        if (here.key != pattern.key || (!pattern.container.empty() && container != pattern.container))
          continue;
        if (!has(pattern.shape) || here.kind == Kind::null) continue;
        if (!pattern.proxy) {
          want_list(place);
        } else if (here.kind == Kind::string && trimmed(here.text).empty()) {
          empty_proxy_ = true;
        } else {
          want(place, true, true);
        }
      }
    }
  }

  static bool is_cluster(std::string_view type) {
    std::string lower(type.substr(0, 64));
    std::ranges::transform(lower, lower.begin(), ascii_lower);
    return lower == "microsoft.containerservice/managedclusters";
  }

  // The PEM itself, or, as Cluster API has it, an object that says what kind of value it is.
  void by_openshift(Place place) {
    if (!has(Shape::openshift)) return;
    if (!is(place, Kind::object)) return want(place, false);
    const auto data = child(place, "data");
    data == kNowhere ? flaw(place, "a reference to something that is not read") : want(data, true);
  }

  void by_signature(Place root) {
    if (!fields_.shapes.empty()) return;
    for (const auto& [shape, one, other] : kSignatures)
      if (child(root, one) != kNowhere && child(root, other) != kNowhere) has(shape);
  }

  void by_kubernetes(Place root) {
    const auto kind = text(child(root, "kind"));
    const bool list = kind == "List" || kind == "SecretList" || kind == "ConfigMapList";
    if (!list) return by_object(root, kind);
    const auto items = child(root, "items");
    if (!is(items, Kind::array) || !has(Shape::kubernetes)) return;
    if (children_[items].empty()) empty_list_ = true;
    for (const auto item : children_[items]) {
      const auto own = text(child(item, "kind"));
      by_object(item, own.empty() && kind != "List" ? kind.substr(0, kind.size() - 4) : own);
    }
  }

  void by_object(Place object, std::string_view kind) {
    if ((kind != "Secret" && kind != "ConfigMap") || !has(Shape::kubernetes)) return;
    for (const std::string_view name : {"data", "stringData", "binaryData"}) {
      const auto values = child(object, name);
      if (values == kNowhere || is(values, Kind::null)) continue;
      if (!is(values, Kind::object)) {
        flaw(values, "not an object");
        continue;
      }
      if (children_[values].empty()) empty_list_ = true;
      for (const auto value : children_[values])
        want(value, name == "binaryData" || (name == "data" && kind == "Secret"));
    }
  }

  void by_cloud_config(Place root) {
    for (const std::string_view name : {"ca_certs", "ca-certs"}) {
      const auto certs = child(root, name);
      if (!is(certs, Kind::object) || !has(Shape::cloud_config)) continue;
      if (const auto trusted = child(certs, "trusted"); trusted != kNowhere) want_list(trusted, false);
      for (const std::string_view defaults : {"remove_defaults", "remove-defaults"})
        if (const auto place = child(certs, defaults); is_truth(text(place)))
          distrust(place, "the distribution's own roots stay: taking trust away is not done here");
    }
    const auto files = child(root, "write_files");
    if (!is(files, Kind::array) || !has(Shape::cloud_config)) return;
    for (const auto file : children_[files]) {
      if (!is_named_as_certificate(text(child(file, "path")))) continue;
      const auto content = child(file, "content");
      const auto encoding = text(child(file, "encoding"));
      const bool base64 =
          encoding.find("b64") != std::string_view::npos || encoding.find("base64") != std::string_view::npos;
      if (content != kNowhere)
        want(content, base64);
      else if (const auto source = child(file, "source"); source != kNowhere)
        flaw(source, "a URL that is not fetched");
    }
  }

  void by_bottlerocket(Place root) {
    const auto settings = child(root, "settings");
    const auto pki = child(settings, "pki");
    if (!is(pki, Kind::object)) {
      if (is(child(settings, "host-containers"), Kind::object) ||
          is(child(settings, "kubernetes"), Kind::object))
        has(Shape::bottlerocket);
      return;
    }
    if (!has(Shape::bottlerocket)) return;
    if (children_[pki].empty()) empty_list_ = true;
    for (const auto bundle : children_[pki]) {
      const auto trusted = child(bundle, "trusted");
      const auto data = child(bundle, "data");
      if (is_truth(text(trusted)))
        data == kNowhere ? flaw(bundle, "no 'data' in it") : want(data, true);
      else
        distrust(bundle, trusted == kNowhere
                             ? "'trusted' is not said, which means false: neither installed nor distrusted"
                             : "'trusted' is false: neither installed nor distrusted");
    }
  }

  void by_talos(Place root) {
    if (text(child(root, "kind")) != "TrustedRootsConfig" || !has(Shape::talos)) return;
    const auto certificates = child(root, "certificates");
    certificates == kNowhere ? flaw(root, "no 'certificates' in it") : want(certificates, false);
  }

  void by_ignition(Place root) {
    const auto ignition = child(root, "ignition");
    if (text(child(ignition, "version")).empty() || !has(Shape::ignition)) return;
    const auto authorities = child(child(child(ignition, "security"), "tls"), "certificateAuthorities");
    if (is(authorities, Kind::array)) {
      if (children_[authorities].empty()) empty_list_ = true;
      for (const auto each : children_[authorities])
        want_url(child(each, "source"));
    }
    const auto files = child(child(root, "storage"), "files");
    if (files == kNowhere) return;
    for (const auto file : children_[files])
      if (is_named_as_certificate(text(child(file, "path"))))
        want_url(child(child(file, "contents"), "source"));
  }

  void by_list(Place root) {
    const auto& items = children_[root];
    if (!is(root, Kind::array)) return;
    const auto is_text = [&](Place place) { return is(place, Kind::string); };
    if (!items.empty() && std::ranges::none_of(items, is_text)) return;
    if (has(Shape::list)) want_list(root);
  }

  void note_others() {
    constexpr std::size_t kSmallestKey = 32;
    std::set<Place> wanted;
    for (const auto& found : found_)
      wanted.insert(found.place);
    for (Place place = 0; place < tree_.nodes.size(); ++place) {
      const auto& here = node(place);
      if (here.kind != Kind::string || here.text.size() < kSmallestKey || wanted.contains(place)) continue;
      auto [text, base64] = is_data_url(here.text) ? opened_data_url(here.text) : std::pair(here.text, true);
      fields_.others.push_back({.name = tree_.path_of(here), .line = here.line, .text = std::move(text)});
    }
  }

  void say() {
    std::ranges::sort(found_, {}, &Found::place);  // each place is found once
    bool custom = std::ranges::any_of(fields_.flaws,
                                      [](const Finding& each) { return each.severity == Severity::error; });
    bool proxy = false;
    for (auto& found : found_) {
      (found.proxy ? proxy : custom) = true;
      fields_.wanted.push_back({.name = tree_.path_of(node(found.place)),
                                .line = node(found.place).line,
                                .text = std::move(found.text),
                                .base64 = found.base64,
                                .proxy = found.proxy});
    }
    const auto said = [](bool some, bool none) {
      return some ? Says::some : none ? Says::none : Says::nothing;
    };
    fields_.custom = said(custom, empty_list_);
    fields_.proxy = said(proxy, empty_proxy_);
    if (fields_.shapes.empty()) fields_.looks_like = beginning();
  }

  [[nodiscard]] std::string beginning() const {
    const auto object = std::ranges::find(roots_, Kind::object, [&](Place root) { return node(root).kind; });
    if (object == roots_.end())
      return concat("a list of ", std::to_string(roots_.empty() ? 0 : children_[roots_.front()].size()));
    const auto& keys = children_[*object];
    constexpr std::size_t kTelling = 4;
    constexpr std::size_t kLongest = 16;
    std::string out;
    for (std::size_t i = 0; i < std::min(keys.size(), kTelling); ++i)
      out += concat(i == 0 ? "" : ", ", "'",
                    printable(std::string_view(node(keys[i]).key).substr(0, kLongest)), "'");
    if (out.empty()) return "no keys";
    return concat("top-level keys ", out, keys.size() > kTelling ? ", ..." : "");
  }

  const Tree& tree_;
  Shape as_;
  std::vector<std::vector<Place>> children_;
  std::vector<Place> roots_;
  std::vector<Found> found_;
  bool empty_list_ = false;
  bool empty_proxy_ = false;
  Fields fields_;
};

}  // namespace

Fields fields_of(const Tree& tree, Shape as) {
  return Finder(tree, as).find();
}

}  // namespace nct
