#include "intake/der.hpp"

#include <charconv>
#include <cstdint>
#include <utility>

namespace nct {

namespace {

std::size_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::optional<DerElement> der_element(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  DerElement element{.tag = static_cast<unsigned>(byte_at(bytes, 0)), .content = {}, .bytes = bytes};
  constexpr unsigned kTagContinues = 0x1F;
  element.strict = (element.tag & kTagContinues) != kTagContinues;
  std::size_t header = 2;
  std::size_t length = byte_at(bytes, 1);
  if (length == 0x80) {  // BER: indefinite
    element.content = bytes.substr(header);
    element.strict = false;
    return element;
  }
  if (length > 0x80) {
    const std::size_t octets = length & 0x7FU;
    if (octets > 4 || bytes.size() < header + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i)
      length = length << 8U | byte_at(bytes, header + i);
    if (length < 0x80 || byte_at(bytes, header) == 0) element.strict = false;
    header += octets;
  }
  element.content = bytes.substr(header, length);
  element.size = header + length;
  element.whole = bytes.size() >= element.size;
  element.bytes = bytes.substr(0, element.size);
  return element;
}

DerElement DerReader::take() {
  const auto element = good_ ? der_element(rest_) : std::nullopt;
  if (!element || !element->whole || !element->strict) {
    good_ = false;
    return {};
  }
  rest_.remove_prefix(element->size);
  return *element;
}

DerElement DerReader::take(unsigned tag) {
  if (!next_is(tag)) {
    good_ = false;
    return {};
  }
  return take();
}

std::optional<DerElement> DerReader::take_if(unsigned tag) {
  if (!next_is(tag)) return std::nullopt;
  const auto element = take();
  if (!good_) return std::nullopt;
  return element;
}

bool is_der_integer(std::string_view content) {
  if (content.size() < 2) return !content.empty();
  const bool negative = byte_at(content, 1) >= 0x80;
  return byte_at(content, 0) != (negative ? 0xFFU : 0x00U);
}

std::string dotted_oid(std::string_view content) {
  // A dot and three digits are the most that an octet makes, and the first one makes a number more.
  std::string text(4 * content.size() + 2, '\0');
  char* at = text.data();
  char* const end = at + text.size();
  std::uint64_t arc = 0;
  bool first = true;
  bool inside = false;
  for (const char c : content) {
    const unsigned octet = static_cast<unsigned char>(c);
    if (!inside && octet == 0x80) return {};  // a leading octet that is not needed
    if (arc >> 57U != 0) return {};
    arc = arc << 7U | (octet & 0x7FU);
    inside = octet >= 0x80;
    if (inside) continue;
    if (std::exchange(first, false)) {
      const std::uint64_t root = arc < 80 ? arc / 40 : 2;
      *at++ = static_cast<char>('0' + root);
      arc -= root * 40;
    }
    *at++ = '.';
    at = std::to_chars(at, end, arc).ptr;
    arc = 0;
  }
  if (inside) return {};
  text.resize(static_cast<std::size_t>(at - text.data()));
  return text;
}

}  // namespace nct
