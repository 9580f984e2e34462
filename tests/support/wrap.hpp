// Documents wrapped as people and their tools wrap them. Written without the product's own encoders.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>

namespace nct::test {

inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (;;) {
    const auto at = text.find(from);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += to;
    text.remove_prefix(at + from.size());
  }
}

// Each line of `text` with `indent` in front.
inline std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out += indent;
    out += text.substr(0, end);
    if (end == std::string_view::npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

// `columns` 0: in one line. No final line end.
inline std::string base64(std::string_view bytes, std::size_t columns = 0, bool padded = true) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string flat;
  unsigned bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6)
      flat += kAlphabet[bits >> static_cast<unsigned>(count - 6) & 63U];
  }
  if (count > 0) flat += kAlphabet[bits << static_cast<unsigned>(6 - count) & 63U];
  while (padded && flat.size() % 4 != 0)
    flat += '=';
  if (columns == 0) return flat;
  std::string out;
  for (std::size_t at = 0; at < flat.size(); at += columns)
    out += (at == 0 ? "" : "\n") + flat.substr(at, columns);
  return out;
}

inline std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string input(bytes);
  std::string out(deflateBound(&stream, static_cast<uLong>(input.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int outcome = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

// Of an ASCII text.
inline std::string utf16(std::string_view ascii, bool little_endian, bool mark) {
  std::string out;
  if (mark) out += little_endian ? "\xFF\xFE" : "\xFE\xFF";
  for (const char c : ascii) {
    out += little_endian ? c : '\0';
    out += little_endian ? '\0' : c;
  }
  return out;
}

}  // namespace nct::test
