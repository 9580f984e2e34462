#include "intake/json_shapes.hpp"

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

using Kind = JsonNode::Kind;

struct Pattern {
  Shape shape;
  std::string_view container;  // the key of the object that it stands in; empty: any
  std::string_view key;
  bool list;
};

constexpr auto kPatterns = std::to_array<Pattern>({
    {Shape::aks, "", "customCATrustCertificates", true},
    {Shape::aks, "", "customCaTrustCertificates", true},
    {Shape::aks, "httpProxyConfig", "trustedCa", false},
    {Shape::agentbaker, "", "customCATrustCerts", true},
    {Shape::agentbaker, "HTTPProxyConfig", "trustedCa", false},
    {Shape::aks_node_controller, "", "custom_ca_certs", true},
    {Shape::aks_node_controller, "", "customCaCerts", true},
    {Shape::aks_node_controller, "", "CustomCATrust", true},
    {Shape::aks_node_controller, "http_proxy_config", "proxy_trusted_ca", false},
    {Shape::aks_node_controller, "httpProxyConfig", "proxyTrustedCa", false},
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

class Finder {
 public:
  Finder(const JsonTree& tree, Shape as) : tree_(tree), as_(as), children_(tree.nodes.size()) {
    for (std::size_t i = 1; i < tree.nodes.size(); ++i)
      children_[tree.nodes[i].parent].push_back(i);
  }

  Fields find() && {
    if (!tree_.nodes.empty()) {
      by_patterns();
      by_kubernetes();
      by_ignition();
      by_list();
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
  };

  [[nodiscard]] const JsonNode& node(Place place) const { return tree_.nodes[place]; }

  [[nodiscard]] Place child(Place place, std::string_view key) const {
    if (place == kNowhere || node(place).kind != Kind::object) return kNowhere;
    for (const auto each : children_[place])
      if (node(each).key == key) return each;
    return kNowhere;
  }
  [[nodiscard]] std::string_view text(Place place) const {
    return place == kNowhere || node(place).kind != Kind::string ? std::string_view() : node(place).text;
  }

  // Whether what belongs to `shape` is to be read.
  bool has(Shape shape) {
    if (as_ != Shape::sniffed && as_ != shape) return false;
    if (std::ranges::find(fields_.shapes, shape) == fields_.shapes.end()) fields_.shapes.push_back(shape);
    return true;
  }

  void flaw(Place place, FindingCode code, std::string message) {
    fields_.flaws.push_back({.code = code,
                             .severity = Severity::error,
                             .origin = {.line = node(place).line, .field = tree_.path_of(node(place))},
                             .message = std::move(message)});
  }

  void want(Place place, bool base64) {
    switch (node(place).kind) {
      case Kind::string:
        found_.push_back({.place = place, .text = node(place).text, .base64 = base64});
        return;
      case Kind::null:
        return;
      default:
        flaw(place, FindingCode::not_pem, "not a string");
    }
  }

  void want_url(Place place) {
    if (place == kNowhere || node(place).kind != Kind::string) return;
    if (!is_data_url(node(place).text)) {
      flaw(place, FindingCode::not_pem, "a URL that is not fetched");
      return;
    }
    auto [opened, base64] = opened_data_url(node(place).text);
    found_.push_back({.place = place, .text = std::move(opened), .base64 = base64});
  }

  void want_list(Place list) {
    if (node(list).kind != Kind::array) return want(list, true);
    if (children_[list].empty()) empty_list_ = true;
    for (const auto each : children_[list])
      node(each).kind == Kind::null ? flaw(each, FindingCode::not_pem, "not a string") : want(each, true);
  }

  void by_patterns() {
    for (Place place = 1; place < tree_.nodes.size(); ++place) {
      const auto& here = node(place);
      if (here.key.empty() || here.kind == Kind::null) continue;
      const std::string_view container = node(here.parent).key;
      for (const auto& pattern : kPatterns) {
        if (here.key != pattern.key || (!pattern.container.empty() && container != pattern.container))
          continue;
        if (!has(pattern.shape)) continue;
        if (pattern.list) {
          want_list(place);
        } else if (here.kind != Kind::string || !trimmed(here.text).empty()) {
          want(place, true);
        }
      }
    }
  }

  void by_kubernetes() {
    const auto kind = text(child(0, "kind"));
    const bool list = kind == "List" || kind == "SecretList" || kind == "ConfigMapList";
    if (!list) return by_object(0, kind);
    const auto items = child(0, "items");
    if (items == kNowhere || node(items).kind != Kind::array || !has(Shape::kubernetes)) return;
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
      if (values == kNowhere || node(values).kind == Kind::null) continue;
      if (node(values).kind != Kind::object) {
        flaw(values, FindingCode::not_pem, "not an object");
        continue;
      }
      if (children_[values].empty()) empty_list_ = true;
      for (const auto value : children_[values])
        want(value, name == "binaryData" || (name == "data" && kind == "Secret"));
    }
  }

  void by_ignition() {
    const auto ignition = child(0, "ignition");
    if (text(child(ignition, "version")).empty() || !has(Shape::ignition)) return;
    const auto authorities = child(child(child(ignition, "security"), "tls"), "certificateAuthorities");
    if (authorities != kNowhere && node(authorities).kind == Kind::array) {
      if (children_[authorities].empty()) empty_list_ = true;
      for (const auto each : children_[authorities])
        want_url(child(each, "source"));
    }
    const auto files = child(child(0, "storage"), "files");
    if (files == kNowhere) return;
    for (const auto file : children_[files])
      if (is_named_as_certificate(text(child(file, "path"))))
        want_url(child(child(file, "contents"), "source"));
  }

  void by_list() {
    const auto& items = children_[0];
    if (node(0).kind != Kind::array) return;
    const auto is_text = [&](Place place) { return node(place).kind == Kind::string; };
    if (!items.empty() && std::ranges::none_of(items, is_text)) return;
    if (has(Shape::list)) want_list(0);
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
    std::ranges::stable_sort(found_, {}, &Found::place);
    for (auto& found : found_)
      fields_.wanted.push_back({.name = tree_.path_of(node(found.place)),
                                .line = node(found.place).line,
                                .text = std::move(found.text),
                                .base64 = found.base64});
    fields_.says_none = empty_list_ && fields_.wanted.empty() && fields_.flaws.empty();
    if (fields_.shapes.empty()) fields_.looks_like = beginning();
  }

  [[nodiscard]] std::string beginning() const {
    if (tree_.nodes.empty() || node(0).kind != Kind::object)
      return concat("a list of ", std::to_string(tree_.nodes.empty() ? 0 : children_[0].size()));
    constexpr std::size_t kTelling = 6;
    constexpr std::size_t kLongest = 24;
    std::string out;
    for (std::size_t i = 0; i < std::min(children_[0].size(), kTelling); ++i)
      out += concat(i == 0 ? "" : ", ", "'",
                    printable(std::string_view(node(children_[0][i]).key).substr(0, kLongest)), "'");
    if (out.empty()) return "no keys";
    return concat("top-level keys ", out, children_[0].size() > kTelling ? ", ..." : "");
  }

  const JsonTree& tree_;
  Shape as_;
  std::vector<std::vector<Place>> children_;
  std::vector<Found> found_;
  bool empty_list_ = false;
  Fields fields_;
};

}  // namespace

Fields fields_of(const JsonTree& tree, Shape as) {
  return Finder(tree, as).find();
}

}  // namespace nct
