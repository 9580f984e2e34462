// Certificates as values among others: what a structured document hands over.
#pragma once

#include <string>
#include <vector>

#include "base/finding.hpp"
#include "intake/shape.hpp"

namespace nct {

struct Field {
  std::string name;  // how a person finds it
  unsigned line = 0;
  std::string text;
  bool base64 = false;  // its writer encodes it, so that one layer is nothing to speak of
};

struct Fields {
  std::vector<Shape> shapes;   // all that the document has, each once; the rest is said only if it is one
  std::vector<Field> wanted;   // what shall be certificates, in the order of the document
  std::vector<Field> others;   // every other text that is long enough for a key; said in any case
  std::vector<Finding> flaws;  // errors, with .field and .line in their origins
  bool says_none = false;      // a list of certificates is there and empty, and nothing is wanted
  std::string looks_like;      // where it has no shape: "top-level keys 'a', 'b'"
};

}  // namespace nct
