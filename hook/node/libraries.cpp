#include "node/libraries.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "services/elf.hpp"

namespace nct {

namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
constexpr const char* kCache = "/etc/ld.so.cache";

struct Library {
  std::string path;  // empty where there is none that does
  ElfFile elf;
};

class Loader {
 public:
  Loader(Fs& fs, std::string cache) : fs_(fs), cache_(std::move(cache)) {}

  Result<void> load(const std::string& program) {
    const auto bytes = fs_.read_file(program, kMostBytes);
    if (!bytes && bytes.error().os_errno != ENOENT) return std::unexpected(bytes.error());
    auto elf = bytes ? elf_from(*bytes) : fail(Errc::in_the_way, "it is not there");
    if (!elf) {
      misses_.push_back({.missing = !bytes, .subject = program, .message = elf.error().message});
      return {};
    }
    machine_ = elf->machine;
    NCT_TRY(const auto interpreter, fs_.status(elf->interpreter, true));
    if (!interpreter)
      misses_.push_back({.missing = true,
                         .subject = elf->interpreter,
                         .message = concat("'", program, "' cannot be started without it")});
    for (const auto& name : elf->loaded)
      NCT_CHECK(need(name, program, "loads it where systemd runs"));
    return follow(*elf, program);
  }

  std::vector<LibraryMiss> take() { return std::move(misses_); }

 private:
  Result<void> follow(const ElfFile& elf, const std::string& path) {
    for (const auto& name : elf.needed)
      NCT_CHECK(need(name, path, "needs it"));
    for (const auto& [name, versions] : elf.versions_needed) {
      const auto found = libraries_.find(name);
      if (found == libraries_.end() || found->second.path.empty()) continue;
      for (const auto& version : versions)
        if (!found->second.elf.versions.contains(version))
          misses_.push_back({.missing = false,
                             .subject = found->second.path,
                             .message = concat("'", path, "' needs ", printable(version),
                                               " of it, which it does not have: it is too old, or another")});
    }
    return {};
  }

  Result<void> need(const std::string& name, const std::string& by, std::string_view why) {
    if (libraries_.contains(name)) return {};
    libraries_[name];  // two may need each other
    std::vector<LibraryMiss> unfit;
    auto places = cached_paths(cache_, name);
    for (const auto& directory : library_directories(machine_))
      places.push_back(concat(directory, "/", name));
    for (const auto& path : places) {
      NCT_TRY(const auto status, fs_.status(path, true));
      if (!status) continue;
      NCT_TRY(const auto bytes, fs_.read_file(path, kMostBytes));
      auto elf = elf_from(bytes);
      if (elf && elf->machine != machine_) elf = fail(Errc::in_the_way, "it is for another processor");
      if (elf) {
        libraries_[name] = {.path = path, .elf = *elf};
        return follow(*elf, path);
      }
      unfit.push_back({.missing = false, .subject = path, .message = elf.error().message});
    }
    if (unfit.empty()) {
      misses_.push_back({.missing = true,
                         .subject = name,
                         .message = concat("'", by, "' ", why, ", and neither ", kCache,
                                           " nor a directory of libraries leads to one")});
    } else {
      misses_.push_back(unfit.front());
    }
    return {};
  }

  Fs& fs_;
  std::string cache_;
  std::uint16_t machine_ = 0;
  std::map<std::string, Library> libraries_;
  std::vector<LibraryMiss> misses_;
};

}  // namespace

Result<std::vector<LibraryMiss>> missing_libraries(Fs& fs, const std::string& program) {
  auto cache = fs.read_file(kCache, kMostBytes);
  Loader loader(fs, std::move(cache).value_or(std::string()));
  NCT_CHECK(loader.load(program));
  return loader.take();
}

}  // namespace nct
