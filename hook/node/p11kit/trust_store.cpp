#include "node/p11kit/trust_store.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/relations.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "node/namesakes.hpp"
#include "node/p11kit/extraction.hpp"
#include "node/p11kit/survey.hpp"
#include "node/replace_files.hpp"
#include "store/anchor_name.hpp"
#include "store/hash_link.hpp"
#include "store/p11kit/extracted.hpp"
#include "sys/clock.hpp"
#include "sys/process.hpp"

namespace nct {

namespace {

constexpr std::chrono::seconds kWriterPatience{30};
constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr std::chrono::milliseconds kToRest{50};
constexpr std::uint32_t kViewMode = 0444;  // as trust(1) makes them
constexpr std::uint32_t kDirectoryMode = 0555;

std::string_view name_in(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string directory_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/')));
}

// The order in which trust(1) reads: the system's configuration before what it ships, and in each the files
// beside anchors/ before those in it; by name, as p11-kit does from 0.25.6 on.
std::string load_key(const Placed& placed) {
  const bool shipped = placed.path.starts_with("/usr/");
  const bool anchor = placed.path.contains("/anchors/");
  return concat(shipped ? "1" : "0", anchor ? "1" : "0", placed.path);
}

std::vector<Placed> in_load_order(std::vector<Placed> certificates) {
  return ordered_by(&load_key, std::move(certificates));
}

// Before 0.25.6 the order in a directory is that of readdir(3): any. This is the other one of two.
std::vector<Placed> in_other_order(std::vector<Placed> certificates) {
  const auto directory_key = [](const Placed& placed) {
    const auto key = load_key(placed);
    return key.substr(0, key.rfind('/'));
  };
  auto ordered = in_load_order(std::move(certificates));
  std::ranges::reverse(ordered);
  return ordered_by(directory_key, std::move(ordered));
}

const Orders& orders() {
  static const Orders loaded{.bundle = &in_load_order, .bucket = &in_load_order};
  return loaded;
}
const Orders& other_orders() {
  static const Orders other{.bundle = &in_other_order, .bucket = &in_other_order};
  return other;
}

FingerprintSet set_of(const std::vector<Fingerprint>& certificates) {
  return {certificates.begin(), certificates.end()};
}

bool is_within(const FingerprintSet& some, const FingerprintSet& all) {
  return std::ranges::all_of(some, [&](const auto& each) { return all.contains(each); });
}

// Whether every certificate that we bring stands in it.
bool holds_anchors(const Extract& extract) {
  return is_for_servers(extract) || extract.purpose.empty();
}

Result<void> wait_for_writers(const Family& family, const std::string& root) {
  if (root != "/") return {};
  const auto end = std::chrono::steady_clock::now() + kWriterPatience;
  for (const auto writer : family.writers)
    while (is_running(writer)) {
      if (std::chrono::steady_clock::now() >= end)
        return fail(Errc::busy,
                    concat(writer, " has been running for ", std::to_string(kWriterPatience.count()), " s"));
      wait_until(std::chrono::steady_clock::now() + kBetweenLooks);
    }
  return {};
}

// Links of the distribution that lead elsewhere than to the view they are for.
Result<std::vector<Notice>> copies_of_views(Fs& fs, const Family& family, const AnchorSet& wanted) {
  std::vector<Notice> notices;
  for (const auto& [link, view] : family.links) {
    const std::string path(link);
    NCT_TRY(const auto found, fs.status(path, true));
    NCT_TRY(const auto meant, fs.status(std::string(view), true));
    if (!found || !meant || found->kind != FileKind::regular) continue;
    if (found->device == meant->device && found->inode == meant->inode) continue;
    const auto bytes = fs.read_file(path, kMaxViewBytes);
    const auto lacking = std::ranges::count_if(wanted, [&](const auto& anchor) {
      return !bytes || !bytes->contains(canonical_pem(anchor.second.der));
    });
    auto message = concat("leads to a file of its own, not to '", view, "', and does not follow it");
    if (lacking != 0 && view == family.bundle)
      message += concat("; it lacks ", std::to_string(lacking), " of our ", std::to_string(wanted.size()),
                        " anchors");
    notices.push_back({.kind = Notice::Kind::copy_of_store,
                       .subject = path,
                       .message = std::move(message),
                       .original = std::string(view)});
  }
  return notices;
}

// What is said of anchors that somebody has blocked since they were installed.
std::vector<std::string> blocked_texts(const std::map<Fingerprint, std::string>& blocked,
                                       const AnchorSet& anchors, const AnchorPaths& paths) {
  std::vector<std::string> texts;
  for (const auto& [fingerprint, why] : blocked)
    texts.push_back(
        concat(paths.at(fingerprint), " (", anchors.at(fingerprint).subject, "): not trusted: ", why));
  return texts;
}

Notice breaking_source(const std::string& path, const StoreFile& facts) {
  return {.kind = Notice::Kind::breaks_clients,
          .subject = printable(path),
          .message = concat("while it is in the store these clients load nothing of it: ", facts.breaks)};
}

std::string staged(const Family& family, std::string_view path) {
  return concat(family.anchor_staging, name_in(path));
}
std::string staged_retired(const Family& family, std::string_view path) {
  return concat(family.anchor_staging, "retired.", name_in(path));
}
std::string staged_view(const Family& family, std::string_view path) {
  return concat(family.store_staging, name_in(path));
}

class TrustChange final : public StoreChange {
 public:
  TrustChange(Fs& fs, const Family& family, Remembered& remembered, const StoreOptions& options,
              const AnchorSet& wanted)
      : fs_(fs),
        family_(family),
        remembered_(remembered),
        options_(options),
        wanted_(wanted),
        paths_(anchor_paths(family.anchors, wanted, remembered.record)),
        files_(anchor_files(wanted, paths_, remembered.record)) {}

