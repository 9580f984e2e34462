#include "node/files/file_store.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/relations.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "node/debian/deselected_roots.hpp"
#include "node/debian/hooks.hpp"
#include "node/files/notices.hpp"
#include "node/files/staging.hpp"
#include "node/files/store_proof.hpp"
#include "node/files/survey.hpp"
#include "node/namesakes.hpp"
#include "node/other_writers.hpp"
#include "node/replace_files.hpp"
#include "store/debian/paths.hpp"
#include "store/files/files_in_store.hpp"
#include "store/files/store_directory.hpp"
#include "store/link_changes.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

constexpr std::uint32_t kBundleMode = 0644;

// A file by whose name somebody else has a certificate in the store.
bool is_source(std::string_view path, const Family& family) {
  const auto below = [path](std::string_view directory) {
    return path.starts_with(directory) && path.substr(directory.size()).starts_with('/');
  };
  if (is_anchor_path(family, path)) return false;
  if (lie_in_store(family.mechanism))
    return below(family.store) && path != family.bundle &&
           name_in_store(family, path.substr(family.store.size() + 1), {}) == NameInStore::source;
  return path.ends_with(".crt") && (below(family.shipped) || below(family.local));
}

Links links_of(const std::vector<StoreEntry>& directory) {
  Links links;
  for (const auto& entry : directory)
    if (entry.kind == StoreEntry::Kind::link) links.emplace(entry.name, entry.target);
  return links;
}

std::vector<Placed> in_bundle(std::vector<Placed> certificates) {
  // What the distribution selects keeps its order, before all local files.
  const auto key = [](const Placed& each) {
    return each.path.starts_with(debian::kCertificates) ? std::string{} : each.path;
  };
  return ordered_by(key, std::move(certificates));
}

std::vector<Placed> in_bucket(std::vector<Placed> certificates) {
  return ordered_by([](const Placed& each) { return link_name(each.path); }, std::move(certificates));
}

constexpr Orders kOrders{.bundle = &in_bundle, .bucket = &in_bucket};

// Of anchors of ours that others' files hold, too, one has the link in the hash directory: the first by name.
void note_links(std::vector<Namesake>& namesakes, const AnchorPaths& paths) {
  for (auto& each : namesakes) {
    const auto own = paths.find(each.certificate.fingerprint);
    each.linked_for_ours =
        !each.ours && each.alone && own != paths.end() && link_name(each.path) < link_name(own->second);
  }
}

class FileStoreChange final : public StoreChange {
 public:
  FileStoreChange(const Family& family, Fs& fs, Remembered& remembered, const StoreOptions& options,
                  const AnchorSet& wanted)
      : family_(family),
        fs_(fs),
        record_(remembered.record),
        seen_(remembered.seen),
        options_(options),
        wanted_(wanted),
        paths_(anchor_paths(family_, wanted, record_)),
        files_(anchor_files(wanted, paths_, record_)) {}

  Result<void> compute(Looks looks) {
    const auto now = unix_time();
    NCT_TRY(survey_, survey(fs_, family_, record_, seen_, std::move(looks)));
    local_ = local_with(files_);
    NCT_TRY(after_, finished_store(family_, input_with(local_)));
    const auto links_now = links_of(survey_.directory);
    std::set<std::string_view> plain_files;
    for (const auto& entry : survey_.directory)
      if (entry.kind == StoreEntry::Kind::file) plain_files.insert(entry.name);
    links_ = link_changes(links_now, after_.links, plain_files);
    publish_bundle_ =
        after_.bundle && (survey_.bundle != after_.bundle || survey_.bundle_mode != kBundleMode);

    if (is_nothing_of_ours()) leave_as_it_is(links_now);

    anchors_ = anchor_changes(paths_, files_, survey_.anchors);
    steps = anchors_.steps;
    note_publication();
    const bool as_left = seen_.settled && seen_.sights == survey_.sights;
    notices = keys_in(survey_, family_);
    std::ranges::move(breaking_in(survey_), std::back_inserter(notices));
    if (!steps.empty() && !as_left) {
      const auto local_before = local_with(survey_.anchors);
      NCT_TRY(const auto before, finished_store(family_, input_with(local_before)));
      note_damage(before, link_changes(links_now, before.links, plain_files));
      if (before.bundle && survey_.bundle != before.bundle) note_leaving(local_before);
    }
    NCT_TRY(auto copies, copies_of_store(fs_, family_, wanted_));
    std::ranges::move(copies, std::back_inserter(notices));
    note_shadows();
    namesakes = namesakes_in(wanted_, paths_, record_,
                             {&std::as_const(survey_.selected), &std::as_const(survey_.local)});
    note_links(namesakes, paths_);
    unproved = unproved_among(wanted_, paths_, namesakes, kOrders, record_);
    proof_.emplace(
        FinishedStore{
            .family = family_, .survey = survey_, .local = local_, .result = after_, .wanted = wanted_},
        fs_, record_, seen_);
    summarise();
    owed = owed_for(links_);
    remember_sights(seen_, std::move(survey_.sights), survey_.listing,
                    steps.empty() ? std::optional(digest_of(wanted_)) : std::nullopt, now);
    return {};
  }

