#include "intake/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <zlib.h>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "intake/der.hpp"

namespace nct {

namespace {

constexpr unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

constexpr auto kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  std::int8_t value = 0;
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    values[static_cast<unsigned char>(c)] = value++;
  return values;
}();

int base64_value(char c) {
  return kBase64Values[static_cast<unsigned char>(c)];
}

// The bytes of the four characters in front, if they are base64 and nothing else.
bool append_group(std::string_view text, std::string& bytes) {
  if (text.size() < 4) return false;
  const int first = base64_value(text[0]);
  const int second = base64_value(text[1]);
  const int third = base64_value(text[2]);
  const int fourth = base64_value(text[3]);
  if ((first | second | third | fourth) < 0) return false;
  const std::array<char, 3> three{static_cast<char>(first << 2 | second >> 4),
                                  static_cast<char>(second << 4 | third >> 2),
                                  static_cast<char>(third << 6 | fourth)};
  bytes.append(three.data(), three.size());
  return true;
}

std::string utf8_from_units(std::string_view bytes, bool little_endian) {
  constexpr unsigned kReplacement = 0xFFFD;
  const auto unit = [&](std::size_t i) {
    const unsigned first = byte_at(bytes, 2 * i);
    const unsigned second = byte_at(bytes, 2 * i + 1);
    return little_endian ? second << 8U | first : first << 8U | second;
  };
  const std::size_t units = bytes.size() / 2;
  std::string out;
  out.reserve(units + 8);
  for (std::size_t i = 0; i < units; ++i) {
    const unsigned high = unit(i);
    if (high < 0xD800 || high > 0xDFFF) {
      append_utf8(out, high);
      continue;
    }
    const unsigned low = high < 0xDC00 && i + 1 < units ? unit(i + 1) : 0;
    const bool pair = low >= 0xDC00 && low <= 0xDFFF;
    append_utf8(out, pair ? 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00) : kReplacement);
    if (pair) ++i;
  }
  if (bytes.size() % 2 != 0) append_utf8(out, kReplacement);
  return out;
}

}  // namespace

void append_utf8(std::string& out, unsigned code_point) {
  const auto add = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0U | code_point >> 6U);
    add(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    add(0xE0U | code_point >> 12U);
    add(0x80U | (code_point >> 6U & 0x3FU));
    add(0x80U | (code_point & 0x3FU));
  } else {
    add(0xF0U | code_point >> 18U);
    add(0x80U | (code_point >> 12U & 0x3FU));
    add(0x80U | (code_point >> 6U & 0x3FU));
    add(0x80U | (code_point & 0x3FU));
  }
}

bool is_base64_character(char c) {
  return base64_value(c) >= 0;
}

Base64 decode_base64(std::string_view text) {
  Base64 out;
  out.bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  unsigned held = 0;     // characters in `group`
  unsigned padding = 0;  // '=' seen
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (held == 0 && padding == 0) {
      const auto begin = i;
      while (append_group(text.substr(i), out.bytes))
        i += 4;
      if (i != begin) out.offset = i - 1;
      if (i >= text.size()) break;
    }
    const char c = text[i];
    if (is_space(c)) continue;
    out.offset = i;
    if (c == '=') {
      if (held < 2 || held + ++padding > 4) {
        out.end = Base64::End::bad_padding;
        return out;
      }
      continue;
    }
    const int value = base64_value(c);
    if (value < 0 || padding > 0) {
      out.end = value < 0 ? Base64::End::bad_character : Base64::End::bad_padding;
      return out;
    }
    group = group << 6U | static_cast<std::uint32_t>(value);
    if (++held < 4) continue;
    out.bytes += static_cast<char>(group >> 16U & 0xFFU);
    out.bytes += static_cast<char>(group >> 8U & 0xFFU);
    out.bytes += static_cast<char>(group & 0xFFU);
    group = held = 0;
  }
  if (held == 1) {
    out.end = Base64::End::cut_off;
  } else if (held > 1) {
    group <<= 6U * (4 - held);
    out.bytes += static_cast<char>(group >> 16U & 0xFFU);
    if (held == 3) out.bytes += static_cast<char>(group >> 8U & 0xFFU);
    if (padding == 0) {
      out.end = Base64::End::unpadded;
    } else if (held + padding != 4) {
      out.end = Base64::End::bad_padding;
    }
  }
  return out;
}

