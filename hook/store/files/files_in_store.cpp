#include "store/files/files_in_store.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "store/anchor_name.hpp"
#include "store/debian/paths.hpp"
#include "store/files/directory_links.hpp"

namespace nct {

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr unsigned long kNumbersInBundle = 10;  // *.[0-9]

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_hash_of_8_digits(std::string_view name) {
  constexpr std::size_t kLength = 8;
  return name.substr(0, name.find('.')).size() == kLength &&
         name.substr(0, kLength).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The extensions of c_rehash, which knows no other case of them.
bool has_certificate_extension(std::string_view name) {
  constexpr std::array<std::string_view, 4> kExtensions{".pem", ".cer", ".crt", ".crl"};
  return std::ranges::any_of(kExtensions,
                             [&](std::string_view extension) { return name.ends_with(extension); });
}

// *.[0-9]
bool is_numbered(std::string_view name) {
  return name.size() >= 2 && name[name.size() - 2] == '.' && kDigits.contains(name.back());
}

NameInStore name_in_flatcar(std::string_view name, bool is_link) {
  if (name.starts_with('.') || name.contains('/') || name == debian::kBundleName) return NameInStore::other;
  if (is_link && hash_link_from(name)) return NameInStore::other;
  if (has_certificate_extension(name)) {
    const bool split = name.find_first_of(" \t\r\n\f\v*?[\\") != std::string_view::npos;
    return split || name.starts_with('-') ? NameInStore::passed : NameInStore::source;
  }
  return is_numbered(name) ? NameInStore::source : NameInStore::other;
}

std::vector<const SourceFile*> sources_by_path(const StoreInput& input) {
  std::vector<const SourceFile*> sources;
  for (const auto* list : {&input.selected, &input.local})
    for (const auto& source : *list)
      sources.push_back(&source);
  std::ranges::sort(sources, {}, [](const SourceFile* source) { return std::string_view(source->path); });
  return sources;
}

bool is_ours(const SourceFile& source) {
  return is_anchor_file_name(base_name(source.path), ".pem");
}

// find -L DIRECTORY -type l -delete, once our anchors are what they are to be.
DirectoryLinks links_that_lead_somewhere(const StoreInput& input,
                                         const std::vector<const SourceFile*>& sources) {
  LinkRules rules{.sources = {}, .files = {}, .only_files = false};
  for (const auto* source : sources)
    rules.files.insert(base_name(source->path));
  DirectoryLinks directory(input.directory, std::move(rules));
  directory.remove_dangling();
  return directory;
}

void take(StoreResult& result, const SourceFile& source, bool end_lines) {
  auto& bundle = *result.bundle;
  const bool runs_on = !bundle.empty() && bundle.back() != '\n' && !source.bytes.empty();
  if (runs_on && result.glued.empty()) result.glued = result.bundled.back()->path;
  bundle += source.bytes;
  if (end_lines && !bundle.empty() && bundle.back() != '\n') bundle += '\n';
  result.bundled.push_back(&source);
}

// What c_rehash asks openssl(1) of a file: of its first certificate, or of a CRL.
struct Identity {
  HashLinkName bucket;
  Fingerprint fingerprint;
};

std::optional<Identity> identity_of(const SourceFile& source) {
  const auto& facts = *source.facts;
  if (!facts.failure.empty()) {
    const auto der = der_from_pem(source.bytes);
    const auto certificate = der ? parse_certificate(*der) : fail(Errc::input, "");
    if (!certificate) return std::nullopt;
    return Identity{.bucket = {.hash = certificate->subject_hash}, .fingerprint = certificate->fingerprint};
  }
  if (facts.certificates.empty()) return std::nullopt;
  if (facts.kind == StoreFile::Kind::unusable && facts.name_hashes.empty()) return std::nullopt;
  const auto hash = facts.kind == StoreFile::Kind::unusable ? facts.name_hashes.front() : facts.name_hash;
  return Identity{.bucket = {.hash = hash, .crl = facts.kind == StoreFile::Kind::crl},
                  .fingerprint = facts.certificates.front()};
}

// The hash links of c_rehash, which it makes all anew.
class CRehash {
 public:
  CRehash(const StoreInput& input, StoreResult& result) : result_(result) {
    for (const auto& entry : input.directory)
      if (entry.kind == StoreEntry::Kind::file && hash_link_from(entry.name))
        taken_[entry.name] = entry.facts != nullptr && !entry.facts->certificates.empty()
                                 ? std::optional(entry.facts->certificates.front())
                                 : std::nullopt;
  }

  // Makes the link to `source`, but where its bucket leads to the same already.
  Result<void> link(const SourceFile& source) {
    const auto identity = identity_of(source);
    if (!identity) return {};
    auto name = identity->bucket;
    while (true) {
      const auto text = text_of(name);
      const auto taken = taken_.find(text);
      if (taken == taken_.end()) break;
      if (taken->second == identity->fingerprint) return {};
      ++name.number;
    }
    if (!name.crl && name.number >= kNumbersInBundle)
      return fail(Errc::in_the_way,
                  concat("more than ten certificates share the subject of '", printable(source.path),
                         "', and update-ca-certificates puts no more of them into the bundle"));
    const auto& text = result_.names.emplace_back(text_of(name));
    taken_.emplace(text, identity->fingerprint);
    links_.emplace(text, &source);
    return {};
  }

  [[nodiscard]] const std::map<std::string_view, const SourceFile*>& links() const { return links_; }

 private:
  StoreResult& result_;
  std::map<std::string, std::optional<Fingerprint>, std::less<>> taken_;  // names, and what they hold
  std::map<std::string_view, const SourceFile*> links_;
};

}  // namespace

NameInStore name_in_store(const Family& family, std::string_view name, std::string_view target) {
  if (family.mechanism == Mechanism::c_rehashed_files) return name_in_flatcar(name, !target.empty());
  const bool taken = name.ends_with(".pem") && !name.starts_with('.') && !name.contains('/');
  return taken ? NameInStore::source : NameInStore::other;
}

bool is_shipped_in_store(const Family& family, std::string_view name, std::string_view target) {
  if (family.mechanism == Mechanism::c_rehashed_files) return target.contains(concat(family.shipped, "/"));
  return target.empty() && has_hash_of_8_digits(name) && name.substr(name.find('.')) == ".pem";
}

bool is_left_in_store(const Family& family, std::string_view name) {
  constexpr std::size_t kRandom = 10;
  return family.mechanism == Mechanism::c_rehashed_files &&
         name.size() == debian::kBundleName.size() + 1 + kRandom && name.starts_with(debian::kBundleName) &&
         name[debian::kBundleName.size()] == '.';
}

Result<StoreResult> rehashed_store(const StoreInput& input) {
  StoreResult result;
  const auto sources = sources_by_path(input);
  auto directory = links_that_lead_somewhere(input, sources);

  std::vector<HashedFile> files;
  std::set<std::uint32_t> anew;  // names of certificates of ours
  for (const auto* source : sources) {
    if (!is_ours(*source)) continue;
    files.push_back({.name = base_name(source->path), .facts = source->facts});
    anew.insert(source->facts->name_hash);
  }
  std::erase_if(directory.links, [&](const auto& link) {
    const auto name = hash_link_from(link.first);
    return name && !name->crl && anew.contains(name->hash);
  });
  for (const auto& entry : input.directory) {
    const bool is_there = entry.kind == StoreEntry::Kind::file || directory.links.contains(entry.name);
    if (!is_there || !is_hashed_name(entry.name) || hash_link_from(entry.name)) continue;
    // A key alone makes openssl-rehash(1) fail, once it is done; the script goes on.
    if (entry.facts != nullptr && !entry.facts->only_key)
      files.push_back({.name = entry.name, .facts = entry.facts});
  }
  NCT_TRY(result.links, settled(std::move(directory.links), files, {}, result.names));

  result.bundle.emplace();
  for (const auto* source : sources)
    take(result, *source, false);
  return result;
}

Result<StoreResult> c_rehashed_store(const StoreInput& input) {
  StoreResult result;
  const auto sources = sources_by_path(input);
  auto directory = links_that_lead_somewhere(input, sources);
  std::erase_if(directory.links, [](const auto& link) { return hash_link_from(link.first).has_value(); });

  CRehash hashes(input, result);
  for (const auto* source : sources)
    if (has_certificate_extension(base_name(source->path))) NCT_CHECK(hashes.link(*source));
  std::map<std::string_view, const SourceFile*> numbered;
  for (const auto& [name, source] : hashes.links()) {
    directory.links[name] = base_name(source->path);
    if (is_numbered(name) && !hash_link_from(name)->crl) numbered.emplace(name, source);
  }
  for (const auto* source : sources)
    if (is_numbered(base_name(source->path))) numbered.emplace(base_name(source->path), source);
  result.links = std::move(directory.links);

  result.bundle.emplace();
  for (const auto& [name, source] : numbered)
    take(result, *source, true);
  return result;
}

}  // namespace nct
