// Certificates as values among others: what a structured document hands over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "intake/shape.hpp"

namespace nct {

// What a document says about a source: absent is not empty.
enum class Says : std::uint8_t {
  nothing,  // it is not spoken of: what was installed stays
  none,     // explicitly, by an empty list: what was installed goes
  some,
};

// What a value is told to be by where it stands.
enum class Holds : std::uint8_t {
  certificates,  // nothing else: another thing there is an error
  perhaps,       // where nothing in it is like a certificate or a key, it is passed over with a warning
  anything,      // the same, without a word about what nobody would take for certificates
};

// In which encodings the system that reads a field takes its value.
enum class Takes : std::uint8_t { any, pem, base64, base64_of_pem };

struct Field {
  std::string name;  // how a person finds it
  unsigned line = 0;
  std::string text;
  bool base64 = false;  // its writer encodes it, so that one layer is nothing to speak of
  bool proxy = false;   // the CA of the HTTP proxy
  Holds holds = Holds::certificates;
  Takes takes = Takes::any;
};

struct Fields {
  std::vector<Shape> shapes;    // all that the document has, each once; the rest is said only if it is one
  std::vector<Field> wanted;    // what shall, or may, be certificates, in the order of the document
  std::vector<Field> others;    // every other text that is long enough for a key; said in any case
  std::vector<Finding> flaws;   // with .field and .line in their origins
  Says custom = Says::nothing;  // about custom CAs; by those of `wanted` that must hold certificates
  Says proxy = Says::nothing;   // about the CA of the HTTP proxy
  bool blank = false;           // of a shape that is about certificates, and there is no value in it at all
  // Where it has no shape:
  std::string looks_like;       // "top-level keys 'a', 'b'"
  std::string_view known_as;    // the name of what is not read: "a file encrypted by sops"
  std::string certificates_at;  // the place of the first value that looks like certificates
  unsigned certificates_line = 0;
};

}  // namespace nct
