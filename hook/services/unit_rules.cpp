#include "services/unit_rules.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "services/boot_units.hpp"
#include "services/rotation_units.hpp"

namespace nct {

namespace {

constexpr std::string_view kRotationService = "node-ca-trust-rotate.service";

// A setting that must have this value and no other; of ExecStart and ExecStartPre these arguments of the
// program.
struct Must {
  std::string_view unit;
  std::string_view section;
  std::string_view key;
  std::string_view value;
};

// As units/ has them.
constexpr Must kMust[] = {
    {.unit = kBootUnit.name, .section = "Service", .key = "Type", .value = "oneshot"},
    {.unit = kBootUnit.name, .section = "Service", .key = "ExecStartPre", .value = "distrust"},
    {.unit = kBootUnit.name, .section = "Service", .key = "ExecStart", .value = "provision"},
    {.unit = kBootUnit.name, .section = "Service", .key = "RemainAfterExit", .value = "yes"},
    {.unit = kRotationService, .section = "Service", .key = "Type", .value = "oneshot"},
    {.unit = kRotationService, .section = "Service", .key = "ExecStart", .value = "rotate"},
    {.unit = kRotationService, .section = "Unit", .key = "StartLimitIntervalSec", .value = "0"},
};

// Who delivers the bundle: written before this, it is not missed.
constexpr std::string_view kDeliverers[] = {"cloud-init.service", "cloud-init-network.service"};

// What comes after provisioning, or before it, by other units' own words: the other way round is a cycle,
// which systemd breaks by leaving somebody out.
constexpr std::string_view kLate[] = {"multi-user.target", "graphical.target", "default.target",
                                      "cloud-final.service", "cloud-init.target"};
constexpr std::string_view kEarly[] = {"sysinit.target", "basic.target", "local-fs.target",
                                       "cloud-init.service", "cloud-init-network.service"};

// Settings that do not keep a unit from its work, whatever their values.
constexpr std::string_view kHarmless[] = {
    "Unit.Description",
    "Unit.Documentation",
    "Unit.SourcePath",
    "Unit.CollectMode",
    "Unit.After",
    "Unit.Before",
    "Unit.Wants",
    "Unit.Upholds",
    "Unit.PartOf",
    "Unit.RequiresMountsFor",
    "Unit.WantsMountsFor",
    "Unit.OnFailure",
    "Unit.OnSuccess",
    "Unit.OnFailureJobMode",
    "Unit.OnSuccessJobMode",
    "Unit.IgnoreOnIsolate",
    "Unit.JoinsNamespaceOf",
    // "Unit.StartLimit..." of the boot unit, which is started once.
    "Unit.StartLimitIntervalSec",
    "Unit.StartLimitBurst",
    "Service.Environment",
    "Service.PassEnvironment",
    "Service.UnsetEnvironment",
    "Service.SetLoginEnvironment",
    "Service.ExecReload",
    "Service.ExecStop",
    "Service.ExecStopPost",
    "Service.Slice",
    "Service.Nice",
    "Service.OOMScoreAdjust",
    "Service.OOMPolicy",
    "Service.CoredumpFilter",
    "Service.LimitCORE",
    "Service.LimitNOFILE",
    "Service.LimitMEMLOCK",
    "Service.TasksMax",
    "Service.IOWeight",
    "Service.CPUWeight",
    "Service.CPUShares",
    "Service.CPUAffinity",
    "Service.TimeoutStopSec",
    "Service.TimeoutAbortSec",
    "Service.TimeoutStopFailureMode",
    "Service.KillMode",
    "Service.KillSignal",
    "Service.SendSIGKILL",
    "Service.FinalKillSignal",
    "Service.SuccessExitStatus",
    "Service.SyslogIdentifier",
    "Service.SyslogFacility",
    "Service.SyslogLevel",
    "Service.Delegate",
    "Service.UMask",
    "Service.SupplementaryGroups",
    // Of the sandbox: ours is the strictest that the program works in.
    "Service.ReadWritePaths",
    "Service.ProtectSystem",
    "Service.ProtectHome",
    "Service.PrivateTmp",
    "Service.PrivateDevices",
    "Service.ProtectKernelTunables",
    "Service.ProtectKernelModules",
    "Service.ProtectKernelLogs",
    "Service.ProtectControlGroups",
    "Service.ProtectClock",
    "Service.ProtectHostname",
    "Service.LockPersonality",
    "Service.NoNewPrivileges",
    "Service.ProtectProc",
    "Service.KeyringMode",
    "Service.PrivateNetwork",
    "Service.IPAddressDeny",
    "Service.IPAddressAllow",
    "Service.CapabilityBoundingSet",
    "Service.AmbientCapabilities",
    "Service.SystemCallArchitectures",
    "Service.SystemCallErrorNumber",
    "Service.RuntimeDirectory",
    "Service.RuntimeDirectoryPreserve",
    "Service.StateDirectory",
    "Path.PathChanged",
    "Path.PathModified",
    "Path.PathExists",
    "Path.PathExistsGlob",
    "Path.DirectoryNotEmpty",
    "Path.DirectoryMode",
    "Timer.AccuracySec",
    "Timer.RandomizedDelaySec",
    "Timer.FixedRandomDelay",
    "Timer.Persistent",
    "Timer.WakeSystem",
    "Timer.OnActiveSec",
    "Timer.OnBootSec",
    "Timer.OnStartupSec",
    "Timer.OnUnitActiveSec",
    "Timer.OnUnitInactiveSec",
    "Timer.OnCalendar",
    "Timer.OnClockChange",
    "Timer.OnTimezoneChange",
};
// And these, whatever follows.
constexpr std::string_view kHarmlessBeginnings[] = {
    "Install.",
    "Service.Log",
    "Service.Standard",
    "Service.Restart",
    "Service.IOScheduling",
    "Service.CPUScheduling",
    "Service.CPUAccounting",
    "Service.MemoryAccounting",
    "Service.TasksAccounting",
    "Service.IOAccounting",
    "Service.IPAccounting",
    "Service.BlockIOAccounting",
    "Path.TriggerLimit",
};

// Without what our sandbox says of these, the program has no room to write in.
constexpr std::string_view kRoom[] = {"ReadWritePaths", "RuntimeDirectory", "StateDirectory"};

template <class Range>
bool in(const Range& known, std::string_view word) {
  return std::ranges::find(known, word) != std::ranges::end(known);
}

class Judge {
 public:
  Judge(const LoadedUnit& unit, const Layout& layout, const std::vector<std::string>& waiting)
      : unit_(unit.name),
        fragment_(unit.fragment),
        all_(unit.settings),
        layout_(layout),
        waiting_(waiting),
        settings_(effective_settings(unit.settings)) {}

