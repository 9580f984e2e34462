#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "intake/shape_readers.hpp"

namespace nct {

namespace {

using Kind = TreeNode::Kind;
using Place = TreeFields::Place;
constexpr auto kNowhere = TreeFields::kNowhere;

// "custom_ca_trust_certificates_base64" and "CustomCATrustCertificates" are names of one thing, as tools
// spell it: without case, '_' and '-'.
std::string bare(std::string_view key) {
  constexpr std::size_t kLongest = 64;
  std::string name;
  for (const char c : key.substr(0, kLongest))
    if (c != '_' && c != '-') name += ascii_lower(c);
  return name;
}

struct Pattern {
  Shape shape;
  std::string_view container;  // of the object that it stands in, bare; empty: any
  std::string_view key;        // bare
  bool proxy;                  // one value, the CA of the HTTP proxy; otherwise a list
};

// ARM, the CLI and SDKs; PowerShell; Terraform; Pulumi; AgentBaker; aks-node-controller.
constexpr auto kPatterns = std::to_array<Pattern>({
    {.shape = Shape::aks, .container = "", .key = "customcatrustcertificates", .proxy = false},
    {.shape = Shape::aks, .container = "", .key = "customcatrustcertificate", .proxy = false},
    {.shape = Shape::aks, .container = "", .key = "customcatrustcertificatesbase64", .proxy = false},
    {.shape = Shape::aks, .container = "", .key = "customcatrustcertificatesbase64s", .proxy = false},
    {.shape = Shape::aks, .container = "httpproxyconfig", .key = "trustedca", .proxy = true},
    {.shape = Shape::agentbaker, .container = "", .key = "customcatrustcerts", .proxy = false},
    {.shape = Shape::aks_node_controller, .container = "", .key = "customcacerts", .proxy = false},
    {.shape = Shape::aks_node_controller,
     .container = "httpproxyconfig",
     .key = "proxytrustedca",
     .proxy = true},
});

// Terraform's plan and state tell of more than what is wanted: of before, and of what is secret or unknown.
constexpr auto kNotWanted = std::to_array<std::string_view>(
    {"prior_state", "before", "before_sensitive", "after_sensitive", "after_unknown", "sensitive_values",
     "configuration", "resource_drift", "resource_changes"});

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

// Whether `root` is what a template is deployed with.
bool is_parameter_file(const TreeFields& fields, Place root) {
  return fields.text(fields.child(root, "$schema")).contains("deploymentParameters.json");
}

class AzureReader {
 public:
  explicit AzureReader(TreeFields& fields) : fields_(fields) {
    for (const auto root : fields.roots())
      if (is_parameter_file(fields, root)) parameter_files_.insert(root);
  }

  void read() {
    for (Place place = 0; place < fields_.size(); ++place) {
      const auto& here = fields_.node(place);
      if (here.parent == TreeNode::kNone || here.key.empty()) continue;
      if (here.key == "type" && is_cluster(here.text)) fields_.has(Shape::aks);
      if (const auto* pattern = pattern_at(place); pattern != nullptr && is_wanted(place))
        take(*pattern, place);
      else if (is_parameter(place))
        take_named(place);
    }
  }

 private:
  [[nodiscard]] const Pattern* pattern_at(Place place) const {
    const auto key = bare(fields_.node(place).key);
    for (const auto& pattern : kPatterns)
      if (key == pattern.key && (pattern.container.empty() || bare(container_of(place)) == pattern.container))
        return &pattern;
    return nullptr;
  }

  // The key of the object that `place` stands in; Terraform's blocks are lists of one object, and parameters
  // of a template have their value below "value" or "defaultValue".
  [[nodiscard]] std::string_view container_of(Place place) const {
    for (auto above = fields_.parent(place); above != kNowhere; above = fields_.parent(above)) {
      const std::string_view key = fields_.node(above).key;
      if (!key.empty() && key != "value" && key != "defaultValue") return key;
    }
    return {};
  }

  [[nodiscard]] bool is_wanted(Place place) const {
    for (auto above = place; above != kNowhere; above = fields_.parent(above))
      if (std::ranges::find(kNotWanted, std::string_view(fields_.node(above).key)) != kNotWanted.end())
        return false;
    return true;
  }

  void take(const Pattern& pattern, Place place) {
    // AgentBaker's and ARM's names of it differ in case alone.
    const bool agentbaker = pattern.shape == Shape::aks && container_of(place) == "HTTPProxyConfig";
    const auto shape = is_parameter(place) ? Shape::aks : agentbaker ? Shape::agentbaker : pattern.shape;
    if (!fields_.has(shape)) return;
    pattern.proxy ? take_proxy(place) : take_list(place, true);
  }

  [[nodiscard]] bool is_parameter(Place place) const {
    const auto parameters = fields_.parent(place);
    return fields_.is(parameters, Kind::object) && fields_.node(parameters).key == "parameters" &&
           parameter_files_.contains(fields_.parent(parameters));
  }

