#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "intake/document_reader.hpp"
#include "intake/encoding.hpp"
#include "intake/file_kind.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

// One past the last line of the PEM block that `lines[from]` opens: its END line; or, if that is missing, the
// line before the next blank or BEGIN line.
std::size_t block_end(std::span<const Line> lines, std::size_t from) {
  std::size_t end = from + 1;
  while (end < lines.size() && !lines[end].is_marker())
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

}  // namespace

bool DocumentReader::open_lines(std::span<const Line> lines, const Place& place, bool marked) {
  bool recognised = false;
  for (auto rest = lines; !rest.empty();) {
    // What was taken out of the document is one delivered blob, whatever blank lines it has.
    const auto length = place.is_document() ? chunk_length(rest) : rest.size();
    if (length > 0) recognised |= open_chunk(rest.first(length), place, marked);
    rest = rest.subspan(std::max<std::size_t>(length, 1));
  }
  return recognised;
}

bool DocumentReader::open_chunk(std::span<const Line> lines, const Place& place, bool marked) {
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
void DocumentReader::read_loose(Chunk& chunk, std::size_t from, std::size_t to) {
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

bool DocumentReader::open_value(const Base64Value& value, const Chunk& chunk) {
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
void DocumentReader::give_pem(Chunk& chunk, std::size_t to) {
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

}  // namespace nct