  std::vector<UnitChange> changes(std::string_view directory) {
    for (const auto& must : kMust)
      if (must.unit == unit_) hold(must);
    if (unit_ == kBootUnit.name) order();
    if (unit_.ends_with(".path") && !directory.empty()) watch(directory);
    if (unit_.ends_with(".timer") && !any("Timer", "On"))
      add(last_of("Timer", {}), "nothing starts the timer's service");
    room();
    for (const auto& setting : settings_)
      if (!is_must(setting) && !is_fine(setting))
        add(setting.file, concat("it sets '", printable(setting.key), "=", printable(setting.value), "'"));
    return std::move(changes_);
  }

 private:
  void add(const std::string& file, const std::string& message) {
    changes_.push_back({.file = file, .message = concat(message, " (", unit_, ")")});
  }

  // The file with the last word about a setting; any of the section where there is no key.
  [[nodiscard]] const std::string& last_of(std::string_view section, std::string_view key) const {
    const auto* file = &fragment_;
    for (const auto& setting : all_)
      if (setting.section == section && (key.empty() || setting.key == key)) file = &setting.file;
    return *file;
  }

  [[nodiscard]] bool any(std::string_view section, std::string_view beginning) const {
    return std::ranges::any_of(settings_, [&](const UnitSetting& setting) {
      return setting.section == section && setting.key.starts_with(beginning);
    });
  }

  void hold(const Must& must) {
    std::string said;
    for (const auto& setting : settings_)
      if (setting.section == must.section && setting.key == must.key)
        said += concat(said.empty() ? "" : "' and '", setting.value);
    auto wanted =
        must.key.starts_with("Exec") ? concat(layout_.program, " ", must.value) : std::string(must.value);
    if (must.key == "ExecStartPre") wanted.insert(0, "+-");
    if (said == wanted || means_the_same(said, wanted)) return;
    add(last_of(must.section, must.key),
        concat("'", must.key, "=' is '", printable(said), "', not '", wanted, "'"));
  }

  static bool means_the_same(const std::string& said, std::string_view wanted) {
    constexpr std::string_view kTrue[] = {"1", "yes", "y", "true", "t", "on"};
    return (wanted == "yes" && in(kTrue, said)) || (wanted == "0" && seconds_of(said) == 0);
  }

  void order() {
    for (const auto deliverer : kDeliverers) {
      const bool known = std::ranges::any_of(settings_, [&](const UnitSetting& setting) {
        return setting.section == "Unit" && setting.key == "After" && in(words_of(setting.value), deliverer);
      });
      if (!known) add(fragment_, concat("it does not wait for '", deliverer, "'"));
    }
  }

