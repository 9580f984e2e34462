#include "plan/generation.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace nct {

namespace {

constexpr std::size_t kTagDigits = 14;  // of time.Now().UTC(): yyyymmddhhmmss
constexpr int kRestlessGraces = 3;
constexpr int kPatientSettles = 10;

// Empty where there is none.
std::string_view tag_of(std::string_view name) {
  if (name.size() <= kTagDigits) return {};
  const auto tag = name.substr(0, kTagDigits);
  return tag.find_first_not_of("0123456789") == std::string_view::npos ? tag : std::string_view();
}

bool is_error(const Finding& finding) {
  return finding.severity == Severity::error;
}

}  // namespace

std::vector<EntryName> entries_of(std::span<const ListedName> listing) {
  std::string_view highest;
  for (const auto& [name, is_file] : listing)
    if (is_file) highest = std::max(highest, tag_of(name));
  std::vector<EntryName> entries;
  for (const auto& [name, is_file] : listing) {
    const auto tag = tag_of(name);
    if (name.starts_with('.') || (!tag.empty() && tag != highest)) continue;
    entries.push_back({.file = name, .entry = printable(name.substr(tag.size())), .is_file = is_file});
  }
  std::ranges::sort(entries, {}, &EntryName::file);
  return entries;
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
                                  const Config& config, const Record& known, std::int64_t now) {
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
      documents.push_back({.name = std::move(file), .bytes = bytes});
  }
  auto& source = reading.source;
  source = read_source(documents, config, known, now);
  source.findings.insert(source.findings.end(), refusals.begin(), refusals.end());

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
