#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "intake/document_reader.hpp"
#include "intake/encoding.hpp"
#include "intake/environment.hpp"
#include "intake/file_kind.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

// Documents of these are about more than certificates: where they do not speak of them, nothing is amiss.
bool may_say_nothing(Shape shape) {
  constexpr Shape kWide[] = {Shape::aks, Shape::agentbaker, Shape::aks_node_controller, Shape::cloud_config,
                             Shape::bottlerocket};
  return std::ranges::find(kWide, shape) != std::end(kWide);
}

// Begins as the base64 of a certificate does.
bool begins_as_certificate(std::string_view text) {
  constexpr std::array<std::string_view, 3> kBeginnings{"MII", "LS0tLS1CRUdJTi", "TFMwdExTMUNSVWRKVGl"};
  text = trimmed(text);
  return is_base64_line(text.substr(0, text.find('\n'))) &&
         std::ranges::any_of(kBeginnings, [&](std::string_view begin) { return text.starts_with(begin); });
}

// What a value is, or what its base64 is.
std::string shape_of_value(std::string_view text) {
  const auto decoded = decode_base64(text);
  if (decoded.end != Base64::End::padded || !looks_binary(decoded.bytes)) return std::string(shape_of(text));
  return concat("base64 of ", shape_of(decoded.bytes));
}

}  // namespace

bool DocumentReader::open_structured(std::string_view text, std::span<const Line> lines, const Place& place) {
  if (as_ == Shape::bundle || place.field) return false;
  if (text.starts_with(kUtf8Bom)) text.remove_prefix(kUtf8Bom.size());
  const auto [language, sure] = language_of(text);
  const auto what = spelled(place.layers, name_of(language));
  Tree tree;
  switch (language) {
    case Language::none:
      return false;
    case Language::environment:
      shaped_ = true;
      note_keys(lines, place);
      take_fields(as_ == Shape::sniffed || as_ == Shape::cse ? fields_of_environment(text) : Fields{}, what,
                  place);
      return true;
    case Language::json:
      tree = tree_of_json(text);
      break;
    case Language::yaml:
      tree = tree_of_yaml(text);
      break;
    case Language::toml:
      tree = tree_of_toml(text);
      break;
  }
  const auto is_value = [](const TreeNode& node) {
    return node.parent == TreeNode::kNone && node.kind != TreeNode::Kind::object &&
           node.kind != TreeNode::Kind::array;
  };
  if (!sure && (tree.flaw != Tree::Flaw::none || std::ranges::all_of(tree.nodes, is_value))) return false;
  shaped_ = true;
  if (tree.flaw == Tree::Flaw::none) {
    take_fields(fields_of(tree, as_), what, place);
    // In a comment it is in no value.
    const auto is_key = [](const Finding& each) { return each.code == FindingCode::private_key; };
    if (std::ranges::none_of(delivery_.findings, is_key)) note_keys(lines, place);
  } else {
    note_keys(lines, place);
    const auto unrendered = tree.flaw == Tree::Flaw::broken ? template_line(text) : 0;
    if (unrendered > 0)
      refuse_kind("a template that is not rendered", place, unrendered);
    else
      refuse_tree(tree, what, place);
  }
  return true;
}

void DocumentReader::refuse_tree(const Tree& tree, std::string_view what, const Place& place) {
  const auto line = place.line == 0 ? tree.line : place.line;
  const auto key = printable(std::string_view(tree.key).substr(0, 64));
  const auto refuse = [&](FindingCode code, std::string_view why) {
    error(code, place.entry, line, concat(what, why));
  };
  switch (tree.flaw) {
    case Tree::Flaw::none:
      return;
    case Tree::Flaw::broken:
      return refuse(FindingCode::not_pem, concat(" that is broken in its line ", std::to_string(tree.line)));
    case Tree::Flaw::cut_off:
      return refuse(FindingCode::truncated, " that is cut off");
    case Tree::Flaw::deep:
      return refuse(FindingCode::not_pem,
                    concat(" nested deeper than ", std::to_string(Tree::kMaxDepth), " levels"));
    case Tree::Flaw::large:
      return refuse(FindingCode::too_large,
                    concat(" of more than ", std::to_string(Tree::kMaxNodes), " values, or ",
                           std::to_string(Tree::kMaxCopiedBytes), " bytes of aliases"));
    case Tree::Flaw::twice:
      return refuse(FindingCode::not_pem, concat(" in which the key '", key, "' stands twice in one object"));
    case Tree::Flaw::alias:
      return refuse(FindingCode::not_pem,
                    concat(" with an alias '", key, "' of nothing, or of what it stands in"));
  }
}

// Says what it is, and where the first certificate stands in it.
void DocumentReader::refuse_shapeless(const Fields& fields, std::string_view what, const Place& place) {
  auto why = fields.known_as.empty() ? std::string(what) : std::string(fields.known_as);
  if (as_ != Shape::sniffed)
    return error(FindingCode::not_pem, place.entry, place.line,
                 concat(why, " with nothing of the shape ", name_of(as_)));
  if (fields.known_as.empty())
    why += concat(" of no known shape (", known_shapes(), "), with ", fields.looks_like);
  error(FindingCode::not_pem, place.entry, place.line == 0 ? fields.certificates_line : place.line,
        std::move(why));
  auto& refused = delivery_.findings.back();
  refused.what = fields.known_as.empty() ? what : fields.known_as;
  refused.origin.field = fields.certificates_at;
}

