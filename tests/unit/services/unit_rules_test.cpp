#include "services/unit_rules.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/text.hpp"
#include "services/boot_units.hpp"

using namespace nct;

namespace {

// "section.key=value" of each, with "|" between.
std::string text_of(const std::vector<UnitSetting>& settings) {
  std::string text;
  for (const auto& each : settings)
    text += concat(text.empty() ? "" : "|", each.section, ".", each.key, "=", each.value);
  return text;
}

std::string effective(std::string_view text) {
  return text_of(effective_settings(unit_settings(text, "f")));
}

// A file of units/, as it is installed.
std::vector<UnitSetting> shipped(const std::string& file, const std::string& path) {
  std::ifstream stream(concat(NCT_HOOK_DIRECTORY, "/../units/", file));
  REQUIRE(stream.good());
  return unit_settings(std::string(std::istreambuf_iterator<char>(stream), {}), path);
}

// The unit as it is installed in the directory `units`, and a drop-in with this text.
LoadedUnit installed(const std::string& unit, std::string_view units, std::string_view drop_in) {
  const auto fragment = concat(units, "/", unit);
  LoadedUnit loaded{.name = unit, .fragment = fragment, .settings = shipped(unit, fragment)};
  if (unit.ends_with(".service"))
    for (auto& each : shipped("sandbox.conf", concat(fragment, ".d/10-sandbox.conf")))
      loaded.settings.push_back(each);
  for (auto& each : unit_settings(drop_in, "d"))
    loaded.settings.push_back(each);
  return loaded;
}

// "file: message" of each change.
std::string changes(const LoadedUnit& unit, const Layout& layout) {
  std::string text;
  for (const auto& [file, message] : changes_of(unit, layout, "/opt/certs", {"kubelet.service"}))
    text += concat(text.empty() ? "" : "; ", file, ": ", message);
  return text;
}

// What a drop-in with this text makes of a unit of ours.
std::string made_of(const std::string& unit, std::string_view drop_in) {
  return changes(installed(unit, "/lib/systemd/system", drop_in), kPackaged);
}

}  // namespace