  Result<void> compute() {
    const auto now = unix_time();
    NCT_TRY(survey_, survey_trust(fs_, family_, remembered_, ViewsRead::all));
    for (const auto& source : survey_.sources)
      if (source.place != TrustSource::Place::blocklist)
        in_sources_.insert(source.file.facts->certificates.begin(), source.file.facts->certificates.end());
    parsed_ = in_sources_;
    for (const auto& [fingerprint, path] : paths_)
      if (remembered_.record.certificates.contains(fingerprint)) parsed_.insert(fingerprint);
    for (const auto& [fingerprint, path] : paths_)
      if (const auto found = survey_.anchors.find(path);
          found != survey_.anchors.end() && found->second == files_.at(path))
        in_place_.insert(fingerprint);
    blocked_ = blocked_among(wanted_, survey_.sources, remembered_.record);
    for (const auto& [fingerprint, why] : blocked_)
      in_place_.erase(fingerprint);
    anchors_ = anchor_changes(paths_, files_, survey_.anchors);
    steps = anchors_.steps;
    note_damage();
    if (!steps.empty() || !repairs.empty())
      steps.push_back(
          {.kind = StepKind::publish_store,
           .subject = std::string(family_.bundle),
           .reason = concat("the bundle and ", std::to_string(survey_.views.size() - 1), " other views"),
           .fingerprint = {}});
    for (const auto& source : survey_.sources)
      if (source.place != TrustSource::Place::blocklist && !source.file.facts->breaks.empty())
        notices.push_back(breaking_source(source.file.path, *source.file.facts));
    NCT_TRY(auto copies, copies_of_views(fs_, family_, wanted_));
    std::ranges::move(copies, std::back_inserter(notices));
    for (const auto& source : survey_.sources)
      if (source.place != TrustSource::Place::blocklist) trusted_files_.push_back(source.file);
    namesakes = namesakes_in(wanted_, paths_, remembered_.record, {&trusted_files_});
    unproved = unproved_among(wanted_, paths_, namesakes, orders(), remembered_.record);
    for (auto& text : blocked_texts(blocked_, wanted_, paths_))
      unproved.push_back(std::move(text));
    summarise();
    remember_sights(remembered_.seen, std::move(survey_.sights), {},
                    steps.empty() ? std::optional(digest_of(wanted_)) : std::nullopt, now);
    return {};
  }

  [[nodiscard]] std::vector<std::string> directories() const override {
    std::set<std::string> all{std::string(family_.anchors)};
    for (const auto& view : survey_.views) {
      all.insert(directory_of(view.extract->path));
      if (view.is_directory()) all.emplace(view.extract->path);
      if (view.above) all.emplace(family_.store);
    }
    return {all.begin(), all.end()};
  }

  // What trust(1) makes of it is proved by prepare(), as soon as it is made.
  Result<void> prove() override {
    for (const auto& [path, bytes] : files_) {
      const auto digest = sha256(bytes);
      digests.push_back(digest);
      if (remembered_.record.chained.contains(digest)) continue;
      const auto fingerprint = remembered_.record.files.find(digest);
      if (fingerprint == remembered_.record.files.end())
        return fail(Errc::bug, concat("'", path, "' is not on record"));
      auto chain = verify_anchor(bytes, fingerprint->second.certificates.front(), remembered_.record);
      if (!chain) return pass_on(std::move(chain).error(), concat("'", path, "'"));
      remembered_.record.chained.insert(digest);
    }
    return {};
  }

  Result<Staging> stage() override {
    Staging staging;
    for (const auto& path : anchors_.added)
      staging.files.push_back({.path = staged(family_, path), .bytes = files_.at(path)});
    return staging;
  }

