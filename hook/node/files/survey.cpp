#include "node/files/survey.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "store/debian/fresh_store.hpp"
#include "store/debian/paths.hpp"
#include "store/files/files_in_store.hpp"

namespace nct {

namespace {

constexpr std::size_t kMaxConfBytes = std::size_t{4} << 20U;

bool is_missing(const Error& error) {
  return error.os_errno == ENOENT || error.os_errno == ENOTDIR;
}

Result<std::vector<DirectoryEntry>> list_with_below(const Family& family, auto list) {
  const std::string store(family.store);
  NCT_TRY(auto entries, list(store));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].kind != FileKind::directory) continue;
    const auto below = concat(entries[i].name, "/");
    NCT_TRY(auto nested, list(concat(store, "/", entries[i].name)));
    for (auto& entry : nested) {
      entry.name = below + entry.name;
      if (entry.kind == FileKind::link || entry.kind == FileKind::directory)
        entries.push_back(std::move(entry));
    }
  }
  return entries;
}

class Surveyor {
 public:
  Surveyor(Fs& fs, const Family& family, Record& record, const Seen& seen, Looks looks)
      : fs_(fs), family_(family), record_(record), seen_(seen), looks_(std::move(looks)) {}

  Result<Survey> survey() {
    NCT_CHECK(read_bundle());
    if (!lie_in_store(family_.mechanism)) {
      NCT_CHECK(read_conf());
      NCT_CHECK(read_local(std::string(family_.local), {}));
    }
    NCT_CHECK(read_directory());
    std::ranges::sort(survey_.local, {}, &SourceFile::path);
    return std::move(survey_);
  }

  // Of a file that looks as it did the record knows the certificates: where nothing was touched, only the
  // list of files is read.
  Result<std::vector<KnownFile>> distro_files(Looks& looks) {
    std::vector<KnownFile> files;
    NCT_TRY(auto paths, distro_paths());
    for (auto& path : paths) {
      Look look;
      NCT_TRY(look.status, fs_.status(path, true));
      const auto seen = seen_.sights.find(path);
      const bool same = seen != seen_.sights.end() && seen->second.status == look.status;
      const auto known = same ? record_.files.find(seen->second.digest) : record_.files.end();
      const StoreFile* facts = known == record_.files.end() ? nullptr : &known->second;
      if (facts == nullptr) {
        note(path, look.status);  // which is all the looking that is to be done
        NCT_TRY(const auto source, source_at(path));
        if (source) {
          facts = source->facts;
          look.bytes = std::move(survey_.texts.back());
          look.digest = source->digest;
        }
      }
      looks.insert_or_assign(path, std::move(look));
      if (facts != nullptr) files.push_back({.path = std::move(path), .facts = facts});
    }
    return files;
  }

  Result<Survey> local_files() {
    others_alone_ = true;
    NCT_CHECK(lie_in_store(family_.mechanism) ? read_directory()
                                              : read_local(std::string(family_.local), {}));
    std::ranges::sort(survey_.local, {}, &SourceFile::path);
    return std::move(survey_);
  }

 private:
  [[nodiscard]] std::string in_store(std::string_view name) const { return concat(family_.store, "/", name); }

  // Where those of distro_files() lie, or should.
  Result<std::vector<std::string>> distro_paths() {
    std::vector<std::string> paths;
    if (lie_in_store(family_.mechanism)) {
      NCT_TRY(const auto entries, listing());
      for (const auto& entry : entries)
        if (is_source_here(entry) && is_shipped_in_store(family_, entry.name, entry.target))
          paths.push_back(in_store(entry.name));
      return paths;
    }
    NCT_TRY(const auto conf, conf_file());
    for (const auto& name : conf.selected)
      paths.push_back(concat(family_.shipped, "/", name));
    return paths;
  }

  Sight& note(const std::string& path, const std::optional<FileStatus>& status) {
    return survey_.sights[path] = {.status = status, .digest = {}};
  }

  // To be called before what is there is read: a change in between makes the status an old one. The first
  // look at a path is the one that counts.
  Result<Sight*> look_at(const std::string& path) {
    if (!seen_.kept && !looks_.contains(path)) return &unkept_;
    if (const auto noted = survey_.sights.find(path); noted != survey_.sights.end()) return &noted->second;
    NCT_TRY(const auto status, fs_.status(path, true));
    return &note(path, status);
  }