  [[nodiscard]] std::vector<std::string> directories() const override {
    std::vector<std::string> all;
    const auto add = [&all](std::string directory) {
      if (std::ranges::find(all, directory) == all.end()) all.push_back(std::move(directory));
    };
    add(std::string(family_.local));
    if (!files_.empty()) add(std::string(family_.anchors));
    add(std::string(family_.store));
    add(bundle_directory());
    return all;
  }

  Result<void> prove() override {
    if (publish_bundle_) NCT_CHECK(check_publishable(notices));
    for (const auto& shadow : shadows)
      return fail(Errc::in_the_way, concat("'", printable(shadow.by), "' hides '", shadow.anchor,
                                           "' from the hash directory: their links have one name"));
    NCT_CHECK(proof_->in_memory());
    const auto all = placed(wanted_, paths_, hashes_of(namesakes), namesakes, record_);
    for (const auto view : {View::bundle, View::bucket})
      NCT_CHECK(prove_among(wanted_, kOrders.of(view)(all), view));
    if (const auto part = proof_->selected_part()) digests.push_back(*part);
    return {};
  }

  Result<Staging> stage() override {
    Staging staging;
    for (const auto& path : anchors_.added)
      staging.files.push_back({.path = staged_anchor(family_, path), .bytes = files_.at(path)});
    if (publish_bundle_)
      staging.files.push_back({.path = staged_bundle(family_), .bytes = *after_.bundle, .mode = kBundleMode});
    if (!anchors_.added.empty()) {
      NCT_TRY(staging.made_in, fs_.make_directories(std::string(family_.anchors)));
    }
    return staging;
  }

  Result<void> publish(std::span<const std::string> unsynced, bool in_order) override {
    // A link that leads nowhere hides those behind it in its bucket. Alone, it hides nobody: a file system
    // that keeps no order across directories may leave one, of a CA that comes or goes, if the power is cut.
    auto done = carry_out(unsynced, in_order || links_.in_shared_bucket || !repairs.empty());
    // A name came or went since the survey.
    if (!done && (done.error().os_errno == EEXIST || done.error().os_errno == ENOENT))
      done.error().code = Errc::busy;
    return done;
  }

  Result<void> prove_on_disk() override { return proof_->on_disk(); }

  Result<std::vector<std::string>> retire() override {
    for (const auto& path : anchors_.retired)
      NCT_CHECK(fs_.remove_file(path));
    std::vector<std::string> unsynced;
    if (!files_.empty() || lie_in_store(family_.mechanism)) {
      unsynced.emplace_back(family_.anchors);
    } else if (!anchors_.retired.empty()) {
      NCT_TRY(const bool gone, fs_.remove_directory(std::string(family_.anchors)));
      unsynced.emplace_back(gone ? family_.local : family_.anchors);
    }
    unsynced.emplace_back(family_.store);
    unsynced.push_back(bundle_directory());
    return unsynced;
  }

 private:
  [[nodiscard]] std::string in_store(std::string_view name) const { return concat(family_.store, "/", name); }

  [[nodiscard]] std::string bundle_directory() const {
    return std::string(family_.bundle.substr(0, family_.bundle.rfind('/')));
  }