  Result<void> prepare() override {
    NCT_CHECK(wait_for_writers(family_, options_.root));
    for (const auto& path : anchors_.added) {
      NCT_CHECK(fs_.copy_label(directory_of(path), staged(family_, path)));
      NCT_CHECK(fs_.rename(staged(family_, path), path));
      placed_.push_back(path);
    }
    for (const auto& path : anchors_.retired) {
      NCT_CHECK(fs_.rename(path, staged_retired(family_, path)));
      moved_out_.push_back(path);
    }
    std::vector<Extract> extracts;
    for (const auto& view : survey_.views)
      extracts.push_back(*view.extract);
    NCT_TRY(made_,
            options_.extract ? options_.extract(fs_, extracts) : extract(fs_, options_.root, extracts));
    NCT_CHECK(prove_made());
    return write_aside();
  }

  Result<bool> undo() override {
    for (const auto& path : moved_out_)
      NCT_CHECK(fs_.rename(staged_retired(family_, path), path));
    for (const auto& path : placed_)
      NCT_CHECK(fs_.remove_file(path));
    NCT_CHECK(fs_.sync_directory(std::string(family_.anchors)));
    return true;
  }

  Result<void> publish(std::span<const std::string> unsynced, bool in_order) override {
    if (in_order) NCT_CHECK(sync_directories(fs_, unsynced));
    if (in_order) NCT_CHECK(fs_.sync_directory(std::string(family_.anchors)));
    for (const auto number : published_) {
      const auto& view = survey_.views[number];
      const std::string path(view.extract->path);
      NCT_CHECK(view.is_directory() ? publish_directory(path) : fs_.rename(staged_view(family_, path), path));
    }
    // Before anybody takes the run for ended: by the sources alone nothing tells that a view is an old one.
    for (const auto& directory : directories())
      NCT_CHECK(fs_.sync_directory(directory));
    return {};
  }

  Result<void> prove_on_disk() override {
    if (!published_.empty()) NCT_CHECK(wait_for_writers(family_, options_.root));
    Views views;
    for (std::size_t i = 0; i < survey_.views.size(); ++i) {
      NCT_TRY(auto certificates, survey_.views[i].is_directory() ? directory_on_disk(i) : file_on_disk(i));
      views.push_back(std::move(certificates));
    }
    NCT_CHECK(hold_what_is_wanted(views));
    return prove_chains(bundle_now());
  }

  Result<std::vector<std::string>> retire() override {
    for (const auto& path : moved_out_)
      NCT_CHECK(fs_.remove_file(staged_retired(family_, path)));
    return std::vector{directory_of(family_.anchor_staging)};
  }

 private:
  using Views = std::vector<FingerprintSet>;

  [[nodiscard]] bool is_published(std::size_t number) const {
    return std::ranges::find(published_, number) != published_.end();
  }

  [[nodiscard]] std::size_t bundle_number() const {
    const auto bundle = std::ranges::find_if(
        survey_.views, [&](const TrustView& view) { return view.extract->path == family_.bundle; });
    return static_cast<std::size_t>(bundle - survey_.views.begin());
  }

  [[nodiscard]] std::string_view bundle_now() const {
    const auto number = bundle_number();
    return is_published(number) ? std::string_view(made_[number].bytes) : survey_.views[number].bytes;
  }

  std::unexpected<Error> changed_by_others(std::size_t number) const {
    return fail(Errc::busy, concat("another writer changed '", survey_.views[number].extract->path, "'"));
  }

  Result<FingerprintSet> file_on_disk(std::size_t number) {
    const auto& view = survey_.views[number];
    NCT_TRY(const auto bytes, fs_.read_file(std::string(view.extract->path), kMaxViewBytes));
    if (bytes != (is_published(number) ? std::string_view(made_[number].bytes) : view.bytes))
      return changed_by_others(number);
    const auto& facts = facts_of_view(remembered_.record, view.extract->form, sha256(bytes), bytes, parsed_);
    if (!facts.failure.empty())
      return fail(Errc::in_the_way, concat("'", view.extract->path, "': ", facts.failure));
    return set_of(facts.certificates);
  }

  // Reads the files through the directory, and walks the links of it and of Family::store.
  Result<FingerprintSet> directory_on_disk(std::size_t number) {
    const auto& view = survey_.views[number];
    const std::string path(view.extract->path);
    HashedView now;
    NCT_TRY(const auto entries, fs_.list_directory(path));
    for (const auto& entry : entries) {
      if (entry.kind == FileKind::link) now.take_link(entry.name, entry.target);
      if (entry.kind != FileKind::regular) continue;
      NCT_TRY(const auto bytes, fs_.read_file(concat(path, "/", entry.name), kMaxViewBytes));
      now.take_file(entry.name, bytes);
    }
    const auto& expected = is_published(number) ? made_hashed_ : view.hashed;
    if (now.directory != expected.directory) return changed_by_others(number);
    if (view.above) {
      NCT_TRY(const auto above, links_above(fs_, family_.store, path));
      if (above != (is_published(number) ? expected.directory.links : *view.above))
        return fail(Errc::busy, concat("another writer changed links in '", family_.store, "'"));
    }
    NCT_CHECK(find_by_name(now));
    return set_of(now.found_by(now.directory.links));
  }

