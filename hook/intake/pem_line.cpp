#include "intake/pem_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::string_view kDashes = "-----";

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The label of "-----<word> LABEL-----", or nothing. Lower case is not one that anybody writes rightly.
std::optional<std::string_view> label_of(std::string_view line, std::string_view word) {
  if (!line.starts_with(kDashes)) return std::nullopt;
  line.remove_prefix(kDashes.size());
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  if (!line.starts_with(' ') || !line.ends_with(kDashes)) return std::nullopt;
  line.remove_prefix(1);
  constexpr std::size_t kLongest = 64;
  if (line.size() <= kDashes.size() || line.size() > kLongest) return std::nullopt;
  line.remove_suffix(kDashes.size());
  const auto fits = [](char c) { return c > ' ' && c <= '~' && c != '-' && (c < 'a' || c > 'z'); };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool joint =
        (line[i] == ' ' || line[i] == '-') && i > 0 && i + 1 < line.size() && fits(line[i - 1]);
    if (!fits(line[i]) && !joint) return std::nullopt;
  }
  return line;
}

// A hyphen, or one of the characters that word processors make of it.
std::size_t dash_at_end(std::string_view text) {
  if (text.ends_with('-')) return 1;
  if (text.size() < 3) return 0;
  const auto last = text.substr(text.size() - 3);
  const bool dash = (last >= "\xE2\x80\x90" && last <= "\xE2\x80\x95") || last == "\xE2\x88\x92";
  return dash ? 3 : 0;
}

std::size_t dash_at_start(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '-') return 1;
  return text.size() >= 3 && dash_at_end(text.substr(0, 3)) == 3 ? 3 : 0;
}

// Two hyphens or one of the longer dashes: more than a list item's bullet.
bool dashes_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  const auto last = dash_at_end(text);
  if (last != 1) return last == 3;
  text.remove_suffix(1);
  return dash_at_end(text) != 0;
}

bool dashes_start(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  const auto first = dash_at_start(text);
  if (first != 1) return first == 3;
  return dash_at_start(text.substr(1)) != 0;
}

struct Meant {
  bool marker = false;
  bool private_key = false;
};

// Whether `word` stands in `upper` with a label behind it and dashes at one side at least, at any place.
Meant meant_as(std::string_view line, std::string_view upper, std::string_view word, bool all_upper) {
  constexpr std::array<std::string_view, 6> kTelling{"CERTIFICATE", "KEY", "PKCS7", "PKCS12", "CMS", "CRL"};
  constexpr std::size_t kLongestLabel = 40;
  Meant meant;
  for (auto at = upper.find(word); at != std::string_view::npos; at = upper.find(word, at + 1)) {
    if (at > 0 && is_word(upper[at - 1])) continue;
    const auto before = upper.substr(0, at);
    const auto behind = upper.substr(at + word.size(), kLongestLabel);
    std::size_t length = 0;
    while (length < behind.size() && (is_word(behind[length]) || is_blank(behind[length])))
      ++length;
    const auto label = trimmed(behind.substr(0, length));
    const bool tells = std::ranges::any_of(
        kTelling, [&](std::string_view tell) { return label.find(tell) != std::string_view::npos; });
    if (!tells) continue;
    const bool alone = all_upper && before.empty() && behind.starts_with(' ') && length == behind.size();
    const bool dashes_before = dashes_end(before);
    const bool dashes_behind = dashes_start(behind.substr(length));
    if (!alone && !dashes_before && !dashes_behind) continue;
    // A sentence may end in dashes: "End of certificate list --".
    const auto written = line.substr(at, word.size());
    const bool small = std::ranges::any_of(written, [](char c) { return c >= 'a' && c <= 'z'; });
    if (small && !(dashes_before && dashes_behind)) continue;
    meant.marker = true;
    const auto secret = label.find("PRIVATE");
    if (secret != std::string_view::npos && label.find("KEY", secret) != std::string_view::npos)
      meant.private_key = true;
  }
  return meant;
}

// BEGIN or END, in either case and in whatever stands around it. Hardly a line of base64 has one.
bool holds_word_of_marker(std::string_view line) {
  const auto at = [line](std::size_t i) { return i < line.size() ? ascii_lower(line[i]) : '\0'; };
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != 'N' && line[i] != 'n') continue;
    const char before = at(i - 1);
    if (before == 'e' ? at(i + 1) == 'd' : before == 'i' && i > 1 && at(i - 2) == 'g') return true;
  }
  return false;
}

}  // namespace

bool is_comment(std::string_view line) {
  line = trimmed(line);
  constexpr std::array<std::string_view, 5> kSigns{"#", ";", "//", "/*", "<!--"};
  return std::ranges::any_of(kSigns, [&](std::string_view sign) { return line.starts_with(sign); });
}

PemLine pem_line(std::string_view line) {
  if (!holds_word_of_marker(line)) return {};
  line = trimmed(line);
  PemLine out;
  if (const auto begin = label_of(line, "BEGIN")) {
    out.kind = PemLine::Kind::begin;
    out.label = *begin;
  } else if (const auto end = label_of(line, "END")) {
    out.kind = PemLine::Kind::end;
    out.label = *end;
  }
  if (out.kind != PemLine::Kind::other) {
    out.private_key = out.label.find("PRIVATE KEY") != std::string_view::npos;
    return out;
  }
  std::string upper(line);
  bool all_upper = true;
  for (char& c : upper) {
    if (c < 'a' || c > 'z') continue;
    c = static_cast<char>(c - 'a' + 'A');
    all_upper = false;
  }
  const auto begin = meant_as(line, upper, "BEGIN", all_upper);
  const auto end = meant_as(line, upper, "END", all_upper);
  out.private_key = begin.private_key || end.private_key;
  if (is_comment(line)) return out;
  if (begin.marker) {
    out.kind = PemLine::Kind::broken_begin;
  } else if (end.marker) {
    out.kind = PemLine::Kind::broken_end;
  }
  return out;
}

}  // namespace nct
