#include "node/p11kit/survey.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"
#include "store/anchor_name.hpp"
#include "store/hash_link.hpp"
#include "store/p11kit/extracted.hpp"

namespace nct {

namespace {

bool is_missing(const Error& error) {
  return error.os_errno == ENOENT || error.os_errno == ENOTDIR;
}

class Surveyor {
 public:
  Surveyor(Fs& fs, const Family& family, Remembered& remembered)
      : fs_(fs), family_(family), remembered_(remembered) {}

  Result<TrustSurvey> survey(ViewsRead views) {
    for (const auto source : family_.sources) {
      const bool shipped = source == family_.shipped;
      NCT_CHECK(read_directory(std::string(source), TrustSource::Place::source, shipped));
      NCT_CHECK(read_directory(concat(source, "/anchors"), TrustSource::Place::anchors, false));
      NCT_CHECK(read_directory(concat(source, "/blocklist"), TrustSource::Place::blocklist, shipped));
    }
    for (const auto& extract : family_.extracts)
      if (views == ViewsRead::all || (views == ViewsRead::bundle && extract.path == family_.bundle))
        NCT_CHECK(read_view(extract));
    for (const auto& link : family_.links)
      NCT_CHECK(look_at(std::string(link.path)));
    return std::move(survey_);
  }

 private:
  // To be called before what is there is read: a change in between makes the status an old one.
  Result<Sight*> look_at(const std::string& path) {
    NCT_TRY(const auto status, fs_.status(path, true));
    return &(survey_.sights[path] = {.status = status, .digest = {}});
  }

  void note_change(const Sight& sight) {
    if (sight.status)
      survey_.sources_changed_ns = std::max(survey_.sources_changed_ns, sight.status->changed_ns);
  }

  std::string_view keep(std::string text) { return survey_.texts.emplace_back(std::move(text)); }

  Result<void> read_directory(const std::string& directory, TrustSource::Place place, bool shipped) {
    NCT_TRY(const auto* const sight, look_at(directory));
    if (!sight->status || sight->status->kind != FileKind::directory) return {};
    note_change(*sight);
    const auto latest = [&](std::int64_t& time) { time = std::max(time, sight->status->modified_ns); };
    if (place == TrustSource::Place::blocklist) latest(survey_.blocklists_written_ns);
    if (place == TrustSource::Place::anchors) latest(survey_.anchors_written_ns);
    NCT_TRY(const auto entries, fs_.list_directory(directory));
    for (const auto& entry : entries) {
      if (entry.kind != FileKind::regular && entry.kind != FileKind::link) continue;
      const auto path = concat(directory, "/", entry.name);
      NCT_TRY(auto* const file_sight, look_at(path));
      if (!file_sight->status || file_sight->status->kind != FileKind::regular) continue;
      note_change(*file_sight);
      auto read = fs_.read_file(path, kMaxTrustSourceBytes);
      if (!read && is_missing(read.error())) continue;  // removed since it was listed
      if (!read && read.error().os_errno == EFBIG)
        return fail(Errc::in_the_way, concat("'", printable(path), "' is larger than 64 MiB"));
      if (!read) return std::unexpected(std::move(read).error());
      file_sight->digest = sha256(*read);
      const auto bytes = keep(as_pem(*std::move(read)));
      if (directory == family_.anchors && is_anchor_file_name(entry.name)) {
        // A link in our file's place is not what we wrote.
        survey_.anchors.emplace(path, entry.kind == FileKind::regular ? bytes : std::string_view());
        continue;
      }
      const auto& facts = facts_of(remembered_.record, file_sight->digest, bytes);
      in_sources_.insert(facts.certificates.begin(), facts.certificates.end());
      survey_.sources.push_back(
          {.place = place,
           .shipped = shipped,
           .file = {.path = path, .bytes = bytes, .digest = file_sight->digest, .facts = &facts}});
    }
    return {};
  }

  // What the distribution has no directory for, it does not extract.
  Result<void> read_view(const Extract& extract) {
    const std::string path(extract.path);
    NCT_TRY(const auto directory, fs_.status(path.substr(0, path.rfind('/')), true));
    if (!directory && extract.path != family_.bundle) return {};
    TrustView view;
    view.extract = &extract;
    NCT_TRY(auto* const sight, look_at(path));
    if (view.is_directory()) {
      NCT_CHECK(read_hashed(path, *sight, view));
      survey_.views.push_back(std::move(view));
      return {};
    }
    const auto itself = fs_.status(path, false).value_or(std::nullopt);
    if (!itself || itself->kind != FileKind::regular) {
      view.fault = itself ? "is no regular file" : "is not there";
    } else {
      NCT_TRY(auto bytes, fs_.read_file(path, kMaxViewBytes));
      view.bytes = keep(std::move(bytes));
      view.digest = sight->digest = sha256(view.bytes);
      view.written_ns = itself->modified_ns;
      const auto& facts =
          facts_of_view(remembered_.record, extract.form, view.digest, view.bytes, in_sources_);
      view.certificates = facts.certificates;
      view.fault = facts.failure;
    }
    survey_.views.push_back(std::move(view));
    return {};
  }

