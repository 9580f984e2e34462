#include "node/remembered.hpp"

#include <cerrno>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/sha256.hpp"
#include "config/paths.hpp"
#include "node/replace_files.hpp"

namespace nct {

namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxSeenBytes = std::size_t{16} << 20U;
constexpr std::string_view kHeader = "node-ca-trust seen 2";
constexpr std::string_view kFooter = "end\n";
constexpr std::int64_t kLongestTick =
    2;  // seconds: vfat's; ext4's is 1 with small inodes, else some milliseconds
constexpr std::int64_t kNanoseconds = 1'000'000'000;

// One line a path: its digest, the numbers of its status, the path; fields parted by blanks. A path comes
// last, since it may hold blanks.
void append(std::string& text, const std::string& path, const Sight& sight) {
  text += sight.digest.hex();
  if (const auto& status = sight.status)
    for (const auto number :
         {static_cast<std::uint64_t>(status->kind), std::uint64_t{status->mode}, status->size, status->device,
          status->inode, static_cast<std::uint64_t>(status->modified_ns),
          static_cast<std::uint64_t>(status->changed_ns)})
      text += concat(" ", std::to_string(number));
  text += concat(" ", path, "\n");
}

std::optional<std::uint64_t> take_number(std::string_view& line) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto length = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || length == line.size() || line[length] != ' ') return std::nullopt;
  line.remove_prefix(length + 1);
  return number;
}

bool take_sight(std::string_view line, Seen& seen) {
  constexpr std::size_t kDigits = 64;
  if (line.size() <= kDigits || line[kDigits] != ' ') return false;
  const auto digest = Fingerprint::from_hex(line.substr(0, kDigits));
  if (!digest) return false;
  line.remove_prefix(kDigits + 1);
  Sight sight{.status = std::nullopt, .digest = *digest};
  if (!line.starts_with('/')) {
    std::uint64_t numbers[7];
    for (auto& number : numbers) {
      const auto taken = take_number(line);
      if (!taken) return false;
      number = *taken;
    }
    sight.status = FileStatus{.kind = static_cast<FileKind>(numbers[0]),
                              .mode = static_cast<std::uint32_t>(numbers[1]),
                              .size = numbers[2],
                              .device = numbers[3],
                              .inode = numbers[4],
                              .modified_ns = static_cast<std::int64_t>(numbers[5]),
                              .changed_ns = static_cast<std::int64_t>(numbers[6])};
  }
  seen.sights.emplace_hint(seen.sights.end(), line, sight);
  return true;
}

// One line an entry of the listing: what it is, its name, and a link's target behind a NUL.
constexpr std::string_view kEntryStart = "entry ";

void append(std::string& text, const DirectoryEntry& entry) {
  text.append(kEntryStart)
      .append(std::to_string(static_cast<int>(entry.kind)))
      .append(" ")
      .append(entry.name);
  text.append(1, '\0').append(entry.target).append("\n");
}

bool take_entry(std::string_view line, Seen& seen) {
  line.remove_prefix(kEntryStart.size());
  const auto kind = take_number(line);
  const auto end = line.find('\0');
  if (!kind || *kind > static_cast<std::uint64_t>(FileKind::other) || end == std::string_view::npos)
    return false;
  seen.listing.push_back({.name = std::string(line.substr(0, end)),
                          .kind = static_cast<FileKind>(*kind),
                          .target = std::string(line.substr(end + 1))});
  return true;
}

std::string record_text(const Record& record, const RecordScope& scope) {
  Record kept = record;
  const FingerprintSet names(scope.digests.begin(), scope.digests.end());
  std::erase_if(kept.files, [&](const auto& item) { return !names.contains(item.first); });
  std::erase_if(kept.certificates, [&](const auto& item) {
    return !scope.anchors.contains(item.first) && !names.contains(item.first);
  });
  std::erase_if(kept.chained, [&](const auto& digest) { return !names.contains(digest); });
  std::erase_if(kept.loaded, [&](const auto& digest) { return !names.contains(digest); });
  return text_of(kept);
}