  // A client looks an issuer up by the hash of its name: each of ours is in its bucket.
  Result<void> find_by_name(const HashedView& hashed) {
    for (const auto& [fingerprint, anchor] : wanted_) {
      const auto* certificate = parsed(anchor.der, fingerprint, remembered_.record);
      bool found = blocked_.contains(fingerprint);
      for (unsigned long number = 0; certificate != nullptr && !found; ++number) {
        const auto link = hashed.directory.links.find(
            text_of(HashLinkName{.hash = certificate->subject_hash, .crl = false, .number = number}));
        if (link == hashed.directory.links.end()) break;
        const auto file = hashed.certificates.find(link->second);
        if (file == hashed.certificates.end()) break;
        found = file->second == fingerprint;
      }
      if (!found)
        return fail(Errc::in_the_way, concat("a client of the hash directory does not find '",
                                             paths_.at(fingerprint), "' by its name"));
    }
    return {};
  }

  void note_damage() {
    const auto note = [this](const TrustView& view, std::string message) {
      repairs.push_back({.subject = std::string(view.extract->path), .message = std::move(message)});
    };
    const auto& bundle = survey_.views[bundle_number()];
    const auto in_bundle = set_of(bundle.certificates);
    for (const auto& view : survey_.views) {
      if (!view.fault.empty()) {
        note(view, view.fault);
        continue;
      }
      const auto certificates = set_of(view.certificates);
      if (view.is_directory() && view.hashed.certificates.size() != certificates.size())
        note(view, "holds files that no hash link leads to");
      else if (view.is_directory() && view.mode != kDirectoryMode)
        note(view, "its mode is not 0555");
      else if (is_for_servers(*view.extract) && bundle.fault.empty() && certificates != in_bundle)
        note(view, concat("does not hold the certificates of '", family_.bundle, "'"));
      else if (holds_anchors(*view.extract) && !is_within(in_place_, certificates))
        note(view, "lacks anchors of ours that are in place");
      else if (!view.is_directory() && view.written_ns < survey_.sources_changed_ns &&
               is_stale(view, certificates))
        note(view, concat("is older than what '", family_.tool, "' makes it of"));
    }
  }

  // A certificate stands in it and in no source; or in a source alone, where administrators put anchors.
  [[nodiscard]] bool is_stale(const TrustView& view, const FingerprintSet& certificates) const {
    const auto is_blocked = [&](const Fingerprint& each) {
      return std::ranges::any_of(survey_.sources, [&](const TrustSource& source) {
        return source.place == TrustSource::Place::blocklist &&
               std::ranges::find(source.file.facts->certificates, each) !=
                   source.file.facts->certificates.end();
      });
    };
    const auto has_source = [&](const Fingerprint& each) {
      return in_sources_.contains(each) || wanted_.contains(each) || is_found(each) ||
             (view.extract->form == Extract::Form::openssl_bundle && is_blocked(each));
    };
    if (!std::ranges::all_of(certificates, has_source)) return true;
    if (!is_for_servers(*view.extract)) return false;
    return std::ranges::any_of(survey_.sources, [&](const TrustSource& source) {
      return source.place == TrustSource::Place::anchors &&
             source.file.facts->kind == StoreFile::Kind::certificate &&
             !certificates.contains(source.file.facts->certificates.front());
    });
  }

  [[nodiscard]] bool is_found(const Fingerprint& fingerprint) const {
    return std::ranges::any_of(survey_.anchors, [&](const auto& anchor) {
      const auto facts = remembered_.record.files.find(sha256(anchor.second));
      return facts != remembered_.record.files.end() &&
             std::ranges::find(facts->second.certificates, fingerprint) != facts->second.certificates.end();
    });
  }

  void summarise() {
    for (const auto& source : survey_.sources)
      digests.push_back(source.file.digest);
    for (const auto& view : survey_.views)
      if (view.fault.empty() && !view.is_directory()) digests.push_back(view.digest);
    summarise(survey_.views[bundle_number()].certificates);
  }

  void summarise(const std::vector<Fingerprint>& bundle) {
    others.clear();
    for (const auto& fingerprint : bundle)
      if (in_sources_.contains(fingerprint)) others.insert(fingerprint);
    const auto ours_alone = [&](const auto& each) { return !wanted_.contains(each); };
    summary = {.bundle = std::string(family_.bundle),
               .roots = static_cast<std::size_t>(std::ranges::count_if(others, ours_alone)),
               .anchors = wanted_.size()};
  }

