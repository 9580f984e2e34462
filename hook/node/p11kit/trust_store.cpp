#include "node/p11kit/trust_store.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "node/namesakes.hpp"
#include "node/other_writers.hpp"
#include "node/p11kit/blocklist.hpp"
#include "node/p11kit/extraction.hpp"
#include "node/p11kit/load_order.hpp"
#include "node/p11kit/notices.hpp"
#include "node/p11kit/publish_directory.hpp"
#include "node/p11kit/survey.hpp"
#include "node/p11kit/trust_change.hpp"
#include "store/anchor_name.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

class TrustStore final : public Store {
 public:
  TrustStore(const Family& family, Fs& fs, Remembered& remembered, StoreOptions options)
      : family_(family), fs_(fs), remembered_(remembered), options_(std::move(options)) {}

  Result<std::unique_ptr<StoreChange>> compare(const AnchorSet& wanted) override {
    return compare_trust(family_, fs_, remembered_, options_, wanted);
  }

  Result<std::optional<Untouched>> untouched(const AnchorSet& wanted) override {
    const auto& [sights, listing, settled, kept] = remembered_.seen;
    if (settled != digest_of(wanted)) return std::nullopt;
    NCT_TRY(const bool as_seen, is_as_seen());
    if (!as_seen) return std::nullopt;
    Untouched untouched{.summary = {.bundle = std::string(family_.bundle), .anchors = wanted.size()},
                        .others = {}};
    const auto paths = anchor_paths(family_, wanted, remembered_.record);
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
    untouched.unproved = unproved_among(wanted, paths, untouched.namesakes, load_order(), remembered_.record);
    std::vector<TrustSource> blocks;
    for (auto& file : read_sources(blocking, texts))
      blocks.push_back({.place = TrustSource::Place::blocklist, .file = std::move(file)});
    for (auto& text : blocked_texts(blocked_among(wanted, blocks, remembered_.record), wanted, paths))
      untouched.unproved.push_back(std::move(text));
    return untouched;
  }

  Result<std::vector<Loss>> losses(const AnchorSet& before, const AnchorSet& after) override {
    const auto added = added_to(before, after);
    if (added.empty()) return std::vector<Loss>();
    NCT_TRY(const auto survey, survey_trust(fs_, family_, remembered_, ViewsRead::none));
    std::vector<Loss> losses;
    for (const auto& [fingerprint, why] : blocked_among(added, survey.sources, remembered_.record))
      losses.push_back({.by = fingerprint, .code = FindingCode::unusable, .message = why});
    std::vector<SourceFile> files;
    for (const auto& source : survey.sources)
      if (source.place != TrustSource::Place::blocklist) files.push_back(source.file);
    const auto paths = [this](const AnchorSet& anchors) {
      return anchor_paths(family_, anchors, remembered_.record);
    };
    const auto hashes = name_hashes(added, remembered_.record);
    const auto others = namesakes_in(added, paths(added), remembered_.record, {&files});
    const auto issuers = subjects_of(after, others, remembered_.record);
    const auto placed_before = placed(before, paths(before), hashes, others, remembered_.record);
    const auto placed_after = placed(after, paths(after), hashes, others, remembered_.record);
    FingerprintSet said;
    for (const auto* order : {&load_order(), &other_load_order()})
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

  Result<NamedRoots> named_roots() override {
    NCT_TRY(const auto trusted, distro_roots());
    NCT_TRY(const auto bundle, fs_.read_file(std::string(family_.bundle), kMaxViewBytes));
    NamedRoots roots;
    for (const auto& each : certificates_beyond(bundle, {}))
      if (trusted.contains(each.certificate.fingerprint))
        roots.emplace(each.certificate.fingerprint, each.certificate.subject);
    return roots;
  }

  Result<DistrustChange> distrust(const std::set<Fingerprint>& distrusted) override {
    return compare_blocklist(fs_, family_, remembered_, distrusted);
  }

  Result<std::optional<Lock>> lock() override {
    if (family_.view_directory.empty() || !options_.lock_timeout) return std::nullopt;
    return Lock::take_directory(options_.root, std::string(family_.view_directory), family_.tool,
                                *options_.lock_timeout);
  }

  Result<void> wait_for_others() override { return wait_until_writers_rest(family_.writers); }

  Result<std::vector<std::string>> leftovers() override {
    std::set<std::string> paths;
    for (const auto staging : {family_.anchor_staging, family_.bundle_staging, family_.store_staging}) {
      const std::string directory(directory_of(staging));
      const auto entries = fs_.list_names(directory);
      if (!entries && entries.error().os_errno == ENOENT) continue;
      if (!entries) return std::unexpected(entries.error());
      for (const auto& entry : *entries)
        if (entry.name.starts_with(name_in(staging))) paths.insert(concat(directory, "/", entry.name));
    }
    return std::vector(paths.begin(), paths.end());
  }

  Result<void> sweep() override {
    NCT_TRY(const auto left, leftovers());
    if (!left.empty()) NCT_CHECK(let_write_views(fs_, family_, true));
    for (const auto& path : left)
      NCT_CHECK(fs_.remove_file(path));
    if (!left.empty()) NCT_CHECK(let_write_views(fs_, family_, false));
    return sweep_extraction(fs_);
  }

  Result<std::vector<std::string>> run_hooks(const Owed& /*owed*/) override {
    return std::vector<std::string>();
  }
  Result<AnchorSet> found_anchors() override { return anchors_found(fs_, family_); }
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
      const auto digest = sha256(*read);
      const auto& bytes = texts.emplace_back(as_pem(*std::move(read)));
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
    if (is_anchor_path(family_, path)) return false;
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
