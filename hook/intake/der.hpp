// DER (X.690), element by element: the one reader of headers in this program. It knows no X.509.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nct {

namespace asn1 {
constexpr unsigned kBoolean = 0x01;
constexpr unsigned kInteger = 0x02;
constexpr unsigned kBitString = 0x03;
constexpr unsigned kOctetString = 0x04;
constexpr unsigned kNull = 0x05;
constexpr unsigned kObjectIdentifier = 0x06;
constexpr unsigned kEnumerated = 0x0A;
constexpr unsigned kUtf8String = 0x0C;
constexpr unsigned kNumericString = 0x12;
constexpr unsigned kPrintableString = 0x13;
constexpr unsigned kT61String = 0x14;
constexpr unsigned kIa5String = 0x16;
constexpr unsigned kUtcTime = 0x17;
constexpr unsigned kGeneralizedTime = 0x18;
constexpr unsigned kUniversalString = 0x1C;
constexpr unsigned kBmpString = 0x1E;
constexpr unsigned kSequence = 0x30;
constexpr unsigned kSet = 0x31;
constexpr unsigned context(unsigned number) {
  return 0x80U | number;
}
constexpr unsigned context_constructed(unsigned number) {
  return 0xA0U | number;
}
}  // namespace asn1

// One element, as far as its bytes are there.
struct DerElement {
  unsigned tag = 0;          // the identifier octet; tags of more than one octet are not DER as we read it
  std::string_view content;  // what is there of it
  std::string_view bytes;    // header and content, what is there of them
  std::size_t size = 0;      // of header and content, as the header says; 0 where only BER says it
  bool whole = false;        // all of it is there
  bool strict = false;       // its tag has one octet, and its length the one form that X.690, 10.1 leaves
};

// The element at the beginning of `bytes`; nothing where no header stands there.
std::optional<DerElement> der_element(std::string_view bytes);

// Reads elements one behind the other. Once something is not as it should be, nothing more is read, and
// good() says so for ever: a caller may ask at its end.
class DerReader {
 public:
  explicit DerReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // All was read, and all of it was good.
  [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }
  // Whether the next element has this tag. Reads nothing.
  [[nodiscard]] bool next_is(unsigned tag) const {
    return good_ && !rest_.empty() && static_cast<unsigned char>(rest_.front()) == tag;
  }

  // The next element, whole and strict; otherwise an empty one, and no longer good.
  DerElement take();
  // The same, of this tag.
  DerElement take(unsigned tag);
  // The same where the next has this tag; otherwise nothing, which is good.
  std::optional<DerElement> take_if(unsigned tag);

 private:
  std::string_view rest_;
  bool good_ = true;
};

// The content of an INTEGER in the one form that X.690, 8.3.2 leaves: an octet, and none that is not needed.
bool is_der_integer(std::string_view content);

// "1.2.840.113549" of the content of an OBJECT IDENTIFIER; empty where it is none (X.690, 8.19).
std::string dotted_oid(std::string_view content);

}  // namespace nct