  // Each view, as it was made: a client can load it, it holds what is wanted, and no certificate that nobody
  // took out of the sources left it.
  Result<void> prove_made() {
    Views views;
    for (std::size_t i = 0; i < survey_.views.size(); ++i) {
      const auto& view = survey_.views[i];
      if (view.is_directory()) {
        for (const auto& [name, bytes] : made_[i].files)
          made_hashed_.take_file(name, bytes);
        for (const auto& [name, target] : made_[i].links)
          made_hashed_.take_link(name, target);
        NCT_CHECK(find_by_name(made_hashed_));
        views.push_back(set_of(made_hashed_.found_by(made_hashed_.directory.links)));
        continue;
      }
      const auto digest = sha256(made_[i].bytes);
      digests.push_back(digest);
      const auto& facts =
          facts_of_view(remembered_.record, view.extract->form, digest, made_[i].bytes, parsed_);
      if (!facts.failure.empty())
        return fail(Errc::in_the_way,
                    concat("what trust(1) extracted for '", view.extract->path, "': ", facts.failure));
      views.push_back(set_of(facts.certificates));
      if (i == bundle_number()) summarise(facts.certificates);
    }
    NCT_CHECK(hold_what_is_wanted(views));
    for (std::size_t i = 0; i < views.size(); ++i)
      NCT_CHECK(lose_nothing(survey_.views[i], views[i]));
    return prove_chains(made_[bundle_number()].bytes);
  }

  Result<void> hold_what_is_wanted(const Views& views) const {
    const auto bundle = bundle_number();
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto& extract = *survey_.views[i].extract;
      if (!holds_anchors(extract)) continue;
      for (const auto& [fingerprint, anchor] : wanted_)
        if (!views[i].contains(fingerprint) && !blocked_.contains(fingerprint))
          return fail(Errc::in_the_way, concat("trust(1) leaves '", paths_.at(fingerprint), "' (",
                                               printable(anchor.subject), ") out of '", extract.path, "'"));
      if (is_for_servers(extract) && views[i] != views[bundle])
        return fail(Errc::in_the_way,
                    concat("'", extract.path, "' would not hold the certificates of '", family_.bundle, "'"));
    }
    return {};
  }

  // Where somebody changed the sources since the view was made, what left it is their doing.
  Result<void> lose_nothing(const TrustView& view, const FingerprintSet& now) const {
    if (view.is_directory() || view.written_ns < survey_.sources_changed_ns) return {};
    std::size_t lost = 0;
    std::string first;
    for (const auto& fingerprint : view.certificates) {
      if (now.contains(fingerprint) || !in_sources_.contains(fingerprint)) continue;
      if (lost++ == 0) first = fingerprint.hex();
    }
    if (lost == 0) return {};
    return fail(Errc::in_the_way,
                concat("trust(1) leaves ", std::to_string(lost), " certificates out of '", view.extract->path,
                       "' that it holds and whose sources did not change, the first with sha256 ", first));
  }

  // A chain to each of ours among those of its name, in the order of the bundle.
  Result<void> prove_chains(std::string_view bundle) {
    if (namesakes.empty()) return {};
    auto all = placed(wanted_, paths_, hashes_of(namesakes), namesakes, remembered_.record);
    NCT_TRY(const auto certificates, certificates_of(Extract::Form::pem_bundle, bundle, in_sources_));
    std::map<Fingerprint, std::size_t> rank;
    for (const auto& fingerprint : certificates)
      rank.emplace(fingerprint, rank.size());
    std::erase_if(all, [&](const Placed& each) { return !rank.contains(each.certificate->fingerprint); });
    std::ranges::sort(all, {}, [&](const Placed& each) { return rank.at(each.certificate->fingerprint); });
    return prove_among(wanted_, all, View::bundle);
  }

  // One that is as it was stays, unless the next run would take it for old. A keystore tells when it was
  // made: its certificates count.
  [[nodiscard]] bool is_same(std::size_t number) const {
    const auto& view = survey_.views[number];
    if (view.is_directory()) return hashed_.none() && view.mode == kDirectoryMode;
    if (!view.fault.empty() || view.written_ns < survey_.sources_changed_ns) return false;
    const auto& bytes = made_[number].bytes;
    if (bytes == view.bytes) return true;
    return view.extract->form == Extract::Form::java_cacerts &&
           remembered_.record.files.at(sha256(bytes)).certificates == view.certificates;
  }

