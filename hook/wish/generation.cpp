#include "wish/generation.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::size_t kTagDigits = 14;  // of time.Now().UTC(): yyyymmddhhmmss
constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kClocksDiffer = 60;  // seconds
constexpr int kRestlessGraces = 3;
constexpr int kPatientSettles = 10;

// Empty where there is none.
std::string_view tag_of(std::string_view name) {
  if (name.size() <= kTagDigits) return {};
  const auto tag = name.substr(0, kTagDigits);
  return tag.find_first_not_of("0123456789") == std::string_view::npos ? tag : std::string_view();
}

// The tag that a writer gives at `time`.
std::string tag_at(std::int64_t time) {
  std::string digits;
  for (const char c : rfc3339(time))
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

// Which of the tags in a directory is the generation's.
class TagChoice {
 public:
  TagChoice(const std::vector<const ListedName*>& names, std::int64_t now, std::int64_t directory_changed)
      : latest_credible_(std::min(now, directory_changed) + kClocksDiffer),
        now_(tag_at(now + kClocksDiffer)),
        directory_changed_(tag_at(directory_changed + kClocksDiffer)) {
    for (const auto* listed : names) {
      const auto tag = tag_of(listed->name);
      if (tag.empty() || !listed->is_file) continue;
      auto& files = files_of_[tag];
      if (files.first.empty() || listed->name < files.first) files.first = listed->name;
      files.modified = std::max(files.modified, listed->modified_ns / kNanoseconds);
    }
  }

  // Empty where there is none.
  std::string_view choose(std::optional<EarlyTag>& early) const {
    if (files_of_.empty()) return {};
    const auto best = std::ranges::max_element(
        files_of_, {}, [this](const auto& each) { return std::pair(-doubts(each.first), each.first); });
    const auto highest = std::prev(files_of_.end());
    // By clocks that are right, it may be the newer one all the same: another machine gave its tag.
    const bool newer = highest->second.modified <= latest_credible_ &&
                       highest->second.modified > best->second.modified + kClocksDiffer;
    const auto chosen = newer ? highest : best;
    if (chosen != highest)
      early = {.file = std::string(highest->second.first),
               .message = concat("the tag ", highest->first,
                                 " was given by a clock that ran ahead; the files with the tag ",
                                 chosen->first, " are newer, and count in its place")};
    else if (highest->first > now_)
      early = {.file = std::string(highest->second.first),
               .message = concat("the tag ", highest->first, " lies in the future; ",
                                 files_of_.size() == 1 ? "there is no other, so its files count"
                                                       : "its files are the newest, and count")};
    return chosen->first;
  }

 private:
  struct Files {
    std::string_view first;
    std::int64_t modified = 0;  // of the newest
  };

  // In how many ways `tag` is too high.
  [[nodiscard]] int doubts(std::string_view tag) const {
    return (tag > now_ ? 1 : 0) + (tag > directory_changed_ ? 1 : 0);
  }

  std::int64_t latest_credible_;
  std::string now_;
  std::string directory_changed_;
  std::map<std::string_view, Files> files_of_;  // by tag
};

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

}  // namespace

bool is_hidden_name(std::string_view name) {
  return name.starts_with('.');
}

bool is_backup_name(std::string_view name) {
  constexpr std::string_view kEnds[] = {"~",    ".bak", ".old",     ".orig",   ".save",
                                        ".tmp", ".swp", ".rpmsave", ".rpmnew", ".rpmorig"};
  constexpr std::string_view kMarks[] = {".dpkg-", ".ucf-"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower.starts_with('#') && lower.ends_with('#')) return true;
  if (std::ranges::any_of(kEnds, [&](auto end) { return lower.ends_with(end); })) return true;
  const auto suffix = std::string_view(lower).substr(std::min(lower.rfind('.'), lower.size()));
  return std::ranges::any_of(kMarks, [&](auto mark) { return suffix.starts_with(mark); });
}

GenerationNames names_of_generation(const DirectoryListing& listing, std::int64_t now) {
  GenerationNames names;
  std::vector<const ListedName*> counting;
  for (const auto& listed : listing.names) {
    if (is_hidden_name(listed.name)) continue;
    if (is_backup_name(listed.name))
      names.backups.push_back(listed.name);
    else
      counting.push_back(&listed);
  }
  const auto tag = TagChoice(counting, now, listing.changed_ns / kNanoseconds).choose(names.early);
  for (const auto* listed : counting) {
    const auto own = tag_of(listed->name);
    if (!own.empty() && own != tag) continue;
    names.entries.push_back({.file = listed->name,
                             .entry = printable(listed->name.substr(own.size())),
                             .is_file = listed->is_file});
  }
  std::ranges::sort(names.entries, {}, &EntryName::file);
  std::ranges::sort(names.backups);
  return names;
}

