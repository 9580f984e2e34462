#include "node/files/store_proof.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"
#include "node/anchors.hpp"
#include "store/link_changes.hpp"

namespace nct {

StoreProof::StoreProof(const FinishedStore& store, Fs& fs, Record& record, const Seen& seen)
    : store_(store), fs_(fs), record_(record), seen_(seen) {
  for (const auto& entry : store_.survey.directory)
    if (entry.facts != nullptr) facts_by_name_[entry.name] = entry.facts;
  for (const auto* list : {&store_.survey.selected, &store_.local})
    for (const auto& source : *list)
      facts_by_name_[link_name(source.path)] = source.facts;
  for (const auto* source : store_.result.bundled)
    if (source->facts->kind != StoreFile::Kind::crl)
      expected_.insert(source->facts->certificates.begin(), source->facts->certificates.end());
  if (store_.family.bundle.starts_with(store_.family.store))
    facts_by_name_[std::string(store_.family.bundle.substr(store_.family.store.size() + 1))] =
        store_.result.bundle_facts;
}

std::string StoreProof::in_store(std::string_view name) const {
  return concat(store_.family.store, "/", name);
}

// What a survey leaves out of the directory.
bool StoreProof::is_no_entry(std::string_view path) const {
  return lie_in_store(store_.family.mechanism) &&
         (path == store_.family.bundle || is_anchor_path(store_.family, path));
}

std::unexpected<Error> StoreProof::another_writer() const {
  return fail(Errc::busy, concat("another writer changed links in '", store_.family.store, "'"));
}

Result<void> StoreProof::in_memory() {
  for (const auto* source : store_.result.bundled)
    if (!source->facts->failure.empty())
      return fail(Errc::in_the_way,
                  concat("'", printable(source->path),
                         "' would keep every client from loading the bundle: ", source->facts->failure));
  if (!store_.result.glued.empty())
    return fail(Errc::in_the_way,
                concat("'", printable(store_.result.glued), "' does not end with a line feed, and '",
                       store_.family.tool, "' would join its last line to the next certificate's first"));
  NCT_CHECK(load());
  NCT_CHECK(find_linked(reachable_by_text()));
  for (const auto& source : store_.local)
    if (source.facts->kind == StoreFile::Kind::certificate && is_anchor_path(store_.family, source.path))
      NCT_CHECK(build_chain(source.path, source.bytes, source.facts->certificates.front()));
  if (const auto* root = linked_root())
    NCT_CHECK(build_chain(root->path, root->bytes, root->facts->certificates.front()));
  return {};
}

Result<void> StoreProof::on_disk() {
  // Where each hash link leads to is seen below; by the names nothing is missing, and nothing too many.
  NCT_TRY(const auto entries, list_store_names(fs_, store_.family));
  std::size_t links = 0;
  for (const auto& entry : entries) {
    if (in_store(entry.name) == store_.family.stale_bundle)
      return fail(Errc::busy,
                  concat("'", store_.family.stale_bundle, "' appeared: another writer is at work"));
    if (entry.kind != FileKind::link || is_no_entry(in_store(entry.name))) continue;
    ++links;
    if (!store_.result.links.contains(entry.name)) return another_writer();
  }
  if (links != store_.result.links.size()) return another_writer();
  if (store_.result.bundle) {
    // The bytes that in_memory() has loaded as a client are the bytes that every client loads.
    NCT_TRY(const auto bundle, fs_.read_file(std::string(store_.family.bundle), kMaxBundleBytes));
    if (bundle != store_.result.bundle)
      return fail(Errc::busy, concat("another writer changed '", store_.family.bundle, "'"));
  }
  return walk_hash_links();
}

// What the distribution selected hardly ever changes: where it stands first, its part of the bundle is loaded
// once, ours each time. Both end with a line, so what loads apart loads together.
Result<void> StoreProof::load() {
  if (!store_.result.bundle) return {};
  const std::string_view bundle = *store_.result.bundle;
  const auto selected_bytes = store_.result.selected_bytes;
  const auto digest = sha256(bundle.substr(0, selected_bytes));
  if (selected_bytes != 0) selected_part_ = digest;
  FingerprintSet present;
  if (selected_part_ && record_.loaded.contains(digest)) {
    for (const auto& source : store_.survey.selected)
      present.insert(source.facts->certificates.begin(), source.facts->certificates.end());
    NCT_TRY(const auto loaded, load_bundle(bundle.substr(selected_bytes), expected_));
    present.insert(loaded.begin(), loaded.end());
  } else {
    NCT_TRY(const auto loaded, load_bundle(bundle, expected_));
    present.insert(loaded.begin(), loaded.end());
    if (selected_part_) record_.loaded.insert(digest);
  }
  for (const auto& fingerprint : expected_)
    if (!present.contains(fingerprint))
      return fail(Errc::in_the_way, concat("a client that loads the bundle does not find certificate ",
                                           fingerprint.hex(), name_of_source(fingerprint)));
  return {};
}

// Every certificate that a hash link of the finished store is for, and every anchor of ours.
Result<void> StoreProof::find_linked(const FingerprintSet& reached) const {
  const auto find = [&](const Fingerprint& fingerprint) -> Result<void> {
    if (reached.contains(fingerprint)) return {};
    return fail(Errc::in_the_way,
                concat("a client of the hash directory '", store_.family.store,
                       "' does not find certificate ", fingerprint.hex(), name_of_source(fingerprint)));
  };
  for (const auto& [name, target] : store_.result.links)
    if (const auto link = hash_link_from(name); link && !link->crl)
      if (const auto* facts = facts_of_link(target);
          facts != nullptr && facts->kind == StoreFile::Kind::certificate && facts->name_hash == link->hash)
        NCT_CHECK(find(facts->certificates.front()));
  for (const auto& [fingerprint, anchor] : store_.wanted)
    NCT_CHECK(find(fingerprint));
  return {};
}

std::string StoreProof::name_of_source(const Fingerprint& fingerprint) const {
  for (const auto* source : store_.result.bundled)
    if (std::ranges::find(source->facts->certificates, fingerprint) != source->facts->certificates.end())
      return concat(" of '", printable(source->path), "'");
  return {};
}

// What the file behind a name of the store directory holds, once the store is finished.
const StoreFile* StoreProof::facts_of_link(std::string_view name) const {
  const auto found = facts_by_name_.find(name);
  return found == facts_by_name_.end() ? nullptr : found->second;
}

// A hash link that once led to a bundle of one certificate, and which openssl-rehash(1) leaves where the
// certificate stays: a client that follows it loads the whole bundle.
bool StoreProof::leads_to_all(std::string_view name) const {
  return in_store(name) == store_.family.bundle && store_.result.bundle &&
         store_.result.bundle_facts == nullptr;
}

FingerprintSet StoreProof::reachable_by_text() const {
  FingerprintSet reached;
  for (const auto& [key, bucket] : buckets_of(store_.result.links))
    for (unsigned long number = 0; bucket.contains(number); ++number) {
      if (leads_to_all(bucket.at(number))) {
        reached.insert(expected_.begin(), expected_.end());
        continue;
      }
      const auto* facts = facts_of_link(bucket.at(number));
      if (facts == nullptr || facts->certificates.empty()) break;
      reached.insert(facts->certificates.front());
    }
  return reached;
}

// Goes through each hash link as a client does: every certificate is there, and with it a chain to each
// anchor.
Result<void> StoreProof::walk_hash_links() {
  const auto by_inode = sights_by_inode();
  FingerprintSet reached;
  const auto* root = linked_root();
  for (const auto& [key, bucket] : buckets_of(store_.result.links))
    for (unsigned long number = 0; bucket.contains(number); ++number) {
      if (leads_to_all(bucket.at(number))) {
        reached.insert(expected_.begin(), expected_.end());
        continue;
      }
      const auto path =
          in_store(text_of(HashLinkName{.hash = key.first, .crl = key.second, .number = number}));
      const auto digest = digest_behind(path, by_inode);
      if (!digest) break;  // as a client does
      const auto& certificates = record_.files.at(*digest).certificates;
      if (certificates.empty()) break;
      const auto& found = certificates.front();
      reached.insert(found);
      const bool needs_chain =
          store_.wanted.contains(found) || (root != nullptr && found == root->facts->certificates.front());
      if (!needs_chain || record_.chained.contains(*digest)) continue;
      NCT_TRY(const auto bytes, fs_.read_file(path, kMaxSourceBytes));
      NCT_CHECK(build_chain(path, bytes, found));
    }
  return find_linked(reached);
}

StoreProof::SightsByInode StoreProof::sights_by_inode() const {
  SightsByInode sights;
  for (const auto& [path, sight] : seen_.sights)
    if (sight.status && sight.status->kind == FileKind::regular && record_.files.contains(sight.digest))
      sights.emplace(sight.status->inode, &sight);
  return sights;
}

// Of the file that `path` leads to: the one that was read before publishing, by its status, or it is read
// now.
std::optional<Fingerprint> StoreProof::digest_behind(const std::string& path, const SightsByInode& sights) {
  if (!sights.empty()) {
    const auto status = fs_.status(path, true).value_or(std::nullopt);
    if (!status) return std::nullopt;
    const auto sight = sights.find(status->inode);
    if (sight != sights.end() && sight->second->status == status) return sight->second->digest;
  }
  const auto bytes = fs_.read_file(path, kMaxSourceBytes);
  if (!bytes) return std::nullopt;
  const auto digest = sha256(*bytes);
  (void)facts_of(record_, digest, *bytes);
  return digest;
}

// The first self-signed root of the distribution that is in the store directory under its own name.
const SourceFile* StoreProof::linked_root() {
  for (const auto& source : store_.survey.selected) {
    const auto name = link_name(source.path);
    const auto link = store_.result.links.find(name);
    const bool linked =
        in_store(name) == source.path || (link != store_.result.links.end() && link->second == source.path);
    if (linked && source.facts->kind == StoreFile::Kind::certificate && is_self_signed(source))
      return &source;
  }
  return nullptr;
}

bool StoreProof::is_self_signed(const SourceFile& source) {
  if (record_.chained.contains(source.digest)) return true;  // as the root of an earlier run
  const auto der = der_from_pem(source.bytes);
  if (!der) return false;
  auto certificate = parse_certificate(*der);
  if (!certificate) return false;
  const bool self_signed = certificate->self_signed;
  remember(*std::move(certificate), record_);
  return self_signed;
}

Result<void> StoreProof::build_chain(const std::string& path, std::string_view bytes,
                                     const Fingerprint& expected) {
  const auto digest = sha256(bytes);
  if (record_.chained.contains(digest)) return {};
  auto chain = verify_anchor(bytes, expected, record_);
  if (!chain) return pass_on(std::move(chain).error(), concat("'", path, "'"));
  record_.chained.insert(digest);
  return {};
}

}  // namespace nct