  Result<void> write_aside() {
    std::vector<NewFile> files;
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const auto& view = survey_.views[i];
      if (view.is_directory())
        hashed_ = hashed_changes(view.hashed.directory, made_hashed_.directory,
                                 view.above ? &*view.above : nullptr);
      if (is_same(i)) continue;
      published_.push_back(i);
      if (!view.is_directory()) {
        files.push_back(
            {.path = staged_view(family_, view.extract->path), .bytes = made_[i].bytes, .mode = kViewMode});
        continue;
      }
      for (const auto& name : hashed_.added)
        files.push_back(
            {.path = staged_view(family_, name), .bytes = made_[i].files.at(name), .mode = kViewMode});
      for (const auto& [name, other] : hashed_.beside)
        for (const auto& each : {name, other})
          files.push_back(
              {.path = staged_view(family_, each), .bytes = made_[i].files.at(name), .mode = kViewMode});
    }
    NCT_CHECK(fs_.write_files(files));
    for (const auto& number : published_) {
      const auto& view = survey_.views[number];
      if (view.is_directory()) continue;  // new files get its label where they are
      const std::string path(view.extract->path);
      NCT_TRY(const auto there, fs_.status(path, false));
      NCT_CHECK(fs_.copy_label(there ? path : directory_of(path), staged_view(family_, path)));
    }
    return {};
  }

  // As hashed_changes() has it. What links lead to is durable before them, and they are before it goes or
  // becomes something else.
  Result<void> publish_directory(const std::string& directory) {
    constexpr std::uint32_t kWritable = 0755;  // for its owner, who has no capability to write it otherwise
    const auto place = [&](const std::string& name) -> Result<void> {
      NCT_CHECK(fs_.copy_label(directory, staged_view(family_, name)));
      return fs_.rename(staged_view(family_, name), concat(directory, "/", name));
    };
    const auto above = [&](const LinkChange& link) {
      return LinkChange{
          .name = link.name, .target = concat(directory, "/", link.target), .replaces = link.replaces};
    };
    NCT_CHECK(fs_.set_mode(directory, kWritable));
    for (const auto& name : hashed_.added)
      NCT_CHECK(place(name));
    for (const auto& [name, other] : hashed_.beside)
      NCT_CHECK(place(other));
    NCT_CHECK(fs_.sync_directory(directory));
    for (const auto& link : hashed_.set)
      NCT_CHECK(set_link(directory, link));
    for (const auto& link : hashed_.set_above)
      NCT_CHECK(set_link(family_.store, above(link)));
    if (hashed_.readers_need_grace) wait_until(std::chrono::steady_clock::now() + options_.reader_grace);
    for (const auto& name : hashed_.removed_above)
      NCT_CHECK(fs_.remove_file(concat(family_.store, "/", name)));
    for (const auto& name : hashed_.removed)
      NCT_CHECK(fs_.remove_file(concat(directory, "/", name)));
    const auto sync = [&]() -> Result<void> {
      NCT_CHECK(fs_.sync_directory(directory));
      return family_.store.empty() ? Result<void>() : fs_.sync_directory(std::string(family_.store));
    };
    if (!hashed_.beside.empty()) NCT_CHECK(sync());
    for (const auto& [name, other] : hashed_.beside)
      NCT_CHECK(place(name));
    for (const auto& link : hashed_.renamed)
      NCT_CHECK(set_link(directory, link));
    for (const auto& link : hashed_.renamed_above)
      NCT_CHECK(set_link(family_.store, above(link)));
    if (!hashed_.beside.empty() || !hashed_.files_removed.empty()) NCT_CHECK(sync());
    for (const auto& [name, other] : hashed_.beside)
      NCT_CHECK(fs_.remove_file(concat(directory, "/", other)));
    for (const auto& name : hashed_.files_removed)
      NCT_CHECK(fs_.remove_file(concat(directory, "/", name)));
    return fs_.set_mode(directory, kDirectoryMode);
  }

  Result<void> set_link(std::string_view directory, const LinkChange& link) {
    const auto path = concat(directory, "/", link.name);
    if (!link.replaces) return fs_.make_link(link.target, path);
    NCT_CHECK(fs_.make_link(link.target, staged_view(family_, link.name)));
    return fs_.rename(staged_view(family_, link.name), path);
  }

  Fs& fs_;
  const Family& family_;
  Remembered& remembered_;
  const StoreOptions& options_;
  AnchorSet wanted_;
  AnchorPaths paths_;
  std::map<std::string, std::string> files_;  // the wanted anchors: path to canonical PEM

  TrustSurvey survey_;
  std::vector<SourceFile> trusted_files_;       // of others
  FingerprintSet in_sources_;                   // what they hold
  FingerprintSet parsed_;                       // those, and ours
  FingerprintSet in_place_;                     // of ours, as they should be
  std::map<Fingerprint, std::string> blocked_;  // of ours, by others: why
  AnchorChanges anchors_;
  std::vector<std::string> placed_;
  std::vector<std::string> moved_out_;
  std::vector<Extracted> made_;         // what trust(1) made of each view
  HashedView made_hashed_;              // and of the hash directory
  HashedChanges hashed_;                // from what it was
  std::vector<std::size_t> published_;  // which views are to be published
};

