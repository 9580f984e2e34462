#include "intake/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "intake/encoding.hpp"
#include "intake/pem_line.hpp"
#include "intake/sign.hpp"

namespace nct {

namespace {

// Bytes that are zero are spelled with a length, so that they count.
template <std::size_t N>
constexpr std::string_view bytes(const char (&text)[N]) {
  return {text, N - 1};
}

constexpr auto kMagic = std::to_array<Sign>({
    {bytes("\xFE\xED\xFE\xED"), "a Java keystore (JKS)"},
    {bytes("\xCE\xCE\xCE\xCE"), "a Java keystore (JCEKS)"},
    {bytes("PK\x03\x04"), "a zip archive"},
    {bytes("PK\x05\x06"), "an empty zip archive"},
    {bytes("7z\xBC\xAF\x27\x1C"), "a 7z archive"},
    {bytes("Rar!\x1A\x07"), "a RAR archive"},
    {bytes("MSCF\0\0\0\0"), "a Windows cabinet archive"},
    {bytes("!<arch>\n"), "an ar archive, such as a Debian package"},
    {bytes("\xED\xAB\xEE\xDB"), "an RPM package"},
    {bytes("070701"), "a cpio archive"},
    {bytes("070707"), "a cpio archive"},
    {bytes("\xFD"
           "7zXZ"),
     "xz-compressed data"},
    {bytes("BZh"), "bzip2-compressed data"},
    {bytes("\x28\xB5\x2F\xFD"), "zstd-compressed data"},
    {bytes("\x04\x22\x4D\x18"), "lz4-compressed data"},
    {bytes("%PDF-"), "a PDF document"},
    {bytes("{\\rtf"), "an RTF document"},
    {bytes("\xFF\xFE\0\0"), "UTF-32 text"},
    {bytes("\0\0\xFE\xFF"), "UTF-32 text"},
    {bytes("\x7F"
           "ELF"),
     "a program (ELF)"},
    {bytes("MZ\x90"), "a Windows program"},
    {bytes("SQLite format 3"), "an SQLite database, as NSS keeps its certificates in (cert9.db)"},
    {bytes("\0\x06\x15\x61"), "a Berkeley database, as NSS kept its certificates in (cert8.db)"},
    {bytes("\0\0\0\0CERT"), "a Windows certificate store (.sst)"},
    {bytes("kych"), "a macOS keychain"},
    {bytes("bplist00"), "a binary property list"},
    {bytes("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a Microsoft Office document"},
    {bytes("\x89PNG\r\n\x1A\n"), "a picture"},
    {bytes("\xFF\xD8\xFF"), "a picture"},
    {bytes("GIF8"), "a picture"},
    {bytes("\x99\x01"), "an OpenPGP key"},
    {bytes("\x99\x02"), "an OpenPGP key"},
    {bytes("\x85\x01"), "an OpenPGP message"},
    {bytes("Salted__"), "data encrypted by 'openssl enc'"},
});

constexpr auto kTexts = std::to_array<Sign>({
    {"---", "a YAML document"},
    {"apiversion:", "a Kubernetes object in YAML"},
    {"putty-user-key-file", "a PuTTY private key"},
    {"version https://git-lfs.github.com/", "a pointer of git-lfs in the place of the file"},
    {"$ansible_vault;", "a file encrypted by ansible-vault"},
    {"age-encryption.org/", "a file encrypted by age"},
    {"http/1.", "an answer of an HTTP server, with its headers"},
    {"http/2", "an answer of an HTTP server, with its headers"},
    {"begin-base64 ", "uuencoded data"},
    {"-----begin", "a PEM block without its lines"},
    {"diff --git ", "a patch"},
    {"--- a/", "a patch"},
    {"dn: ", "LDIF of a directory"},
    {"version: 1\ndn: ", "LDIF of a directory"},
});

// POSIX 1003.1, ustar interchange format: the magic stands at 257. What came before it has a checksum alone.
bool is_tar(std::string_view bytes) {
  constexpr std::size_t kHeader = 512;
  constexpr std::size_t kMagicAt = 257;
  if (bytes.size() < kHeader) return false;
  if (bytes.substr(kMagicAt).starts_with("ustar")) return true;
  constexpr std::size_t kChecksumAt = 148;
  constexpr std::size_t kChecksumSize = 8;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kHeader; ++i) {
    const bool own = i >= kChecksumAt && i < kChecksumAt + kChecksumSize;
    sum += own ? unsigned{' '} : static_cast<unsigned char>(bytes[i]);
  }
  unsigned said = 0;
  for (const char c : trimmed(bytes.substr(kChecksumAt, 6))) {
    if (c < '0' || c > '7') return false;
    said = said * 8 + static_cast<unsigned>(c - '0');
  }
  return said == sum && bytes[0] != '\0';
}

bool is_name_character(char c) {
  return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The name in front of '=' on a line of settings, "export" passed over; empty where it is none.
std::string_view setting_name(std::string_view line) {
  line = trimmed(line);
  constexpr std::string_view kExport = "export ";
  if (line.starts_with(kExport)) line = trimmed(line.substr(kExport.size()));
  const auto at = line.find('=');
  if (at == std::string_view::npos || at == 0) return {};
  const auto name = line.substr(0, at);
  const bool fits =
      std::ranges::all_of(name, is_name_character) && (name.front() < '0' || name.front() > '9');
  return fits ? name : std::string_view{};
}

bool is_setting_of_pem(std::string_view line) {
  const auto name = setting_name(line);
  if (name.empty()) return false;
  auto value = trimmed(line.substr(line.find('=') + 1));
  while (!value.empty() && (value.front() == '"' || value.front() == '\'' || value.front() == '$'))
    value.remove_prefix(1);
  return value.starts_with("-----BEGIN ");
}

// "A,\"-----BEGIN CERTIFICATE-----": a column of a table, which its tools put into quotes.
bool is_cell_of_pem(std::string_view line) {
  const auto at = line.find("-----BEGIN ");
  if (at == std::string_view::npos || at < 2) return false;
  auto before = line.substr(0, at);
  if (before.ends_with('\'')) before.remove_suffix(1);
  if (!before.ends_with('"')) return false;
  before.remove_suffix(1);
  return before.ends_with(',') || before.ends_with(';') || before.ends_with('\t');
}

// What a text is that has such a line.
std::string_view kind_of_line(std::string_view line) {
  if (is_setting_of_pem(line)) return "an env file, whose values are assigned to names";
  if (is_cell_of_pem(line)) return "a CSV table";
  if (trimmed(line) == "x-distrusted: true") return "a p11-kit file that distrusts what is in it";
  if (line.starts_with("---- BEGIN SSH2 ")) return "an SSH public key";
  if (line.starts_with("-----BEGIN PGP SIGNED MESSAGE-----"))
    return "a text signed by OpenPGP, whose dashes are escaped";
  if (line.starts_with("> -----BEGIN ")) return "a mail that quotes a certificate";
  if (line.starts_with("diff --git ")) return "a patch";
  return {};
}

bool is_terraform(std::string_view first_line) {
  constexpr std::array<std::string_view, 8> kBlocks{"resource \"", "variable \"", "module \"",
                                                    "provider \"", "data \"",     "output \"",
                                                    "terraform {", "locals {"};
  const auto begins = [&](std::string_view block) { return first_line.starts_with(block); };
  return std::ranges::any_of(kBlocks, begins) && trimmed(first_line).find('{') != std::string_view::npos;
}

bool is_ssh(std::string_view lower) {
  constexpr std::array<std::string_view, 4> kKinds{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-"};
  return std::ranges::any_of(kKinds, [&](std::string_view kind) { return lower.starts_with(kind); });
}

// Rows of as many fields as the first has, parted by the same character.
bool is_table(std::string_view text, char joint) {
  constexpr std::size_t kRows = 3;
  constexpr std::ptrdiff_t kJoints = 2;
  std::ptrdiff_t joints = -1;
  std::size_t rows = 0;
  for (const auto line : lines_of(text)) {
    if (trimmed(line).empty()) continue;
    const auto count = std::ranges::count(line, joint);
    if (joints < 0) joints = count;
    if (count < kJoints || (count != joints && line.find('"') == std::string_view::npos)) return false;
    if (++rows == kRows) return true;
  }
  return rows > 1;
}

bool is_path(std::string_view text) {
  text = trimmed(text);
  const bool begins = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
  return begins && text.find_first_of("\n ") == std::string_view::npos;
}

bool begins_with_name(std::string_view text, char joint) {
  const auto at = text.substr(0, text.find('\n')).find(joint);
  return at != std::string_view::npos && at > 0 && std::ranges::all_of(text.substr(0, at), [](char c) {
           return is_name_character(c) || c == '-' || c == '.';
         });
}

bool is_between(std::string_view text, std::string_view open, std::string_view close) {
  return text.size() > open.size() + close.size() && text.starts_with(open) && text.ends_with(close);
}

}  // namespace

bool may_hold_certificates(std::string_view value) {
  constexpr std::array<std::string_view, 5> kLabels{"BEGIN CERTIFICATE", "BEGIN X509 CERTIFICATE",
                                                    "BEGIN TRUSTED CERTIFICATE", "BEGIN PKCS7", "BEGIN CMS"};
  constexpr std::size_t kLayers = 3;
  std::string opened;
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    if (std::ranges::any_of(
            kLabels, [&](std::string_view label) { return value.find(label) != std::string_view::npos; }))
      return true;
    // SEQUENCEs with two bytes of length, one in the other: what a certificate begins like.
    if (value.size() > 8 && value.starts_with("\x30\x82") && value.substr(4).starts_with("\x30\x82"))
      return true;
    auto decoded = decode_base64(value);
    if (decoded.end == Base64::End::bad_character) return false;
    opened = std::move(decoded.bytes);
    value = opened;
  }
  return false;
}

std::string_view binary_kind(std::string_view bytes) {
  if (const auto magic = match(bytes, kMagic); !magic.empty()) return magic;
  return is_tar(bytes) ? std::string_view("a tar archive") : std::string_view{};
}

bool is_placeholder(std::string_view value) {
  value = trimmed(value);
  if (value.find('\n') != std::string_view::npos) return false;
  constexpr auto kOfLanguages = std::to_array<Sign>({{"{{", "}}"}, {"{%", "%}"}, {"<%", "%>"}});
  const auto fits = [&](const Sign& bracket) { return is_between(value, bracket.first, bracket.second); };
  if (std::ranges::any_of(kOfLanguages, fits)) return true;
  constexpr auto kOfNames =
      std::to_array<Sign>({{"${", "}"}, {"$(", ")"}, {"#{", "}#"}, {"@@", "@@"}, {"$", ""}});
  return std::ranges::any_of(kOfNames, [&](const Sign& bracket) {
    if (!fits(bracket)) return false;
    const auto name =
        value.substr(bracket.first.size(), value.size() - bracket.first.size() - bracket.second.size());
    return std::ranges::all_of(
        name, [](char c) { return is_name_character(c) || c == '.' || c == '-' || c == ':'; });
  });
}

unsigned template_line(std::string_view text) {
  constexpr auto kBrackets = std::to_array<Sign>({{"{{", "}}"}, {"{%", "%}"}});
  unsigned number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    for (const auto& [open, close] : kBrackets) {
      const auto at = line.find(open);
      if (at != std::string_view::npos && line.find(close, at + open.size()) != std::string_view::npos)
        return number;
    }
  }
  return 0;
}

TextKind unfit_text_kind(std::string_view text) {
  unsigned number = 0;
  unsigned conflict = 0;
  bool in_block = false;
  for (const auto line : lines_of(text)) {
    ++number;
    if (line.starts_with("<<<<<<< ")) conflict = number;
    if (conflict > 0 && line.starts_with(">>>>>>> "))
      return {.name = "a file with git's conflict markers, of which nobody chose a side", .line = conflict};
    if (const auto name = kind_of_line(line); !name.empty()) return {.name = name, .line = number};
    const auto pem = line.contains("--") ? pem_line(line) : PemLine{};  // base64 has none
    in_block = pem.opens() || (in_block && !pem.closes());
    if (!in_block && !is_comment(line) && is_placeholder(line))
      return {.name = "a template that is not rendered", .line = number};
  }
  return {};
}

std::string_view text_kind(std::string_view text) {
  const std::string lower = beginning_of(text);
  if (is_placeholder(lower) || (template_line(lower) == 1 && !lower.starts_with('#')))
    return "a template that is not rendered";
  if (const auto known = match(std::string_view(lower), kTexts); !known.empty()) return known;
  if (is_ssh(lower)) {
    const bool certificate = lower.substr(0, lower.find(' ')).find("-cert-v") != std::string::npos;
    return certificate ? "an OpenSSH certificate, which is no X.509" : "an SSH public key";
  }
  if (lower.find("begin_data") != std::string::npos ||
      lower.find("cka_class ck_object_class") != std::string::npos)
    return "Mozilla's certdata.txt";
  const auto lines = lines_of(lower);
  const auto comment = [](std::string_view line) { return trimmed(line).empty() || is_comment(line); };
  if (std::ranges::all_of(lines, comment)) return "nothing but comments";
  const auto first = std::ranges::find_if_not(lines, comment);
  if (first->starts_with("begin 6")) return "uuencoded data";
  if (is_between(trimmed(text), "\"", "\"") && lines.size() == 1) return "a text in quotes";
  if (is_terraform(*first)) return "a Terraform configuration";
  if (is_path(lower)) return "the path of a file, not the file";
  if (!setting_name(*first).empty()) return "an env file";
  if (begins_with_name(*first, ':')) return "a YAML document";
  if (is_table(lower, ',') || is_table(lower, ';')) return "a CSV table";
  return "text";
}

}  // namespace nct
