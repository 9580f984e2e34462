#include "intake/shape.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "intake/encoding.hpp"
#include "intake/environment.hpp"
#include "intake/file_kind.hpp"
#include "intake/sign.hpp"

namespace nct {

namespace {

constexpr auto kShapes = std::to_array<std::pair<Shape, std::string_view>>({
    {Shape::bundle, "bundle"},
    {Shape::aks, "aks"},
    {Shape::agentbaker, "agentbaker"},
    {Shape::aks_node_controller, "aks-node-controller"},
    {Shape::cse, "cse"},
    {Shape::kubernetes, "kubernetes"},
    {Shape::kubeconfig, "kubeconfig"},
    {Shape::cloud_config, "cloud-config"},
    {Shape::bottlerocket, "bottlerocket"},
    {Shape::talos, "talos"},
    {Shape::openshift, "openshift"},
    {Shape::ignition, "ignition"},
    {Shape::list, "list"},
    {Shape::map, "map"},
});

constexpr auto kAllShapes = [] {
  std::array<Shape, kShapes.size()> shapes{};
  for (std::size_t i = 0; i < kShapes.size(); ++i)
    shapes[i] = kShapes[i].first;
  return shapes;
}();

constexpr std::string_view kMime = "a MIME message";
constexpr std::string_view kCloudConfig = "a cloud-config document";
constexpr std::string_view kOvf = "an OVF environment";

constexpr auto kStructured = std::to_array<Sign>({
    {"#cloud-config", kCloudConfig},
    {"## template: jinja", kCloudConfig},
    {"#include", "a cloud-init include list"},
    {"#!", "a script"},
    {"content-type:", kMime},
    {"mime-version:", kMime},
    {"data:", "a data URL"},
});

// What stands behind comments in C's way, which ARM allows in JSON.
std::string_view behind_comments(std::string_view text) {
  if (text.starts_with(kUtf8Bom)) text.remove_prefix(kUtf8Bom.size());
  for (text = trimmed(text); text.starts_with("//") || text.starts_with("/*"); text = trimmed(text)) {
    const std::string_view close = text.starts_with("//") ? "\n" : "*/";
    const auto end = text.find(close, 2);
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + close.size());
  }
  return text;
}

// The first line with something to read on it: no blank one, no comment, no directive.
std::string_view first_line_of(std::string_view text) {
  for (const auto line : lines_of(text)) {
    const auto words = trimmed(line);
    if (!words.empty() && !words.starts_with('#') && !words.starts_with('%')) return line;
  }
  return {};
}

bool is_name_character(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '/' || c == '"' || c == '\'';
}

// The length of a name or key at the beginning of `line`.
std::size_t name_length(std::string_view line) {
  const auto end = std::ranges::find_if_not(line, is_name_character);
  return static_cast<std::size_t>(end - line.begin());
}

bool begins_as_toml(std::string_view line) {
  if (line.starts_with('[')) {
    const auto name = trimmed(line.substr(line.starts_with("[[") ? 2 : 1));
    const auto length = name_length(name);
    return length > 0 && name.find(']') != std::string_view::npos;
  }
  const auto rest = trimmed(line.substr(name_length(line)));
  return name_length(line) > 0 && rest.starts_with('=');
}

bool begins_as_yaml(std::string_view line) {
  if (line == "-" || line == "---" || line.starts_with("- ") || line.starts_with("--- ")) return true;
  const auto rest = line.substr(name_length(line));
  return name_length(line) > 0 && (rest == ":" || rest.starts_with(": "));
}

bool has_line(std::string_view text, auto matches) {
  return std::ranges::any_of(lines_of(text), matches);
}

}  // namespace

std::string_view name_of(Shape shape) {
  const auto known = std::ranges::find(kShapes, shape, &std::pair<Shape, std::string_view>::first);
  return known == kShapes.end() ? std::string_view("sniffed") : known->second;
}

std::span<const Shape> all_shapes() {
  return kAllShapes;
}

std::optional<Shape> shape_named(std::string_view name) {
  const auto known = std::ranges::find(kShapes, name, &std::pair<Shape, std::string_view>::second);
  return known == kShapes.end() ? std::nullopt : std::optional(known->first);
}

std::string known_shapes() {
  std::string known;
  for (const auto shape : kAllShapes)
    if (shape != Shape::bundle) known += concat(known.empty() ? "" : ", ", name_of(shape));
  return known;
}

std::string_view name_of(Language language) {
  switch (language) {
    case Language::json:
      return "a JSON document";
    case Language::yaml:
      return "a YAML document";
    case Language::toml:
      return "a TOML document";
    case Language::environment:
      return "a list of settings";
    case Language::none:
      break;
  }
  return "text";
}

bool is_envelope(std::string_view text) {
  const auto shape = structured_shape(text);
  return shape == kMime || shape == kOvf;
}

LanguageGuess language_of(std::string_view text) {
  const auto named = structured_shape(text);
  if (named == name_of(Language::json)) return {.language = Language::json, .sure = true};
  if (named == kCloudConfig) return {.language = Language::yaml, .sure = true};
  if (named == kMime || named == kOvf) return {};
  const auto first = first_line_of(text);
  // In YAML a line of a PEM block stands behind blanks, at least where it is a value of something.
  const bool block = has_line(text, [](std::string_view line) { return line.starts_with("-----BEGIN"); });
  if (!block && begins_as_yaml(first)) {
    const bool sure = first.starts_with("---") || has_line(text, [](std::string_view line) {
                        return line.starts_with("apiVersion:") || line.starts_with("kind:") ||
                               line.starts_with("additionalTrustBundle:");
                      });
    return {.language = Language::yaml, .sure = sure};
  }
  if (has_environment(text)) return {.language = Language::environment, .sure = true};
  if (!named.empty()) return {};
  if (begins_as_toml(first))
    return {.language = Language::toml, .sure = has_line(text, [](std::string_view line) {
                                          return trimmed(line).starts_with("[settings");
                                        })};
  return {};
}

std::string_view structured_shape(std::string_view text) {
  const auto behind = behind_comments(text);
  if (behind.starts_with('{') || behind.starts_with('[')) text = behind;
  const std::string lower = beginning_of(text);
  const std::string_view begin = lower;
  if (begin.starts_with('{')) return "a JSON document";
  if (begin.starts_with('[')) {
    auto next = trimmed(begin.substr(1));
    while (next.starts_with('['))  // a name behind it is a table of TOML
      next = trimmed(next.substr(1));
    if (next.empty() || std::string_view("\"{]").find(next.front()) != std::string_view::npos)
      return "a JSON document";
  }
  if (begin.starts_with('<') && begin.find('>') != std::string_view::npos) {
    const auto holds = [&](std::string_view word) { return begin.find(word) != std::string_view::npos; };
    if (holds("provisioningconfigurationset") || holds("schemas.dmtf.org/ovf")) return kOvf;
    if (holds("<plist")) return "a property list";
    return holds("<html") || holds("<!doctype html") ? "an HTML page" : "an XML document";
  }
  return match(begin, kStructured);
}

std::string_view shape_of(std::string_view bytes) {
  if (const auto kind = binary_kind(bytes); !kind.empty()) return kind;
  if (looks_binary(bytes)) return "binary data";
  if (is_placeholder(bytes)) return text_kind(bytes);  // what begins with a brace is not JSON for that
  const auto structured = structured_shape(bytes);
  return structured.empty() ? text_kind(bytes) : structured;
}

}  // namespace nct