  Result<SourceFile> read_source(const std::string& path) {
    NCT_TRY(auto* const sight, look_at(path));
    const auto look = looks_.find(path);
    if (look != looks_.end() && look->second.bytes && look->second.status == sight->status) {
      sight->digest = look->second.digest;
      const auto bytes = keep(*std::move(look->second.bytes));
      return SourceFile{.path = path,
                        .bytes = bytes,
                        .digest = sight->digest,
                        .facts = &facts_of(record_, sight->digest, bytes)};
    }
    auto read = fs_.read_file(path, kMaxSourceBytes);
    if (!read && read.error().os_errno == EFBIG)
      return fail(Errc::in_the_way, concat("'", printable(path), "' is larger than 16 MiB"));
    if (!read) return std::unexpected(std::move(read).error());
    const auto bytes = keep(*std::move(read));
    sight->digest = sha256(bytes);
    const auto& facts = facts_of(record_, sight->digest, bytes);
    return SourceFile{.path = path, .bytes = bytes, .digest = sight->digest, .facts = &facts};
  }

  std::string_view keep(std::string text) { return survey_.texts.emplace_back(std::move(text)); }

  // Looks at `path`, and says whether it looks as it did.
  Result<bool> as_seen(const std::string& path) {
    const auto known = seen_.sights.find(path);
    NCT_TRY(const auto* const sight, look_at(path));
    return known != seen_.sights.end() && sight->status == known->second.status;
  }

  // The file at `path` out of the bundle, from where the files before it end.
  std::optional<SourceFile> source_in_bundle(const std::string& path) {
    const auto known = seen_.sights.find(path);
    const auto sight = look_at(path);
    if (known == seen_.sights.end() || !known->second.status || !sight ||
        (*sight)->status != known->second.status) {
      bundle_as_seen_ = false;  // from here on it holds other files
      return std::nullopt;
    }
    if (!survey_.bundle) return std::nullopt;
    const auto size = known->second.status->size;
    const auto bytes = survey_.bundle->substr(std::min(in_bundle_, survey_.bundle->size()), size);
    const auto& digest = known->second.digest;
    if (bytes.size() < size || (!bundle_as_seen_ && sha256(bytes) != digest)) return std::nullopt;
    (*sight)->digest = digest;
    return SourceFile{
        .path = path, .bytes = bytes, .digest = digest, .facts = &facts_of(record_, digest, bytes)};
  }

  void select(SourceFile source) {
    in_bundle_ += source.bytes.size();
    if (!source.bytes.empty() && source.bytes.back() != '\n') ++in_bundle_;
    survey_.selected.push_back(std::move(source));
  }

  // Selects nothing where it is not there.
  Result<StoreConf> conf_file() {
    NCT_TRY(auto* const sight, look_at(std::string(family_.selection)));
    const auto seen = seen_.sights.find(family_.selection);
    const bool as_seen = seen != seen_.sights.end() && sight->status == seen->second.status;
    bundle_as_seen_ = bundle_as_seen_ && as_seen;
    NCT_TRY(const auto conf, conf_text(fs_, family_));
    if (!conf) return StoreConf{};
    sight->digest = as_seen ? seen->second.digest : sha256(*conf);
    return conf_from(*conf, !conf->contains('\\') || tool_reads_raw());
  }

  // Nothing where a line has no file: the tool warns of it, and goes on.
  Result<std::optional<SourceFile>> source_at(const std::string& path) {
    auto source = read_source(path);
    if (source) return *std::move(source);
    if (is_missing(source.error()) || source.error().os_errno == EINVAL) return std::nullopt;
    return std::unexpected(std::move(source).error());
  }

  Result<void> read_conf() {
    NCT_TRY(const auto conf, conf_file());
    survey_.deselected = conf.deselected;
    for (const auto& name : conf.selected) {
      const auto path = concat(family_.shipped, "/", name);
      auto source = source_in_bundle(path);
      if (!source) {
        NCT_TRY(source, source_at(path));
      }
      if (source) select(*std::move(source));
    }
    return {};
  }

  // find -L DIRECTORY -type f -name '*.crt'. `above` are the directories on the way, to end at loops as
  // find(1) does.
  Result<void> read_local(const std::string& directory,
                          const std::set<std::pair<std::uint64_t, std::uint64_t>>& above) {
    NCT_TRY(const auto self, fs_.status(directory, true));
    note(directory, self);
    if (!self || self->kind != FileKind::directory) return {};
    auto inside = above;
    if (!inside.emplace(self->device, self->inode).second) return {};
    NCT_TRY(const auto entries, fs_.list_directory(directory));
    for (const auto& entry : entries) {
      const auto path = concat(directory, "/", entry.name);
      auto kind = entry.kind;
      if (kind == FileKind::link) {
        const auto target = fs_.status(path, true).value_or(std::nullopt);
        note(path, target);
        if (!target) continue;  // it leads nowhere
        kind = target->kind;
      }
      if (kind == FileKind::directory) NCT_CHECK(read_local(path, inside));
      if (kind != FileKind::regular || !entry.name.ends_with(".crt")) continue;
      NCT_CHECK(take_local(entry, path));
    }
    return {};
  }