TEST_CASE("unit files are read as systemd reads them") {
  CHECK(text_of(unit_settings(
            "a=b\n[S]\n# c=d\n ; e=f\n g = h i \nnothing\nj=\n[X-T]\nk=l\n[U]\nX-m=n\no=p=q", "f")) ==
        "S.g=h i|S.j=|U.o=p=q");
  CHECK(text_of(unit_settings("[S]\na=b\\\n# c\n  d\\\n;e\\\nf\ng=h\\", "f")) == "S.a=b   d f|S.g=h");
  CHECK(text_of(unit_settings("", "f")).empty());
  CHECK(words_of(" a\tb  c\n") == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("the last word counts, of lists each since they were last emptied") {
  CHECK(effective("[Service]\nUser=a\nUser=b\nExecStart=a\nExecStart=b\n") ==
        "Service.User=b|Service.ExecStart=a|Service.ExecStart=b");
  CHECK(effective("[Service]\nUser=a\nUser=\nExecStart=a\nExecStart=\nExecStart=b\n") ==
        "Service.ExecStart=b");
  CHECK(effective("[Unit]\nAfter=a\nAfter=\nConditionHost=a\nAssertHost=b\nConditionPathExists=\n") ==
        "Unit.After=a|Unit.AssertHost=b");
  CHECK(effective("[Timer]\nOnBootSec=1\nOnCalendar=\nOnUnitActiveSec=2\nUnit=a\n") ==
        "Timer.OnUnitActiveSec=2|Timer.Unit=a");
}

TEST_CASE("time spans") {
  CHECK(seconds_of("90") == 90);
  CHECK(seconds_of("2min 30s") == 150);
  CHECK(seconds_of("1h30min") == 5400);
  CHECK(seconds_of("500ms") == 0.5);
  CHECK(seconds_of("2.5min 0.25s") == 150.25);
  CHECK(seconds_of("infinity") == std::numeric_limits<double>::infinity());
  for (const char* none : {"", "soon", "5 parsecs", "min"})
    CHECK(seconds_of(none) < 0);
}

TEST_CASE("our units are what they must be, and each setting that keeps one from its work is told") {
  struct Row {
    const char* unit;
    const char* drop_in;
    const char* message;  // empty: it changes nothing that counts
  };
  const char* boot = "node-ca-trust.service";
  const char* rotate = "node-ca-trust-rotate.service";
  const char* path = "node-ca-trust-rotate.path";
  const char* timer = "node-ca-trust-rotate.timer";
  for (const auto& [unit, drop_in, message] : {
           Row{boot, "", ""},
           Row{rotate, "", ""},
           Row{path, "", ""},
           Row{timer, "", ""},
           Row{boot, "[Service]\nExecStart=/bin/true",
               "d: 'ExecStart=' is '/usr/bin/node-ca-trust provision' and '/bin/true', not "
               "'/usr/bin/node-ca-trust provision' (node-ca-trust.service)"},
           Row{boot, "[Service]\nExecStart=\nExecStart=/usr/bin/node-ca-trust provision", ""},
           Row{boot, "[Service]\nType=simple",
               "d: 'Type=' is 'simple', not 'oneshot' (node-ca-trust.service)"},
           Row{boot, "[Service]\nRemainAfterExit=1", ""},
           Row{boot, "[Unit]\nConditionPathExists=/x",
               "d: it sets 'ConditionPathExists=/x' (node-ca-trust.service)"},
           Row{boot, "[Unit]\nConditionPathExists=/x\nConditionHost=", ""},
           Row{boot, "[Unit]\nAfter=network-online.target\nBefore=my.service", ""},
           Row{boot, "[Unit]\nAfter=kubelet.service",
               "d: it sets 'After=kubelet.service' (node-ca-trust.service)"},
           Row{boot, "[Unit]\nBefore=basic.target",
               "d: it sets 'Before=basic.target' (node-ca-trust.service)"},
           Row{boot, "[Unit]\nRequires=x.service", "d: it sets 'Requires=x.service' (node-ca-trust.service)"},
           Row{boot, "[Service]\nTimeoutStartSec=5",
               "d: it sets 'TimeoutStartSec=5' (node-ca-trust.service)"},
           Row{boot, "[Service]\nTimeoutStartSec=10min\nTimeoutSec=infinity", ""},
           Row{boot, "[Service]\nNotifyAccess=none",
               "d: it sets 'NotifyAccess=none' (node-ca-trust.service)"},
           Row{boot, "[Service]\nNotifyAccess=all", ""},
           Row{boot, "[Service]\nExecStartPre=",
               "d: 'ExecStartPre=' is '', not '+-/usr/bin/node-ca-trust distrust' (node-ca-trust.service)"},
           Row{boot, "[Service]\nExecStartPost=-/bin/false\nEnvironmentFile=-/x", ""},
           Row{boot, "[Service]\nExecStartPost=/bin/false",
               "d: it sets 'ExecStartPost=/bin/false' (node-ca-trust.service)"},
           Row{boot, "[Service]\nEnvironmentFile=/x",
               "d: it sets 'EnvironmentFile=/x' (node-ca-trust.service)"},
           Row{boot, "[Service]\nSystemCallFilter=mount", ""},
           Row{boot, "[Service]\nSystemCallFilter=~rename",
               "d: it sets 'SystemCallFilter=~rename' (node-ca-trust.service)"},
           Row{boot, "[Service]\nSystemCallFilter=\nSystemCallFilter=read",
               "d: it sets 'SystemCallFilter=read' (node-ca-trust.service)"},
           Row{boot, "[Service]\nStateDirectory=\n",
               "d: it takes back 'StateDirectory=node-ca-trust', where the program writes "
               "(node-ca-trust.service)"},
           Row{boot, "[Service]\nInaccessiblePaths=/etc/ssl",
               "d: it sets 'InaccessiblePaths=/etc/ssl' (node-ca-trust.service)"},
           Row{rotate, "[Unit]\nStartLimitIntervalSec=10",
               "d: 'StartLimitIntervalSec=' is '10', not '0' (node-ca-trust-rotate.service)"},
           Row{rotate, "[Unit]\nStartLimitIntervalSec=0s", ""},
           Row{path, "[Path]\nPathChanged=/more", ""},
           Row{path, "[Path]\nPathExists=\nPathModified=/opt/certs", ""},
           Row{path, "[Path]\nPathChanged=\nPathChanged=/more",
               "d: it does not watch '/opt/certs' (node-ca-trust-rotate.path)"},
           Row{path, "[Path]\nMakeDirectory=yes",
               "d: it sets 'MakeDirectory=yes' (node-ca-trust-rotate.path)"},
           Row{path, "[Path]\nUnit=node-ca-trust-rotate.service", ""},
           Row{path, "[Path]\nUnit=x.service", "d: it sets 'Unit=x.service' (node-ca-trust-rotate.path)"},
           Row{timer, "[Timer]\nOnCalendar=\nOnCalendar=hourly", ""},
           Row{timer,
               "[Timer]\nOnCalendar=", "d: nothing starts the timer's service (node-ca-trust-rotate.timer)"},
       }) {
    CAPTURE(unit);
    CAPTURE(drop_in);
    CHECK(made_of(unit, drop_in) == message);
  }
}

TEST_CASE("a unit waits for provisioning where it says so") {
  const auto waits = [](std::string_view text) { return waits_for_boot_unit(unit_settings(text, "f")); };
  CHECK(waits(order_drop_in()));
  CHECK(waits("[Unit]\n  After=network.target node-ca-trust.service \n"));
  CHECK_FALSE(waits(""));
  CHECK_FALSE(waits("[Unit]\n#After=node-ca-trust.service\n"));
  CHECK_FALSE(waits("[Service]\nAfter=node-ca-trust.service\n"));
  CHECK_FALSE(waits("[Unit]\nAfter=node-ca-trust-rotate.service\nWants=node-ca-trust.service\n"));
}

TEST_CASE("below /opt, the units are those of /etc, and start the program there") {
  auto unit = installed("node-ca-trust.service", "/etc/systemd/system", "");
  CHECK(changes(unit, kInOpt) ==
        "/etc/systemd/system/node-ca-trust.service: 'ExecStartPre=' is '+-/usr/bin/node-ca-trust distrust', "
        "not "
        "'+-/opt/node-ca-trust/bin/node-ca-trust distrust' (node-ca-trust.service); "
        "/etc/systemd/system/node-ca-trust.service: 'ExecStart=' is '/usr/bin/node-ca-trust provision', not "
        "'/opt/node-ca-trust/bin/node-ca-trust provision' (node-ca-trust.service)");
  for (auto& setting : unit.settings) {
    if (setting.key == "ExecStartPre") setting.value = "+-/opt/node-ca-trust/bin/node-ca-trust distrust";
    if (setting.key == "ExecStart") setting.value = "/opt/node-ca-trust/bin/node-ca-trust provision";
  }
  CHECK(changes(unit, kInOpt) == "");
  unit.settings.push_back({.section = "Service", .key = "ReadWritePaths", .value = "", .file = "d"});
  CHECK(changes(unit, kInOpt).starts_with("d: it takes back 'ReadWritePaths="));
  // Elsewhere a file in /etc is an administrator's.
  CHECK(changes(installed("node-ca-trust.service", "/etc/systemd/system", ""), kPackaged) != "");
}