class TrustStore final : public Store {
 public:
  TrustStore(const Family& family, Fs& fs, Remembered& remembered, StoreOptions options)
      : family_(family), fs_(fs), remembered_(remembered), options_(std::move(options)) {}

  Result<std::unique_ptr<StoreChange>> compare(const AnchorSet& wanted) override {
    auto change = std::make_unique<TrustChange>(fs_, family_, remembered_, options_, wanted);
    NCT_CHECK(change->compute());
    return change;
  }

  Result<std::optional<Untouched>> untouched(const AnchorSet& wanted) override {
    const auto& [sights, listing, settled, kept] = remembered_.seen;
    if (settled != digest_of(wanted)) return std::nullopt;
    NCT_TRY(const bool as_seen, is_as_seen());
    if (!as_seen) return std::nullopt;
    Untouched untouched{.summary = {.bundle = std::string(family_.bundle), .anchors = wanted.size()},
                        .others = {}};
    const auto paths = anchor_paths(family_.anchors, wanted, remembered_.record);
    const auto hashes = name_hashes(wanted, remembered_.record);
    FingerprintSet in_sources;
    std::vector<std::string> akin;
    std::vector<std::string> blocking;
    for (const auto& [path, sight] : sights) {
      if (directory_of(path).ends_with("/blocklist")) blocking.push_back(path);
      if (!is_trusted_source(path) || !sight.status || sight.status->kind != FileKind::regular) continue;
      const auto facts = remembered_.record.files.find(sight.digest);
      if (facts == remembered_.record.files.end()) return std::nullopt;
      in_sources.insert(facts->second.certificates.begin(), facts->second.certificates.end());
      if (!facts->second.breaks.empty()) untouched.notices.push_back(breaking_source(path, facts->second));
      if (may_hold(facts->second, hashes)) akin.push_back(path);
    }
    const auto bundle = facts_seen(std::string(family_.bundle));
    if (bundle == nullptr) return std::nullopt;
    for (const auto& fingerprint : bundle->certificates) {
      if (!in_sources.contains(fingerprint)) continue;
      untouched.others.insert(fingerprint);
      if (!wanted.contains(fingerprint)) ++untouched.summary.roots;
    }
    NCT_TRY(auto copies, copies_of_views(fs_, family_, wanted));
    std::ranges::move(copies, std::back_inserter(untouched.notices));
    std::deque<std::string> texts;
    const auto sources = read_sources(akin, texts);
    untouched.namesakes = namesakes_in(wanted, paths, remembered_.record, {&sources});
    untouched.unproved = unproved_among(wanted, paths, untouched.namesakes, orders(), remembered_.record);
    std::vector<TrustSource> blocks;
    for (auto& file : read_sources(blocking, texts))
      blocks.push_back({.place = TrustSource::Place::blocklist, .file = std::move(file)});
    for (auto& text : blocked_texts(blocked_among(wanted, blocks, remembered_.record), wanted, paths))
      untouched.unproved.push_back(std::move(text));
    return untouched;
  }

  Result<std::vector<Loss>> losses(const AnchorSet& before, const AnchorSet& after) override {
    AnchorSet added;
    std::ranges::copy_if(after, std::inserter(added, added.end()),
                         [&](const auto& anchor) { return !before.contains(anchor.first); });
    if (added.empty()) return std::vector<Loss>();
    NCT_TRY(const auto survey, survey_trust(fs_, family_, remembered_, ViewsRead::none));
    std::vector<Loss> losses;
    for (const auto& [fingerprint, why] : blocked_among(added, survey.sources, remembered_.record))
      losses.push_back({.by = fingerprint, .code = FindingCode::unusable, .message = why});
    std::vector<SourceFile> files;
    for (const auto& source : survey.sources)
      if (source.place != TrustSource::Place::blocklist) files.push_back(source.file);
    const auto paths = [this](const AnchorSet& anchors) {
      return anchor_paths(family_.anchors, anchors, remembered_.record);
    };
    const auto hashes = name_hashes(added, remembered_.record);
    const auto others = namesakes_in(added, paths(added), remembered_.record, {&files});
    std::set<std::string> issuers;
    for (const auto& [fingerprint, anchor] : after)
      if (const auto* ours = parsed(anchor.der, fingerprint, remembered_.record))
        issuers.insert(ours->subject);
    for (const auto& each : others)
      issuers.insert(each.certificate.subject);
    const auto placed_before = placed(before, paths(before), hashes, others, remembered_.record);
    const auto placed_after = placed(after, paths(after), hashes, others, remembered_.record);
    FingerprintSet said;
    for (const auto* order : {&orders(), &other_orders()})
      for (auto& loss : losses_between(placed_before, placed_after, *order, unix_time(), issuers))
        if (said.insert(loss.by).second) losses.push_back(std::move(loss));
    return losses;
  }

