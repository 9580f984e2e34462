#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "intake/document_reader.hpp"

namespace nct {

namespace {

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

}  // namespace

Layers with(Layers layers, Layer layer) {
  layers.push_back(layer);
  return layers;
}

std::string spelled(const Layers& layers, std::string_view core) {
  std::string out;
  for (const auto layer : layers)
    out += layer == Layer::base64 ? "base64 of " : "gzip of ";
  return out += core;
}

Origin DocumentReader::origin_of(unsigned entry, unsigned line) const {
  const auto field = fields_.find(entry);
  const auto named = field == fields_.end() ? Named{} : field->second;
  return {.file = name_, .entry = entry, .line = line, .proxy = named.proxy, .field = named.name};
}

Finding DocumentReader::finding(FindingCode code, Severity severity, unsigned entry, unsigned line,
                                std::string message) const {
  return {
      .code = code, .severity = severity, .origin = origin_of(entry, line), .message = std::move(message)};
}

void DocumentReader::error(FindingCode code, unsigned entry, unsigned line, std::string message) {
  delivery_.findings.push_back(finding(code, Severity::error, entry, line, std::move(message)));
}

// `kind` is something that holds certificates at most as files hold them: it is not read.
void DocumentReader::refuse_kind(std::string_view kind, const Place& place, unsigned line) {
  error(FindingCode::not_pem, place.entry, place.line == 0 ? line : place.line, spelled(place.layers, kind));
  delivery_.findings.back().what = kind;
}

void DocumentReader::warn_once(FindingCode code, unsigned entry, unsigned line, std::string message) {
  if (warned_.emplace(code, entry).second)
    delivery_.findings.push_back(finding(code, Severity::warning, entry, line, std::move(message)));
}

// Keeps an entry, and says what it was.
void DocumentReader::take(Entry::Form form, std::string bytes, const Place& place, bool lines_match) {
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

// For advice. Whoever reads bundles alone is told so of a document.
std::string_view DocumentReader::what_of(std::string_view kind) const {
  const bool document = kind.ends_with(" document") || kind.ends_with(" in YAML");
  return as_ == Shape::bundle && document ? std::string_view("a document where a bundle is read") : kind;
}

// What else it might have been, where any shape would do.
std::string DocumentReader::unless_known(const Place& place) const {
  if (as_ != Shape::sniffed || place.field) return {};
  return concat("; nor a document of a known shape (", known_shapes(), ")");
}

void DocumentReader::note_keys(std::span<const Line> lines, const Place& place) {
  for (const auto& line : lines)
    if (line.first_of_key) error(FindingCode::private_key, place.entry, place.line_of(line), "a private key");
}

}  // namespace nct
