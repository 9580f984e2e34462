#include "node/anchors.hpp"

#include <cerrno>
#include <utility>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/read.hpp"
#include "cert/relations.hpp"
#include "cert/sha256.hpp"
#include "store/anchor_name.hpp"

namespace nct {

namespace {

constexpr std::size_t kMaxAnchorBytes = std::size_t{16} << 20U;

}  // namespace

AnchorPaths anchor_paths(const Family& family, const AnchorSet& anchors, Record& record) {
  std::vector<const Certificate*> certificates;
  for (const auto& [fingerprint, anchor] : anchors)
    if (const auto* certificate = parsed(anchor.der, fingerprint, record))
      certificates.push_back(certificate);
  const auto after_others = behind(certificates);
  AnchorPaths paths;
  for (const auto& [fingerprint, anchor] : anchors)
    paths.emplace(fingerprint, concat(family.anchors, "/",
                                      anchor_file_name(fingerprint.hex(), after_others.contains(fingerprint),
                                                       family.anchor_suffix)));
  return paths;
}

std::map<std::string, std::string> anchor_files(const AnchorSet& anchors, const AnchorPaths& paths,
                                                Record& record) {
  std::map<std::string, std::string> files;
  for (const auto& [fingerprint, anchor] : anchors) {
    const auto [file, _] = files.emplace(paths.at(fingerprint), canonical_pem(anchor.der));
    const auto parsed = record.certificates.find(fingerprint);
    if (parsed == record.certificates.end()) continue;
    record.files.try_emplace(sha256(file->second), StoreFile{.kind = StoreFile::Kind::certificate,
                                                             .name_hash = parsed->second.subject_hash,
                                                             .certificates = {fingerprint}});
  }
  return files;
}

AnchorChanges anchor_changes(const AnchorPaths& paths, const std::map<std::string, std::string>& files,
                             const std::map<std::string, std::string_view>& found) {
  AnchorChanges changes;
  for (const auto& [fingerprint, path] : paths) {
    const auto there = found.find(path);
    if (there != found.end() && there->second == files.at(path)) continue;
    const bool edited = there != found.end();
    changes.added.push_back(path);
    changes.steps.push_back({.kind = StepKind::add_anchor,
                             .subject = path,
                             .reason = edited ? "its content is not what was installed" : "it is not there",
                             .fingerprint = fingerprint,
                             .damaged = edited});
  }
  for (const auto& [path, bytes] : found) {
    if (files.contains(path)) continue;
    changes.retired.push_back(path);
    const auto der = der_from_pem(bytes);
    const auto fingerprint = der ? sha256(*der) : Fingerprint{};
    const auto own = paths.find(fingerprint);
    changes.steps.push_back(
        {.kind = StepKind::remove_anchor,
         .subject = path,
         .reason = own != paths.end()
                       ? concat("it is '", own->second.substr(own->second.rfind('/') + 1), "' now")
                       : "nobody asks for it",
         .fingerprint = fingerprint});
  }
  return changes;
}

bool is_anchor_path(const Family& family, std::string_view path) {
  const auto slash = path.rfind('/');
  return path.substr(0, slash) == family.anchors &&
         is_anchor_file_name(path.substr(slash + 1), family.anchor_suffix);
}

Result<AnchorSet> anchors_found(Fs& fs, const Family& family) {
  AnchorSet anchors;
  const auto entries = fs.list_directory(std::string(family.anchors));
  if (!entries && (entries.error().os_errno == ENOENT || entries.error().os_errno == ENOTDIR)) return anchors;
  if (!entries) return std::unexpected(entries.error());
  for (const auto& entry : *entries) {
    const auto path = concat(family.anchors, "/", entry.name);
    if (entry.kind != FileKind::regular || !is_anchor_path(family, path)) continue;
    NCT_TRY(const auto bytes, fs.read_file(path, kMaxAnchorBytes));
    const auto der = der_from_pem(bytes);
    auto certificate = der ? parse_certificate(*der) : fail(Errc::input, "");
    if (!certificate) continue;
    const auto hex = certificate->fingerprint.hex();
    const auto is_named = [&](bool behind) {
      return anchor_file_name(hex, behind, family.anchor_suffix) == entry.name;
    };
    if (!is_named(false) && !is_named(true)) continue;
    anchors.emplace(certificate->fingerprint,
                    Anchor{.der = *der,
                           .subject = certificate->subject,
                           .owners = {{.source = std::string(kUnknownSource), .input = {}, .origin = path}}});
  }
  return anchors;
}

}  // namespace nct
