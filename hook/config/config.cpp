#include "config/config.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <toml++/toml.h>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

std::string place(const ConfigFile& file, const toml::source_region& region) {
  return concat(file.name, ":", std::to_string(region.begin.line), ":", std::to_string(region.begin.column));
}

Result<void> wrong(const ConfigFile& file, const toml::node& node, std::string_view key,
                   std::string_view wanted) {
  return fail(Errc::configuration, concat(place(file, node.source()), ": '", key, "' must be ", wanted));
}

Result<std::int64_t> whole_number(const ConfigFile& file, const toml::node& node, std::string_view key,
                                  std::int64_t least, std::int64_t most) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < least || *value > most)
    return std::unexpected(
        wrong(file, node, key,
              concat("a whole number from ", std::to_string(least), " to ", std::to_string(most)))
            .error());
  return *value;
}

// One of `words`; its index.
Result<std::size_t> word(const ConfigFile& file, const toml::node& node, std::string_view key,
                         std::pair<std::string_view, std::string_view> words) {
  const auto value = node.value_exact<std::string_view>();
  if (value == words.first) return std::size_t{0};
  if (value == words.second) return std::size_t{1};
  return std::unexpected(
      wrong(file, node, key, concat("\"", words.first, "\" or \"", words.second, "\"")).error());
}

using Setter = Result<void> (*)(Config&, const ConfigFile&, const toml::node&, std::string_view key);

Result<void> set_provision_from(Config& config, const ConfigFile& file, const toml::node& node,
                                std::string_view key) {
  constexpr std::string_view kWanted = "a list of absolute paths";
  const auto* paths = node.as_array();
  if (paths == nullptr) return wrong(file, node, key, kWanted);
  config.provision_from.clear();
  for (const auto& path : *paths) {
    const auto text = path.value_exact<std::string_view>();
    if (!text || !text->starts_with('/')) return wrong(file, path, key, kWanted);
    config.provision_from.emplace_back(*text);
  }
  return {};
}

template <std::size_t Policy::* limit>
Result<void> set_certificates(Config& config, const ConfigFile& file, const toml::node& node,
                              std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 1, 100'000));
  config.policy.*limit = static_cast<std::size_t>(value);
  return {};
}

Result<void> set_distrusted(Config& config, const ConfigFile& file, const toml::node& node,
                            std::string_view key) {
  constexpr std::string_view kWanted = "a list of SHA-256 fingerprints, each of 64 hex digits";
  const auto* fingerprints = node.as_array();
  if (fingerprints == nullptr) return wrong(file, node, key, kWanted);
  config.policy.distrusted.clear();
  for (const auto& each : *fingerprints) {
    const auto fingerprint = Fingerprint::from_hex(each.value_exact<std::string_view>().value_or(""));
    if (!fingerprint) return wrong(file, each, key, kWanted);
    config.policy.distrusted.insert(*fingerprint);
  }
  return {};
}

Result<void> set_in_distro_store(Config& config, const ConfigFile& file, const toml::node& node,
                                 std::string_view key) {
  NCT_TRY(const auto index, word(file, node, key, {"skip", "install"}));
  config.policy.install_distro_roots = index == 1;
  return {};
}

Result<void> set_max_document_bytes(Config& config, const ConfigFile& file, const toml::node& node,
                                    std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 1, std::int64_t{1} << 30U));
  config.intake.max_document_bytes = static_cast<std::size_t>(value);
  return {};
}

Result<void> set_expiry_warning(Config& config, const ConfigFile& file, const toml::node& node,
                                std::string_view key) {
  NCT_TRY(config.policy.expiry_warning_days, whole_number(file, node, key, 0, 36'500));
  return {};
}

Result<void> set_rejected(Config& config, const ConfigFile& file, const toml::node& node,
                          std::string_view key) {
  NCT_TRY(const auto index, word(file, node, key, {"fail", "keep"}));
  config.provision_rejected = index == 0 ? Config::OnRejected::fail : Config::OnRejected::keep;
  return {};
}

Result<void> set_rotate_rejected(Config& config, const ConfigFile& file, const toml::node& node,
                                 std::string_view key) {
  NCT_TRY(const auto index, word(file, node, key, {"fail", "keep"}));
  config.rotation.rejected = index == 0 ? Config::OnRejected::fail : Config::OnRejected::keep;
  return {};
}

Result<void> set_max_entries(Config& config, const ConfigFile& file, const toml::node& node,
                             std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 1, 100'000));
  config.rotation.max_entries = static_cast<std::size_t>(value);
  return {};
}

template <std::chrono::milliseconds Config::Rotation::* time>
Result<void> set_rotation_time(Config& config, const ConfigFile& file, const toml::node& node,
                               std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 0, 3'600'000));
  config.rotation.*time = std::chrono::milliseconds(value);
  return {};
}

Result<void> set_on_failure(Config& config, const ConfigFile& file, const toml::node& node,
                            std::string_view key) {
  NCT_TRY(const auto index, word(file, node, key, {"continue", "block"}));
  config.on_failure = index == 0 ? Config::OnFailure::proceed : Config::OnFailure::block;
  return {};
}

// What systemd takes for a unit's name: systemd.unit(5).
bool is_unit_name(std::string_view name) {
  constexpr std::size_t kMostBytes = 255;
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  const auto dot = name.rfind('.');
  return name.size() <= kMostBytes && dot != std::string_view::npos && dot > 0 && dot + 1 < name.size() &&
         name.find_first_not_of(kCharacters) == std::string_view::npos;
}