  void watch(std::string_view directory) {
    const auto escaped = escaped_specifiers(directory);
    const bool watched = std::ranges::any_of(settings_, [&](const UnitSetting& setting) {
      return setting.section == "Path" && (setting.key == "PathChanged" || setting.key == "PathModified") &&
             setting.value == escaped;
    });
    if (!watched) add(last_of("Path", {}), concat("it does not watch '", directory, "'"));
  }

  void room() {
    for (const auto& setting : all_) {
      if (!is_packaged(setting.file) || !in(kRoom, setting.key) || setting.value.empty()) continue;
      const bool counts = std::ranges::any_of(settings_, [&](const UnitSetting& each) {
        return each.file == setting.file && each.key == setting.key && each.value == setting.value;
      });
      if (!counts)
        add(last_of("Service", setting.key),
            concat("it takes back '", setting.key, "=", setting.value, "', where the program writes"));
    }
  }

  // Whether it is the sandbox, or file, that was installed.
  [[nodiscard]] bool is_packaged(std::string_view file) const {
    return std::ranges::any_of(layout_.units, [&](std::string_view directory) {
      return file == concat(directory, "/", unit_) ||
             file == concat(directory, "/", unit_, ".d/", kSandboxDropIn);
    });
  }

  [[nodiscard]] bool is_must(const UnitSetting& setting) const {
    return std::ranges::any_of(kMust, [&](const Must& must) {
      return must.unit == unit_ && must.section == setting.section && must.key == setting.key;
    });
  }

  [[nodiscard]] bool is_fine(const UnitSetting& setting) const {
    const auto name = concat(setting.section, ".", setting.key);
    if (name == "Unit.After" && unit_ == kBootUnit.name)
      return std::ranges::none_of(words_of(setting.value), [&](const std::string& word) {
        return in(kLate, word) || in(waiting_, word);
      });
    if (name == "Unit.Before" && unit_ == kBootUnit.name)
      return std::ranges::none_of(words_of(setting.value),
                                  [&](const std::string& word) { return in(kEarly, word); });
    if (name == "Service.TimeoutStartSec" || name == "Service.TimeoutSec")
      return is_long_enough(setting.value);
    // Or systemd does not hear that a run asks for more time.
    if (name == "Service.NotifyAccess") return setting.value != "none";
    // A failure of these is none of the unit's.
    if (name == "Service.ExecStartPost" || name == "Service.EnvironmentFile")
      return setting.value.starts_with('-');
    if (name == "Service.SystemCallFilter" || name == "Service.RestrictAddressFamilies")
      return is_packaged(setting.file) || (!setting.value.starts_with('~') && widens(setting));
    if (setting.key == "Unit" && (setting.section == "Path" || setting.section == "Timer"))
      return setting.value == kRotationService;
    if (in(kHarmless, name)) return true;
    if (std::ranges::any_of(kHarmlessBeginnings,
                            [&](std::string_view each) { return name.starts_with(each); }))
      return true;
    return is_packaged(setting.file) && setting.section == "Service" && !setting.key.starts_with("Exec");
  }

  // Whether the list that it is added to has kept what our sandbox allows.
  [[nodiscard]] bool widens(const UnitSetting& setting) const {
    return std::ranges::any_of(settings_, [&](const UnitSetting& each) {
      return each.key == setting.key && is_packaged(each.file);
    });
  }

  // As long as a run may wait for another one (lock_timeout_ms).
  static bool is_long_enough(std::string_view span) {
    constexpr double kLeast = 30;
    const auto seconds = seconds_of(span);
    return seconds <= 0 || seconds >= kLeast;  // systemd takes 0 for ever, and passes over what is no span
  }

  std::string_view unit_;
  const std::string& fragment_;
  const std::vector<UnitSetting>& all_;
  const Layout& layout_;
  const std::vector<std::string>& waiting_;
  std::vector<UnitSetting> settings_;
  std::vector<UnitChange> changes_;
};

}  // namespace

std::vector<UnitChange> changes_of(const LoadedUnit& unit, const Layout& layout, std::string_view directory,
                                   const std::vector<std::string>& waiting) {
  return Judge(unit, layout, waiting).changes(directory);
}

bool waits_for_boot_unit(const std::vector<UnitSetting>& settings) {
  return std::ranges::any_of(settings, [](const UnitSetting& setting) {
    return setting.section == "Unit" && setting.key == "After" && in(words_of(setting.value), kBootUnit.name);
  });
}

}  // namespace nct