  // systemd-tmpfiles(8) makes the links of Flatcar, with other texts than its tool, and the bundle's: as long
  // as nothing is ours there, they are good as they are.
  [[nodiscard]] bool is_nothing_of_ours() const {
    return family_.mechanism == Mechanism::c_rehashed_files && wanted_.empty() && survey_.anchors.empty();
  }

  void leave_as_it_is(const Links& links_now) {
    after_.links = links_now;
    after_.bundle.reset();
    links_ = {};
    publish_bundle_ = false;
  }

  // Whether a link leads to the same certificate by another text.
  [[nodiscard]] bool leads_there(const LinkChanges::Set& link) const {
    const auto facts_by = [this](std::string_view name) -> const StoreFile* {
      const auto found = std::ranges::find(survey_.directory, name, &StoreEntry::name);
      return found == survey_.directory.end() ? nullptr : found->facts;
    };
    const auto* const now = facts_by(link.name);
    return now != nullptr && now == facts_by(link.target);
  }

  // All local files, ours among them, in the order of the tool.
  std::vector<SourceFile> local_with(const auto& anchors) {
    auto local = survey_.local;
    for (const auto& [path, bytes] : anchors) {
      const auto digest = sha256(bytes);
      local.push_back(
          {.path = path, .bytes = bytes, .digest = digest, .facts = &facts_of(record_, digest, bytes)});
    }
    std::ranges::sort(local, {}, &SourceFile::path);
    return local;
  }

  [[nodiscard]] StoreInput input_with(const std::vector<SourceFile>& local) const {
    return {.selected = survey_.selected,
            .deselected = survey_.deselected,
            .local_directory = family_.local,
            .local = local,
            .directory = survey_.directory};
  }

  // `damage` is what the distribution's own tool would change in the store as it was found.
  void note_damage(const StoreResult& before, const LinkChanges& damage) {
    const auto note = [this](std::string_view path, std::string_view message) {
      repairs.push_back({.subject = printable(path), .message = printable(message)});
    };
    for (const auto* list : {&damage.added, &damage.replaced, &damage.hashes_set})
      for (const auto& link : *list)
        if (!leads_there(link)) note(in_store(link.name), concat("should lead to ", link.target));
    for (const auto* list : {&damage.removed, &damage.hashes_removed})
      for (const auto& name : *list)
        note(in_store(name), "is stale");
    const bool as_shipped = survey_.bundle_is_link && family_.mechanism == Mechanism::c_rehashed_files;
    if (before.bundle && survey_.bundle != before.bundle && !as_shipped)
      note(family_.bundle, "is not what its certificate files make up");
    else if (before.bundle && survey_.bundle_mode != kBundleMode && !as_shipped)
      note(family_.bundle, "its mode is not 0644");
    if (survey_.stale_bundle) note(family_.stale_bundle, "left behind by a killed run");
    for (const auto& path : survey_.ignored)
      note(path, concat(family_.tool, " fails on its name; it is left out"));
  }

  // Only what stands in the bundle beyond its files can leave it unasked.
  void note_leaving(const std::vector<SourceFile>& local_before) {
    FingerprintSet accounted_for;
    for (const auto* list : {&std::as_const(survey_.selected), &local_before})
      for (const auto& source : *list)
        accounted_for.insert(source.facts->certificates.begin(), source.facts->certificates.end());
    for (const auto& [fingerprint, anchor] : wanted_)
      accounted_for.insert(fingerprint);
    accounted_for.insert(options_.distrusted.begin(), options_.distrusted.end());
    std::ranges::move(leaving(survey_, family_, accounted_for), std::back_inserter(notices));
  }

  void note_publication() {
    if (links_.size() == 0 && !publish_bundle_ && !survey_.stale_bundle) return;
    const auto count = links_.size();
    steps.push_back({.kind = StepKind::publish_store,
                     .subject = std::string(family_.bundle),
                     .reason = concat(publish_bundle_ ? "the bundle and " : "", std::to_string(count),
                                      count == 1 ? " link" : " links"),
                     .fingerprint = {}});
  }