  Result<void> take_local(const DirectoryEntry& entry, const std::string& path) {
    const bool ours = is_anchor_path(family_, path);
    if (ours && others_alone_) return {};
    if (!ours && !tool_can_name(path)) {
      survey_.ignored.push_back(path);
      return {};
    }
    auto source = read_source(path);
    if (!source && is_missing(source.error())) return {};  // removed since it was listed
    if (!source) return std::unexpected(std::move(source).error());
    if (ours && entry.kind == FileKind::regular)
      survey_.anchors.emplace(path, source->bytes);
    else if (ours)
      survey_.anchors.emplace(path,
                              std::string_view());  // a link in our file's place: not what we wrote
    else
      survey_.local.push_back(*std::move(source));
    return {};
  }

  // A line feed parts names in the script's lists; a backslash did until its `read -r` of 20240203.
  bool tool_can_name(const std::string& path) {
    if (path.contains('\n')) return false;
    return !path.contains('\\') || tool_reads_raw();
  }

  bool tool_reads_raw() {
    (void)look_at(std::string(debian::kTool));
    const auto script = fs_.read_file(std::string(debian::kTool), kMaxConfBytes);
    return script && script->contains("read -r");
  }

  Result<void> read_directory() {
    NCT_TRY(survey_.listing, listing());
    survey_.directory.reserve(survey_.listing.size());
    for (const auto& entry : survey_.listing) {
      if (entry.kind == FileKind::directory) NCT_CHECK(look_at(in_store(entry.name)));
      if (entry.kind == FileKind::link && is_bundle(entry)) survey_.bundle.reset();
      if (in_store(entry.name) == family_.stale_bundle) survey_.stale_bundle = true;
      if (is_anchor_path(family_, in_store(entry.name))) {
        NCT_CHECK(take_anchor_here(entry));
        continue;
      }
      if (is_bundle(entry) && lie_in_store(family_.mechanism)) continue;  // a link at first, then a file
      NCT_TRY(auto known, lie_in_store(family_.mechanism) ? file_here(entry) : store_entry(entry));
      survey_.directory.push_back(std::move(known));
    }
    return {};
  }

  // What lies in a directory, and where a link leads, cannot change without the directory's times. (A file
  // can: those are looked at one by one.)
  Result<std::vector<DirectoryEntry>> listing() {
    NCT_TRY(bool same, as_seen(std::string(family_.store)));
    same = same && !seen_.listing.empty();
    for (const auto& entry : seen_.listing)
      if (same && entry.kind == FileKind::directory) {
        NCT_TRY(same, as_seen(in_store(entry.name)));
      }
    return same ? seen_.listing : list_store(fs_, family_);
  }

  Result<void> read_bundle() {
    const std::string path(family_.bundle);
    NCT_TRY(const bool same, as_seen(path));
    bundle_as_seen_ = same && seen_.settled;
    NCT_TRY(const auto status, fs_.status(path, false));
    survey_.bundle_is_link =
        status && status->kind == FileKind::link && fs_.status(path, true).value_or(std::nullopt);
    if (!status || status->kind != FileKind::regular) return {};
    survey_.bundle_mode = status->mode;
    NCT_TRY(auto bundle, fs_.read_file(path, kMaxBundleBytes));
    survey_.bundle = keep(std::move(bundle));
    return {};
  }

  static StoreEntry entry_of(const DirectoryEntry& entry) {
    StoreEntry known{.name = entry.name, .target = entry.target};
    if (entry.kind == FileKind::regular) known.kind = StoreEntry::Kind::file;
    if (entry.kind == FileKind::link) known.kind = StoreEntry::Kind::link;
    return known;
  }

  [[nodiscard]] bool is_bundle(const DirectoryEntry& entry) const {
    return in_store(entry.name) == family_.bundle;
  }

  [[nodiscard]] bool is_source_here(const DirectoryEntry& entry) const {
    return (entry.kind == FileKind::regular || entry.kind == FileKind::link) &&
           name_in_store(family_, entry.name, entry.target) == NameInStore::source;
  }

  // A link in our file's place is not what we wrote.
  Result<void> take_anchor_here(const DirectoryEntry& entry) {
    if (others_alone_) return {};
    const auto path = in_store(entry.name);
    auto& bytes = survey_.anchors[path];
    if (entry.kind != FileKind::regular) return {};
    NCT_TRY(const auto source, source_at(path));
    if (source) bytes = source->bytes;
    return {};
  }

