#include "node/known_roots.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.hpp"
#include "config/paths.hpp"
#include "node/replace_files.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostMissed = 100;

Result<void> write(Fs& fs, const KnownRoots& known) {
  NCT_TRY(std::ignore, fs.make_directories(std::string(kStateDirectory)));
  const NewFile file{.path = std::string(kRoots), .bytes = text_of(known)};
  return place_files(fs, {&file, 1});
}

void forget_the_oldest(KnownRoots& known) {
  std::vector<std::pair<std::int64_t, Fingerprint>> missed;
  for (const auto& [fingerprint, root] : known)
    if (root.missed) missed.emplace_back(*root.missed, fingerprint);
  if (missed.size() <= kMostMissed) return;
  std::ranges::sort(missed);
  missed.resize(missed.size() - kMostMissed);
  for (const auto& each : missed)
    known.erase(each.second);
}

}  // namespace

std::string text_of(const KnownRoots& known) {
  std::string text =
      "# Written by node-ca-trust: roots of the distribution, and when one was first missed.\n";
  for (const auto& [fingerprint, root] : known)
    text += concat(fingerprint.hex(), " ", root.missed ? std::to_string(*root.missed) : "-", " ", root.name,
                   "\n");
  return text;
}

KnownRoots known_roots_from(std::string_view text) {
  constexpr std::size_t kHexDigits = 64;
  KnownRoots known;
  for (const auto line : lines_of(text)) {
    const auto fingerprint = Fingerprint::from_hex(line.substr(0, std::min(kHexDigits, line.size())));
    if (!fingerprint || line.size() < kHexDigits + 1) continue;
    const auto rest = line.substr(kHexDigits + 1);
    const auto end = rest.find(' ');
    if (end == std::string_view::npos) continue;
    KnownRoot root{.name = std::string(rest.substr(end + 1)), .missed = std::nullopt};
    std::int64_t time = 0;
    if (std::from_chars(rest.data(), rest.data() + end, time).ec == std::errc()) root.missed = time;
    known.emplace(*fingerprint, std::move(root));
  }
  return known;
}

KnownRoots after_look(KnownRoots known, const NamedRoots& roots, std::int64_t now) {
  for (auto& [fingerprint, root] : known)
    if (!root.missed && !roots.contains(fingerprint)) root.missed = now;
  for (const auto& [fingerprint, name] : roots)
    known.insert_or_assign(fingerprint, KnownRoot{.name = name, .missed = std::nullopt});
  forget_the_oldest(known);
  return known;
}

KnownRoots read_known_roots(Fs& fs) {
  return known_roots_from(fs.read_file(std::string(kRoots), kMostBytes).value_or(std::string()));
}

Result<KnownRoots> withdrawn_roots(Node& node) {
  auto known = read_known_roots(*node.fs);
  if (known.empty()) return known;
  NCT_TRY(const auto trusted, node.store->distro_roots());
  const auto& distrusted = node.config.policy.distrusted;
  std::erase_if(known, [&](const auto& root) {
    return trusted.contains(root.first) || distrusted.contains(root.first);
  });
  return known;
}

Result<std::size_t> remember_roots(Node& node) {
  const auto before = read_known_roots(*node.fs);
  const auto& distrusted = node.config.policy.distrusted;
  NCT_TRY(const auto trusted, node.store->distro_roots());
  const auto is_as_known = [&](const auto& root) {
    const bool there = trusted.contains(root.first) || distrusted.contains(root.first);
    return there != root.second.missed.has_value();
  };
  const auto is_known = [&](const Fingerprint& each) { return before.contains(each); };
  if (std::ranges::all_of(before, is_as_known) && std::ranges::all_of(trusted, is_known)) return 0;
  NCT_TRY(auto roots, node.store->named_roots());
  for (const auto& [fingerprint, root] : before)  // what we took out ourselves is not withdrawn
    if (distrusted.contains(fingerprint)) roots.emplace(fingerprint, root.name);
  NCT_CHECK(write(*node.fs, after_look(before, roots, unix_time())));
  return static_cast<std::size_t>(std::ranges::count_if(
      before, [&](const auto& root) { return !root.second.missed && !roots.contains(root.first); }));
}

Result<void> record_roots(Node& node) {
  NCT_TRY(const auto roots, node.store->named_roots());
  const auto known = after_look({}, roots, 0);
  if (known == read_known_roots(*node.fs)) return {};
  NCT_CHECK(write(*node.fs, known));
  return node.fs->sync_directory(std::string(kStateDirectory));
}

}  // namespace nct
