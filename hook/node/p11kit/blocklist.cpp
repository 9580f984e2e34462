#include "node/p11kit/blocklist.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"
#include "node/p11kit/survey.hpp"
#include "store/anchor_name.hpp"

namespace nct {

namespace {

class Comparison {
 public:
  Comparison(Fs& fs, const Family& family, Remembered& remembered, const std::set<Fingerprint>& distrusted)
      : fs_(fs),
        family_(family),
        remembered_(remembered),
        distrusted_(distrusted),
        directory_(concat(family.sources.front(), "/blocklist")) {}

  Result<DistrustChange> compare() {
    NCT_TRY(const auto before, files_of_ours());
    if (distrusted_.empty() && before.empty()) return std::move(change_);
    NCT_TRY(survey_, survey_trust(fs_, family_, remembered_, ViewsRead::all));
    for (const auto& [path, fingerprint] : before) {
      if (fingerprint && distrusted_.contains(*fingerprint)) continue;
      change_.removed.push_back(path);
      change_.changes.push_back({.fingerprint = fingerprint.value_or(Fingerprint{}),
                                 .restores = true,
                                 .place = path,
                                 .reason = {}});
    }
    for (const auto& fingerprint : distrusted_)
      change_.roots.push_back(root_for(fingerprint, before));
    return std::move(change_);
  }

 private:
  using Files = std::map<std::string, std::optional<Fingerprint>>;  // by path: what each holds

  Result<Files> files_of_ours() {
    Files files;
    NCT_TRY(const auto there, fs_.status(directory_, true));
    if (!there) return files;
    NCT_TRY(const auto entries, fs_.list_directory(directory_));
    for (const auto& entry : entries) {
      if (!is_anchor_file_name(entry.name)) continue;
      const auto path = concat(directory_, "/", entry.name);
      NCT_TRY(const auto bytes, fs_.read_start(path, kMaxTrustSourceBytes));
      const auto der = der_from_pem(bytes);
      files.emplace(path, der ? std::optional(sha256(*der)) : std::nullopt);
    }
    return files;
  }

  DistrustedRoot root_for(const Fingerprint& fingerprint, const Files& before) {
    DistrustedRoot root{.fingerprint = fingerprint};
    const auto path = concat(directory_, "/", anchor_file_name(fingerprint.hex()));
    const auto file = before.find(path);
    const bool there = file != before.end() && file->second == fingerprint;
    if (there || block(fingerprint, path)) {
      root.state = DistrustedRoot::State::taken_out;
      root.place = path;
    }
    for (const auto& source : survey_.sources) {
      const auto& certificates = source.file.facts->certificates;
      if (source.place != TrustSource::Place::anchors ||
          std::ranges::find(certificates, fingerprint) == certificates.end())
        continue;
      root.state = DistrustedRoot::State::trusted;
      root.place = source.file.path;
      root.reason = "somebody else put it there, and one view goes by that";
    }
    return root;
  }

  // Whether a view holds it: then it is to be blocked.
  bool block(const Fingerprint& fingerprint, const std::string& path) {
    const auto& all = certificates();
    const auto found = all.find(fingerprint);
    if (found == all.end()) return false;
    const auto& root = found->second;
    change_.files.push_back({.staged = concat(family_.anchor_staging, "blocked.", name_in(path)),
                             .path = path,
                             .bytes = canonical_pem(root.der)});
    change_.changes.push_back(
        {.fingerprint = fingerprint, .restores = false, .place = path, .reason = root.subject});
    for (const auto& [other, certificate] : all)
      if (certificate.key == root.key && !distrusted_.contains(other))
        change_.collateral.push_back(concat("p11-kit blocks by the key: with ", root.subject, " goes ",
                                            certificate.subject, " (sha256 ", other.hex(), ")"));
    return true;
  }

  // Of the views in PEM, parsed.
  const std::map<Fingerprint, Certificate>& certificates() {
    if (!certificates_.empty()) return certificates_;
    for (const auto& view : survey_.views)
      if (view.extract->form == Extract::Form::pem_bundle ||
          view.extract->form == Extract::Form::openssl_bundle)
        for (auto& each : certificates_beyond(view.bytes, {})) {
          const auto fingerprint = each.certificate.fingerprint;
          certificates_.emplace(fingerprint, std::move(each.certificate));
        }
    return certificates_;
  }

  Fs& fs_;
  const Family& family_;
  Remembered& remembered_;
  const std::set<Fingerprint>& distrusted_;
  std::string directory_;
  TrustSurvey survey_;
  std::map<Fingerprint, Certificate> certificates_;
  DistrustChange change_;
};

}  // namespace

Result<DistrustChange> compare_blocklist(Fs& fs, const Family& family, Remembered& remembered,
                                         const std::set<Fingerprint>& distrusted) {
  return Comparison(fs, family, remembered, distrusted).compare();
}

}  // namespace nct
