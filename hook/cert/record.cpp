#include "cert/record.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

// One line a file or certificate, fields parted by tabs; a field never holds a tab or a line feed, since RFC
// 2253 text escapes control characters and libcrypto's reasons are plain words.
constexpr std::string_view kHeader = "node-ca-trust record 9";
constexpr std::string_view kFooter = "end\n";

std::string first_line() {
  return concat(kHeader, "\t", libcrypto_version(), "\t", NCT_VERSION);
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

template <class Number>
std::optional<Number> number_from(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string hex32(std::uint32_t value) {
  std::string bytes;
  for (unsigned shift = 32; shift != 0; shift -= 8)
    bytes += static_cast<char>(value >> (shift - 8) & 255U);
  return hex_of(bytes);
}

// Files that hold the same certificates, as p11-kit's views mostly do: the list is said of the first of them.
using Lists = std::map<std::vector<Fingerprint>, Fingerprint>;
constexpr char kSameAs = '=';

std::string line_of(const Fingerprint& name, const StoreFile& file, Lists& lists) {
  std::string line = concat("file\t", name.hex(), "\t", std::to_string(static_cast<int>(file.kind)), "\t",
                            hex32(file.name_hash), "\t", file.only_key ? "o" : "",
                            file.private_key ? "k" : "", "\t", file.failure, "\t", file.breaks);
  const auto [list, is_new] = file.certificates.size() > 1 && file.name_hashes.empty()
                                  ? lists.emplace(file.certificates, name)
                                  : std::pair(lists.end(), true);
  if (!is_new) return concat(line, "\t", std::string(1, kSameAs), list->second.hex());
  for (std::size_t i = 0; i < file.certificates.size(); ++i)
    line += concat("\t", file.certificates[i].hex(),
                   i < file.name_hashes.size() ? hex32(file.name_hashes[i]) : "");
  return line;
}

std::string line_of(const Fingerprint& name, const Certificate& certificate) {
  std::string traits;
  if (certificate.ca) traits += 'c';
  if (certificate.self_issued) traits += 'i';
  if (certificate.self_signed) traits += 's';
  return concat("certificate\t", name.hex(), "\t", hex32(certificate.subject_hash), "\t", certificate.subject,
                "\t", certificate.issuer, "\t", certificate.serial, "\t",
                std::to_string(certificate.not_before), "\t", std::to_string(certificate.not_after), "\t",
                std::to_string(static_cast<int>(certificate.key_kind)), "\t",
                std::to_string(certificate.key_bits), "\t", certificate.key.hex(), "\t", traits, "\t",
                certificate.chain_failure, "\t", certificate.key_id, "\t", certificate.name_constraints, "\t",
                std::to_string(certificate.path_length), "\t", std::to_string(certificate.refused_by));
}

bool read_file_line(const std::vector<std::string_view>& fields, Record& record) {
  if (fields.size() < 7) return false;
  const auto name = Fingerprint::from_hex(fields[1]);
  const auto kind = number_from<int>(fields[2]);
  const auto hash = number_from<std::uint32_t>(fields[3], 16);
  if (!name || !kind || *kind < 0 || *kind > static_cast<int>(StoreFile::Kind::crl) || !hash) return false;
  StoreFile file{.kind = static_cast<StoreFile::Kind>(*kind),
                 .name_hash = *hash,
                 .certificates = {},
                 .only_key = fields[4].contains('o'),
                 .private_key = fields[4].contains('k'),
                 .failure = std::string(fields[5]),
                 .breaks = std::string(fields[6])};
  if (fields.size() == 8 && fields[7].starts_with(kSameAs)) {
    const auto other = Fingerprint::from_hex(fields[7].substr(1));
    const auto list = other ? record.files.find(*other) : record.files.end();
    if (list == record.files.end()) return false;
    file.certificates = list->second.certificates;
    record.files.emplace(*name, std::move(file));
    return true;
  }
  for (std::size_t i = 7; i < fields.size(); ++i) {
    constexpr std::size_t kDigits = 64;  // of a fingerprint; the hash of a name may follow
    const auto certificate = Fingerprint::from_hex(fields[i].substr(0, kDigits));
    if (!certificate) return false;
    file.certificates.push_back(*certificate);
    if (fields[i].size() == kDigits) continue;
    const auto name_hash = number_from<std::uint32_t>(fields[i].substr(kDigits), 16);
    if (!name_hash) return false;
    file.name_hashes.push_back(*name_hash);
  }
  record.files.emplace(*name, std::move(file));
  return true;
}

bool read_certificate_line(const std::vector<std::string_view>& fields, Record& record) {
  if (fields.size() != 17) return false;
  const auto name = Fingerprint::from_hex(fields[1]);
  const auto hash = number_from<std::uint32_t>(fields[2], 16);
  const auto not_before = number_from<std::int64_t>(fields[6]);
  const auto not_after = number_from<std::int64_t>(fields[7]);
  const auto kind = number_from<int>(fields[8]);
  const auto bits = number_from<unsigned>(fields[9]);
  const auto key = Fingerprint::from_hex(fields[10]);
  const auto path_length = number_from<long>(fields[15]);
  const auto refused_by = number_from<std::uint16_t>(fields[16]);
  if (!name || !hash || !not_before || !not_after || !kind || !bits || !key || !path_length || !refused_by)
    return false;
  if (*kind < 0 || *kind > static_cast<int>(Certificate::KeyKind::other)) return false;
  const auto has = [&](char trait) { return fields[11].find(trait) != std::string_view::npos; };
  record.certificates.emplace(*name, Certificate{.fingerprint = *name,
                                                 .der = {},
                                                 .subject_hash = *hash,
                                                 .subject = std::string(fields[3]),
                                                 .issuer = std::string(fields[4]),
                                                 .serial = std::string(fields[5]),
                                                 .not_before = *not_before,
                                                 .not_after = *not_after,
                                                 .key_kind = static_cast<Certificate::KeyKind>(*kind),
                                                 .key_bits = *bits,
                                                 .key = *key,
                                                 .key_id = std::string(fields[13]),
                                                 .name_constraints = std::string(fields[14]),
                                                 .path_length = *path_length,
                                                 .refused_by = *refused_by,
                                                 .ca = has('c'),
                                                 .self_issued = has('i'),
                                                 .self_signed = has('s'),
                                                 .chain_failure = std::string(fields[12])});
  return true;
}

bool read_digest_line(const std::vector<std::string_view>& fields, FingerprintSet& set) {
  const auto digest = fields.size() == 2 ? Fingerprint::from_hex(fields[1]) : std::nullopt;
  if (digest) set.insert(*digest);
  return digest.has_value();
}

void append_sorted(std::string& text, std::string_view word, const FingerprintSet& set) {
  for (const auto& digest : std::set<Fingerprint>(set.begin(), set.end()))
    text += concat(word, "\t", digest.hex(), "\n");
}

// `line_of` makes the line of an item.
template <class Map, class LineOf>
void append_lines(std::string& text, const Map& map, LineOf line_of) {
  std::vector<typename Map::const_pointer> items;
  items.reserve(map.size());
  for (const auto& item : map)
    items.push_back(&item);
  std::ranges::sort(items, {}, [](const auto* item) { return item->first; });
  for (const auto* item : items)
    text += line_of(*item) + '\n';
}

}  // namespace

void remember(Certificate certificate, Record& record) {
  certificate.der.clear();
  record.certificates.emplace(certificate.fingerprint, std::move(certificate));
}

const Certificate* parsed(std::string_view der, const Fingerprint& fingerprint, Record& record) {
  const auto known = record.certificates.find(fingerprint);
  if (known != record.certificates.end()) return &known->second;
  auto certificate = parse_certificate(der);
  if (!certificate || certificate->fingerprint != fingerprint) return nullptr;
  remember(*std::move(certificate), record);
  return &record.certificates.at(fingerprint);
}

std::string text_of(const Record& record) {
  std::string text = first_line() + '\n';
  Lists lists;
  append_lines(text, record.files, [&](const auto& file) { return line_of(file.first, file.second, lists); });
  append_lines(text, record.certificates, [](const auto& each) { return line_of(each.first, each.second); });
  append_sorted(text, "chained", record.chained);
  append_sorted(text, "loaded", record.loaded);
  text += kFooter;
  return text;
}

Record record_from(std::string_view text) {
  if (!text.ends_with(concat("\n", kFooter))) return {};
  text.remove_suffix(kFooter.size());
  const auto lines = lines_of(text);
  if (lines.front() != first_line()) return {};
  Record record;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = fields_of(lines[i]);
    const bool read = fields[0] == "file"          ? read_file_line(fields, record)
                      : fields[0] == "certificate" ? read_certificate_line(fields, record)
                      : fields[0] == "chained"     ? read_digest_line(fields, record.chained)
                      : fields[0] == "loaded"      ? read_digest_line(fields, record.loaded)
                                                   : false;
    if (!read) return {};
  }
  return record;
}

}  // namespace nct
