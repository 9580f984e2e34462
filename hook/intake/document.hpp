// From a delivered document to its entries: peels transport encodings off, knows no X.509.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "intake/field.hpp"
#include "intake/shape.hpp"

namespace nct {

struct IntakeLimits {
  std::size_t max_document_bytes = std::size_t{1}
                                   << 20U;  // of the document as delivered, and of what gzip opens to
};

// One delivered blob without its transport encodings, or a part of one: parts have the same origin.entry and
// follow each other.
struct Entry {
  enum class Form {
    pem_text,  // text, LF line ends, in which at least one line is a PEM BEGIN or END line, or was meant as
               // one
    der,       // bytes that begin like a DER SEQUENCE
  };
  Form form = Form::pem_text;
  Origin origin;  // .line is the line of the document at which the entry starts
  std::string bytes;
  bool may_be_other = false;  // it stands where other things than certificates may stand
  bool lines_match =
      true;  // line n of `bytes` is line origin.line + n - 1 of the document (not so once decoded)
};

struct Delivery {
  std::vector<Entry> entries;     // in the order of the document
  std::vector<Finding> findings;  // what each one was, and what cannot be one
  Says custom = Says::some;       // about custom CAs; a bundle is of nothing else
  Says proxy = Says::nothing;     // about the CA of the HTTP proxy
};

// Reads one document as provisioning models hand it over: PEM, DER, base64 of either, base64 of base64; with
// CRLF or lone CR, a UTF-8 BOM, UTF-16, indented or folded lines (also "\n" spelled as two characters), text
// around the blocks; gzip around any of these. In a text, blank lines part entries; a PEM block is never
// parted. Never fails: what cannot be an entry is a finding with severity error. `name` goes into every
// origin.
// Where `as` is another shape than bundle, the document, bare or in gzip and base64, may be or must be a
// structured one: each value in which it hands over certificates is an entry, read like a document of its own
// and called by its field. A document without a known shape, or with two of them, is refused; one that says
// nothing of certificates gets a warning.
//   too-large        the document, or what gzip opens to, is over the limit; nothing else is read
//   no-certificates  the document is empty or blank
//   not-pem          neither PEM nor anything that decodes to it; the message says what it looks like
//   envelope         a MIME message or an OVF environment, which carry documents
//   wrong-encoding   a warning: the system that reads this field elsewhere would refuse the value
//   other-content    a warning: a value which need not be a certificate, and has nothing of one
//   private-key      "PRIVATE KEY" stands in a BEGIN line at any depth of encoding, in any value of a
//                    structured document; no byte of it is copied into a finding
// What an entry was (crlf, bom, utf-16, gzip, base64, double-base64, der, folded-lines) is a warning.
Delivery read_document(std::string_view name, std::string_view bytes, const IntakeLimits& limits = {},
                       Shape as = Shape::bundle);

}  // namespace nct
