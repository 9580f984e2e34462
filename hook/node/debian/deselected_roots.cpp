#include "node/debian/deselected_roots.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "node/files/survey.hpp"
#include "node/replace_files.hpp"
#include "store/debian/deselection.hpp"
#include "store/debian/paths.hpp"

namespace nct {

namespace {

bool holds(const StoreFile& facts, const Fingerprint& fingerprint) {
  return facts.kind != StoreFile::Kind::crl &&
         std::ranges::find(facts.certificates, fingerprint) != facts.certificates.end();
}

class Comparison {
 public:
  Comparison(Fs& fs, const Family& family, Record& record, const Seen& seen,
             const std::set<Fingerprint>& distrusted)
      : fs_(fs), family_(family), record_(record), seen_(seen), distrusted_(distrusted) {}

  Result<DistrustChange> compare() {
    NCT_TRY(const auto found, conf_text(fs_, family_));
    const auto conf = found.value_or(std::string());
    const auto before = deselected_in(conf);
    if (distrusted_.empty() && before.empty()) return std::move(change_);
    for (const auto& fingerprint : distrusted_)
      roots_.emplace(fingerprint, DistrustedRoot{.fingerprint = fingerprint});
    NCT_CHECK(keep(before));
    NCT_CHECK(look_at_selected());
    NCT_CHECK(look_at_local());
    note_changes(before);
    auto text = conf_with(conf, wanted_);
    if (text != conf)
      change_.files.push_back(
          {.staged = aside(debian::kConf), .path = std::string(debian::kConf), .bytes = std::move(text)});
    for (auto& [fingerprint, root] : roots_)
      change_.roots.push_back(std::move(root));
    return std::move(change_);
  }

 private:
  static std::string path_of(std::string_view name) { return concat(debian::kCertificates, "/", name); }

  void take_out(const std::string& name, const Fingerprint& fingerprint) {
    wanted_.emplace(name, fingerprint);
    auto& root = roots_.at(fingerprint);
    root.state = DistrustedRoot::State::taken_out;
    root.place = path_of(name);
  }

  static void leave(DistrustedRoot& root, std::string place, std::string reason) {
    root.state = DistrustedRoot::State::trusted;
    root.place = std::move(place);
    root.reason = std::move(reason);
  }

  // What is deselected stays so while its file is what it was: an update may have put another root there.
  Result<void> keep(const Deselections& before) {
    for (const auto& [name, fingerprint] : before) {
      if (!distrusted_.contains(fingerprint)) continue;
      NCT_TRY(const auto facts, facts_of_file(fs_, record_, path_of(name)));
      if (facts == nullptr || holds(*facts, fingerprint)) take_out(name, fingerprint);
    }
    return {};
  }

  Result<void> look_at_selected() {
    Looks looks;
    NCT_TRY(const auto selected, distro_files(fs_, family_, record_, seen_, looks));
    for (const auto& file : selected)
      for (auto& [fingerprint, root] : roots_) {
        if (!holds(*file.facts, fingerprint)) continue;
        if (file.facts->certificates.size() == 1)
          take_out(file.path.substr(debian::kCertificates.size() + 1), fingerprint);
        else
          leave(root, file.path, "it holds others as well, and its line selects all of them");
      }
    return {};
  }

  Result<void> look_at_local() {
    NCT_TRY(const auto local, local_files(fs_, family_, record_, seen_));
    for (const auto& file : local.local)
      for (auto& [fingerprint, root] : roots_)
        if (holds(*file.facts, fingerprint)) leave(root, file.path, "somebody else put it there");
    return {};
  }

  void note_changes(const Deselections& before) {
    const auto note = [&](const auto& each, bool restores) {
      change_.changes.push_back({.fingerprint = each.second,
                                 .restores = restores,
                                 .place = std::string(debian::kConf),
                                 .reason = each.first});
    };
    for (const auto& each : before)
      if (!wanted_.contains(each.first)) note(each, true);
    for (const auto& each : wanted_)
      if (!before.contains(each.first)) note(each, false);
  }

  Fs& fs_;
  const Family& family_;
  Record& record_;
  const Seen& seen_;
  const std::set<Fingerprint>& distrusted_;
  Deselections wanted_;
  std::map<Fingerprint, DistrustedRoot> roots_;
  DistrustChange change_;
};

}  // namespace

Result<DistrustChange> compare_deselected(Fs& fs, const Family& family, Record& record, const Seen& seen,
                                          const std::set<Fingerprint>& distrusted) {
  return Comparison(fs, family, record, seen, distrusted).compare();
}

}  // namespace nct
