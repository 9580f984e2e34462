#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "intake/document_reader.hpp"
#include "intake/encoding.hpp"
#include "intake/file_kind.hpp"
#include "intake/java_keystore.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

// Nobody wraps a bundle more often by mistake, and every layer costs a pass.
constexpr std::size_t kMaxLayers = 4;

// Whether `text` is in a language of structured documents, so that PEM in it is a value of something else.
bool is_structured(std::string_view text) {
  const auto [language, sure] = language_of(text);
  if (language == Language::toml && !sure) return tree_of_toml(text).flaw == Tree::Flaw::none;
  return language != Language::none;
}

}  // namespace

bool DocumentReader::open(std::string_view bytes, const Place& place) {
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

bool DocumentReader::open_gzip(std::string_view bytes, const Place& place) {
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

bool DocumentReader::open_text(std::string_view raw, const Place& place) {
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
  const bool marked = std::ranges::any_of(lines, &Line::is_marker);
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
    recognised = open_lines(lines, place, marked);
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

Delivery DocumentReader::read(std::string_view bytes) && {
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

Delivery read_document(std::string_view name, std::string_view bytes, const IntakeLimits& limits, Shape as) {
  return DocumentReader(name, limits, as).read(bytes);
}

}  // namespace nct