  void note_shadows() {
    for (const auto& source : survey_.local)
      for (const auto& [path, bytes] : files_)
        if (link_name(source.path) == link_name(path)) shadows.push_back({.anchor = path, .by = source.path});
  }

  void summarise() {
    for (const auto* list : {&survey_.selected, &local_})
      for (const auto& source : *list)
        digests.push_back(source.digest);
    for (const auto& entry : survey_.directory)
      if (entry.facts != nullptr) digests.push_back(entry.digest);
    for (const auto& source : survey_.selected)
      others.insert(source.facts->certificates.begin(), source.facts->certificates.end());
    for (const auto& source : survey_.local)
      others.insert(source.facts->certificates.begin(), source.facts->certificates.end());
    summary.bundle = family_.bundle;
    summary.anchors = wanted_.size();
    for (const auto& fingerprint : proof_->expected())
      if (!wanted_.contains(fingerprint)) ++summary.roots;
  }

  Result<void> carry_out(std::span<const std::string> unsynced, bool in_order) {
    if (steps.empty()) return in_order ? sync_directories(fs_, unsynced) : Result<void>();
    NCT_CHECK(remove_stale_bundle());
    NCT_CHECK(place_new_anchors());
    if (in_order) NCT_CHECK(sync_directories(fs_, unsynced));
    if (in_order && !anchors_.added.empty()) NCT_CHECK(fs_.sync_directory(std::string(family_.anchors)));
    for (const auto& link : links_.added)
      NCT_CHECK(set_link(link));
    Instant grace_over{};
    for (const auto& link : links_.hashes_set)
      if (!link.replaces) NCT_CHECK(set_link(link));
    for (const auto& link : links_.replaced)
      NCT_CHECK(set_link(link));
    for (const auto& link : links_.hashes_set)
      if (link.replaces) NCT_CHECK(set_link(link));
    if (links_.readers_need_grace) grace_over = std::chrono::steady_clock::now() + options_.reader_grace;
    if (publish_bundle_) NCT_CHECK(fs_.rename(staged_bundle(family_), std::string(family_.bundle)));
    wait_until(grace_over);
    for (const auto& name : links_.hashes_removed)
      NCT_CHECK(fs_.remove_file(in_store(name)));
    for (const auto& name : links_.removed)
      NCT_CHECK(fs_.remove_file(in_store(name)));
    if (!in_order) return {};
    if (publish_bundle_ && bundle_directory() != family_.store)
      NCT_CHECK(fs_.sync_directory(bundle_directory()));
    return fs_.sync_directory(std::string(family_.store));
  }

  // A leftover of a killed run is appended to by the next one; but while the tool runs it is the tool's.
  Result<void> remove_stale_bundle() {
    if (!survey_.stale_bundle) return {};
    NCT_CHECK(wait_for_writers(family_.writers));
    NCT_TRY(const auto status, fs_.status(std::string(family_.stale_bundle), false));
    if (!status) return fail(Errc::busy, "update-ca-certificates ran in between");
    return fs_.remove_file(std::string(family_.stale_bundle));
  }

  Result<void> place_new_anchors() {
    if (publish_bundle_ && survey_.bundle)
      NCT_CHECK(fs_.copy_label(std::string(family_.bundle), staged_bundle(family_)));
    for (const auto& path : anchors_.added)
      NCT_CHECK(fs_.rename(staged_anchor(family_, path), path));
    return {};
  }

  Result<void> set_link(const LinkChanges::Set& link) {
    const auto path = in_store(link.name);
    if (!link.replaces) return fs_.make_link(link.target, path);
    NCT_CHECK(fs_.make_link(link.target, staged_link(family_, link.name)));
    return fs_.rename(staged_link(family_, link.name), path);
  }

  const Family& family_;
  Fs& fs_;
  Record& record_;
  Seen& seen_;
  const StoreOptions& options_;
  AnchorSet wanted_;
  AnchorPaths paths_;                         // of the wanted anchors
  std::map<std::string, std::string> files_;  // the wanted anchors: path to canonical PEM

  Survey survey_;
  std::vector<SourceFile> local_;  // local files once the store is finished, ours among them
  StoreResult after_;
  LinkChanges links_;
  bool publish_bundle_ = false;
  AnchorChanges anchors_;
  std::optional<StoreProof> proof_;
};

