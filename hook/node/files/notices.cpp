#include "node/files/notices.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/clients.hpp"
#include "cert/profile.hpp"
#include "cert/proof.hpp"
#include "cert/read.hpp"
#include "store/files/store_directory.hpp"

namespace nct {

namespace {

constexpr std::uint32_t kOthersRead = 0004;

bool is_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && path.substr(directory.size()).starts_with('/');
}

// By a publication.
bool does_harm(const Notice& notice) {
  return notice.kind == Notice::Kind::key_in_file || notice.kind == Notice::Kind::other_local_directory;
}

// A link as the tool makes it to a file of a local directory that is not the usual one.
bool is_of_other_directory(const StoreEntry& entry, const Family& family) {
  const std::string_view target = entry.target;
  const bool usual =
      is_below(target, family.store) || is_below(target, family.shipped) || is_below(target, family.local);
  return !lie_in_store(family.mechanism) && entry.kind == StoreEntry::Kind::link && target.starts_with('/') &&
         target.ends_with(".crt") && !usual && entry.name == link_name(target);
}

const StoreEntry* entry_of_other_directory(const Survey& survey, const Family& family,
                                           const Fingerprint& fingerprint) {
  const auto leads_to_it = [&](const StoreEntry& entry) {
    return entry.facts != nullptr && is_of_other_directory(entry, family) &&
           std::ranges::find(entry.facts->certificates, fingerprint) != entry.facts->certificates.end();
  };
  const auto found = std::ranges::find_if(survey.directory, leads_to_it);
  return found == survey.directory.end() ? nullptr : &*found;
}

Result<std::optional<Notice>> copied_file(Fs& fs, const ViewLink& link, const AnchorSet& wanted) {
  const std::string path(link.path);
  NCT_TRY(const auto itself, fs.status(path, false));
  NCT_TRY(const auto meant, fs.status(path, true));
  NCT_TRY(const auto bundle, fs.status(std::string(link.view), true));
  if (!itself || !meant || meant->kind != FileKind::regular) return std::nullopt;
  const bool same = bundle && meant->device == bundle->device && meant->inode == bundle->inode;
  if (itself->kind == FileKind::link && same) return std::nullopt;
  const auto bytes = fs.read_file(path, kMaxBundleBytes);
  std::size_t lacking = 0;
  for (const auto& [fingerprint, anchor] : wanted)
    if (!bytes || !bytes->contains(canonical_pem(anchor.der))) ++lacking;
  auto message = concat("leads to a file of its own, not to '", link.view, "', and does not follow it");
  if (lacking != 0)
    message +=
        concat("; it lacks ", std::to_string(lacking), " of our ", std::to_string(wanted.size()), " anchors");
  return Notice{.kind = Notice::Kind::copy_of_store,
                .subject = path,
                .message = std::move(message),
                .original = std::string(link.view)};
}

Result<std::optional<Notice>> copied_directory(Fs& fs, const ViewLink& link) {
  const std::string path(link.path);
  NCT_TRY(const auto meant, fs.status(path, true));
  NCT_TRY(const auto store, fs.status(std::string(link.view), true));
  if (!meant || !store || meant->kind != FileKind::directory) return std::nullopt;
  if (meant->device == store->device && meant->inode == store->inode) return std::nullopt;
  return Notice{
      .kind = Notice::Kind::copy_of_store,
      .subject = path,
      .message = concat("leads to a directory of its own, not to '", link.view, "', and does not follow it"),
      .original = std::string(link.view)};
}

}  // namespace

bool stop_mending(std::span<const Notice> notices, bool ours) {
  return std::ranges::any_of(notices, [ours](const Notice& notice) {
    return does_harm(notice) || (!ours && notice.kind == Notice::Kind::leaves_bundle);
  });
}

std::vector<Notice> keys_in(const Survey& survey, const Family& family) {
  std::vector<Notice> notices;
  const bool public_bundle = survey.bundle && (survey.bundle_mode & kOthersRead) != 0;
  bool accounted_for = false;
  for (const auto* list : {&survey.selected, &survey.local})
    for (const auto& source : *list) {
      if (!source.facts->private_key) continue;
      // Its last line may have got a line feed that it did not have.
      const bool published = public_bundle && survey.bundle->contains(source.bytes);
      accounted_for = accounted_for || published;
      notices.push_back(published
                            ? published_key(source.path, family)
                            : Notice{.kind = Notice::Kind::key_in_file,
                                     .subject = printable(source.path),
                                     .message = concat("holds a private key, which publishing the store "
                                                       "would put into '",
                                                       family.bundle, "' for everybody to read")});
    }
  if (public_bundle && !accounted_for && holds_private_key(*survey.bundle))
    notices.push_back(
        {.kind = Notice::Kind::key_published,
         .subject = std::string(family.bundle),
         .message = "holds a private key, for everybody to read, that is in no certificate file"});
  return notices;
}

Notice published_key(const std::string& path, const Family& family) {
  return {
      .kind = Notice::Kind::key_published,
      .subject = printable(path),
      .message = concat("holds a private key, which stands in '", family.bundle, "' for everybody to read")};
}

std::vector<Notice> breaking_in(const Survey& survey) {
  std::vector<Notice> notices;
  for (const auto* list : {&survey.selected, &survey.local})
    for (const auto& source : *list)
      if (!source.facts->breaks.empty()) notices.push_back(breaking_file(source.path, *source.facts));
  return notices;
}

Notice breaking_file(const std::string& path, const StoreFile& facts) {
  return {.kind = Notice::Kind::breaks_clients,
          .subject = printable(path),
          .message = concat("while it is in the store these clients load nothing of it: ", facts.breaks)};
}

std::vector<Notice> leaving(const Survey& survey, const Family& family, const FingerprintSet& accounted_for) {
  std::vector<Notice> notices;
  if (!survey.bundle) return notices;
  for (const auto& each : certificates_beyond(*survey.bundle, accounted_for)) {
    const auto& certificate = each.certificate;
    const auto name = concat(certificate.subject, " (sha256 ", certificate.fingerprint.hex(), ")");
    if (const auto* entry = entry_of_other_directory(survey, family, certificate.fingerprint)) {
      notices.push_back(
          {.kind = Notice::Kind::other_local_directory,
           .subject = printable(entry->target),
           .message =
               concat("is in another local directory, from which the store was built, too: '", family.store,
                      "/", printable(entry->name), "' leads to it, and ", name, " is in the bundle")});
      continue;
    }
    auto message = concat(
        name, " stands there and in no certificate file: it leaves the bundle when the store is published");
    if (const auto broken = broken_clients(profile_of(certificate.der)); !broken.empty())
      message += concat("; until then these clients load nothing of it: ", words_of(broken));
    notices.push_back({.kind = Notice::Kind::leaves_bundle,
                       .subject = std::string(family.bundle),
                       .message = std::move(message),
                       .first_line = each.first_line,
                       .last_line = each.last_line});
  }
  return notices;
}

Result<std::vector<Notice>> copies_of_store(Fs& fs, const Family& family, const AnchorSet& wanted) {
  std::vector<Notice> notices;
  for (const auto& link : family.links) {
    NCT_TRY(auto copy,
            link.view == family.store ? copied_directory(fs, link) : copied_file(fs, link, wanted));
    if (copy) notices.push_back(*std::move(copy));
  }
  return notices;
}

Result<void> check_publishable(std::span<const Notice> notices) {
  for (const auto& notice : notices)
    if (does_harm(notice)) return fail(Errc::in_the_way, concat("'", notice.subject, "' ", notice.message));
  return {};
}

}  // namespace nct
