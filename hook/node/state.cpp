#include "node/state.hpp"

#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "cert/proof.hpp"
#include "config/paths.hpp"
#include "node/replace_files.hpp"
#include "store/family.hpp"
#include "sys/input.hpp"

namespace nct {

namespace {

constexpr std::size_t kMaxStateBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20U;

Result<std::optional<std::string>> read_if_there(Fs& fs, std::string_view path, std::size_t max_bytes) {
  auto bytes = fs.read_file(std::string(path), max_bytes);
  if (bytes) return std::optional(*std::move(bytes));
  if (bytes.error().os_errno == ENOENT || bytes.error().os_errno == ENOTDIR) return std::nullopt;
  return std::unexpected(std::move(bytes).error());
}

// Reads one manifest into `state`; false where there is none, or none that can be read.
Result<bool> take_manifest(Fs& fs, std::string_view path, NodeState& state) {
  NCT_TRY(const auto text, read_if_there(fs, path, kMaxStateBytes));
  if (!text) return false;
  auto manifest = manifest_from(*text, path);
  if (!manifest) {
    state.damage = manifest.error().message;
    return false;
  }
  state.manifest = *std::move(manifest);
  return true;
}

}  // namespace

Result<NodeState> read_state(Fs& fs) {
  NodeState state;
  NCT_TRY(const auto pending, fs.status(std::string(kPendingManifest), false));
  state.interrupted = pending.has_value();
  // An interrupted run is finished, not undone: what it wanted is what counts.
  if (state.interrupted) {
    NCT_TRY(state.has_manifest, take_manifest(fs, kPendingManifest, state));
  }
  if (!state.has_manifest) {
    NCT_TRY(state.has_manifest, take_manifest(fs, kManifest, state));
  }
  NCT_TRY(state.remembered, read_record(fs));
  return state;
}

Result<std::vector<std::string>> write_pending(Fs& fs, const Manifest& manifest, NodeState& state,
                                               const RecordScope& scope, std::vector<NewFile> staged) {
  NCT_TRY(auto made_in, fs.make_directories(std::string(kStateDirectory)));
  std::vector<NewFile> files{{.path = std::string(kPendingManifest), .bytes = text_of(manifest)}};
  // One that lies aside is of a run that was broken off.
  if (!add_record(state.remembered, scope, files)) NCT_CHECK(remove_if_there(fs, aside(kRecord)));
  NCT_CHECK(place_files(fs, files, std::move(staged)));
  return made_in;
}

Result<void> owe(Fs& fs, const Manifest& manifest) {
  NCT_CHECK(make_durable_directories(fs, std::string(kStateDirectory)));
  const NewFile file{.path = std::string(kPendingManifest), .bytes = text_of(manifest)};
  return replace_files(fs, {&file, 1});
}

std::vector<std::string> state_directories() {
  return {std::string(kStateDirectory.substr(0, kStateDirectory.rfind('/'))), std::string(kStateDirectory)};
}

Result<void> settle(Fs& fs, const Manifest& manifest, const std::optional<Manifest>& pending,
                    const std::vector<std::string>& unsynced) {
  if (pending == manifest) {
    NCT_CHECK(fs.rename(std::string(kPendingManifest), std::string(kManifest)));
  } else {
    NCT_CHECK(make_durable_directories(fs, std::string(kStateDirectory)));
    const NewFile file{.path = std::string(kManifest), .bytes = text_of(manifest)};
    NCT_CHECK(place_files(fs, {&file, 1}));
    if (pending) NCT_CHECK(fs.remove_file(std::string(kPendingManifest)));
  }
  NCT_CHECK(sync_directories(fs, unsynced));
  return fs.sync_directory(std::string(kStateDirectory));
}

Result<Config> read_config(Fs& fs, const std::optional<std::string>& named) {
  std::vector<ConfigFile> files;
  const auto take = [&](std::string_view path) -> Result<void> {
    NCT_TRY(auto text, read_if_there(fs, path, kMaxConfigBytes));
    if (text) files.push_back({.name = std::string(path), .text = *std::move(text)});
    return {};
  };
  NCT_CHECK(take(kVendorConfig));
  if (named) {
    NCT_TRY(auto text, read_input(*named, kMaxConfigBytes));
    files.push_back({.name = *named, .text = std::move(text)});
    return config_from(files);
  }
  NCT_CHECK(take(kConfig));
  const auto drop_ins = fs.list_directory(std::string(kConfigDirectory));
  if (!drop_ins && drop_ins.error().os_errno != ENOENT) return std::unexpected(drop_ins.error());
  if (drop_ins)
    for (const auto& entry : *drop_ins)
      if (entry.name.ends_with(".toml") && !entry.name.starts_with('.'))
        NCT_CHECK(take(concat(kConfigDirectory, "/", entry.name)));
  return config_from(files);
}

Result<Distro> recognise(Fs& fs, std::string_view chosen) {
  constexpr std::size_t kMaxOsRelease = 65536;
  NCT_TRY(auto os_release, read_if_there(fs, "/etc/os-release", kMaxOsRelease));
  if (!os_release) {
    NCT_TRY(os_release, read_if_there(fs, "/usr/lib/os-release", kMaxOsRelease));
  }
  NCT_TRY(auto distro, distro_from(os_release, chosen));
  for (const auto probe : distro.family->probes) {
    NCT_TRY(const auto status, fs.status(std::string(probe), true));
    if (status) continue;
    std::string wanted;
    for (const auto each : distro.family->probes)
      wanted += concat(wanted.empty() ? "'" : ", '", each, "'");
    return fail(Errc::configuration, concat("no trust store of the ", distro.family->name,
                                            " family here: there is no '", probe, "'; looked for ", wanted));
  }
  return distro;
}

}  // namespace nct