  Result<void> read_hashed(const std::string& path, const Sight& sight, TrustView& view) {
    if (!sight.status || sight.status->kind != FileKind::directory) {
      view.fault = sight.status ? "is no directory" : "is not there";
      return {};
    }
    view.mode = sight.status->mode;
    NCT_TRY(const auto entries, fs_.list_directory(path));
    for (const auto& entry : entries) {
      if (entry.kind == FileKind::link) view.hashed.take_link(entry.name, entry.target);
      if (entry.kind != FileKind::regular) continue;
      const auto file = concat(path, "/", entry.name);
      NCT_CHECK(look_at(file));
      const auto bytes = fs_.read_file(file, kMaxTrustSourceBytes);
      if (!bytes && is_missing(bytes.error())) continue;  // removed since it was listed
      if (!bytes) return std::unexpected(bytes.error());
      view.hashed.take_file(entry.name, *bytes, in_sources_);
    }
    view.certificates = view.hashed.found_by(view.hashed.directory.links);
    if (family_.store.empty()) return {};
    NCT_CHECK(look_at(std::string(family_.store)));
    NCT_TRY(auto above, links_above(fs_, family_));
    if (above.links.empty() && family_.store_if_linked) return {};
    if (above != links_to(view.hashed.directory, family_.store_has_names))
      view.fault = concat("is not what the hash links in '", family_.store, "' lead to");
    view.above = std::move(above);
    return {};
  }

  Fs& fs_;
  const Family& family_;
  Remembered& remembered_;
  TrustSurvey survey_;
  FingerprintSet in_sources_;  // parsed
};

// The certificates in a file: as the record knows them, or else parsed, and put on record.
std::vector<const Certificate*> certificates_in(const SourceFile& file, Record& record) {
  const auto known = [&](const Fingerprint& each) { return record.certificates.contains(each); };
  auto names = file.facts->certificates;
  if (names.empty() || !std::ranges::all_of(names, known)) {
    names.clear();
    for (auto& bundled : certificates_beyond(file.bytes, {})) {
      names.push_back(bundled.certificate.fingerprint);
      remember(std::move(bundled.certificate), record);
    }
  }
  std::vector<const Certificate*> certificates;
  for (const auto& name : names)
    certificates.push_back(&record.certificates.at(name));
  return certificates;
}

}  // namespace

void HashedView::take_file(const std::string& name, std::string_view bytes, const FingerprintSet& known) {
  std::optional<Fingerprint> certificate;
  if (const auto der = der_from_pem(bytes))
    certificate = sha256(*der);
  else if (const auto trusted = load_bundle(bytes, known); trusted && trusted->size() == 1)
    certificate = trusted->front();
  if (!certificate) return;
  directory.files.emplace(name, sha256(bytes));
  certificates.emplace(name, *certificate);
}

void HashedView::take_link(const std::string& name, const std::string& target) {
  if (hash_link_from(name)) directory.links.emplace(name, target);
}

std::vector<Fingerprint> HashedView::found_by(const std::map<std::string, std::string>& links) const {
  std::set<Fingerprint> found;  // each has a link by the hash of today, and one by that of OpenSSL 0.9
  for (const auto& name : reached(links, directory.files))
    found.insert(certificates.at(name));
  return {found.begin(), found.end()};
}

std::string as_pem(std::string source) {
  constexpr char kSequence = 0x30;
  if (!source.starts_with(kSequence)) return source;
  const auto certificate = parse_certificate(source);
  return certificate ? canonical_pem(source) : source;
}

Result<LinksAbove> links_above(Fs& fs, const Family& family) {
  LinksAbove above;
  const auto entries = fs.list_directory(std::string(family.store));
  if (!entries && is_missing(entries.error())) return above;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    std::string_view target = entry.target;
    const bool leads_there =
        target.starts_with(family.into_view) && !target.substr(family.into_view.size()).contains('/');
    if (leads_there) target.remove_prefix(family.into_view.size());
    if (family.store_has_names && leads_there && target == entry.name) above.names.insert(entry.name);
    if (!hash_link_from(entry.name)) continue;
    const auto path = concat(family.store, "/", entry.name);
    if (entry.kind != FileKind::link)
      return fail(Errc::in_the_way,
                  concat("'", printable(path), "' is no link, and stands in the place of one"));
    if (family.store_has_names && !leads_there) {
      NCT_TRY(const auto there, fs.status(path, true));
      if (there) continue;
    }
    above.links.emplace(entry.name, target);
  }
  return above;
}

Result<TrustSurvey> survey_trust(Fs& fs, const Family& family, Remembered& remembered, ViewsRead views) {
  return Surveyor(fs, family, remembered).survey(views);
}

std::map<Fingerprint, std::string> blocked_among(const AnchorSet& anchors,
                                                 const std::vector<TrustSource>& sources, Record& record) {
  std::map<Fingerprint, std::string> blocked;
  for (const auto& source : sources) {
    if (source.place != TrustSource::Place::blocklist) continue;
    for (const auto* certificate : certificates_in(source.file, record))
      for (const auto& [fingerprint, anchor] : anchors) {
        const auto* ours = parsed(anchor.der, fingerprint, record);
        if (ours == nullptr) continue;
        const bool by_key = ours->key == certificate->key;
        if (!by_key && (ours->issuer != certificate->issuer || ours->serial != certificate->serial)) continue;
        blocked.emplace(fingerprint,
                        concat("p11-kit leaves it out of every view: '", printable(source.file.path),
                               "' blocks ", by_key ? "its key" : "its issuer and serial number"));
      }
  }
  return blocked;
}

const StoreFile& facts_of_view(Record& record, Extract::Form form, const Fingerprint& digest,
                               std::string_view bytes, const FingerprintSet& known) {
  const auto before = record.files.find(digest);
  if (before != record.files.end()) return before->second;
  StoreFile file;
  auto certificates = certificates_of(form, bytes, known);
  if (certificates)
    file.certificates = *std::move(certificates);
  else
    file.failure = std::move(certificates).error().message;
  return record.files.emplace(digest, std::move(file)).first->second;
}

}  // namespace nct