  Result<FingerprintSet> distro_roots() override {
    FingerprintSet shipped;
    NCT_TRY(const bool as_seen, is_as_seen());
    const auto* const bundle = as_seen ? facts_seen(std::string(family_.bundle)) : nullptr;
    if (bundle != nullptr) {
      for (const auto& [path, sight] : remembered_.seen.sights)
        if (is_shipped(path))
          if (const auto* const facts = facts_seen(path))
            shipped.insert(facts->certificates.begin(), facts->certificates.end());
      return both(set_of(bundle->certificates), shipped);
    }
    NCT_TRY(const auto survey, survey_trust(fs_, family_, remembered_, ViewsRead::bundle));
    for (const auto& source : survey.sources)
      if (source.shipped && source.place == TrustSource::Place::source)
        shipped.insert(source.file.facts->certificates.begin(), source.file.facts->certificates.end());
    for (const auto& view : survey.views)
      if (view.extract->path == family_.bundle && view.fault.empty())
        return both(set_of(view.certificates), shipped);
    return shipped;
  }

  Result<void> wait_for_others() override {
    NCT_CHECK(wait_for_writers(family_, options_.root));
    wait_until(std::chrono::steady_clock::now() + kToRest);
    return {};
  }

  Result<std::vector<std::string>> leftovers() override {
    std::vector<std::string> paths;
    const auto directory = directory_of(family_.anchor_staging);
    NCT_TRY(const auto entries, fs_.list_names(directory));
    for (const auto& entry : entries)
      if (entry.name.starts_with(name_in(family_.anchor_staging)))
        paths.push_back(concat(directory, "/", entry.name));
    return paths;
  }

  Result<void> sweep() override {
    NCT_TRY(const auto left, leftovers());
    for (const auto& path : left)
      NCT_CHECK(fs_.remove_file(path));
    return sweep_extraction(fs_);
  }

  Result<std::vector<std::string>> run_hooks(const Owed& /*owed*/) override {
    return std::vector<std::string>();
  }
  Result<AnchorSet> found_anchors() override { return anchors_found_in(fs_, family_.anchors); }
  Result<bool> has_hooks() override { return false; }

 private:
  static FingerprintSet both(const FingerprintSet& one, const FingerprintSet& other) {
    FingerprintSet both;
    for (const auto& each : one)
      if (other.contains(each)) both.insert(each);
    return both;
  }

  // What cannot be read is not there.
  std::vector<SourceFile> read_sources(const std::vector<std::string>& paths,
                                       std::deque<std::string>& texts) {
    std::vector<SourceFile> sources;
    for (const auto& path : paths) {
      auto read = fs_.read_file(path, kMaxTrustSourceBytes);
      if (!read) continue;
      const auto& bytes = texts.emplace_back(*std::move(read));
      const auto digest = sha256(bytes);
      sources.push_back({.path = path,
                         .bytes = bytes,
                         .digest = digest,
                         .facts = &facts_of(remembered_.record, digest, bytes)});
    }
    return sources;
  }

  // Whether all that was seen looks as it did.
  Result<bool> is_as_seen() {
    if (remembered_.seen.sights.empty()) return false;
    for (const auto& [path, sight] : remembered_.seen.sights) {
      NCT_TRY(const auto status, fs_.status(path, true));
      if (status != sight.status) return false;
    }
    return true;
  }

  [[nodiscard]] const StoreFile* facts_seen(const std::string& path) const {
    const auto sight = remembered_.seen.sights.find(path);
    if (sight == remembered_.seen.sights.end()) return nullptr;
    const auto facts = remembered_.record.files.find(sight->second.digest);
    return facts == remembered_.record.files.end() ? nullptr : &facts->second;
  }

  [[nodiscard]] bool is_shipped(std::string_view path) const { return directory_of(path) == family_.shipped; }

  // A file of somebody else's that makes certificates trusted.
  [[nodiscard]] bool is_trusted_source(std::string_view path) const {
    const auto directory = directory_of(path);
    if (directory == family_.anchors && is_anchor_file_name(name_in(path))) return false;
    return std::ranges::any_of(family_.sources, [&](std::string_view source) {
      return directory == source || directory == concat(source, "/anchors");
    });
  }

  const Family& family_;
  Fs& fs_;
  Remembered& remembered_;
  StoreOptions options_;
};

}  // namespace

std::unique_ptr<Store> open_trust_store(const Family& family, Fs& fs, Remembered& remembered,
                                        const StoreOptions& options) {
  return std::make_unique<TrustStore>(family, fs, remembered, options);
}

}  // namespace nct
