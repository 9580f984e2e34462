#include "node/p11kit/trust_change.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/relations.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "node/namesakes.hpp"
#include "node/other_writers.hpp"
#include "node/p11kit/extraction.hpp"
#include "node/p11kit/load_order.hpp"
#include "node/p11kit/notices.hpp"
#include "node/p11kit/publish_directory.hpp"
#include "node/p11kit/survey.hpp"
#include "node/replace_files.hpp"
#include "store/hash_link.hpp"
#include "store/p11kit/extracted.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

constexpr std::uint32_t kViewMode = 0444;  // as trust(1) makes them

bool is_within(const FingerprintSet& some, const FingerprintSet& all) {
  return std::ranges::all_of(some, [&](const auto& each) { return all.contains(each); });
}

// Whether every certificate that we bring stands in it.
bool holds_anchors(const Extract& extract) {
  return is_for_servers(extract) || extract.purpose.empty();
}

std::string staged(const Family& family, std::string_view path) {
  return concat(family.anchor_staging, name_in(path));
}
std::string staged_retired(const Family& family, std::string_view path) {
  return concat(family.anchor_staging, "retired.", name_in(path));
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
        paths_(anchor_paths(family, wanted, remembered.record)),
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
    unproved = unproved_among(wanted_, paths_, namesakes, load_order(), remembered_.record);
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
      all.emplace(directory_of(view.extract->path));
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
    NCT_CHECK(wait_for_others());
    for (const auto& path : anchors_.added) {
      NCT_CHECK(fs_.copy_label(std::string(directory_of(path)), staged(family_, path)));
      if (survey_.anchors.contains(path)) NCT_CHECK(move_out(path));
      NCT_CHECK(fs_.rename(staged(family_, path), path));
      placed_.push_back(path);
    }
    for (const auto& path : anchors_.retired)
      NCT_CHECK(move_out(path));
    std::vector<Extract> extracts;
    for (const auto& view : survey_.views)
      extracts.push_back(*view.extract);
    NCT_TRY(made_,
            options_.extract ? options_.extract(fs_, extracts) : extract(fs_, options_.root, extracts));
    for (std::size_t i = 0; i < made_.size(); ++i)
      if (survey_.views[i].extract->heading) made_[i].bytes.insert(0, heading_of(survey_.views[i].bytes));
    NCT_CHECK(prove_made());
    return write_aside();
  }

  Result<bool> undo() override {
    for (const auto& path : placed_)
      NCT_CHECK(fs_.remove_file(path));
    for (const auto& path : moved_out_)
      NCT_CHECK(fs_.rename(staged_retired(family_, path), path));
    NCT_CHECK(fs_.sync_directory(std::string(family_.anchors)));
    NCT_CHECK(let_write_views(fs_, family_, false));
    return true;
  }

  Result<void> publish(std::span<const std::string> unsynced, bool in_order) override {
    if (in_order) NCT_CHECK(sync_directories(fs_, unsynced));
    if (in_order) NCT_CHECK(fs_.sync_directory(std::string(family_.anchors)));
    for (const auto number : published_) {
      const auto& view = survey_.views[number];
      const std::string path(view.extract->path);
      NCT_CHECK(view.is_directory()
                    ? publish_directory(fs_, family_, path, hashed_.at(number), options_.reader_grace)
                    : fs_.rename(staged_view(family_, path), path));
    }
    NCT_CHECK(let_write_views(fs_, family_, false));
    // Before anybody takes the run for ended: by the sources alone nothing tells that a view is an old one.
    for (const auto& directory : directories())
      NCT_CHECK(fs_.sync_directory(directory));
    return {};
  }

  Result<void> prove_on_disk() override {
    if (!published_.empty()) NCT_CHECK(wait_for_others());
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
    return std::vector{std::string(directory_of(family_.anchor_staging))};
  }

 private:
  using Views = std::vector<FingerprintSet>;

  Result<void> move_out(const std::string& path) {
    NCT_CHECK(fs_.rename(path, staged_retired(family_, path)));
    moved_out_.push_back(path);
    return {};
  }

  // Below another root nobody is at work.
  Result<void> wait_for_others() const {
    return options_.root == "/" ? wait_for_writers(family_.writers) : Result<void>();
  }

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
      now.take_file(entry.name, bytes, parsed_);
    }
    const auto& expected = is_published(number) ? made_hashed_.at(number) : view.hashed;
    if (now.directory != expected.directory) return changed_by_others(number);
    if (view.above) {
      NCT_TRY(const auto above, links_above(fs_, family_));
      if (above !=
          (is_published(number) ? links_to(expected.directory, family_.store_has_names) : *view.above))
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
      else if (view.is_directory() && view.mode != kHashDirectoryMode)
        note(view, "its mode is not 0555");
      else if (is_for_servers(*view.extract) && bundle.fault.empty() && certificates != in_bundle)
        note(view, concat("does not hold the certificates of '", family_.bundle, "'"));
      else if (holds_anchors(*view.extract) && !is_within(in_place_, certificates))
        note(view, "lacks anchors of ours that are in place");
      else if (!view.is_directory() && view.written_ns <= survey_.sources_changed_ns &&
               is_stale(view, certificates))
        note(view, concat("is older than what '", family_.tool, "' makes it of"));
    }
  }

  // A certificate stands in it and in no source; or in a source alone, where administrators put anchors; or a
  // blocklist is another one now: of what was blocked before, no source tells. What is blocked stands in the
  // view of all purposes, trusted or not, as it was among the anchors or not.
  [[nodiscard]] bool is_stale(const TrustView& view, const FingerprintSet& certificates) const {
    const auto is_blocked = [this](const Fingerprint& each) {
      return lies_in(TrustSource::Place::blocklist, each);
    };
    const auto has_source = [&](const Fingerprint& each) {
      return in_sources_.contains(each) || wanted_.contains(each) || is_found(each) ||
             (view.extract->form == Extract::Form::openssl_bundle && is_blocked(each));
    };
    if (!std::ranges::all_of(certificates, has_source)) return true;
    if (view.written_ns <= survey_.blocklists_written_ns) return true;
    if (view.extract->form == Extract::Form::openssl_bundle &&
        view.written_ns <= survey_.anchors_written_ns && std::ranges::any_of(certificates, is_blocked) &&
        trusts_blocked(view))
      return true;
    if (!is_for_servers(*view.extract)) return false;
    return std::ranges::any_of(survey_.sources, [&](const TrustSource& source) {
      return source.place == TrustSource::Place::anchors &&
             source.file.facts->kind == StoreFile::Kind::certificate &&
             !certificates.contains(source.file.facts->certificates.front());
    });
  }

  // A certificate that is blocked, and no longer among the anchors.
  [[nodiscard]] bool trusts_blocked(const TrustView& view) const {
    return std::ranges::any_of(certificates_beyond(view.bytes, {}), [&](const BundledCertificate& each) {
      const auto& fingerprint = each.certificate.fingerprint;
      return !each.rejected && lies_in(TrustSource::Place::blocklist, fingerprint) &&
             !lies_in(TrustSource::Place::anchors, fingerprint);
    });
  }

  [[nodiscard]] bool lies_in(TrustSource::Place place, const Fingerprint& fingerprint) const {
    return std::ranges::any_of(survey_.sources, [&](const TrustSource& source) {
      const auto& certificates = source.file.facts->certificates;
      return source.place == place && std::ranges::find(certificates, fingerprint) != certificates.end();
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
    for (const auto& source : survey_.sources) {
      digests.push_back(source.file.digest);
      if (source.place != TrustSource::Place::blocklist) continue;
      const auto& blocking = source.file.facts->certificates;
      digests.insert(digests.end(), blocking.begin(), blocking.end());
    }
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
          made_hashed_[i].take_file(name, bytes, parsed_);
        for (const auto& [name, target] : made_[i].links)
          made_hashed_[i].take_link(name, target);
        NCT_CHECK(find_by_name(made_hashed_[i]));
        views.push_back(set_of(made_hashed_[i].found_by(made_hashed_[i].directory.links)));
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
    }
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto& extract = *survey_.views[i].extract;
      if (is_for_servers(extract) && views[i] != views[bundle])
        return fail(Errc::in_the_way,
                    concat("'", extract.path, "' would not hold the certificates of '", family_.bundle, "'"));
    }
    return {};
  }

  // Where somebody changed the sources since the view was made, what left it is their doing.
  Result<void> lose_nothing(const TrustView& view, const FingerprintSet& now) const {
    if (view.is_directory() || view.written_ns <= survey_.sources_changed_ns) return {};
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
    if (view.is_directory()) return hashed_.at(number).none() && view.mode == kHashDirectoryMode;
    if (!view.fault.empty() || view.written_ns <= survey_.sources_changed_ns) return false;
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
        hashed_[i] = hashed_changes(view.hashed.directory, made_hashed_[i].directory,
                                    view.above ? &*view.above : nullptr, family_.store_has_names);
      if (is_same(i)) continue;
      published_.push_back(i);
      // No later run meets the file that it takes the place of.
      if (!view.is_directory() && made_[i].bytes != view.bytes) std::erase(digests, view.digest);
      if (!view.is_directory()) {
        files.push_back(
            {.path = staged_view(family_, view.extract->path), .bytes = made_[i].bytes, .mode = kViewMode});
        continue;
      }
      const auto add = [&](const std::string& name, const std::string& other) {
        files.push_back({.path = staged_in(family_, view.extract->path, other),
                         .bytes = made_[i].files.at(name),
                         .mode = kViewMode});
      };
      for (const auto& name : hashed_[i].added)
        add(name, name);
      for (const auto& [name, other] : hashed_[i].beside)
        for (const auto& each : {name, other})
          add(name, each);
    }
    NCT_CHECK(let_write_views(fs_, family_, true));
    NCT_CHECK(fs_.write_files(files));
    for (const auto& number : published_) {
      const auto& view = survey_.views[number];
      if (view.is_directory()) continue;  // new files get its label where they are
      const std::string path(view.extract->path);
      NCT_TRY(const auto there, fs_.status(path, false));
      NCT_CHECK(fs_.copy_label(there ? path : std::string(directory_of(path)), staged_view(family_, path)));
    }
    return {};
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
  std::vector<Extracted> made_;                    // what trust(1) made of each view
  std::map<std::size_t, HashedView> made_hashed_;  // and of those that are directories,
  std::map<std::size_t, HashedChanges> hashed_;    // from what they were
  std::vector<std::size_t> published_;             // which views are to be published
};

}  // namespace

Result<std::unique_ptr<StoreChange>> compare_trust(const Family& family, Fs& fs, Remembered& remembered,
                                                   const StoreOptions& options, const AnchorSet& wanted) {
  auto change = std::make_unique<TrustChange>(fs, family, remembered, options, wanted);
  NCT_CHECK(change->compute());
  return change;
}

}  // namespace nct