Result<std::optional<std::string>> record_text_on(Fs& fs) {
  auto text = fs.read_file(std::string(kRecord), kMaxRecordBytes);
  if (text) return std::optional(*std::move(text));
  if (text.error().os_errno == ENOENT || text.error().os_errno == ENOTDIR) return std::nullopt;
  return std::unexpected(std::move(text).error());
}

}  // namespace

Result<Remembered> read_record(Fs& fs) {
  Remembered remembered;
  NCT_TRY(const auto text, record_text_on(fs));
  if (text) remembered.record = record_from(*text);
  remembered.recorded = remembered.record.size();
  return remembered;
}

bool add_record(Remembered& remembered, const RecordScope& scope, std::vector<NewFile>& files) {
  if (remembered.record.size() == remembered.recorded) return false;
  files.push_back({.path = std::string(kRecord), .bytes = record_text(remembered.record, scope)});
  remembered.recorded = remembered.record.size();
  return true;
}

Result<void> write_record(Fs& fs, Remembered& remembered, const RecordScope& scope) {
  std::vector<NewFile> files;
  if (!add_record(remembered, scope, files)) return {};
  NCT_CHECK(make_durable_directories(fs, std::string(kStateDirectory)));
  return replace_files(fs, files);
}

Result<bool> renew_record(Fs& fs, Remembered& remembered, const RecordScope& scope) {
  const NewFile file{.path = std::string(kRecord), .bytes = record_text(remembered.record, scope)};
  NCT_TRY(const auto found, record_text_on(fs));
  if (found == file.bytes) return false;
  NCT_CHECK(make_durable_directories(fs, std::string(kStateDirectory)));
  NCT_CHECK(replace_files(fs, {&file, 1}));
  remembered.recorded = remembered.record.size();
  return true;
}

Fingerprint digest_of(const AnchorSet& anchors) {
  std::string names;
  for (const auto& [fingerprint, anchor] : anchors)
    names.append(fingerprint.bytes.begin(), fingerprint.bytes.end());
  return sha256(names);
}

Seen read_seen(Fs& fs) {
  Seen nothing{.sights = {}, .listing = {}, .settled = std::nullopt, .kept = true};
  const auto text = fs.read_file(std::string(kSeen), kMaxSeenBytes);
  if (!text || !text->ends_with(concat("\n", kFooter))) return nothing;
  const auto lines = lines_of(std::string_view(*text).substr(0, text->size() - kFooter.size()));
  if (lines.size() < 2 || lines[0] != kHeader) return nothing;
  auto seen = nothing;
  if (!lines[1].empty()) seen.settled = Fingerprint::from_hex(lines[1]);
  for (std::size_t i = 2; i < lines.size(); ++i) {
    const bool taken =
        lines[i].starts_with(kEntryStart) ? take_entry(lines[i], seen) : take_sight(lines[i], seen);
    if (!taken) return nothing;
  }
  return seen;
}

void write_seen(Fs& fs, const Seen& seen) {
  if (!seen.kept) return;
  std::string text = concat(kHeader, "\n", seen.settled ? seen.settled->hex() : "", "\n");
  for (const auto& [path, sight] : seen.sights) {
    if (path.contains('\n')) return;
    append(text, path, sight);
  }
  for (const auto& entry : seen.listing) {
    if (entry.name.contains('\n') || entry.target.contains('\n')) return;
    append(text, entry);
  }
  const NewFile file{.path = std::string(kSeen), .bytes = text.append(kFooter)};
  (void)replace_files(fs, {&file, 1});
}

void remember_sights(Seen& seen, std::map<std::string, Sight, std::less<>> sights,
                     std::vector<DirectoryEntry> listing, const std::optional<Fingerprint>& settled,
                     std::int64_t now) {
  if (!seen.kept) return;
  const auto all = sights.size();
  std::erase_if(sights, [now](const auto& sight) {
    return sight.second.status && !is_telling(*sight.second.status, now);
  });
  const bool whole = sights.size() == all;
  seen.sights = std::move(sights);
  seen.settled = whole ? settled : std::nullopt;
  seen.listing.clear();
  if (seen.settled) seen.listing = std::move(listing);
}

bool is_telling(const FileStatus& status, std::int64_t now) {
  return status.changed_ns / kNanoseconds < now - kLongestTick;
}

}  // namespace nct
