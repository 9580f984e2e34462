#include "intake/document.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "intake/base64_text.hpp"
#include "intake/encoding.hpp"
#include "intake/environment.hpp"
#include "intake/field.hpp"
#include "intake/file_kind.hpp"
#include "intake/java_keystore.hpp"
#include "intake/line.hpp"
#include "intake/pem_line.hpp"
#include "intake/shape.hpp"
#include "intake/tree.hpp"
#include "intake/tree_shapes.hpp"

namespace nct {

namespace {

// Nobody wraps a bundle more often by mistake, and every layer costs a pass.
constexpr std::size_t kMaxLayers = 4;

enum class Layer { base64, gzip };
using Layers = std::vector<Layer>;

Layers with(Layers layers, Layer layer) {
  layers.push_back(layer);
  return layers;
}

// "base64 of gzip of PEM"
std::string spelled(const Layers& layers, std::string_view core) {
  std::string out;
  for (const auto layer : layers)
    out += layer == Layer::base64 ? "base64 of " : "gzip of ";
  return out += core;
}

// "aks, agentbaker, ...": all but the bundle.
std::string known_shapes() {
  std::string known;
  for (const auto shape : all_shapes())
    if (shape != Shape::bundle) known += concat(known.empty() ? "" : ", ", name_of(shape));
  return known;
}

// Documents of these are about more than certificates: where they do not speak of them, nothing is amiss.
bool may_say_nothing(Shape shape) {
  constexpr Shape kWide[] = {Shape::aks, Shape::agentbaker, Shape::aks_node_controller, Shape::cloud_config,
                             Shape::bottlerocket};
  return std::ranges::find(kWide, shape) != std::end(kWide);
}

bool is_marker(const Line& line) {
  return line.kind == Line::Kind::opens || line.kind == Line::Kind::closes || line.kind == Line::Kind::key;
}

// One past the last line of the PEM block that `lines[from]` opens: its END line; or, if that is missing, the
// line before the next blank or BEGIN line.
std::size_t block_end(std::span<const Line> lines, std::size_t from) {
  std::size_t end = from + 1;
  while (end < lines.size() && !is_marker(lines[end]))
    ++end;
  if (end < lines.size() && lines[end].kind == Line::Kind::closes) return end + 1;
  const auto body = lines.subspan(from, end - from);
  const auto blank = std::ranges::find(body, Line::Kind::blank, &Line::kind);
  return from + static_cast<std::size_t>(blank - body.begin());
}

// How many of `lines` there are before the first blank line that is not inside a PEM block.
std::size_t chunk_length(std::span<const Line> lines) {
  std::size_t end = 0;
  while (end < lines.size() && lines[end].kind != Line::Kind::blank)
    end = lines[end].kind == Line::Kind::opens ? block_end(lines, end) : end + 1;
  return end;
}

// Where bytes stand in the document.
struct Place {
  unsigned entry = 0;                 // 0: they are the document itself, whose blank lines part entries
  unsigned line = 0;                  // 0: their lines are the document's
  Layers layers;                      // what they were taken out of
  bool base64 = false;                // the first layer of base64 is as it should be
  bool field = false;                 // in a value of a structured document
  Holds holds = Holds::certificates;  // that value
  Takes takes = Takes::any;

