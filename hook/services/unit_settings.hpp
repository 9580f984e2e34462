// Unit files of systemd, as the settings that they make. Nothing here knows of any unit in particular.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nct {

struct UnitSetting {
  std::string section;
  std::string key;
  std::string value;  // empty: takes back what was said before
  std::string file;
};

// Every assignment in a unit file or drop-in, in order: systemd.syntax(7). What systemd itself would pass
// over, such as a line outside of all sections, is left out.
std::vector<UnitSetting> unit_settings(std::string_view text, std::string_view file);

// Of the assignments of a unit's file and then of its drop-ins, those that count in the end: of a setting
// that has one value the last, of one that is a list all since it was last emptied (systemd.unit(5)). A
// dependency cannot be taken back; one empty condition takes back every condition.
std::vector<UnitSetting> effective_settings(const std::vector<UnitSetting>& all);

// The words of a value that are separated by white space.
std::vector<std::string> words_of(std::string_view value);

// Seconds of a time span as systemd.time(7) writes it, "2min 30s"; negative where it is none. "infinity" is
// as long as there is.
double seconds_of(std::string_view span);

}  // namespace nct
