#include "intake/tree_fields.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "intake/encoding.hpp"

namespace nct {

namespace {

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

}  // namespace

bool is_truth(std::string_view word) {
  return word == "true" || word == "yes" || word == "on" || word == "True";
}

bool is_named_as_certificate(std::string_view path) {
  constexpr std::array<std::string_view, 6> kEnds{".crt", ".pem", ".cer", ".der", ".p7b", ".p7c"};
  constexpr std::size_t kLongestEnd = 4;
  std::string end(path.substr(path.size() - std::min(path.size(), kLongestEnd)));
  std::ranges::transform(end, end.begin(), ascii_lower);
  return std::ranges::find(kEnds, std::string_view(end)) != kEnds.end();
}

TreeFields::TreeFields(const Tree& tree, Shape as) : tree_(tree), as_(as), children_(tree.nodes.size()) {
  for (Place i = 0; i < tree.nodes.size(); ++i)
    if (node(i).parent == TreeNode::kNone)
      roots_.push_back(i);
    else
      children_[node(i).parent].push_back(i);
}

const std::vector<TreeFields::Place>& TreeFields::children(Place place) const {
  static const std::vector<Place> kNone;
  return place == kNowhere ? kNone : children_[place];
}

TreeFields::Place TreeFields::parent(Place place) const {
  return place == kNowhere || node(place).parent == TreeNode::kNone ? kNowhere : node(place).parent;
}

TreeFields::Place TreeFields::child(Place place, std::string_view key) const {
  if (!is(place, Kind::object)) return kNowhere;
  for (const auto each : children_[place])
    if (node(each).key == key) return each;
  return kNowhere;
}

std::string_view TreeFields::text(Place place) const {
  return is(place, Kind::string) || is(place, Kind::other) ? std::string_view(node(place).text)
                                                           : std::string_view();
}

bool TreeFields::has(Shape shape) {
  if (as_ != Shape::sniffed && as_ != shape) return false;
  if (std::ranges::find(fields_.shapes, shape) == fields_.shapes.end()) fields_.shapes.push_back(shape);
  return true;
}

void TreeFields::note(Place place, FindingCode code, Severity severity, std::string message) {
  fields_.flaws.push_back({.code = code,
                           .severity = severity,
                           .origin = {.line = node(place).line, .field = tree_.path_of(node(place))},
                           .message = std::move(message)});
}

void TreeFields::flaw(Place place, std::string message) {
  note(place, FindingCode::not_pem, Severity::error, std::move(message));
}

void TreeFields::distrust(Place place, std::string message) {
  note(place, FindingCode::distrust, Severity::warning, std::move(message));
}

void TreeFields::want(Place place, Field field) {
  if (is(place, Kind::null)) return;
  const bool must = field.holds == Holds::certificates;
  if (!is(place, Kind::string)) return must ? flaw(place, "not a string") : void();
  if (node(place).encoded) field.takes = Takes::any;
  field.text = node(place).text;
  field.base64 = field.base64 || node(place).encoded;
  found_.try_emplace(place, std::move(field));
}

void TreeFields::want_url(Place place, Field field) {
  if (!is(place, Kind::string)) return;
  const bool must = field.holds == Holds::certificates;
  if (!is_data_url(node(place).text)) return must ? flaw(place, "a URL that is not fetched") : void();
  std::tie(field.text, field.base64) = opened_data_url(node(place).text);
  if (field.base64 && field.takes == Takes::pem) field.takes = Takes::base64_of_pem;
  found_.try_emplace(place, std::move(field));
}

void TreeFields::want_list(Place list, const Field& field) {
  if (!is(list, Kind::array)) return want(list, field);
  if (children_[list].empty()) say_none();
  for (const auto each : children_[list])
    is(each, Kind::null) ? flaw(each, "not a string") : want(each, field);
}

void TreeFields::note_others() {
  constexpr std::size_t kSmallestKey = 32;
  for (Place place = 0; place < tree_.nodes.size(); ++place) {
    const auto& here = node(place);
    if (here.kind != Kind::string || here.text.size() < kSmallestKey || found_.contains(place)) continue;
    auto [text, base64] = is_data_url(here.text) ? opened_data_url(here.text) : std::pair(here.text, true);
    fields_.others.push_back({.name = tree_.path_of(here), .line = here.line, .text = std::move(text)});
  }
}

Fields TreeFields::take() && {
  note_others();
  bool custom = std::ranges::any_of(fields_.flaws,
                                    [](const Finding& each) { return each.severity == Severity::error; });
  bool proxy = false;
  for (auto& [place, field] : found_) {
    if (field.holds == Holds::certificates) (field.proxy ? proxy : custom) = true;
    field.name = tree_.path_of(node(place));
    field.line = node(place).line;
    fields_.wanted.push_back(std::move(field));
  }
  const auto said = [](bool some, bool none) {
    return some ? Says::some : none ? Says::none : Says::nothing;
  };
  fields_.custom = said(custom, says_none_);
  fields_.proxy = said(proxy, says_no_proxy_);
  if (fields_.shapes.empty()) fields_.looks_like = beginning();
  return std::move(fields_);
}

std::string TreeFields::beginning() const {
  const auto object = std::ranges::find(roots_, Kind::object, [&](Place root) { return node(root).kind; });
  if (object == roots_.end())
    return concat("a list of ", std::to_string(roots_.empty() ? 0 : children_[roots_.front()].size()));
  const auto& keys = children_[*object];
  constexpr std::size_t kTelling = 4;
  constexpr std::size_t kLongest = 16;
  std::string out;
  for (std::size_t i = 0; i < std::min(keys.size(), kTelling); ++i)
    out += concat(i == 0 ? "" : ", ", "'", printable(std::string_view(node(keys[i]).key).substr(0, kLongest)),
                  "'");
  if (out.empty()) return "no keys";
  return concat("top-level keys ", out, keys.size() > kTelling ? ", ..." : "");
}

}  // namespace nct
