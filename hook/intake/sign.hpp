// Telling what bytes are by how they begin.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "intake/encoding.hpp"

namespace nct {

using Sign = std::pair<std::string_view, std::string_view>;  // how it begins, what it is

// What the first of `signs` says that `bytes` begin with; empty where none fits.
std::string_view match(std::string_view bytes, const auto& signs) {
  const auto sign = std::ranges::find_if(signs, [&](const Sign& s) { return bytes.starts_with(s.first); });
  return sign == std::end(signs) ? std::string_view{} : sign->second;
}

// As much of a text as tells, in lower case, without a byte order mark and blanks in front.
inline std::string beginning_of(std::string_view text) {
  constexpr std::size_t kTelling = 4096;
  text = trimmed(text.substr(0, kTelling));
  if (text.starts_with(kUtf8Bom)) text = trimmed(text.substr(kUtf8Bom.size()));
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), ascii_lower);
  return lower;
}

}  // namespace nct