  // A parameter has the name that its template gives it: one that speaks of CAs to trust is taken by it.
  void take_named(Place place) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"customca", "catrust", "trustedca", "trustca", "trustedroot", "cacert", "cabundle", "rootca"});
    const auto name = bare(fields_.node(place).key);
    if (std::ranges::none_of(kWords, [&](std::string_view word) { return name.contains(word); })) return;
    if (!fields_.is(place, Kind::object) || !fields_.has(Shape::aks)) return;
    const bool proxy = name.contains("proxy") || name == "trustedca";
    take_parameter(place, proxy);
  }

  // `may_be_none`: that it is empty says that there is none. A template's default only says what is if nobody
  // says another thing.
  void take_list(Place place, bool may_be_none) {
    const Field field{.base64 = true, .takes = Takes::base64_of_pem};
    if (fields_.is(place, Kind::object)) return take_parameter(place, false);
    if (is_expression(place)) return follow(place, false);
    if (!fields_.is(place, Kind::array)) return fields_.want(place, field);
    if (fields_.children(place).empty() && may_be_none) fields_.say_none();
    for (const auto each : fields_.children(place)) {
      if (is_expression(each))
        follow(each, false);
      else
        fields_.is(each, Kind::null) ? fields_.flaw(each, "not a string") : fields_.want(each, field);
    }
  }

  void take_proxy(Place place) {
    if (fields_.is(place, Kind::object)) return take_parameter(place, true);
    if (is_expression(place)) return follow(place, true);
    if (fields_.is(place, Kind::string) && trimmed(fields_.text(place)).empty())
      fields_.say_no_proxy();
    else
      fields_.want(place, {.base64 = true, .proxy = true, .takes = Takes::base64_of_pem});
  }

  // A parameter of a template, or a value for it.
  void take_parameter(Place place, bool proxy) {
    const auto value = fields_.child(place, "value");
    const auto preset = fields_.child(place, "defaultValue");
    if (value != kNowhere) return proxy ? take_proxy(value) : take_list(value, true);
    if (fields_.child(place, "reference") != kNowhere) return pass_over(place, "a reference to a key vault");
    if (preset == kNowhere && fields_.child(place, "type") == kNowhere)
      return fields_.flaw(place, "not a string");
    if (proxy && trimmed(fields_.text(preset)).empty()) return;
    if (preset != kNowhere) proxy ? take_proxy(preset) : take_list(preset, false);
  }

  // "[...]", but for "[[...", which stands for a text in brackets.
  [[nodiscard]] bool is_expression(Place place) const {
    const auto text = fields_.is(place, Kind::string) ? trimmed(fields_.text(place)) : std::string_view();
    return text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[");
  }

  // To the parameter or variable that the expression is, where it is nothing else and is found.
  void follow(Place place, bool proxy) {
    auto text = trimmed(fields_.text(place));
    text = trimmed(text.substr(1, text.size() - 2));
    for (const std::string_view kind : {"parameters", "variables"}) {
      if (!text.starts_with(kind) || ++followed_ > kMostFollowed) continue;
      const auto name = quoted_in(trimmed(text.substr(kind.size())));
      const auto found = name ? declared(place, kind, *name) : kNowhere;
      if (found == kNowhere || depth_ > kMostSteps) continue;
      ++depth_;
      if (kind == "parameters" && fields_.is(found, Kind::object))
        take_parameter(found, proxy);
      else
        proxy ? take_proxy(found) : take_list(found, false);
      --depth_;
      if (!is_undefined(found)) return;
    }
    pass_over(place, "an expression, whose value is not in this document");
  }

  // A parameter without a value: whoever deploys the template gives it.
  [[nodiscard]] bool is_undefined(Place place) const {
    return fields_.is(place, Kind::object) && fields_.child(place, "value") == kNowhere &&
           fields_.child(place, "defaultValue") == kNowhere && fields_.child(place, "reference") == kNowhere;
  }

  // What stands between "('" and "')", and nothing else.
  static std::optional<std::string_view> quoted_in(std::string_view call) {
    if (!call.starts_with('(') || !call.ends_with(')')) return std::nullopt;
    const auto inner = trimmed(call.substr(1, call.size() - 2));
    if (inner.size() < 3 || !inner.starts_with('\'') || !inner.ends_with('\'')) return std::nullopt;
    const auto name = inner.substr(1, inner.size() - 2);
    return name.contains('\'') ? std::nullopt : std::optional(name);
  }

  // The parameter or variable `name` of the template around `place`. Names have no case.
  [[nodiscard]] Place declared(Place place, std::string_view kind, std::string_view name) const {
    const auto same = [](std::string_view one, std::string_view other) {
      return std::ranges::equal(one, other, {}, ascii_lower, ascii_lower);
    };
    for (auto above = fields_.parent(place); above != kNowhere; above = fields_.parent(above))
      for (const auto each : fields_.children(fields_.child(above, kind)))
        if (same(fields_.node(each).key, name)) return each;
    return kNowhere;
  }

  void pass_over(Place place, std::string_view what) {
    fields_.note(place, FindingCode::other_content, Severity::warning, concat(what, ", passed over"));
  }

  static constexpr int kMostSteps = 8;
  static constexpr int kMostFollowed = 100;  // each costs a walk through all that is declared

  TreeFields& fields_;
  std::set<Place> parameter_files_;  // roots
  int followed_ = 0;                 // expressions
  int depth_ = 0;                    // of expressions that lead to each other
};

}  // namespace

void read_azure(TreeFields& fields) {
  AzureReader(fields).read();
}

void recognise_azure(TreeFields& fields) {
  for (const auto root : fields.roots()) {
    for (const auto& [shape, one, other] : kSignatures)
      if (!fields.has_any() && fields.child(root, one) != kNowhere && fields.child(root, other) != kNowhere)
        fields.has(shape);
    if (!fields.has_any() && is_parameter_file(fields, root)) fields.has(Shape::aks);
  }
}

}  // namespace nct