  [[nodiscard]] bool is_document() const { return entry == 0; }
  [[nodiscard]] unsigned line_of(const Line& inner) const { return line == 0 ? inner.number : line; }
};

std::string_view name_of(Takes takes) {
  switch (takes) {
    case Takes::pem:
      return "PEM";
    case Takes::base64:
      return "base64";
    case Takes::base64_of_pem:
      return "base64 of PEM";
    case Takes::any:
      break;
  }
  return "any encoding";
}

// Whether the system that reads the field takes its value as it stands there.
bool is_taken(const Place& place, bool der) {
  switch (place.takes) {
    case Takes::any:
      return true;
    case Takes::pem:
      return place.layers.empty() && !der;
    case Takes::base64:
      return !place.layers.empty() && place.layers.front() == Layer::base64;
    case Takes::base64_of_pem:
      return place.layers == Layers{Layer::base64} && !der;
  }
  return true;
}

// Whether `text` is in a language of structured documents, so that PEM in it is a value of something else.
bool is_structured(std::string_view text) {
  const auto [language, sure] = language_of(text);
  if (language == Language::toml && !sure) return tree_of_toml(text).flaw == Tree::Flaw::none;
  return language != Language::none;
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

class Reader {
 public:
  Reader(std::string_view name, const IntakeLimits& limits, Shape as)
      : name_(name), limits_(limits), as_(as), gzip_budget_(limits.max_document_bytes) {}

  Delivery read(std::string_view bytes) &&;

 private:
  // What is parted no further: lines without a blank one between them, or all of an inner text.
  struct Chunk {
    std::span<const Line> lines;
    const Place& place;
    bool marked = false;    // the text they stand in has PEM lines
    unsigned entry = 0;     // the number its PEM goes under, once it has one
    std::size_t given = 0;  // lines before this one are dealt with
    bool recognised = false;
  };

  struct Named {
    std::string name;
    bool proxy = false;
  };

  // These say whether they recognised what they were given. If not, they have said and kept nothing.
  bool open(std::string_view bytes, const Place& place);
  bool open_gzip(std::string_view bytes, const Place& place);
  bool open_text(std::string_view raw, const Place& place);
  bool open_structured(std::string_view text, std::span<const Line> lines, const Place& place);
  void refuse_shapeless(const Fields& fields, std::string_view what, const Place& place);
  void refuse_tree(const Tree& tree, std::string_view what, const Place& place);
  bool open_value(const Base64Value& value, const Chunk& chunk);
  bool open_chunk(std::span<const Line> lines, const Place& place, bool marked);

  void take_fields(Fields fields, std::string_view what, const Place& place);
  void open_field(const Field& field, const Place& place);
  bool pass_over(const Field& field, const Place& place);
  void look_for_keys(const std::vector<Field>& fields);
  void note_keys(std::span<const Line> lines, const Place& place);
  [[nodiscard]] std::string_view what_of(std::string_view kind) const;
  [[nodiscard]] std::string unless_known(const Place& place) const;

  void read_loose(Chunk& chunk, std::size_t from, std::size_t to);
  void give_pem(Chunk& chunk, std::size_t to);
  void take(Entry::Form form, std::string bytes, const Place& place, bool lines_match);

  [[nodiscard]] Origin origin_of(unsigned entry, unsigned line) const;
  [[nodiscard]] Finding finding(FindingCode code, Severity severity, unsigned entry, unsigned line,
                                std::string message) const;
  void error(FindingCode code, unsigned entry, unsigned line, std::string message);
  void refuse_kind(std::string_view kind, const Place& place, unsigned line);
  void warn_once(FindingCode code, unsigned entry, unsigned line, std::string message);

  std::string name_;
  IntakeLimits limits_;
  Shape as_;
  std::size_t gzip_budget_;  // bytes that gzip may still open to
  unsigned entries_ = 0;
  std::map<unsigned, Named> fields_;                   // of entries that have a name
  bool shaped_ = false;                                // a structured document was seen
  std::set<std::pair<FindingCode, unsigned>> warned_;  // with the entry
  bool holds_marked_ = false;                          // there are PEM lines in something that is not read
  std::vector<Finding> strays_;                        // matter only beside something better
  Delivery delivery_;
};

Origin Reader::origin_of(unsigned entry, unsigned line) const {
  const auto field = fields_.find(entry);
  const auto named = field == fields_.end() ? Named{} : field->second;
  return {.file = name_, .entry = entry, .line = line, .proxy = named.proxy, .field = named.name};
}

Finding Reader::finding(FindingCode code, Severity severity, unsigned entry, unsigned line,
                        std::string message) const {
  return {
      .code = code, .severity = severity, .origin = origin_of(entry, line), .message = std::move(message)};
}

void Reader::error(FindingCode code, unsigned entry, unsigned line, std::string message) {
  delivery_.findings.push_back(finding(code, Severity::error, entry, line, std::move(message)));
}

// `kind` is something that holds certificates at most as files hold them: it is not read.
void Reader::refuse_kind(std::string_view kind, const Place& place, unsigned line) {
  error(FindingCode::not_pem, place.entry, place.line == 0 ? line : place.line, spelled(place.layers, kind));
  delivery_.findings.back().what = kind;
}

void Reader::warn_once(FindingCode code, unsigned entry, unsigned line, std::string message) {
  if (warned_.emplace(code, entry).second)
    delivery_.findings.push_back(finding(code, Severity::warning, entry, line, std::move(message)));
}

// Keeps an entry, and says what it was.
void Reader::take(Entry::Form form, std::string bytes, const Place& place, bool lines_match) {
  const bool der = form == Entry::Form::der;
  const auto what = spelled(place.layers, der ? "DER" : "PEM");
  const auto wraps = std::ranges::count(place.layers, Layer::base64) - (place.base64 ? 1 : 0);
  if (wraps > 0)
    warn_once(wraps > 1 ? FindingCode::double_base64 : FindingCode::base64, place.entry, place.line, what);
  if (wraps > 0 && std::ranges::count(place.layers, Layer::gzip) > 0)
    warn_once(FindingCode::gzip, place.entry, place.line, what);
  if (der) warn_once(FindingCode::der, place.entry, place.line, "DER, not PEM");
  if (!is_taken(place, der))
    warn_once(FindingCode::wrong_encoding, place.entry, place.line,
              concat(what, "; what reads this field takes ", name_of(place.takes), " alone"));
  delivery_.entries.push_back({.form = form,
                               .origin = origin_of(place.entry, place.line),
                               .bytes = std::move(bytes),
                               .may_be_other = place.holds != Holds::certificates,
                               .lines_match = lines_match});
}

bool Reader::open(std::string_view bytes, const Place& place) {
  if (place.layers.size() > kMaxLayers) {
    error(FindingCode::not_pem, place.entry, place.line,
          concat("encoded more than ", std::to_string(kMaxLayers), " times over"));
    return true;
  }
  if (looks_gzipped(bytes)) return open_gzip(bytes, place);
  if (is_java_keystore(bytes) && holds_key(bytes)) {
    error(FindingCode::private_key, place.entry, place.line, "a Java keystore with a private key");
    return true;
  }
  // A short value that was decoded can begin like anything.
  constexpr std::size_t kSmallestFile = 512;
  const bool file = place.layers.empty() || bytes.size() >= kSmallestFile;
  if (const auto kind = file ? binary_kind(bytes) : std::string_view{}; !kind.empty()) {
    note_keys(pem_lines_of(bytes), place);
    refuse_kind(kind, place, 0);
    return true;
  }
  if (const auto utf8 = utf8_of_utf16(bytes)) {
    if (!open_text(*utf8, place)) return false;
    warn_once(FindingCode::utf_16, place.entry, place.line, "UTF-16 text");
    return true;
  }
  if (!looks_like_der(bytes)) return open_text(bytes, place);
  Place whole = place;
  if (place.is_document()) whole.entry = ++entries_;
  take(Entry::Form::der, std::string(bytes), whole, false);
  return true;
}

bool Reader::open_gzip(std::string_view bytes, const Place& place) {
  const auto opened = inflate_gzip(bytes, gzip_budget_);
  gzip_budget_ -= opened.bytes.size();
  if (place.is_document()) warn_once(FindingCode::gzip, 0, 0, "gzip");
  const auto refuse = [&](FindingCode code, std::string message) {
    error(code, place.entry, place.line, std::move(message));
    return true;
  };
  switch (opened.end) {
    case Inflated::End::over_limit:
      return refuse(FindingCode::too_large,
                    concat("gzip opens to more than the ", std::to_string(limits_.max_document_bytes),
                           " bytes allowed"));
    case Inflated::End::cut_off:
      return refuse(FindingCode::truncated, "gzip data is cut off");
    case Inflated::End::damaged:
      return refuse(FindingCode::not_pem, "gzip data is damaged");
    case Inflated::End::whole:
      break;
  }
  if (opened.behind > 0)
    warn_once(FindingCode::trailing_garbage, place.entry, place.line,
              concat(std::to_string(opened.behind), " bytes behind the gzip data"));
  Place inside = place;
  inside.layers = with(place.layers, Layer::gzip);
  if (open(opened.bytes, inside)) return true;
  refuse(FindingCode::not_pem, spelled(inside.layers, shape_of(opened.bytes)));
  delivery_.findings.back().what = shape_of(opened.bytes);
  return true;
}

bool Reader::open_text(std::string_view raw, const Place& place) {
  // A DOS copy leaves ^Z at the end, a file system after a power cut NUL.
  const auto last = raw.find_last_not_of(std::string_view("\0\x1A", 2));
  const auto padding = raw.size() - (last == std::string_view::npos ? 0 : last + 1);
  raw.remove_suffix(padding);
  const auto [text, first_cr] = with_lf(raw);
  const auto lines = pem_lines_of(text);

  const auto blank = [](const Line& line) { return line.kind == Line::Kind::blank; };
  if (std::ranges::all_of(lines, blank)) {
    if (place.is_document())
      error(FindingCode::no_certificates, 0, 0, raw.empty() && padding == 0 ? "empty" : "nothing but blanks");
    return place.is_document();
  }
  const bool marked = std::ranges::any_of(lines, is_marker);
  if (!marked && looks_binary(text)) return false;

  bool recognised = false;
  if (open_structured(text, lines, place)) {
    recognised = true;
  } else if (const auto unfit = unfit_text_kind(text); !unfit.name.empty()) {
    note_keys(lines, place);
    holds_marked_ = holds_marked_ || marked;
    refuse_kind(unfit.name, place, unfit.line);
    recognised = true;
  } else if (place.holds != Holds::certificates && is_structured(text)) {
    note_keys(lines, place);
    holds_marked_ = holds_marked_ || marked;
    error(FindingCode::not_pem, place.entry, place.line,
          spelled(place.layers, name_of(language_of(text).language)));
    recognised = true;
  } else if (const auto shape = structured_shape(text); !shape.empty()) {
    note_keys(lines, place);
    holds_marked_ = holds_marked_ || marked;
    const bool envelope = is_envelope(text);
    error(envelope ? FindingCode::envelope : FindingCode::not_pem, place.entry, place.line,
          concat(spelled(place.layers, shape), envelope ? std::string() : unless_known(place)));
    delivery_.findings.back().what = what_of(shape);
    recognised = true;
  } else {
    for (auto rest = std::span(lines); !rest.empty();) {
      // What was taken out of the document is one delivered blob, whatever blank lines it has.
      const auto length = place.is_document() ? chunk_length(rest) : rest.size();
      if (length > 0) recognised |= open_chunk(rest.first(length), place, marked);
      rest = rest.subspan(std::max<std::size_t>(length, 1));
    }
  }
  if (!recognised) return false;

  if (const auto bom = std::ranges::find(lines, true, &Line::bom); bom != lines.end())
    warn_once(FindingCode::bom, place.entry, place.line_of(*bom), "UTF-8 byte order mark");
  if (first_cr > 0)
    warn_once(FindingCode::crlf, place.entry, place.line == 0 ? first_cr : place.line,
              "carriage returns at the ends of lines");
  if (padding > 0)
    warn_once(FindingCode::trailing_garbage, place.entry, place.line,
              concat(std::to_string(padding), " NUL or ^Z bytes behind the text"));
  return true;
}

// For advice. Whoever reads bundles alone is told so of a document.
std::string_view Reader::what_of(std::string_view kind) const {
  const bool document = kind.ends_with(" document") || kind.ends_with(" in YAML");
  return as_ == Shape::bundle && document ? std::string_view("a document where a bundle is read") : kind;
}

// What else it might have been, where any shape would do.
std::string Reader::unless_known(const Place& place) const {
  if (as_ != Shape::sniffed || place.field) return {};
  return concat("; nor a document of a known shape (", known_shapes(), ")");
}

void Reader::note_keys(std::span<const Line> lines, const Place& place) {
  for (const auto& line : lines)
    if (line.first_of_key) error(FindingCode::private_key, place.entry, place.line_of(line), "a private key");
}

bool Reader::open_structured(std::string_view text, std::span<const Line> lines, const Place& place) {
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

void Reader::refuse_tree(const Tree& tree, std::string_view what, const Place& place) {
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
void Reader::refuse_shapeless(const Fields& fields, std::string_view what, const Place& place) {
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
void Reader::take_fields(Fields fields, std::string_view what, const Place& place) {
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

void Reader::open_field(const Field& field, const Place& place) {
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
bool Reader::pass_over(const Field& field, const Place& place) {
  Reader probe(name_, limits_, Shape::bundle);
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
void Reader::look_for_keys(const std::vector<Field>& fields) {
  Reader other(name_, limits_, Shape::bundle);
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

bool Reader::open_chunk(std::span<const Line> lines, const Place& place, bool marked) {
  Chunk chunk{.lines = lines, .place = place, .marked = marked, .entry = place.entry};
  for (std::size_t at = 0; at < lines.size();) {
    auto end = at + 1;
    const auto& line = lines[at];
    if (line.kind == Line::Kind::opens) {
      end = block_end(lines, at);
    } else if (line.kind == Line::Kind::loose) {
      while (end < lines.size() && lines[end].kind == Line::Kind::loose)
        ++end;
      // What stands right before an END line without BEGIN is the body of a block, not base64 of its own.
      if (end == lines.size() || lines[end].kind != Line::Kind::closes) read_loose(chunk, at, end);
    } else if (line.first_of_key) {
      if (chunk.entry == 0) chunk.entry = ++entries_;
      error(FindingCode::private_key, chunk.entry, place.line_of(line), "a private key");
      chunk.recognised = true;
    }
    // A folded line makes a piece of its own, so that each piece knows its line.
    const auto folded = [&](std::size_t i) { return lines[i].flaw == Line::Flaw::folded; };
    if (end < lines.size() && lines[end].kind == Line::Kind::opens && (folded(end) || folded(end - 1)))
      give_pem(chunk, end);
    at = end;
  }
  give_pem(chunk, lines.size());
  return chunk.recognised;
}

// Finds base64 values among lines outside PEM blocks; the other lines stay with the PEM around them.
void Reader::read_loose(Chunk& chunk, std::size_t from, std::size_t to) {
  constexpr std::size_t kTooLongForAWord = 16;
  const auto& place = chunk.place;
  for (std::size_t at = from; at < to;) {
    const auto& line = chunk.lines[at];
    if (!is_base64_line(line.text) || line.text.size() < kTooLongForAWord) {
      if (chunk.marked && looks_binary(line.text))
        strays_.push_back(finding(FindingCode::not_pem, Severity::error, place.entry, place.line_of(line),
                                  "binary data outside PEM blocks"));
      else if (!is_comment(line.text) && holds_stray_base64(line.text) &&
               (chunk.marked || place.is_document()))
        strays_.push_back(finding(FindingCode::not_pem, Severity::error, place.entry, place.line_of(line),
                                  "base64 inside other text, or with a character that is not base64"));
      ++at;
      continue;
    }
    auto end = at + 1;
    while (end < to && is_base64_line(chunk.lines[end].text))
      ++end;
    give_pem(chunk, at);  // before the values, so that entries are numbered as they stand
    for (const auto& value : base64_values(chunk.lines.subspan(at, end - at))) {
      if (!open_value(value, chunk)) continue;
      chunk.given = end;
      chunk.entry = place.entry;
      chunk.recognised = true;
    }
    at = end;
  }
}

bool Reader::open_value(const Base64Value& value, const Chunk& chunk) {
  if (!may_hold_something(value)) return false;
  const auto& outer = chunk.place;
  const bool numbered = outer.is_document();
  const auto before = entries_;
  Place place = outer;
  if (numbered) place.entry = entries_ + 1;
  if (outer.line == 0) place.line = value.line;
  place.layers = with(outer.layers, Layer::base64);
  const auto decoded = decode_base64(value.text);
  if (!open(decoded.bytes, place)) {
    constexpr std::size_t kLongerThanADigest = 128;
    if (value.text.size() <= kLongerThanADigest || !(chunk.marked || numbered)) return false;
    error(FindingCode::not_pem, place.entry, place.line, spelled(place.layers, shape_of(decoded.bytes)));
  }
  if (decoded.end == Base64::End::cut_off)
    error(FindingCode::truncated, place.entry, place.line, "base64 ends inside a group");
  if (decoded.end == Base64::End::bad_padding)
    error(FindingCode::not_pem, place.entry, place.line, "base64 with wrong padding");
  if (numbered && entries_ == before) ++entries_;  // a structured document has numbered its own
  return true;
}

// Makes an entry of the lines up to `to` that are not given yet, if there is PEM in them.
void Reader::give_pem(Chunk& chunk, std::size_t to) {
  const auto lines = chunk.lines.subspan(chunk.given, to - chunk.given);
  chunk.given = to;
  const auto in_block = [](const Line& line) {
    return line.kind == Line::Kind::opens || line.kind == Line::Kind::closes;
  };
  if (std::ranges::none_of(lines, in_block)) return;
  chunk.recognised = true;

  Place place = chunk.place;
  if (chunk.entry == 0) chunk.entry = ++entries_;
  place.entry = chunk.entry;
  place.line = chunk.place.line_of(lines.front());
  std::string bytes;
  const Line* flawed = nullptr;
  bool inside = false;
  bool consecutive = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    if (line.kind != Line::Kind::key) bytes += line.text;
    bytes += '\n';
    consecutive = consecutive && line.number == lines.front().number + i;
    if (line.kind == Line::Kind::opens) inside = true;
    const bool flaw = line.flaw != Line::Flaw::none || line.kind == Line::Kind::blank;
    if (flawed == nullptr && flaw && (inside || line.kind == Line::Kind::closes)) flawed = &line;
    if (line.kind == Line::Kind::closes) inside = false;
  }
  take(Entry::Form::pem_text, std::move(bytes), place, chunk.place.line == 0 && consecutive);
  if (flawed == nullptr) return;
  warn_once(FindingCode::folded_lines, place.entry, chunk.place.line_of(*flawed),
            flawed->kind == Line::Kind::blank      ? "blank lines inside a PEM block"
            : flawed->flaw == Line::Flaw::indented ? "indented PEM"
                                                   : "several lines of PEM folded into one");
}

Delivery Reader::read(std::string_view bytes) && {
  if (bytes.size() > limits_.max_document_bytes) {
    error(FindingCode::too_large, 0, 0,
          concat(std::to_string(bytes.size()), " bytes, over the ",
                 std::to_string(limits_.max_document_bytes), " allowed"));
    return std::move(delivery_);
  }
  const bool recognised = open(bytes, {});
  if (recognised && !shaped_ && as_ != Shape::bundle && as_ != Shape::sniffed) {
    delivery_.entries.clear();
    error(FindingCode::not_pem, 0, 0, concat("nothing of the shape ", name_of(as_)));
  }
  if (!recognised) {
    error(FindingCode::not_pem, 0, 0,
          concat("not PEM, nor anything that opens to it, but ", shape_of(bytes), unless_known({})));
    delivery_.findings.back().what = what_of(shape_of(bytes));
  } else {
    std::ranges::move(strays_, std::back_inserter(delivery_.findings));
  }
  // In the order of the document. A multimap keeps what was said first in front.
  std::multimap<std::pair<unsigned, unsigned>, Finding> ordered;
  for (auto& each : delivery_.findings)
    ordered.emplace(std::pair(each.origin.entry, each.origin.line), std::move(each));
  delivery_.findings.clear();
  for (auto& [place, each] : ordered)
    delivery_.findings.push_back(std::move(each));
  return std::move(delivery_);
}

}  // namespace

Delivery read_document(std::string_view name, std::string_view bytes, const IntakeLimits& limits, Shape as) {
  return Reader(name, limits, as).read(bytes);
}

}  // namespace nct