Result<void> set_consumers(Config& config, const ConfigFile& file, const toml::node& node,
                           std::string_view key) {
  constexpr std::string_view kWanted = "a list of unit names such as \"containerd.service\"";
  const auto* units = node.as_array();
  if (units == nullptr) return wrong(file, node, key, kWanted);
  config.consumers.clear();
  for (const auto& unit : *units) {
    const auto text = unit.value_exact<std::string_view>();
    if (!text || !is_unit_name(*text)) return wrong(file, unit, key, kWanted);
    config.consumers.emplace_back(*text);
  }
  return {};
}

Result<void> set_splay(Config& config, const ConfigFile& file, const toml::node& node, std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 0, 3'600'000));
  config.splay = std::chrono::milliseconds(value);
  return {};
}

// An absolute path that can stand in a line of its own.
std::optional<std::string> plain_path(const toml::node& node) {
  const auto text = node.value_exact<std::string_view>();
  const bool plain = text && text->starts_with('/') && trimmed(*text) == *text && printable(*text) == *text;
  return plain ? std::optional<std::string>(*text) : std::nullopt;
}

Result<void> set_rotation_directory(Config& config, const ConfigFile& file, const toml::node& node,
                                    std::string_view key) {
  auto path = plain_path(node);
  if (!path) return wrong(file, node, key, "an absolute path");
  config.rotation.directory = *std::move(path);
  return {};
}

Result<void> set_metrics_file(Config& config, const ConfigFile& file, const toml::node& node,
                              std::string_view key) {
  auto path = node.value_exact<std::string_view>() == "" ? std::string() : plain_path(node);
  if (!path) return wrong(file, node, key, "an absolute path, or empty");
  config.metrics_file = *std::move(path);
  return {};
}

Result<void> set_family(Config& config, const ConfigFile& file, const toml::node& node,
                        std::string_view key) {
  const auto name = node.value_exact<std::string_view>();
  if (!name) return wrong(file, node, key, "the name of a family, or empty");
  config.family = *name;
  return {};
}

Result<void> set_hooks(Config& config, const ConfigFile& file, const toml::node& node, std::string_view key) {
  NCT_TRY(const auto index, word(file, node, key, {"run", "skip"}));
  config.hooks = index == 0 ? Config::Hooks::run : Config::Hooks::skip;
  return {};
}

Result<void> set_reader_grace(Config& config, const ConfigFile& file, const toml::node& node,
                              std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 0, 10'000));
  config.reader_grace = std::chrono::milliseconds(value);
  return {};
}

Result<void> set_lock_timeout(Config& config, const ConfigFile& file, const toml::node& node,
                              std::string_view key) {
  NCT_TRY(const auto value, whole_number(file, node, key, 0, 3'600'000));
  config.lock_timeout = std::chrono::milliseconds(value);
  return {};
}

// Every key there is, with its tables in front; config_from() knows no other.
constexpr std::pair<std::string_view, Setter> kKeys[] = {
    {"consumers.splay_ms", set_splay},
    {"consumers.units", set_consumers},
    {"distrust.fingerprints", set_distrusted},
    {"limits.max_certificates", set_certificates<&Policy::max_certificates>},
    {"limits.max_document_bytes", set_max_document_bytes},
    {"limits.max_entries", set_max_entries},
    {"limits.max_proxy_certificates", set_certificates<&Policy::max_proxy_certificates>},
    {"lock_timeout_ms", set_lock_timeout},
    {"metrics.file", set_metrics_file},
    {"policy.expiry_warning_days", set_expiry_warning},
    {"policy.in_distro_store", set_in_distro_store},
    {"policy.provision.on_failure", set_on_failure},
    {"policy.provision.rejected", set_rejected},
    {"policy.rotate.rejected", set_rotate_rejected},
    {"provision.from", set_provision_from},
    {"rotation.directory", set_rotation_directory},
    {"rotation.empty_grace_ms", set_rotation_time<&Config::Rotation::empty_grace>},
    {"rotation.removal_grace_ms", set_rotation_time<&Config::Rotation::removal_grace>},
    {"rotation.settle_ms", set_rotation_time<&Config::Rotation::settle>},
    {"store.family", set_family},
    {"store.hooks", set_hooks},
    {"store.reader_grace_ms", set_reader_grace},
};

bool is_table_of_ours(std::string_view path) {
  const auto table = concat(path, ".");
  return std::ranges::any_of(kKeys, [&](const auto& key) { return key.first.starts_with(table); });
}

Result<void> unknown(const ConfigFile& file, const toml::key& key, std::string_view path) {
  std::vector<std::string_view> known;
  for (const auto& [name, setter] : kKeys)
    known.push_back(name);
  const auto near = nearest(path, known);
  return fail(Errc::configuration,
              concat(place(file, key.source()), ": there is no key '", printable(path), "'",
                     near ? concat(", the nearest is '", *near, "'") : std::string()));
}

Result<void> read_table(Config& config, const ConfigFile& file, const toml::table& table,
                        std::string_view prefix) {
  for (const auto& [key, node] : table) {
    const std::string path = concat(prefix, key.str());
    Setter found = nullptr;
    for (const auto& [name, setter] : kKeys)
      if (name == path) found = setter;
    if (found != nullptr)
      NCT_CHECK(found(config, file, node, path));
    else if (node.is_table() && is_table_of_ours(path))
      NCT_CHECK(read_table(config, file, *node.as_table(), concat(path, ".")));
    else
      NCT_CHECK(unknown(file, key, path));
  }
  return {};
}

}  // namespace

Result<Config> config_from(std::span<const ConfigFile> files) {
  Config config;
  for (const auto& file : files) {
    const auto parsed = toml::parse(file.text, file.name);
    if (!parsed)
      return fail(Errc::configuration,
                  concat(place(file, parsed.error().source()), ": not TOML: ", parsed.error().description()));
    NCT_CHECK(read_table(config, file, parsed.table(), ""));
  }
  return config;
}

}  // namespace nct