  // Of a store where the certificate files lie in the directory itself.
  Result<StoreEntry> file_here(const DirectoryEntry& entry) {
    auto known = entry_of(entry);
    const auto path = in_store(entry.name);
    if (known.kind == StoreEntry::Kind::other) return known;
    if (known.kind == StoreEntry::Kind::link) {
      // Hash links to names in the directory are judged by their text. A link to a hash link is no file of
      // its own: the tools would lead that one back to it, and both nowhere.
      const bool inside = !entry.target.contains('/');
      if (inside && (hash_link_from(entry.name) || hash_link_from(entry.target))) return known;
      const auto target = fs_.status(path, true).value_or(std::nullopt);
      known.leads_to_file = target.has_value();
      if (!target) note(path, target);
      if (!target || target->kind != FileKind::regular) return known;
    }
    const auto means = name_in_store(family_, entry.name, entry.target);
    if (means == NameInStore::passed) survey_.ignored.push_back(path);
    if (means != NameInStore::source && !is_hashed_name(entry.name) && !hash_link_from(entry.name))
      return known;
    NCT_TRY(auto source, source_at(path));
    if (!source) return known;
    known.digest = source->digest;
    known.facts = source->facts;
    // c_rehash(1) passes over what holds no certificate.
    const bool empty = source->facts->certificates.empty() && source->facts->failure.empty();
    const bool passed_over = empty && family_.mechanism == Mechanism::c_rehashed_files;
    if (means != NameInStore::source || passed_over) return known;
    auto& list = is_shipped_in_store(family_, entry.name, entry.target) ? survey_.selected : survey_.local;
    list.push_back(*std::move(source));
    return known;
  }

  Result<StoreEntry> store_entry(const DirectoryEntry& entry) {
    auto known = entry_of(entry);
    // Links to certificate files, and hash links, are judged by their text.
    const bool by_text = entry.target.starts_with(family_.shipped) ||
                         entry.target.starts_with(family_.local) ||
                         (hash_link_from(entry.name) && !entry.target.contains('/'));
    const bool foreign =
        known.kind == StoreEntry::Kind::file || (known.kind == StoreEntry::Kind::link && !by_text);
    if (!foreign || is_bundle(entry) || in_store(entry.name) == family_.stale_bundle) return known;
    NCT_TRY(auto* const sight, look_at(in_store(entry.name)));
    auto bytes = fs_.read_file(in_store(entry.name), kMaxSourceBytes);
    known.leads_to_file = bytes.has_value() || bytes.error().os_errno == EFBIG;
    if (!bytes) return known;
    known.digest = sight->digest = sha256(*bytes);
    known.facts = &facts_of(record_, known.digest, *bytes);
    return known;
  }

  Fs& fs_;
  const Family& family_;
  Record& record_;
  const Seen& seen_;
  Looks looks_;
  Survey survey_;
  Sight unkept_;
  // Nothing but the files that were selected then, in that order, is in the bundle before our anchors.
  bool bundle_as_seen_ = false;
  bool others_alone_ = false;
  std::size_t in_bundle_ = 0;  // where the next selected file begins in the bundle, if it is in order
};

}  // namespace

Result<std::vector<DirectoryEntry>> list_store(Fs& fs, const Family& family) {
  return list_with_below(family, [&](const std::string& path) { return fs.list_directory(path); });
}

Result<std::vector<DirectoryEntry>> list_store_names(Fs& fs, const Family& family) {
  return list_with_below(family, [&](const std::string& path) { return fs.list_names(path); });
}

Result<Survey> survey(Fs& fs, const Family& family, Record& record, const Seen& seen, Looks looks) {
  return Surveyor(fs, family, record, seen, std::move(looks)).survey();
}

Result<std::vector<KnownFile>> distro_files(Fs& fs, const Family& family, Record& record, const Seen& seen,
                                            Looks& looks) {
  return Surveyor(fs, family, record, seen, {}).distro_files(looks);
}

Result<std::optional<std::string>> conf_text(Fs& fs, const Family& family) {
  auto conf = fs.read_file(std::string(family.selection), kMaxConfBytes);
  if (conf) return *std::move(conf);
  if (is_missing(conf.error())) return std::nullopt;
  return std::unexpected(std::move(conf).error());
}

Result<const StoreFile*> facts_of_file(Fs& fs, Record& record, const std::string& path) {
  const auto bytes = fs.read_file(path, kMaxSourceBytes);
  if (bytes) return &facts_of(record, sha256(*bytes), *bytes);
  if (is_missing(bytes.error()) || bytes.error().os_errno == EINVAL) return nullptr;
  return std::unexpected(bytes.error());
}

Result<Survey> local_files(Fs& fs, const Family& family, Record& record, const Seen& seen) {
  return Surveyor(fs, family, record, seen, {}).local_files();
}

}  // namespace nct
