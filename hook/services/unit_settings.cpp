#include "services/unit_settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

bool begins_with_any(std::string_view key, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

bool is_condition(const UnitSetting& setting) {
  return setting.section == "Unit" && setting.key.starts_with("Condition");
}

bool is_assertion(const UnitSetting& setting) {
  return setting.section == "Unit" && setting.key.starts_with("Assert");
}

bool is_dependency(const UnitSetting& setting) {
  return setting.section == "Unit" &&
         begins_with_any(setting.key,
                         {"After", "Before", "Wants", "Requires", "Requisite", "BindsTo", "PartOf", "Upholds",
                          "Conflicts", "OnFailure", "OnSuccess", "Propagates", "JoinsNamespaceOf"}) &&
         !setting.key.ends_with("JobMode");
}

bool is_list(const UnitSetting& setting) {
  if (is_condition(setting) || is_assertion(setting) || is_dependency(setting)) return true;
  if (setting.section == "Path") return setting.key.starts_with("Path") || setting.key == "DirectoryNotEmpty";
  if (setting.section == "Timer") return setting.key.starts_with("On") && setting.key != "OnClockChange";
  constexpr std::string_view kEnds[] = {
      "Paths",    "Environment",           "EnvironmentFile",     "Directory",
      "Families", "CapabilityBoundingSet", "AmbientCapabilities", "SystemCallFilter"};
  return begins_with_any(setting.key, {"Exec", "Bind", "TemporaryFileSystem", "LoadCredential",
                                       "SetCredential", "IPAddress", "Device"}) ||
         std::ranges::any_of(kEnds, [&](std::string_view end) { return setting.key.ends_with(end); });
}

// Whether the empty assignment `reset` takes `earlier` back.
bool takes_back(const UnitSetting& reset, const UnitSetting& earlier) {
  if (is_dependency(reset)) return false;
  if (is_condition(reset)) return is_condition(earlier);
  if (is_assertion(reset)) return is_assertion(earlier);
  // Each kind of trigger empties them all: systemd.timer(5), systemd.path(5).
  if (reset.section == "Timer" || reset.section == "Path")
    if (is_list(reset)) return earlier.section == reset.section && is_list(earlier);
  return reset.section == earlier.section && reset.key == earlier.key;
}

// Lines as systemd.syntax(7) joins them: one that ends with a backslash goes on, over comments, in the next.
std::vector<std::string> joined_lines(std::string_view text) {
  std::vector<std::string> joined;
  std::string open;
  bool goes_on = false;
  for (const auto line : lines_of(text)) {
    const auto bare = trimmed(line);
    if (bare.starts_with('#') || bare.starts_with(';')) continue;
    goes_on = !line.empty() && line.ends_with('\\');
    if (goes_on) {
      open += concat(line.substr(0, line.size() - 1), " ");
      continue;
    }
    joined.push_back(concat(std::exchange(open, {}), line));
  }
  if (goes_on) joined.push_back(std::move(open));
  return joined;
}

double unit_of_time(std::string_view name) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1},         {"s", 1},        {"sec", 1},     {"second", 1},    {"seconds", 1},   {"us", 1e-6},
      {"usec", 1e-6},  {"ms", 1e-3},    {"msec", 1e-3}, {"m", 60},        {"min", 60},      {"minute", 60},
      {"minutes", 60}, {"h", 3600},     {"hr", 3600},   {"hour", 3600},   {"hours", 3600},  {"d", 86400},
      {"day", 86400},  {"days", 86400}, {"w", 604800},  {"week", 604800}, {"weeks", 604800}};
  for (const auto& [known, seconds] : kUnits)
    if (known == name) return seconds;
  return -1;
}

}  // namespace

std::vector<UnitSetting> unit_settings(std::string_view text, std::string_view file) {
  std::vector<UnitSetting> settings;
  std::string section;
  for (const auto& each : joined_lines(text)) {
    const auto line = trimmed(each);
    if (line.empty()) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || section.empty() || section.starts_with("X-")) continue;
    const auto key = trimmed(line.substr(0, equals));
    if (key.starts_with("X-")) continue;
    settings.push_back({.section = section,
                        .key = std::string(key),
                        .value = std::string(trimmed(line.substr(equals + 1))),
                        .file = std::string(file)});
  }
  return settings;
}

std::vector<UnitSetting> effective_settings(const std::vector<UnitSetting>& all) {
  std::vector<UnitSetting> settings;
  for (const auto& each : all) {
    if (each.value.empty() || !is_list(each))
      std::erase_if(settings, [&](const UnitSetting& earlier) { return takes_back(each, earlier); });
    if (!each.value.empty()) settings.push_back(each);
  }
  return settings;
}

std::vector<std::string> words_of(std::string_view value) {
  std::vector<std::string> words;
  bool open = false;
  for (const char c : value) {
    if (!is_space(c) && !open) words.emplace_back();
    open = !is_space(c);
    if (open) words.back() += c;
  }
  return words;
}

namespace {

// The decimal number that `text` begins with, taken from it; below 0 where it begins with none. The library's
// own for numbers with a point would be the one thing for which the program loads libm.
double take_number(std::string_view& text) {
  std::uint64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [point, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc()) return -1;
  auto number = static_cast<double>(whole);
  text.remove_prefix(static_cast<std::size_t>(point - text.data()));
  if (!text.starts_with('.')) return number;
  text.remove_prefix(1);
  for (double unit = 0.1; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) {
    number += (text[0] - '0') * unit;
    text.remove_prefix(1);
  }
  return number;
}

}  // namespace

double seconds_of(std::string_view span) {
  span = trimmed(span);
  if (span == "infinity") return std::numeric_limits<double>::infinity();
  if (span.empty()) return -1;
  double seconds = 0;
  while (!span.empty()) {
    const double number = take_number(span);
    if (number < 0) return -1;
    span = trimmed(span);
    const auto letters = std::min(span.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), span.size());
    const auto unit = unit_of_time(span.substr(0, letters));
    if (unit < 0) return -1;
    seconds += number * unit;
    span = trimmed(span.substr(letters));
  }
  return seconds;
}

}  // namespace nct