class FileStore final : public Store {
 public:
  FileStore(const Family& family, Fs& fs, Remembered& remembered, StoreOptions options)
      : family_(family), fs_(fs), remembered_(remembered), options_(std::move(options)) {}

  Result<std::unique_ptr<StoreChange>> compare(const AnchorSet& wanted) override {
    auto change = std::make_unique<FileStoreChange>(family_, fs_, remembered_, options_, wanted);
    NCT_CHECK(change->compute(std::exchange(looks_, {})));
    return change;
  }

  Result<std::optional<Untouched>> untouched(const AnchorSet& wanted) override {
    if (seen_.settled != digest_of(wanted)) return std::nullopt;
    Untouched untouched{.summary = {.bundle = std::string(family_.bundle), .anchors = wanted.size()},
                        .others = {}};
    const auto paths = anchor_paths(family_, wanted, record_);
    const auto hashes = name_hashes(wanted, record_);
    std::vector<std::string> akin;  // files that may hold certificates of those names
    const auto looks = std::exchange(looks_, {});
    for (const auto& [path, sight] : seen_.sights) {
      const auto look = looks.find(path);
      NCT_TRY(const auto status, look != looks.end() ? look->second.status : fs_.status(path, true));
      if (status != sight.status) return std::nullopt;
      if (!is_source(path, family_) || !status || status->kind != FileKind::regular) continue;
      const auto facts = record_.files.find(sight.digest);
      if (facts == record_.files.end()) return std::nullopt;
      if (may_hold(facts->second, hashes)) akin.push_back(path);
      if (facts->second.private_key) untouched.notices.push_back(published_key(path, family_));
      if (!facts->second.breaks.empty()) untouched.notices.push_back(breaking_file(path, facts->second));
      for (const auto& fingerprint : facts->second.certificates) {
        const bool is_new = untouched.others.insert(fingerprint).second;
        if (is_new && facts->second.kind != StoreFile::Kind::crl && !wanted.contains(fingerprint))
          ++untouched.summary.roots;
      }
    }
    NCT_TRY(auto copies, copies_of_store(fs_, family_, wanted));
    std::ranges::move(copies, std::back_inserter(untouched.notices));
    const auto others = read_sources(akin);
    untouched.namesakes = namesakes_in(wanted, paths, record_, {&others});
    note_links(untouched.namesakes, paths);
    untouched.unproved = unproved_among(wanted, paths, untouched.namesakes, kOrders, record_);
    return untouched;
  }

  Result<FingerprintSet> distro_roots() override {
    NCT_TRY(distro_files_, distro_files(fs_, family_, record_, seen_, looks_));
    FingerprintSet roots;
    for (const auto& file : *distro_files_)
      roots.insert(file.facts->certificates.begin(), file.facts->certificates.end());
    return roots;
  }

  // By the names of their files, which update-ca-certificates(8) and its package speak of.
  Result<NamedRoots> named_roots() override {
    if (!distro_files_) NCT_CHECK(distro_roots());
    NamedRoots roots;
    for (const auto& file : *distro_files_)
      for (const auto& fingerprint : file.facts->certificates)
        roots.emplace(fingerprint,
                      printable(file.path.substr(
                          file.path.starts_with(family_.shipped) ? family_.shipped.size() + 1 : 0)));
    return roots;
  }

  Result<std::vector<Loss>> losses(const AnchorSet& before, const AnchorSet& after) override {
    const auto added = added_to(before, after);
    const auto hashes = name_hashes(added, record_);
    if (hashes.empty()) return std::vector<Loss>();
    if (!distro_files_) NCT_CHECK(distro_roots());
    std::vector<std::string> akin;
    for (const auto& file : *distro_files_)
      if (may_hold(*file.facts, hashes)) akin.push_back(file.path);
    const auto selected = read_sources(akin);
    NCT_TRY(const auto local, local_files(fs_, family_, record_, seen_));
    const auto paths = [this](const AnchorSet& anchors) { return anchor_paths(family_, anchors, record_); };
    const auto others = namesakes_in(added, paths(added), record_, {&selected, &local.local});
    const auto issuers = subjects_of(after, others, record_);
    return losses_between(placed(before, paths(before), hashes, others, record_),
                          placed(after, paths(after), hashes, others, record_), kOrders, unix_time(),
                          issuers);
  }