bool Generation::empty() const {
  return there && std::ranges::none_of(entries, [](const Entry& entry) { return entry.name.is_file; });
}

bool Generation::same_as(const Generation& other) const {
  return there == other.there &&
         std::ranges::equal(entries, other.entries, [](const Entry& one, const Entry& two) {
           return one.name.entry == two.name.entry && one.bytes == two.bytes && one.refusal == two.refusal;
         });
}

bool GenerationReading::refused(Config::OnRejected on_rejected) const {
  return on_rejected == Config::OnRejected::fail && source.has_errors();
}

GenerationReading read_generation(const Generation& generation, std::string_view directory,
                                  const Config& config, const Record& known, std::int64_t now,
                                  const FingerprintSet* distro) {
  GenerationReading reading{.there = generation.there};
  std::vector<Document> documents;
  std::vector<Finding> refusals;
  std::map<std::string, std::string> entry_of;  // by the name in origins
  for (const auto& [name, bytes, refusal] : generation.entries) {
    auto file = concat(directory, "/", name.file);
    entry_of[file] = name.entry;
    if (refusal)
      refusals.push_back({.code = refusal->code,
                          .severity = Severity::error,
                          .origin = {.file = std::move(file)},
                          .message = refusal->message});
    else
      documents.push_back({.name = std::move(file), .bytes = bytes, .as = Shape::sniffed});
  }
  auto& source = reading.source;
  source = read_source(documents, config, known, now, distro);
  source.findings.insert(source.findings.end(), refusals.begin(), refusals.end());
  if (generation.early)
    source.findings.push_back({.code = FindingCode::tag_in_the_future,
                               .severity = Severity::warning,
                               .origin = {.file = concat(directory, "/", generation.early->file)},
                               .message = generation.early->message});
  for (const auto& file : source.silent)
    reading.silent.insert(entry_of[file]);

  for (const auto& finding : source.findings)
    if (is_error(finding)) reading.faulty.insert(entry_of[finding.origin.file]);
  std::set<Fingerprint> acceptable;
  for (const auto& judged : source.certificates) {
    if (judged.faulty()) reading.faulty.insert(entry_of[judged.origin.file]);
    if (judged.verdict == Verdict::accepted) acceptable.insert(judged.certificate.fingerprint);
  }
  std::set<std::pair<Fingerprint, std::string>> seen;
  for (auto& judged : source.certificates) {
    const auto& entry = entry_of[judged.origin.file];
    const auto& fingerprint = judged.certificate.fingerprint;
    if (reading.faulty.contains(entry)) judged.verdict = Verdict::rejected;
    // A duplicate is as good as the first copy, which may stand in an entry that is faulty.
    if (judged.verdict == Verdict::rejected || !acceptable.contains(fingerprint)) continue;
    if (!seen.emplace(fingerprint, entry).second) continue;
    auto origin = judged.origin;
    origin.file = entry;
    reading.good.emplace_back(
        fingerprint, Owner{.source = std::string(kRotationSource), .input = entry, .origin = origin.text()});
  }
  return reading;
}

void refuse(GenerationReading& reading, const Fingerprint& fingerprint, FindingCode code,
            const std::string& message) {
  refuse(reading.source, fingerprint, code, message);
  for (const auto& [brought, owner] : reading.good)
    if (brought == fingerprint) reading.faulty.insert(owner.input);
  std::erase_if(reading.good, [&](const auto& each) { return reading.faulty.contains(each.second.input); });
  for (auto& judged : reading.source.certificates)
    if (std::ranges::none_of(reading.good,
                             [&](const auto& each) { return each.first == judged.certificate.fingerprint; }))
      judged.verdict = judged.verdict == Verdict::accepted ? Verdict::rejected : judged.verdict;
}

NextMove next_move(const Outlook& outlook, const Calm& calm, const Config::Rotation& config) {
  using enum NextMove::Kind;
  const bool unsettled = outlook.adds || outlook.doubtful || calm.moved;
  if (unsettled && calm.quiet < config.settle) {
    if (calm.impatient && outlook.adds) return {.kind = add};
    return {.kind = wait, .at_most = config.settle - calm.quiet};
  }
  const auto rest = outlook.adds ? add : end;
  if (!outlook.removes) return {.kind = rest};
  const auto grace = std::max(config.settle, outlook.empty ? config.empty_grace : config.removal_grace);
  const auto left = std::min(grace - calm.quiet, kRestlessGraces * grace - calm.same);
  if (left <= std::chrono::milliseconds(0)) return {.kind = remove};
  if (outlook.adds) return {.kind = add};
  return {.kind = wait, .at_most = left};
}

std::chrono::milliseconds patience(const Config::Rotation& config) {
  return kPatientSettles * std::max(config.settle, std::chrono::milliseconds(1));
}

}  // namespace nct
