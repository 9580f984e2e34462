// How read_document() reads: what its parts share.
//   document.cpp           what the bytes are, and the encodings around them
//   document_fields.cpp    structured documents, whose values are read like documents of their own
//   document_lines.cpp     text: PEM blocks, and base64 beside them
//   document_findings.cpp  what is kept, and what is said of it
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "intake/base64_text.hpp"
#include "intake/document.hpp"
#include "intake/field.hpp"
#include "intake/line.hpp"
#include "intake/shape.hpp"
#include "intake/tree.hpp"
#include "intake/tree_shapes.hpp"

namespace nct {

enum class Layer { base64, gzip };
using Layers = std::vector<Layer>;

Layers with(Layers layers, Layer layer);

// "base64 of gzip of PEM"
std::string spelled(const Layers& layers, std::string_view core);

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

class DocumentReader {
 public:
  DocumentReader(std::string_view name, const IntakeLimits& limits, Shape as)
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
  bool open_lines(std::span<const Line> lines, const Place& place, bool marked);
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

}  // namespace nct