  Result<DistrustChange> distrust(const std::set<Fingerprint>& distrusted) override {
    if (!family_.selection.empty()) return compare_deselected(fs_, family_, record_, seen_, distrusted);
    DistrustChange change;
    if (distrusted.empty()) return change;
    NCT_TRY(const auto trusted, distro_roots());
    for (const auto& fingerprint : distrusted) {
      DistrustedRoot root{.fingerprint = fingerprint};
      if (trusted.contains(fingerprint)) {
        root.state = DistrustedRoot::State::trusted;
        root.place = family_.bundle;
        root.reason = "this system has no list of what is taken out, and its next update would bring it back";
      }
      change.roots.push_back(std::move(root));
    }
    return change;
  }

  Result<void> wait_for_others() override { return wait_until_writers_rest(family_.writers); }

  Result<std::vector<std::string>> leftovers() override {
    NCT_TRY(auto left, staged(fs_, family_));
    if (lie_in_store(family_.mechanism)) {
      NCT_TRY(const auto entries, fs_.list_names(std::string(family_.store)));
      for (const auto& entry : entries)
        if (is_left_in_store(family_, entry.name)) left.push_back(concat(family_.store, "/", entry.name));
    }
    if (!family_.selection.empty()) {
      NCT_TRY(const auto conf, fs_.status(aside(family_.selection), false));
      if (conf) left.push_back(aside(family_.selection));
    }
    if (family_.stale_bundle.empty()) return left;
    NCT_TRY(const auto stale, fs_.status(std::string(family_.stale_bundle), false));
    if (stale) left.emplace_back(family_.stale_bundle);
    return left;
  }

  Result<void> sweep() override {
    NCT_TRY(const auto left, staged(fs_, family_));
    for (const auto& path : left)
      NCT_CHECK(fs_.remove_file(path));
    if (lie_in_store(family_.mechanism)) return {};
    // A removal that was broken off after its last anchor leaves the directory behind.
    const auto anchors = fs_.list_directory(std::string(family_.anchors));
    if (!anchors || !anchors->empty()) return {};
    const auto removed = fs_.remove_directory(std::string(family_.anchors));
    if (!removed && removed.error().os_errno == EROFS) return {};  // it is in nobody's way
    if (!removed) return std::unexpected(removed.error());
    return fs_.sync_directory(std::string(family_.local));
  }

  Result<AnchorSet> found_anchors() override { return anchors_found(fs_, family_); }

  Result<bool> has_hooks() override {
    if (family_.hooks.empty()) return false;
    NCT_TRY(const auto names, hook_names(fs_));
    return options_.hooks == Config::Hooks::run && !names.empty();
  }

  Result<std::vector<std::string>> run_hooks(const Owed& owed) override {
    return nct::run_hooks(fs_, options_.root, owed);
  }

 private:
  // What cannot be read is not there.
  std::vector<SourceFile> read_sources(const std::vector<std::string>& paths) {
    std::vector<SourceFile> sources;
    for (const auto& path : paths) {
      auto bytes = fs_.read_file(path, kMaxSourceBytes);
      if (!bytes) continue;
      const auto& kept = texts_.emplace_back(*std::move(bytes));
      const auto digest = sha256(kept);
      sources.push_back(
          {.path = path, .bytes = kept, .digest = digest, .facts = &facts_of(record_, digest, kept)});
    }
    return sources;
  }

  const Family& family_;
  Fs& fs_;
  Remembered& remembered_;
  Record& record_ = remembered_.record;
  Seen& seen_ = remembered_.seen;
  Looks looks_;  // of distro_files(), until somebody has used them
  StoreOptions options_;
  std::optional<std::vector<KnownFile>> distro_files_;  // as the last look found them
  std::deque<std::string> texts_;
};

}  // namespace

std::unique_ptr<Store> open_file_store(const Family& family, Fs& fs, Remembered& remembered,
                                       const StoreOptions& options) {
  return std::make_unique<FileStore>(family, fs, remembered, options);
}

}  // namespace nct