bool looks_gzipped(std::string_view bytes) {
  return bytes.starts_with("\x1F\x8B\x08");
}

Inflated inflate_gzip(std::string_view bytes, std::size_t limit) {
  Inflated out;
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
    out.end = Inflated::End::damaged;
    return out;
  }
  const Handle<z_stream, inflateEnd> guard(&stream);
  // zlib takes its input through a pointer to non-const where Z_CONST is not set, and never writes to it.
  std::string input(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());

  std::array<char, std::size_t{16} * 1024> buffer{};
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    outcome = inflate(&stream, Z_NO_FLUSH);
    const std::size_t opened = buffer.size() - stream.avail_out;
    if (opened > limit - out.bytes.size()) {
      out.end = Inflated::End::over_limit;
      return out;
    }
    out.bytes.append(buffer.data(), opened);
    if (outcome == Z_STREAM_END) {
      const auto rest = bytes.substr(bytes.size() - stream.avail_in);
      if (!looks_gzipped(rest) || inflateReset(&stream) != Z_OK) {
        out.behind = rest.size();
        return out;
      }
      outcome = Z_OK;
    }
  }
  out.end = outcome == Z_BUF_ERROR ? Inflated::End::cut_off : Inflated::End::damaged;
  return out;
}

std::optional<std::string> utf8_of_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return utf8_from_units(bytes.substr(2), true);
  if (bytes.starts_with("\xFE\xFF")) return utf8_from_units(bytes.substr(2), false);
  // Words in another script may stand in front of the first block.
  if (const auto at = bytes.find(std::string_view("B\0E\0G\0I\0N\0 \0", 12)); at != std::string_view::npos)
    return utf8_from_units(bytes, at % 2 == 0);
  constexpr std::size_t kEnough = 4;
  constexpr std::size_t kSample = 32;
  const std::size_t units = std::min(bytes.size() / 2, kSample);
  if (units < kEnough) return std::nullopt;
  bool little = true;
  bool big = true;
  for (std::size_t i = 0; i < units; ++i) {
    const unsigned first = byte_at(bytes, 2 * i);
    const unsigned second = byte_at(bytes, 2 * i + 1);
    little = little && first != 0 && first < 0x80 && second == 0;
    big = big && second != 0 && second < 0x80 && first == 0;
  }
  if (!little && !big) return std::nullopt;
  return utf8_from_units(bytes, little);
}

LfText with_lf(std::string_view text) {
  LfText out;
  out.text.reserve(text.size());
  unsigned line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\r') {
      if (out.first_cr == 0) out.first_cr = line;
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      c = '\n';
    }
    if (c == '\n') ++line;
    out.text += c;
  }
  return out;
}

bool looks_binary(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && !is_space(c) && byte != 0x1B) || byte == 0x7F;
  });
}

bool looks_like_der(std::string_view bytes) {
  if (bytes.size() < 3 || !bytes.starts_with('\x30')) return false;
  const auto outer = der_element(bytes);
  if (!outer || outer->content.empty()) return false;
  // A text may begin with "0"; a long length cannot be one, a short one needs another sign.
  if (byte_at(bytes, 1) < 0x80 && !looks_binary(bytes.substr(0, 16))) return false;
  constexpr std::array kFirstTags{asn1::kInteger,
                                  asn1::kBitString,
                                  asn1::kOctetString,
                                  asn1::kObjectIdentifier,
                                  asn1::kSequence,
                                  asn1::kSet,
                                  0xA0U};
  return std::ranges::find(kFirstTags, byte_at(outer->content, 0)) != kFirstTags.end();
}

}  // namespace nct