// `what` is what the document is, for messages.
void DocumentReader::take_fields(Fields fields, std::string_view what, const Place& place) {
  const auto before = delivery_.findings.size();
  look_for_keys(fields.others);
  if (fields.shapes == std::vector{Shape::kubeconfig})
    for (auto& finding : std::span(delivery_.findings).subspan(before))
      finding.what = "a kubeconfig";
  if (fields.shapes.size() != 1) look_for_keys(fields.wanted);
  const auto refuse = [&](const std::string& why) {
    error(FindingCode::not_pem, place.entry, place.line, concat(what, why));
  };
  if (fields.shapes.empty()) {
    return refuse_shapeless(fields, what, place);
  }
  if (fields.shapes.size() > 1) {
    std::string names;
    for (const auto shape : fields.shapes)
      names += concat(names.empty() ? "" : " and ", name_of(shape));
    return refuse(concat(" of more than one shape: ", names));
  }
  for (auto& flaw : fields.flaws) {
    flaw.origin.file = name_;
    delivery_.findings.push_back(std::move(flaw));
  }
  delivery_.custom = fields.custom;
  delivery_.proxy = fields.proxy;
  for (const auto& field : fields.wanted)
    if (field.holds == Holds::certificates || !pass_over(field, place)) {
      (field.proxy ? delivery_.proxy : delivery_.custom) = Says::some;
      open_field(field, place);
    }
  if (delivery_.custom != Says::nothing || delivery_.proxy != Says::nothing) return;
  const auto of_shape = concat(what, " of the shape ", name_of(fields.shapes.front()));
  if (may_say_nothing(fields.shapes.front()) || fields.blank)
    return warn_once(FindingCode::no_certificates, place.entry, place.line,
                     concat(of_shape, " that says nothing of certificates; what came from it before stays"));
  delivery_.custom = Says::some;
  error(FindingCode::no_certificates, place.entry, place.line, concat(of_shape, " without a certificate"));
}

void DocumentReader::open_field(const Field& field, const Place& place) {
  const Place inside{.entry = ++entries_,
                     .line = place.line == 0 ? field.line : place.line,
                     .layers = {},
                     .base64 = field.base64,
                     .field = true,
                     .holds = field.holds,
                     .takes = field.takes};
  fields_[inside.entry] = {.name = field.name, .proxy = field.proxy};
  if (trimmed(field.text).empty()) {
    error(FindingCode::no_certificates, inside.entry, inside.line, "an empty value");
  } else if (!open(field.text, inside)) {
    error(FindingCode::not_pem, inside.entry, inside.line,
          concat("not PEM, nor anything that opens to it, but ", shape_of(field.text)));
    delivery_.findings.back().what = shape_of(field.text);
  }
}

// Whether nothing in `field` is like a certificate or a key. Says so where somebody might think that there
// is.
bool DocumentReader::pass_over(const Field& field, const Place& place) {
  DocumentReader probe(name_, limits_, Shape::bundle);
  probe.gzip_budget_ = gzip_budget_;
  const Place inside{.entry = 1,
                     .line = place.line == 0 ? field.line : place.line,
                     .layers = {},
                     .base64 = field.base64,
                     .field = true,
                     .holds = field.holds};
  const bool blank = trimmed(field.text).empty();
  const bool recognised = !blank && probe.open(field.text, inside);
  const auto is_key = [](const Finding& each) { return each.code == FindingCode::private_key; };
  if (!probe.delivery_.entries.empty() || std::ranges::any_of(probe.delivery_.findings, is_key)) return false;
  if (!probe.holds_marked_ && begins_as_certificate(field.text)) return false;
  if (field.holds == Holds::anything && !probe.holds_marked_) return true;
  const auto refused = std::ranges::find(probe.delivery_.findings, Severity::error,
                                         [](const auto& each) { return each.severity; });
  std::string what = blank ? "an empty value" : shape_of_value(field.text);
  if (recognised && refused != probe.delivery_.findings.end()) what = refused->message;
  auto passed = finding(
      FindingCode::other_content, Severity::warning, 0, inside.line,
      concat("not a certificate but ", what, probe.holds_marked_ ? " with PEM in it" : "", ", passed over"));
  passed.origin.field = field.name;
  delivery_.findings.push_back(std::move(passed));
  return true;
}

// Of what is not wanted, private keys alone matter.
void DocumentReader::look_for_keys(const std::vector<Field>& fields) {
  DocumentReader other(name_, limits_, Shape::bundle);
  other.gzip_budget_ = gzip_budget_;
  for (const auto& field : fields)
    if (!trimmed(field.text).empty()) other.open_field(field, {});
  gzip_budget_ = other.gzip_budget_;
  for (auto& finding : other.delivery_.findings) {
    if (finding.code != FindingCode::private_key) continue;
    finding.origin.entry = 0;
    delivery_.findings.push_back(std::move(finding));
  }
}

}  // namespace nct
