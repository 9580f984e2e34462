#include "cert/profile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "intake/der.hpp"

namespace nct {

namespace {

using namespace asn1;

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

bool all(std::string_view text, bool (*is)(char)) {
  return std::ranges::all_of(text, is);
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

// Without what Go tolerates beyond X.680, 41.4, which is '*' and '&'.
bool is_printable_string_character(char c) {
  return is_letter(c) || is_digit(c) || std::string_view(" '()+,-./:=?*&").contains(c);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_utf16(std::string_view text) {
  if (text.size() % 2 != 0) return false;
  bool low_is_due = false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const unsigned high = byte_at(text, i);
    const bool low_half = high >= 0xDC && high < 0xE0;
    if (low_half != low_is_due) return false;
    low_is_due = high >= 0xD8 && high < 0xDC;
  }
  return !low_is_due;
}

// A UniversalString's content: code points of four octets each.
bool is_utf32(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const unsigned point = byte_at(text, i) << 24U | byte_at(text, i + 1) << 16U |
                           byte_at(text, i + 2) << 8U | byte_at(text, i + 3);
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
  }
  return true;
}

bool is_of_its_type(const DerElement& string) {
  if (string.tag == kUtf8String) return is_utf8(string.content);
  if (string.tag == kBmpString) return is_utf16(string.content);
  return string.tag != kUniversalString || is_utf32(string.content);
}

// Labels of letters, digits, '-' and '_', parted by single dots.
bool is_domain(std::string_view name) {
  char before = '.';
  for (const char c : name) {
    const bool in_label = is_letter(c) || is_digit(c) || c == '-' || c == '_';
    if (c == '.' ? before == '.' : !in_label) return false;
    before = c;
  }
  return before != '.';
}

// What Go takes for a domain in name constraints (crypto/x509, domainToReverseLabels).
bool has_labels(std::string_view name) {
  char before = '.';
  for (const char c : name) {
    if (c == '.' ? before == '.' : c <= ' ' || c > '~') return false;
    before = c;
  }
  return before != '.';
}

// An IP address, or nearly one.
bool is_like_address(std::string_view text) {
  static constexpr std::string_view kOfVersion6 = "abcdefABCDEF:.";
  return all(text, [](char c) { return is_digit(c) || c == '.'; }) ||
         (text.contains(':') && all(text, [](char c) { return is_digit(c) || kOfVersion6.contains(c); }));
}

// RFC 5321, 4.1.2, without quotes.
bool is_mailbox(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text[0] == '.' || text[at - 1] == '.') return false;
  const auto local = text.substr(0, at);
  return !local.contains("..") && has_labels(text.substr(at + 1)) && std::ranges::all_of(local, [](char c) {
    return is_letter(c) || is_digit(c) || kOthers.contains(c);
  });
}

// RFC 3986, without what readers disagree about: user names, IPv6 addresses, percent signs that spell
// nothing.
bool is_plain_uri(std::string_view uri) {
  constexpr std::string_view kOthers = "-._~:/?#@!$&'()*+,;=";
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const char c = uri[i];
    if (c == '%') {
      if (i + 2 >= uri.size() || !hex_byte(uri[i + 1], uri[i + 2])) return false;
    } else if (!is_letter(c) && !is_digit(c) && !kOthers.contains(c)) {
      return false;
    }
  }
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(uri[0])) return false;
  if (!std::ranges::all_of(uri.substr(0, colon), [](char c) {
        return is_letter(c) || is_digit(c) || std::string_view("+-.").contains(c);
      }))
    return false;
  auto rest = uri.substr(colon + 1);
  if (!rest.starts_with("//")) return true;
  auto host = rest.substr(2, rest.find_first_of("/?#", 2) - 2);
  if (const auto port = host.find(':'); port != std::string_view::npos) {
    if (!all(host.substr(port + 1), is_digit)) return false;
    host = host.substr(0, port);
  }
  return host.empty() || is_domain(host);
}

struct BitString {
  unsigned unused = 0;
  std::string_view octets;
  bool loose = false;  // a bit that is not used is set
};

std::optional<BitString> bit_string(std::string_view content) {
  if (content.empty()) return std::nullopt;
  BitString bits{.unused = byte_at(content, 0), .octets = content.substr(1)};
  if (bits.unused > 7 || (bits.unused != 0 && bits.octets.empty())) return std::nullopt;
  if (bits.unused != 0)
    bits.loose = (byte_at(bits.octets, bits.octets.size() - 1) & ((1U << bits.unused) - 1)) != 0;
  return bits;
}

// Whether OpenSSL reads `value` in a name (crypto/asn1/tasn_dec.c, ASN1_tag2bit(); B_ASN1_PRINTABLE).
bool is_read_in_names(const DerElement& value) {
  constexpr std::array<unsigned, 17> kRead{3, 7, 8, 9, 11, 12, 13, 14, 15, 16, 18, 19, 20, 22, 28, 29, 30};
  if ((value.tag & 0xC0U) != 0 || std::ranges::find(kRead, value.tag & 0x1FU) == kRead.end()) return false;
  if (value.tag == kBitString) return bit_string(value.content).has_value();
  return value.tag != (kSequence & 0x1FU);  // which is one when it is constructed
}

// Whether it is a time shorter than one with seconds and a "Z", as OpenSSL 3.5 takes none anywhere.
bool is_short_time(const DerElement& value) {
  constexpr std::size_t kUtcTimeBytes = 13;
  constexpr std::size_t kGeneralizedTimeBytes = 15;
  return (value.tag == kUtcTime && value.content.size() < kUtcTimeBytes) ||
         (value.tag == kGeneralizedTime && value.content.size() < kGeneralizedTimeBytes);
}

// Whether OpenSSL reads `value` where anything may stand (crypto/asn1/tasn_dec.c, asn1_ex_c2i()).
bool is_read_anywhere(const DerElement& value) {
  const auto size = value.content.size();
  switch (value.tag) {
    case kBoolean:
      return size == 1;
    case kNull:
      return size == 0;
    case kInteger:
    case kEnumerated:
      return is_der_integer(value.content);
    case kBitString:
      return bit_string(value.content).has_value();
    case kObjectIdentifier:
      return !dotted_oid(value.content).empty();
    case kBmpString:
      return size % 2 == 0;
    case kUniversalString:
      return size % 4 == 0;
    case kUtcTime:
    case kGeneralizedTime:
      return !is_short_time(value);
    case kSequence & 0x1FU:
    case kSet & 0x1FU:
      return false;  // they are constructed
    default:
      return true;
  }
}

// ---- Times
// --------------------------------------------------------------------------------------------------

unsigned two_digits(std::string_view text, std::size_t at) {
  return byte_at(text, at) * 10U + byte_at(text, at + 1) - 11U * '0';
}

bool is_possible(unsigned year, std::string_view parts) {
  const unsigned month = two_digits(parts, 0);
  const unsigned day = two_digits(parts, 2);
  constexpr std::array<unsigned, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const unsigned days = kDays.at(month) + (month == 2 && leap ? 1 : 0);
  return day >= 1 && day <= days && two_digits(parts, 4) < 24 && two_digits(parts, 6) < 60 &&
         (parts.size() < 10 || two_digits(parts, 8) < 60);
}

std::optional<Trait> oddity_of_time(const DerElement& time) {
  const bool utc = time.tag == kUtcTime;
  if (!utc && time.tag != kGeneralizedTime) return Trait::malformed;
  const std::size_t year_digits = utc ? 2 : 4;
  auto text = time.content;
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  if (digits != year_digits + 8 && digits != year_digits + 10) return Trait::time_malformed;
  const auto zone = text.substr(digits);
  unsigned year = two_digits(text, 0);
  if (!utc) year = year * 100 + two_digits(text, 2);
  if (utc) year += year < 50 ? 2000 : 1900;
  if (!is_possible(year, text.substr(year_digits, digits - year_digits))) return Trait::time_impossible;
  if (zone.starts_with('.') || zone.starts_with(',')) return Trait::time_fraction;
  if (zone.empty()) return Trait::time_without_zone;
  if (zone == "+0000" || zone == "-0000") return Trait::time_offset_zero;
  if (zone != "Z") return zone[0] == '+' || zone[0] == '-' ? Trait::time_offset : Trait::time_malformed;
  if (digits != year_digits + 10) return Trait::time_without_seconds;
  return std::nullopt;
}

// ---- The reader
// ---------------------------------------------------------------------------------------------

constexpr std::string_view kDerNull("\x05\x00", 2);
constexpr std::string_view kEmptyList("\x30\x00", 2);
constexpr std::string_view kRsa = "1.2.840.113549.1.1.1";
constexpr std::string_view kRsaPss = "1.2.840.113549.1.1.10";
constexpr std::string_view kEc = "1.2.840.10045.2.1";
constexpr std::string_view kDsa = "1.2.840.10040.4.1";
constexpr std::string_view kEd25519 = "1.3.101.112";
constexpr std::string_view kEd448 = "1.3.101.113";
constexpr std::string_view kMlDsa = "2.16.840.1.101.3.4.3.";  // 17, 18, 19

// Whether a key of the algorithm `key` can have made a signature of the algorithm `signature`, as OpenSSL
// knows them (crypto/objects/obj_xref.txt).
bool fits(std::string_view key, std::string_view signature) {
  struct Family {
    std::string_view key;
    std::vector<std::string_view> signatures;
  };
  static const std::array kFamilies{
      Family{.key = kRsa, .signatures = {"1.2.840.113549.1.1.2",    "1.2.840.113549.1.1.3",
                                         "1.2.840.113549.1.1.4",    "1.2.840.113549.1.1.5",
                                         "1.2.840.113549.1.1.10",   "1.2.840.113549.1.1.11",
                                         "1.2.840.113549.1.1.12",   "1.2.840.113549.1.1.13",
                                         "1.2.840.113549.1.1.14",   "1.2.840.113549.1.1.15",
                                         "1.2.840.113549.1.1.16",   "1.3.14.3.2.3",
                                         "1.3.14.3.2.15",           "1.3.14.3.2.29",
                                         "1.3.36.3.3.1.2",          "2.5.8.3.100",
                                         "2.16.840.1.101.3.4.3.13", "2.16.840.1.101.3.4.3.14",
                                         "2.16.840.1.101.3.4.3.15", "2.16.840.1.101.3.4.3.16"}},
      Family{.key = kEc,
             .signatures = {"1.2.840.10045.4.1", "1.2.840.10045.4.2", "1.2.840.10045.4.3",
                            "1.2.840.10045.4.3.1", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3",
                            "1.2.840.10045.4.3.4", "2.16.840.1.101.3.4.3.9", "2.16.840.1.101.3.4.3.10",
                            "2.16.840.1.101.3.4.3.11", "2.16.840.1.101.3.4.3.12"}},
      Family{.key = kDsa,
             .signatures = {"1.2.840.10040.4.3", "1.3.14.3.2.13", "1.3.14.3.2.27", "2.16.840.1.101.3.4.3.1",
                            "2.16.840.1.101.3.4.3.2", "2.16.840.1.101.3.4.3.3", "2.16.840.1.101.3.4.3.4",
                            "2.16.840.1.101.3.4.3.5", "2.16.840.1.101.3.4.3.6", "2.16.840.1.101.3.4.3.7",
                            "2.16.840.1.101.3.4.3.8"}}};
  const auto family = std::ranges::find(kFamilies, key, &Family::key);
  if (family == kFamilies.end()) return key == signature;
  return std::ranges::find(family->signatures, signature) != family->signatures.end();
}

// ---- Lengths that DER does not allow

std::string der_element_of(unsigned tag, std::string_view content) {
  std::string bytes(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    bytes += static_cast<char>(content.size());
  } else {
    std::string octets;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U)
      octets.insert(octets.begin(), static_cast<char>(rest & 0xFFU));
    bytes += static_cast<char>(0x80U | octets.size());
    bytes += octets;
  }
  return bytes.append(content);
}

// The same elements with the lengths of DER; nothing where `bytes` are no elements of definite lengths. What
// is nested deeper than any certificate is left as it is.
std::optional<std::string> with_der_lengths(std::string_view bytes, unsigned depth = 0) {
  constexpr unsigned kDeepest = 32;
  std::string written;
  while (!bytes.empty()) {
    const auto element = der_element(bytes);
    if (!element || !element->whole || element->size == 0) return std::nullopt;
    const bool constructed = (element->tag & 0x20U) != 0;
    auto inner =
        constructed && depth < kDeepest ? with_der_lengths(element->content, depth + 1) : std::nullopt;
    if (constructed && !inner) return std::nullopt;
    written += der_element_of(element->tag, inner ? *inner : element->content);
    bytes.remove_prefix(element->bytes.size());
  }
  return written;
}

struct NamesRead {
  bool good = true;
  bool rare_good = true;  // those of a form that few read
  bool text = true;       // of the directoryNames among them
  bool labels = true;     // of the DNS names among them
  unsigned count = 0;
  unsigned forms = 0;  // a bit a tag
  bool empty_name = false;
  bool empty_value = false;  // of an attribute in a directoryName
  bool edi_or_x400 = false;
  bool ip_address = false;  // not 4 or 16 octets
  bool eight_bit = false;
  bool uri = false;     // not plain
  bool common = false;  // a DNS name, IP address, mail address or URI
  bool server = false;  // a DNS name or an IP address
};

// The forms that name constraints are about (4.2.1.10), a bit each.
unsigned form_of(const DerElement& name) {
  const bool common =
      name.tag == context(1) || name.tag == context(2) || name.tag == context(6) || name.tag == context(7);
  return common ? 1U << (name.tag & 0x1FU) : 0;
}

// "inherit", or a list of values of `tag`, each alone or as a range of two (RFC 3779, 2.2.3.5 and 3.2.3.3).
bool is_inherited_or_ranges(const DerElement& choice, unsigned tag) {
  if (choice.bytes == kDerNull) return true;
  const auto is_value = [tag](const DerElement& element) {
    return element.tag == tag &&
           (tag == kInteger ? is_der_integer(element.content) : bit_string(element.content).has_value());
  };
  bool good = choice.tag == kSequence;
  DerReader list(choice.content);
  while (good && list.good() && !list.at_end()) {
    const auto one = list.take();
    DerReader range(one.content);
    good = is_value(one) ||
           (one.tag == kSequence && is_value(range.take()) && is_value(range.take()) && range.finished());
  }
  return good && list.good();
}

// Whether `value` is a list of address blocks, or one of systems' numbers.
bool is_of_addresses(std::string_view value, bool of_systems) {
  DerReader outer(value);
  DerReader list(outer.take(kSequence).content);
  bool good = outer.finished();
  if (of_systems) {
    for (const unsigned tag : {context_constructed(0), context_constructed(1)})
      if (const auto field = list.take_if(tag)) {
        DerReader choice(field->content);
        good = good && is_inherited_or_ranges(choice.take(), kInteger) && choice.finished();
      }
    return good && list.finished();
  }
  while (good && list.good() && !list.at_end()) {
    DerReader family(list.take(kSequence).content);
    const auto name = family.take(kOctetString).content;
    good = (name.size() == 2 || name.size() == 3) && is_inherited_or_ranges(family.take(), kBitString) &&
           family.finished();
  }
  return good && list.good();
}

bool is_directory_string(std::string_view content) {
  DerReader choice(content);
  const auto value = choice.take();
  constexpr std::array kStrings{kPrintableString, kT61String, kBmpString, kUniversalString, kUtf8String};
  return choice.finished() && std::ranges::find(kStrings, value.tag) != kStrings.end() &&
         is_of_its_type(value);
}

// An ediPartyName (RFC 5280, 4.2.1.6): who assigned the name, which may be left out, and the name.
bool is_party_name(std::string_view content) {
  DerReader fields(content);
  const auto assigner = fields.take_if(context_constructed(0));
  const auto name = fields.take(context_constructed(1));
  return fields.finished() && (!assigner || is_directory_string(assigner->content)) &&
         is_directory_string(name.content);
}

class CertificateReader {
 public:
  explicit CertificateReader(bool same_names) : same_names_(same_names) {}

  Profile read(std::string_view der) {
    if (!read_certificate(der)) {
      profile_ = {};
      set(Trait::malformed);
      return profile_;
    }
    conclude();
    return profile_;
  }

 private:
  void set(Trait trait) { profile_.traits.set(static_cast<std::size_t>(trait)); }
  void set_if(bool condition, Trait trait) {
    if (condition) set(trait);
  }

  bool read_certificate(std::string_view der);
  bool read_tbs(std::string_view content, std::string_view outer_algorithm);
  bool read_version(DerReader& tbs);
  bool read_serial(DerReader& tbs);
  bool read_algorithm(std::string_view bytes, std::string& oid, std::string_view& parameters);
  bool read_both_names(std::string_view issuer, std::string_view subject);
  bool read_name(std::string_view content, bool subject);
  bool read_attribute(std::string_view content, bool subject);
  void judge_string(const DerElement& value);
  bool read_validity(std::string_view content);
  bool read_key(std::string_view content);
  void read_rsa(std::string_view parameters, std::string_view key);
  void read_ec(std::string_view parameters, std::string_view key);
  bool read_extensions(std::string_view content);
  bool read_extension(std::string_view content);
  void read_known(std::string_view oid, std::string_view value, bool critical);
  void read_basic_constraints(std::string_view value, bool critical);
  void read_key_usage(std::string_view value, bool critical);
  void read_extended_key_usage(std::string_view value, bool critical);
  void read_name_constraints(std::string_view value, bool critical);
  bool read_subtrees(std::string_view content, bool critical);
  void read_subject_key_id(std::string_view value, bool critical);
  void read_authority_key_id(std::string_view value, bool critical);
  void read_alternative_names(std::string_view value, bool critical, bool of_subject);
  void read_distribution_points(std::string_view value, bool critical);
  bool is_access(std::string_view value);
  bool is_about_policies(std::string_view oid, std::string_view value);
  void read_policies(std::string_view value, bool critical);
  void read_other(std::string_view oid, std::string_view value, bool critical);
  void malformed(Trait trait, bool critical) {
    set(trait);
    unreadable(critical);
  }
  void unreadable(bool critical) {
    set_if(critical, Trait::malformed_critical);
    readable_ = false;
  }
  std::string oid_of(std::string_view content);
  void conclude();

  NamesRead read_names(std::string_view content);
  void read_general_name(const DerElement& name, NamesRead& names);

  bool same_names_;
  Profile profile_;
  std::string_view serial_;
  std::string_view issuer_;  // the whole element
  std::string_view subject_;
  std::string signature_algorithm_;
  std::string common_name_;
  std::string issuer_text_;  // as GnuTLS compares names
  std::string subject_text_;
  std::set<std::string> extensions_;
  std::set<std::string> unread_;  // those of them that are malformed
  bool readable_ = true;          // the extension that was looked at last, for all that read it
  unsigned extension_count_ = 0;
  bool has_bc_ = false;
  bool bc_ca_ = false;
  bool has_path_length_ = false;
  bool has_ku_ = false;
  bool ku_is_read_ = false;
  bool cert_sign_ = false;
  bool has_san_ = false;
  bool netscape_ca_ = false;
  unsigned own_forms_ = 0;          // of alternative names, a bit a tag
  bool own_labels_ = true;          // all of its DNS names have labels
  unsigned constrained_forms_ = 0;  // of names that it constrains
  bool has_nc_ = false;
  std::optional<std::string_view> own_key_id_;
  std::optional<std::string_view> issuer_key_id_;
  std::optional<std::string_view> issuer_serial_;
  std::optional<std::string_view> issuer_name_;
};

std::string CertificateReader::oid_of(std::string_view content) {
  constexpr std::size_t kVeryLong = 4096;
  set_if(content.size() > kVeryLong, Trait::oid_very_long);
  std::uint64_t arc = 0;
  for (const char c : content) {
    const unsigned octet = static_cast<unsigned char>(c);
    arc = std::min<std::uint64_t>(arc << 7U | (octet & 0x7FU), std::uint64_t{1} << 40U);
    set_if(arc > 0x7FFFFFFFU, Trait::oid_huge);
    if (octet < 0x80) arc = 0;
  }
  return dotted_oid(content);
}

bool CertificateReader::read_certificate(std::string_view der) {
  constexpr std::size_t kHuge = std::size_t{64} * 1024;
  set_if(der.size() > kHuge, Trait::huge);
  DerReader outermost(der);
  const auto certificate = outermost.take(kSequence);
  if (!outermost.finished()) return false;
  DerReader parts(certificate.content);
  const auto tbs = parts.take(kSequence);
  const auto algorithm = parts.take(kSequence);
  const auto signature = parts.take(kBitString);
  const auto bits = bit_string(signature.content);
  if (!parts.finished() || !bits || bits->loose || bits->unused != 0) return false;
  return read_tbs(tbs.content, algorithm.bytes);
}

bool CertificateReader::read_tbs(std::string_view content, std::string_view outer_algorithm) {
  DerReader tbs(content);
  if (!read_version(tbs) || !read_serial(tbs)) return false;
  const auto algorithm = tbs.take(kSequence);
  const auto issuer = tbs.take(kSequence);
  const auto validity = tbs.take(kSequence);
  const auto subject = tbs.take(kSequence);
  const auto key = tbs.take(kSequence);
  if (!tbs.good()) return false;

  std::string_view parameters;
  std::string outer_oid;
  std::string_view outer_parameters;
  if (!read_algorithm(algorithm.bytes, signature_algorithm_, parameters) ||
      !read_algorithm(outer_algorithm, outer_oid, outer_parameters))
    return false;
  set_if(algorithm.bytes != outer_algorithm, Trait::signatures_differ);
  const auto is_null = [](std::string_view each) { return each.empty() || each == kDerNull; };
  set_if(signature_algorithm_ != outer_oid ||
             (parameters != outer_parameters && !(is_null(parameters) && is_null(outer_parameters))),
         Trait::signatures_conflict);
  const bool takes_none =
      signature_algorithm_.starts_with("1.2.840.10045.4.") || signature_algorithm_.starts_with("1.3.101.");
  set_if(takes_none && !parameters.empty(), Trait::signature_parameters);
  set_if(signature_algorithm_ == kRsaPss && !is_null(parameters) && !DerReader(parameters).next_is(kSequence),
         Trait::pss_parameters);
  constexpr std::array<std::string_view, 8> kWeak{
      "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5",
      "1.3.14.3.2.29",        "1.2.840.10045.4.1",    "1.2.840.10040.4.3",    "1.3.14.3.2.27"};
  set_if(std::ranges::find(kWeak, signature_algorithm_) != kWeak.end(), Trait::weak_signature);

  issuer_ = issuer.bytes;
  subject_ = subject.bytes;
  if (!read_both_names(issuer.content, subject.content)) return false;
  if (!read_validity(validity.content) || !read_key(key.content)) return false;

  const auto issuer_id = tbs.take_if(context(1));
  const auto subject_id = tbs.take_if(context(2));
  for (const auto& id : {issuer_id, subject_id})
    if (id && !bit_string(id->content)) return false;
  if (issuer_id || subject_id) {
    set(Trait::unique_ids);
    set_if(profile_.version == 1, Trait::unique_ids_before_v2);
  }
  const auto extensions = tbs.take_if(context_constructed(3));
  if (!tbs.finished()) return false;
  return !extensions || read_extensions(extensions->content);
}

bool CertificateReader::read_version(DerReader& tbs) {
  profile_.version = 1;
  const auto field = tbs.take_if(context_constructed(0));
  if (!tbs.good()) return false;
  if (!field) return true;
  DerReader inner(field->content);
  const auto number = inner.take(kInteger);
  if (!inner.finished() || !is_der_integer(number.content)) return false;
  const unsigned value = byte_at(number.content, 0);
  if (number.content.size() > 1 || value > 2) {
    set(Trait::version_unknown);
    profile_.version = 4;
    return true;
  }
  set_if(value == 0, Trait::version_spelled_out);
  profile_.version = static_cast<int>(value) + 1;
  return true;
}

bool CertificateReader::read_serial(DerReader& tbs) {
  serial_ = tbs.take(kInteger).content;
  if (!tbs.good() || !is_der_integer(serial_)) return false;
  set_if(profile_.version == 1, Trait::version_1);
  set_if(byte_at(serial_, 0) >= 0x80, Trait::serial_negative);
  set_if(serial_ == std::string_view("\0", 1), Trait::serial_zero);
  set_if(serial_.size() > 20, Trait::serial_long);
  set_if(serial_.size() > 32, Trait::serial_very_long);
  return true;
}

bool CertificateReader::read_algorithm(std::string_view bytes, std::string& oid,
                                       std::string_view& parameters) {
  DerReader outer(bytes);
  DerReader inner(outer.take(kSequence).content);
  oid = oid_of(inner.take(kObjectIdentifier).content);
  if (inner.good() && !inner.at_end()) {
    const auto parameter = inner.take();
    parameters = parameter.bytes;
    set_if(is_short_time(parameter), Trait::algorithm_short_time);
  }
  return inner.finished() && !oid.empty();
}

bool CertificateReader::read_both_names(std::string_view issuer, std::string_view subject) {
  set_if(issuer.empty(), Trait::issuer_empty);
  set_if(subject.empty(), Trait::subject_empty);
  if (!read_name(subject, true)) return false;
  if (issuer != subject) return read_name(issuer, false);
  issuer_text_ = subject_text_;
  return true;
}

bool CertificateReader::read_name(std::string_view content, bool subject) {
  DerReader names(content);
  while (names.good() && !names.at_end()) {
    DerReader set_of(names.take(kSet).content);
    std::string_view before;
    unsigned count = 0;
    while (names.good() && set_of.good() && !set_of.at_end()) {
      const auto attribute = set_of.take(kSequence);
      if (!set_of.good() || !read_attribute(attribute.content, subject)) return false;
      set_if(attribute.bytes < before, Trait::set_unordered);
      before = attribute.bytes;
      ++count;
    }
    if (!set_of.good()) return false;
    set_if(count == 0, Trait::rdn_empty);
    set_if(count > 1, Trait::set_of_several);
  }
  return names.good();
}

bool CertificateReader::read_attribute(std::string_view content, bool subject) {
  DerReader attribute(content);
  const auto oid = oid_of(attribute.take(kObjectIdentifier).content);
  const auto value = attribute.take();
  if (!attribute.finished() || oid.empty()) return false;
  judge_string(value);
  auto& text = subject ? subject_text_ : issuer_text_;
  text.append(oid).append("=").append(value.content).append("\n");
  // These types are one to GnuTLS, and no others (measured).
  if (value.tag != kUtf8String && value.tag != kPrintableString && value.tag != kT61String)
    text += std::to_string(value.tag);
  constexpr std::string_view kCommonName = "2.5.4.3";
  if (subject && oid == kCommonName) common_name_ = value.content;
  return true;
}

void CertificateReader::judge_string(const DerElement& value) {
  const auto text = value.content;
  set_if(text.empty(), Trait::empty_value);
  switch (value.tag) {
    case kPrintableString:
      set_if(!all(text, is_printable_string_character), Trait::printable_string);
      break;
    case kIa5String:
      set_if(!all(text, is_ascii), Trait::ia5_string);
      break;
    case kNumericString:
      set(Trait::numeric_value);
      set_if(!all(text, [](char c) { return is_digit(c) || c == ' '; }), Trait::numeric_string);
      break;
    case kUtf8String:
      set_if(!is_utf8(text), Trait::utf8_string);
      break;
    case kBmpString:
      set_if(!is_utf16(text), Trait::bmp_string);
      break;
    case kUniversalString:
      set(Trait::universal_string);
      break;
    case kT61String:
      break;
    default:
      set(Trait::other_string);
  }
}

bool CertificateReader::read_validity(std::string_view content) {
  DerReader times(content);
  std::array<std::string, 2> ends;
  bool odd = false;
  for (auto& end : ends) {
    const auto time = times.take();
    if (!times.good()) return false;
    const auto oddity = oddity_of_time(time);
    if (oddity == Trait::malformed) return false;
    if (oddity) set(*oddity);
    odd |= oddity.has_value();
    if (time.tag == kUtcTime) end = time.content < "50" ? "20" : "19";
    end += time.content;
  }
  set_if(!odd && ends.back() <= ends.front(), Trait::never_valid);
  return times.finished();
}

bool CertificateReader::read_key(std::string_view content) {
  DerReader info(content);
  const auto algorithm = info.take(kSequence);
  const auto bits = bit_string(info.take(kBitString).content);
  std::string_view parameters;
  if (!info.finished() || !bits || !read_algorithm(algorithm.bytes, profile_.key_algorithm, parameters))
    return false;
  const auto& oid = profile_.key_algorithm;
  const auto key = bits->octets;
  set_if(bits->unused != 0, Trait::key_malformed);
  if (oid == kRsa || oid == kRsaPss) {
    read_rsa(parameters, key);
  } else if (oid == kEc) {
    read_ec(parameters, key);
  } else if (oid == kDsa) {
    set(Trait::dsa_key);
    DerReader number(key);
    const auto y = number.take(kInteger).content;
    DerReader three(parameters);
    DerReader domain(three.take(kSequence).content);
    bool good = number.finished() && is_der_integer(y) && byte_at(y, 0) < 0x80;
    for (int i = 0; i < 3 && good; ++i) {
      const auto value = domain.take(kInteger).content;
      good = domain.good() && is_der_integer(value) && byte_at(value, 0) < 0x80;
    }
    set_if(!good || !domain.finished() || !three.finished(), Trait::key_malformed);
  } else if (oid == kEd25519 || oid == kEd448) {
    set(oid == kEd448 ? Trait::ed448_key : Trait::ed25519_key);
    set_if(!parameters.empty() || key.size() != (oid == kEd448 ? 57 : 32), Trait::key_malformed);
  } else if (oid.starts_with(kMlDsa) &&
             (oid.ends_with(".17") || oid.ends_with(".18") || oid.ends_with(".19"))) {
    set(Trait::ml_dsa_key);
    const std::size_t size = oid.ends_with("17") ? 1312 : oid.ends_with("18") ? 1952 : 2592;  // FIPS 204
    set_if(!parameters.empty() || key.size() != size, Trait::key_malformed);
  } else {
    set(Trait::key_unknown);
  }
  return true;
}

unsigned bits_of(std::string_view number) {
  while (!number.empty() && number.front() == '\0')
    number.remove_prefix(1);
  if (number.empty()) return 0;
  unsigned bits = static_cast<unsigned>(number.size() - 1) * 8;
  for (unsigned first = byte_at(number, 0); first != 0; first >>= 1U)
    ++bits;
  return bits;
}

void CertificateReader::read_rsa(std::string_view parameters, std::string_view key) {
  set(Trait::rsa_key);
  if (profile_.key_algorithm == kRsaPss)
    set(Trait::rsa_pss_key);
  else
    set_if(parameters != kDerNull, Trait::rsa_without_null);
  DerReader outer(key);
  DerReader numbers(outer.take(kSequence).content);
  const auto modulus = numbers.take(kInteger).content;
  const auto exponent = numbers.take(kInteger).content;
  const auto odd = [](std::string_view number) {
    return is_der_integer(number) && byte_at(number, 0) < 0x80 &&
           (byte_at(number, number.size() - 1) & 1U) != 0;
  };
  if (!outer.finished() || !numbers.finished() || !odd(modulus) || !odd(exponent) || bits_of(exponent) < 2)
    return set(Trait::key_malformed);
  const auto bits = bits_of(modulus);
  set_if(bits < 2041, Trait::rsa_under_2041);
  set_if(bits < 2048, Trait::rsa_under_2048);
  set_if(bits > 4096, Trait::rsa_over_4096);
  set_if(bits > 8192, Trait::rsa_over_8192);
  set_if(bits > 16384, Trait::rsa_over_16384);
  set_if(bits_of(exponent) > 31, Trait::rsa_exponent_over_31_bits);
  set_if(bits_of(exponent) > 33, Trait::rsa_exponent_over_33_bits);
}

struct Curve {
  std::string_view oid;
  std::size_t octets;  // of a coordinate
  std::optional<Trait> trait;
};
constexpr auto kCurves = std::to_array<Curve>({
    {.oid = "1.2.840.10045.3.1.7", .octets = 32, .trait = std::nullopt},  // SEC 2, RFC 5480, 2.1.1.1
    {.oid = "1.3.132.0.34", .octets = 48, .trait = std::nullopt},
    {.oid = "1.3.132.0.35", .octets = 66, .trait = Trait::ec_p521},
    {.oid = "1.3.132.0.33", .octets = 28, .trait = Trait::ec_p224},
    {.oid = "1.2.840.10045.3.1.1", .octets = 24, .trait = Trait::ec_small},
    {.oid = "1.3.132.0.10", .octets = 32, .trait = Trait::ec_secp256k1},
    {.oid = "1.3.36.3.3.2.8.1.1.7", .octets = 32, .trait = Trait::ec_brainpool},  // RFC 5639, 4.1
    {.oid = "1.3.36.3.3.2.8.1.1.11", .octets = 48, .trait = Trait::ec_brainpool},
    {.oid = "1.3.36.3.3.2.8.1.1.13", .octets = 64, .trait = Trait::ec_brainpool},
});

void CertificateReader::read_ec(std::string_view parameters, std::string_view key) {
  set(Trait::ec_key);
  DerReader reader(parameters);
  if (reader.next_is(kSequence)) return set(Trait::ec_explicit);
  profile_.curve = oid_of(reader.take(kObjectIdentifier).content);
  if (!reader.finished() || profile_.curve.empty() || key.size() < 2) return set(Trait::key_malformed);
  const auto curve = std::ranges::find(kCurves, profile_.curve, &Curve::oid);
  if (curve == kCurves.end()) {
    set(Trait::ec_other_curve);
  } else if (curve->trait) {
    set(*curve->trait);
  }
  const unsigned form = byte_at(key, 0);
  const bool compressed = form == 2 || form == 3;
  const bool hybrid = form == 6 || form == 7;
  set_if(compressed, Trait::ec_compressed);
  set_if(hybrid, Trait::ec_hybrid);
  const std::size_t octets = curve == kCurves.end() ? (key.size() - 1) / (compressed ? 1 : 2) : curve->octets;
  set_if((form != 4 && !compressed && !hybrid) || key.size() != 1 + octets * (compressed ? 1 : 2),
         Trait::key_malformed);
}

bool CertificateReader::read_extensions(std::string_view content) {
  DerReader outer(content);
  DerReader list(outer.take(kSequence).content);
  if (!outer.finished()) return false;
  while (list.good() && !list.at_end()) {
    const auto extension = list.take(kSequence);
    if (!list.good() || !read_extension(extension.content)) return false;
  }
  set_if(extension_count_ == 0, Trait::no_extension_in_list);
  set_if(extension_count_ > 32, Trait::many_extensions);
  set_if(profile_.version < 3, Trait::extensions_before_v3);
  return list.good();
}

bool CertificateReader::read_extension(std::string_view content) {
  DerReader extension(content);
  const auto oid = oid_of(extension.take(kObjectIdentifier).content);
  bool critical = false;
  if (const auto flag = extension.take_if(kBoolean)) {
    if (flag->content.size() != 1) return false;
    critical = flag->content[0] != '\0';
    set_if(!critical, Trait::critical_false_spelled);
    set_if(critical && flag->content[0] != '\xFF', Trait::odd_boolean);
  }
  const auto value = extension.take(kOctetString);
  if (!extension.finished() || oid.empty()) return false;
  constexpr std::size_t kLongOid = 127;
  set_if(oid.size() > kLongOid, Trait::oid_long);
  ++extension_count_;
  if (!extensions_.insert(oid).second) {
    set(Trait::extension_twice);
    constexpr std::array<std::string_view, 8> kRead{"2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19",
                                                    "2.5.29.30", "2.5.29.31", "2.5.29.35", "2.5.29.37"};
    set_if(std::ranges::find(kRead, std::string_view(oid)) != kRead.end(), Trait::known_extension_twice);
    CertificateReader second(same_names_);
    second.read_known(oid, value.content, critical);
    set_if(second.readable_ && !unread_.contains(oid), Trait::readable_twice);
    return true;
  }
  readable_ = true;
  read_known(oid, value.content, critical);
  if (!readable_) unread_.insert(oid);
  return true;
}

void CertificateReader::read_known(std::string_view oid, std::string_view value, bool critical) {
  if (oid == "2.5.29.19") return read_basic_constraints(value, critical);
  if (oid == "2.5.29.15") return read_key_usage(value, critical);
  if (oid == "2.5.29.37") return read_extended_key_usage(value, critical);
  if (oid == "2.5.29.30") return read_name_constraints(value, critical);
  if (oid == "2.5.29.14") return read_subject_key_id(value, critical);
  if (oid == "2.5.29.35") return read_authority_key_id(value, critical);
  if (oid == "2.5.29.17") return read_alternative_names(value, critical, true);
  if (oid == "2.5.29.18") return read_alternative_names(value, critical, false);
  if (oid == "2.5.29.31") return read_distribution_points(value, critical);
  if (oid == "2.5.29.32") return read_policies(value, critical);
  read_other(oid, value, critical);
}

void CertificateReader::read_basic_constraints(std::string_view value, bool critical) {
  has_bc_ = true;
  DerReader outer(value);
  DerReader fields(outer.take(kSequence).content);
  if (const auto flag = fields.take_if(kBoolean)) {
    if (flag->content.size() != 1) return malformed(Trait::bc_malformed, critical);
    bc_ca_ = flag->content[0] != '\0';
    set_if(bc_ca_ && flag->content[0] != '\xFF', Trait::odd_boolean);
  }
  if (const auto length = fields.take_if(kInteger)) {
    has_path_length_ = true;
    if (!is_der_integer(length->content)) return malformed(Trait::bc_malformed, critical);
    const bool negative = byte_at(length->content, 0) >= 0x80;
    set_if(negative, Trait::path_length_negative);
    set_if(!negative && bits_of(length->content) > 31, Trait::path_length_huge);
  }
  if (!outer.good() || !fields.good()) return malformed(Trait::bc_malformed, critical);
  set_if(!fields.at_end(), Trait::bc_longer);
  if (!outer.at_end()) malformed(Trait::bc_trailing, critical);
  set_if(!bc_ca_, Trait::not_ca);
  set_if(bc_ca_ && !critical, Trait::bc_not_critical);
}

void CertificateReader::read_key_usage(std::string_view value, bool critical) {
  has_ku_ = true;
  DerReader reader(value);
  const auto bits = bit_string(reader.take(kBitString).content);
  if (!reader.good() || !bits) return malformed(Trait::ku_malformed, critical);
  if (!reader.at_end()) malformed(Trait::ku_trailing, critical);
  ku_is_read_ = true;
  std::string octets(bits->octets);
  if (!octets.empty())
    octets.back() = static_cast<char>(byte_at(octets, octets.size() - 1) >> bits->unused << bits->unused);
  set_if(bits->loose, Trait::ku_padding);
  const bool any = std::ranges::any_of(octets, [](char c) { return c != '\0'; });
  set_if(!any, Trait::ku_empty);
  constexpr unsigned kKeyCertSign = 0x04;  // bit 5 from the left
  constexpr unsigned kOfServers = 0xA8;    // bits 0, 2 and 4
  cert_sign_ = !octets.empty() && (byte_at(octets, 0) & kKeyCertSign) != 0;
  set_if(octets.empty() || (byte_at(octets, 0) & kOfServers) == 0, Trait::ku_without_server);
  if (any) {
    const unsigned last = byte_at(octets, octets.size() - 1);
    set_if((last >> bits->unused & 1U) == 0, Trait::ku_loose_bits);
  }
  set_if(octets.size() > 2, Trait::ku_long);
}

void CertificateReader::read_extended_key_usage(std::string_view value, bool critical) {
  DerReader outer(value);
  DerReader list(outer.take(kSequence).content);
  bool server = false;
  bool any = false;
  unsigned count = 0;
  while (list.good() && !list.at_end()) {
    const auto oid = oid_of(list.take(kObjectIdentifier).content);
    if (oid.empty()) return malformed(Trait::eku_malformed, critical);
    server |= oid == "1.3.6.1.5.5.7.3.1";
    any |= oid == "2.5.29.37.0";
    ++count;
  }
  if (!outer.good() || !list.good()) return malformed(Trait::eku_malformed, critical);
  if (!outer.at_end()) malformed(Trait::eku_trailing, critical);
  set_if(count == 0, Trait::eku_empty);
  set_if(count != 0 && !server && !any, Trait::eku_without_server);
  set_if(!server && any, Trait::eku_any_alone);
}

void CertificateReader::read_general_name(const DerElement& name, NamesRead& names) {
  ++names.count;
  names.forms |= form_of(name);
  const auto text = name.content;
  const auto is_text = [&] {
    names.common = true;
    names.empty_name |= text.empty();
    names.eight_bit |= !all(text, is_ascii);
  };
  switch (name.tag) {
    case context_constructed(0): {  // otherName
      DerReader fields(text);
      const auto oid = oid_of(fields.take(kObjectIdentifier).content);
      DerReader content(fields.take(context_constructed(0)).content);
      const auto value = content.take();
      names.rare_good &= !oid.empty() && fields.finished() && content.finished();
      names.text &= is_read_anywhere(value);
      break;
    }
    case context(1):  // rfc822Name
      is_text();
      break;
    case context(2):  // dNSName
      is_text();
      names.labels &= has_labels(text);
      names.server |= !text.empty();
      break;
    case context_constructed(3):  // x400Address
    case context_constructed(5):  // ediPartyName
      names.edi_or_x400 = true;
      break;
    case context_constructed(4): {  // directoryName
      DerReader outer(text);
      DerReader rdns(outer.take(kSequence).content);
      while (rdns.good() && !rdns.at_end()) {
        DerReader set_of(rdns.take(kSet).content);
        names.rare_good &= !set_of.at_end();
        while (set_of.good() && !set_of.at_end()) {
          DerReader attribute(set_of.take(kSequence).content);
          names.rare_good &= !oid_of(attribute.take(kObjectIdentifier).content).empty();
          const auto value = attribute.take();
          names.rare_good &= attribute.finished();
          names.empty_value |= attribute.finished() && value.content.empty();
          names.text &= is_of_its_type(value) && is_read_in_names(value);
        }
        names.rare_good &= set_of.good();
      }
      names.rare_good &= outer.finished() && rdns.good();
      break;
    }
    case context(6):  // uniformResourceIdentifier
      is_text();
      names.uri |= !is_plain_uri(text);
      break;
    case context(7):  // iPAddress
      names.common = true;
      names.empty_name |= text.empty();
      names.server |= text.size() == 4 || text.size() == 16;
      names.ip_address |= text.size() != 4 && text.size() != 16;
      break;
    case context(8):  // registeredID
      names.rare_good &= !oid_of(text).empty();
      break;
    default:
      names.rare_good = false;
  }
}

NamesRead CertificateReader::read_names(std::string_view content) {
  NamesRead names;
  DerReader list(content);
  while (list.good() && !list.at_end()) {
    const auto name = list.take();
    if (list.good()) read_general_name(name, names);
  }
  names.good &= list.good();
  return names;
}

void CertificateReader::read_alternative_names(std::string_view value, bool critical, bool of_subject) {
  DerReader outer(value);
  const auto list = outer.take(kSequence);
  const auto names = read_names(list.content);
  const auto pick = [&](Trait of_subject_, Trait of_issuer) { return of_subject ? of_subject_ : of_issuer; };
  if (of_subject) has_san_ = true;
  set_if(critical && !of_subject, Trait::ian_critical);
  if (!outer.good() || !names.good || (!of_subject && !names.rare_good))
    return malformed(pick(Trait::san_malformed, Trait::ian_malformed), critical);
  if (!outer.at_end()) malformed(pick(Trait::san_trailing, Trait::ian_trailing), critical);
  set_if(of_subject && !names.rare_good, Trait::san_name_malformed);
  set_if(of_subject && !names.text, Trait::name_text);
  set_if(names.count == 0, pick(Trait::san_none, Trait::ian_none));
  set_if(critical && names.count == 0, Trait::malformed_critical);
  set_if(names.empty_name, pick(Trait::san_empty_name, Trait::ian_empty_name));
  set_if(names.empty_value, pick(Trait::san_empty_value, Trait::ian_empty_value));
  set_if(names.edi_or_x400, pick(Trait::san_edi_or_x400, Trait::ian_edi_or_x400));
  set_if(names.ip_address, pick(Trait::san_ip_address, Trait::ian_odd));
  set_if(names.eight_bit, pick(Trait::san_8bit, Trait::ian_odd));
  set_if(names.uri, pick(Trait::san_uri, Trait::ian_odd));
  if (names.ip_address || names.uri || names.eight_bit || names.empty_name || names.edi_or_x400)
    unreadable(critical);
  if (!of_subject) return;
  set_if(critical && !names.common, Trait::san_without_common);
  own_forms_ = names.forms;
  own_labels_ = names.labels;
  profile_.names_a_server = names.server;
}

void CertificateReader::read_name_constraints(std::string_view value, bool critical) {
  has_nc_ = true;
  set_if(critical, Trait::names_constrained);
  DerReader outer(value);
  DerReader trees(outer.take(kSequence).content);
  bool any = false;
  bool good = true;
  for (const unsigned tag : {context_constructed(0), context_constructed(1)}) {
    const auto tree = trees.take_if(tag);
    if (!tree || tree->content.empty()) continue;
    any = true;
    good = read_subtrees(tree->content, critical) && good;
  }
  if (!good || !outer.finished() || !trees.finished()) return malformed(Trait::nc_malformed, critical);
  set_if(!any, Trait::nc_empty);
}

bool is_mask(std::string_view mask) {
  bool ended = false;
  for (const char c : mask)
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U) {
      const bool set = (static_cast<unsigned char>(c) & bit) != 0;
      if (set && ended) return false;
      ended = !set;
    }
  return true;
}

bool CertificateReader::read_subtrees(std::string_view content, bool critical) {
  DerReader list(content);
  while (list.good() && !list.at_end()) {
    DerReader tree(list.take(kSequence).content);
    const auto base = tree.take();
    if (!list.good() || !tree.good()) return false;
    if (!tree.at_end()) set(Trait::nc_distances);
    constrained_forms_ |= form_of(base);
    const auto text = base.content;
    const auto host = text.starts_with('.') ? text.substr(1) : text;
    switch (base.tag) {
      case context(1):
        set_if(!text.empty() && !(text.contains('@') ? is_mailbox(text) : has_labels(host)), Trait::nc_name);
        break;
      case context(2):
        set_if(!text.empty() && !has_labels(host), Trait::nc_name);
        break;
      case context(6):
        set_if(!text.empty() && (!has_labels(host) || is_like_address(text)), Trait::nc_name);
        set_if(critical && !is_domain(host), Trait::nc_uri);
        if (!is_domain(host)) readable_ = false;
        break;
      case context(7): {
        const bool sized = text.size() == 8 || text.size() == 32;
        set_if(!sized || !is_mask(text.substr(text.size() / 2)), Trait::nc_ip_address);
        break;
      }
      default: {
        NamesRead names;
        read_general_name(base, names);
        if (!names.good || !names.rare_good) return false;
        set_if(!names.text, Trait::name_text);
        set_if(critical, Trait::nc_other_form);
        set_if(base.tag != context_constructed(4), Trait::nc_unusual_form);
        if (base.tag != context_constructed(5)) break;
        set_if(critical, Trait::nc_edi);
        set_if(!is_party_name(text), Trait::name_text);
        readable_ = false;
      }
    }
  }
  return list.good();
}

void CertificateReader::read_subject_key_id(std::string_view value, bool critical) {
  DerReader reader(value);
  const auto id = reader.take(kOctetString);
  own_key_id_ = id.content;
  set_if(critical, Trait::ski_critical);
  if (!reader.good()) return malformed(Trait::ski_malformed, critical);
  if (!reader.at_end()) malformed(Trait::ski_trailing, critical);
  set_if(id.content.empty(), Trait::ski_empty);
}

void CertificateReader::read_authority_key_id(std::string_view value, bool critical) {
  DerReader outer(value);
  DerReader fields(outer.take(kSequence).content);
  set_if(critical, Trait::aki_critical);
  const auto key = fields.take_if(context(0));
  if (!outer.finished() || !fields.good()) return malformed(Trait::aki_malformed, critical);
  const auto issuer = fields.take_if(context_constructed(1));
  const auto serial = fields.take_if(context(2));
  NamesRead issuer_names;
  if (issuer) issuer_names = read_names(issuer->content);
  set_if(!issuer_names.text, Trait::name_text);
  if (!fields.finished() || !issuer_names.good || !issuer_names.rare_good ||
      (serial && !is_der_integer(serial->content)))
    return malformed(Trait::aki_rest_malformed, critical);
  if (key) issuer_key_id_ = key->content;
  if (serial) issuer_serial_ = serial->content;
  if (!issuer) return;
  DerReader names(issuer->content);
  while (!names.at_end()) {
    const auto name = names.take();
    if (name.tag == context_constructed(4)) {
      issuer_name_ = name.content;
      return;
    }
  }
}

void CertificateReader::read_distribution_points(std::string_view value, bool critical) {
  DerReader outer(value);
  DerReader list(outer.take(kSequence).content);
  set_if(critical, Trait::crldp_critical);
  bool good = outer.finished();
  unsigned count = 0;
  while (good && list.good() && !list.at_end()) {
    DerReader point(list.take(kSequence).content);
    const auto name = point.take_if(context_constructed(0));
    const auto reasons = point.take_if(context(1));
    const auto issuer = point.take_if(context_constructed(2));
    ++count;
    good = list.good() && point.finished();
    if (reasons) good = good && bit_string(reasons->content).has_value();
    const auto issuers = issuer ? read_names(issuer->content) : NamesRead{};
    good = good && issuers.good && issuers.rare_good;
    if (!name) {
      set_if(!issuer, Trait::crldp_odd_name);
      continue;
    }
    DerReader choice(name->content);
    const auto full = choice.take_if(context_constructed(0));
    const auto names = full ? read_names(full->content) : NamesRead{};
    set_if(!issuers.text || !names.text, Trait::name_text);
    if (!full || !choice.finished() || !names.good || !names.rare_good || names.count == 0 ||
        names.edi_or_x400) {
      set(Trait::crldp_odd_name);
      set_if(critical, Trait::malformed_critical);
    }
  }
  if (!good || !list.good()) return malformed(Trait::crldp_malformed, critical);
  set_if(count == 0, Trait::crldp_none);
}

bool CertificateReader::is_access(std::string_view value) {
  DerReader outer(value);
  DerReader list(outer.take(kSequence).content);
  bool good = outer.finished();
  while (good && list.good() && !list.at_end()) {
    DerReader access(list.take(kSequence).content);
    good = !oid_of(access.take(kObjectIdentifier).content).empty();
    const auto location = access.take();
    NamesRead names;
    if (access.good()) read_general_name(location, names);
    good = good && list.good() && access.finished() && names.good && names.rare_good;
  }
  return good && list.good();
}

void CertificateReader::read_policies(std::string_view value, bool critical) {
  DerReader outer(value);
  DerReader list(outer.take(kSequence).content);
  std::set<std::string> seen;
  bool good = outer.finished();
  bool any = false;
  while (good && list.good() && !list.at_end()) {
    DerReader policy(list.take(kSequence).content);
    auto oid = oid_of(policy.take(kObjectIdentifier).content);
    good = list.good() && policy.good() && !oid.empty();
    any = true;
    if (good && !policy.at_end()) {
      DerReader qualifiers(policy.take(kSequence).content);
      good = policy.finished() && !qualifiers.at_end();
      while (good && !qualifiers.at_end()) {
        DerReader qualifier(qualifiers.take(kSequence).content);
        good = !oid_of(qualifier.take(kObjectIdentifier).content).empty();
        qualifier.take();
        good = good && qualifiers.good() && qualifier.finished();
      }
    }
    if (!seen.insert(std::move(oid)).second) set(Trait::policies_twice);
  }
  set_if(critical, Trait::policies_critical);
  if (!good || !list.good()) return malformed(Trait::policies_malformed, critical);
  set_if(!any, Trait::policies_none);
}

void CertificateReader::read_other(std::string_view oid, std::string_view value, bool critical) {
  DerReader reader(value);
  if (oid == "2.16.840.1.113730.1.1") {  // Netscape's certificate type
    set_if(critical, Trait::netscape_critical);
    const auto bits = bit_string(reader.take(kBitString).content);
    if (!bits || !reader.good()) return malformed(Trait::netscape_malformed, critical);
    constexpr unsigned kServer = 0x40;
    constexpr unsigned kTlsCa = 0x04;
    const unsigned types = bits->octets.empty() ? 0 : byte_at(bits->octets, 0);
    set_if((types & kServer) == 0, Trait::netscape_without_server);
    netscape_ca_ = (types & kTlsCa) != 0;
  } else if (oid == "1.3.6.1.5.5.7.1.14") {  // RFC 3820
    set(Trait::proxy);
    set_if(critical, Trait::proxy_critical);
  } else if (oid == "1.3.6.1.5.5.7.1.7" || oid == "1.3.6.1.5.5.7.1.8") {  // RFC 3779
    set_if(critical, Trait::addresses_critical);
    set_if(!is_of_addresses(value, oid.ends_with(".8")), Trait::addresses_malformed);
  } else if (oid == "1.3.6.1.5.5.7.1.1") {
    set_if(critical, Trait::access_critical);
    if (!is_access(value)) malformed(Trait::aia_malformed, critical);
  } else if (oid == "2.5.29.46" || oid == "1.3.6.1.5.5.7.1.11") {  // read only where they are critical
    set_if(critical, Trait::rare_critical);
    CertificateReader points(same_names_);
    points.read_distribution_points(value, true);
    readable_ = oid == "2.5.29.46" ? !points.profile_.has(Trait::malformed_critical) : is_access(value);
    set_if(critical && !readable_, Trait::malformed_critical);
  } else if (oid == "2.5.29.33" || oid == "2.5.29.36" || oid == "2.5.29.54") {
    set_if(critical, oid == "2.5.29.36"   ? Trait::policy_constraints
                     : oid == "2.5.29.33" ? Trait::policy_mapping
                                          : Trait::inhibit_any_critical);
    if (!is_about_policies(oid, value)) unreadable(critical);
  } else {
    set_if(critical, Trait::critical_unknown);
    // GnuTLS asks a server for those of its issuer, and reads nothing else there.
    set_if(oid == "1.3.6.1.5.5.7.1.24" && value != kEmptyList, Trait::tls_feature);
  }
}

// Whether it is as RFC 5280 says; where not, sets whether its fields can be read all the same.
bool CertificateReader::is_about_policies(std::string_view oid, std::string_view value) {
  constexpr std::size_t kMost = 4;  // octets of a number of policies
  const auto is_count = [](std::string_view number) {
    return is_der_integer(number) && number.size() <= kMost && byte_at(number, 0) < 0x80;
  };
  DerReader reader(value);
  bool good = true;
  bool readable = true;  // by who reads the fields that are there, and does not look for others
  if (oid == "2.5.29.54") {
    readable = is_count(reader.take(kInteger).content);
  } else {
    DerReader list(reader.take(kSequence).content);
    good = !list.at_end();
    readable = reader.good();
    if (oid == "2.5.29.36") {
      for (const unsigned tag : {context(0), context(1)})
        if (const auto count = list.take_if(tag)) readable = readable && is_count(count->content);
      readable = readable && list.good();
    } else {
      while (readable && !list.at_end()) {
        DerReader pair(list.take(kSequence).content);
        for (int i = 0; i < 2; ++i)
          readable = readable && !oid_of(pair.take(kObjectIdentifier).content).empty();
        readable = readable && list.good();
        good = good && pair.finished();
      }
    }
    good = good && list.finished();
  }
  good = good && readable && reader.finished();
  set_if(!readable, Trait::other_malformed);
  set_if(readable && !good, Trait::other_odd);
  return good;
}

void CertificateReader::conclude() {
  auto& self_issued = profile_.self_issued;
  self_issued = same_names_ || subject_ == issuer_;
  set_if(!self_issued, Trait::not_self_issued);
  if (!has_bc_) {
    set_if(profile_.version > 2, Trait::bc_missing);
    set_if(profile_.version != 1 && !cert_sign_ && !netscape_ca_, Trait::bc_and_cert_sign_missing);
    set_if(subject_text_ != issuer_text_ && profile_.version > 1, Trait::bc_of_issued_missing);
  }
  profile_.ca = has_bc_ ? bc_ca_ : cert_sign_ || profile_.version == 1;
  set_if(!has_ku_, Trait::ku_missing);
  set_if(ku_is_read_ && !cert_sign_ && !profile_.has(Trait::ku_empty), Trait::ku_without_cert_sign);
  set_if(has_path_length_ && has_ku_ && !cert_sign_, Trait::path_length_without_cert_sign);
  set_if(profile_.version != 1 && !own_key_id_, Trait::ski_missing);
  if (self_issued) {
    set_if(own_key_id_ && issuer_key_id_ && *own_key_id_ != *issuer_key_id_, Trait::aki_other_key);
    set_if((issuer_serial_ && *issuer_serial_ != serial_) || (issuer_name_ && *issuer_name_ != issuer_),
           Trait::aki_other_issuer);
    set_if(!profile_.has(Trait::key_unknown) && !fits(profile_.key_algorithm, signature_algorithm_),
           Trait::signature_of_other_key);
  }
  set_if((own_forms_ & constrained_forms_) != 0 || (has_nc_ && !own_labels_), Trait::constrained_with_names);
  set_if(!has_bc_ && (profile_.has(Trait::aki_other_key) || profile_.has(Trait::aki_other_issuer)),
         Trait::bc_missing_and_aki_other);
  if (!has_san_) profile_.names_a_server = is_domain(common_name_) && common_name_.contains('.');
}

constexpr auto kWords = std::to_array<std::pair<Trait, std::string_view>>({
    {Trait::malformed, "it is not built as RFC 5280 says, in DER"},
    {Trait::ber_lengths, "it writes lengths in forms that DER does not allow"},
    {Trait::version_1, "its version is 1"},
    {Trait::version_spelled_out, "it writes down version 1, which DER leaves out"},
    {Trait::version_unknown, "its version is none of 1, 2 and 3"},
    {Trait::extensions_before_v3, "it has extensions, and its version is not 3"},
    {Trait::unique_ids, "it has unique identifiers"},
    {Trait::unique_ids_before_v2, "it has unique identifiers, and its version is 1"},
    {Trait::no_extension_in_list, "its list of extensions is empty"},
    {Trait::known_extension_twice, "an extension that every client reads stands in it twice"},
    {Trait::extension_twice, "one of its extensions stands in it twice"},
    {Trait::readable_twice, "one of its extensions can be read in it twice"},
    {Trait::critical_false_spelled, "an extension writes down that it is not critical, which DER leaves out"},
    {Trait::odd_boolean, "it spells TRUE otherwise than DER"},
    {Trait::oid_huge, "an object identifier in it has a number of more than 31 bits"},
    {Trait::oid_long, "the object identifier of an extension has more than 127 characters"},
    {Trait::oid_very_long, "an object identifier in it has more than 4,096 octets"},
    {Trait::many_extensions, "it has more than 32 extensions"},
    {Trait::huge, "it is larger than 64 KiB"},
    {Trait::serial_negative, "its serial number is negative"},
    {Trait::serial_zero, "its serial number is 0"},
    {Trait::serial_long, "its serial number has more than 20 bytes"},
    {Trait::serial_very_long, "its serial number has more than 32 bytes"},
    {Trait::signatures_differ, "it names two different signature algorithms"},
    {Trait::signatures_conflict, "it names two signature algorithms that differ by more than a NULL"},
    {Trait::algorithm_short_time, "an algorithm of it has a time for a parameter, and no whole one"},
    {Trait::signature_parameters, "its signature algorithm has parameters that do not belong there"},
    {Trait::pss_parameters, "the parameters of its RSA-PSS signature cannot be read"},
    {Trait::signature_of_other_key, "its signature is of an algorithm that its own key does not have"},
    {Trait::weak_signature, "it is signed with MD5 or SHA-1"},
    {Trait::time_fraction, "its validity has fractions of a second"},
    {Trait::time_offset, "its validity is not in UTC"},
    {Trait::time_offset_zero, "its validity writes UTC as an offset of zero"},
    {Trait::time_without_seconds, "its validity has no seconds"},
    {Trait::time_without_zone, "its validity has no time zone"},
    {Trait::time_impossible, "its validity names a day or an hour that does not exist"},
    {Trait::time_malformed, "its validity is not a time"},
    {Trait::never_valid, "its validity ends no later than it begins"},
    {Trait::subject_empty, "its subject is empty"},
    {Trait::issuer_empty, "its issuer is empty"},
    {Trait::rdn_empty, "its names have an element without any attribute"},
    {Trait::printable_string, "a PrintableString in its names has a character that is not allowed there"},
    {Trait::ia5_string, "an IA5String in its names is not ASCII"},
    {Trait::numeric_value, "its names have a NumericString"},
    {Trait::numeric_string, "a NumericString in its names holds more than digits"},
    {Trait::utf8_string, "a UTF8String in its names is not UTF-8"},
    {Trait::bmp_string, "a BMPString in its names is not UCS-2"},
    {Trait::universal_string, "its names have a UniversalString"},
    {Trait::other_string, "its names have a value that is not a string of characters"},
    {Trait::empty_value, "its names have an empty value"},
    {Trait::set_of_several, "its names have several values side by side"},
    {Trait::set_unordered, "its names have values side by side in an order that DER does not allow"},
    {Trait::key_malformed, "its public key is none of its algorithm"},
    {Trait::key_unknown, "its public key is of an unknown algorithm"},
    {Trait::rsa_key, "it has an RSA key"},
    {Trait::rsa_without_null, "its RSA key lacks the NULL that belongs there"},
    {Trait::rsa_pss_key, "its key is for RSA-PSS alone"},
    {Trait::rsa_over_4096, "its RSA key has more than 4096 bits"},
    {Trait::rsa_over_8192, "its RSA key has more than 8192 bits"},
    {Trait::rsa_over_16384, "its RSA key has more than 16384 bits"},
    {Trait::rsa_under_2041, "its RSA key has less than 2041 bits"},
    {Trait::rsa_under_2048, "its RSA key has less than 2048 bits"},
    {Trait::rsa_exponent_over_31_bits, "its RSA exponent has more than 31 bits"},
    {Trait::rsa_exponent_over_33_bits, "its RSA exponent has more than 33 bits"},
    {Trait::ec_key, "it has an EC key"},
    {Trait::ec_p224, "its key is on the curve P-224"},
    {Trait::ec_p521, "its key is on the curve P-521"},
    {Trait::ec_small, "its key is on the curve P-192"},
    {Trait::ec_secp256k1, "its key is on the curve secp256k1"},
    {Trait::ec_brainpool, "its key is on a Brainpool curve"},
    {Trait::ec_other_curve, "its key is on a curve that hardly any client knows"},
    {Trait::ec_explicit, "its EC key gives the curve by parameters instead of by name"},
    {Trait::ec_compressed, "its EC key is a compressed point"},
    {Trait::ec_hybrid, "its EC key is a point in the hybrid form"},
    {Trait::ed25519_key, "it has an Ed25519 key"},
    {Trait::dsa_key, "it has a DSA key"},
    {Trait::ed448_key, "it has an Ed448 key"},
    {Trait::ml_dsa_key, "it has an ML-DSA key"},
    {Trait::bc_missing, "it has no basicConstraints"},
    {Trait::bc_and_cert_sign_missing, "nothing in it says that it is a CA"},
    {Trait::bc_missing_and_aki_other,
     "it has no basicConstraints, and its authority key identifier names another"},
    {Trait::bc_of_issued_missing, "it has no basicConstraints, and another issued it"},
    {Trait::bc_malformed, "its basicConstraints cannot be read"},
    {Trait::bc_trailing, "its basicConstraints hold more than they may"},
    {Trait::bc_longer, "its basicConstraints have a field too many"},
    {Trait::bc_not_critical, "its basicConstraints are not critical"},
    {Trait::not_ca, "its basicConstraints say that it is not a CA"},
    {Trait::path_length_negative, "its path length is negative"},
    {Trait::path_length_huge, "its path length has more than 31 bits"},
    {Trait::path_length_without_cert_sign,
     "it has a path length, and its keyUsage does not admit signing certificates"},
    {Trait::ku_missing, "it has no keyUsage"},
    {Trait::ku_malformed, "its keyUsage cannot be read"},
    {Trait::ku_trailing, "its keyUsage holds more than it may"},
    {Trait::ku_empty, "its keyUsage is empty"},
    {Trait::ku_without_cert_sign, "its keyUsage does not admit signing certificates"},
    {Trait::ku_long, "its keyUsage is too long"},
    {Trait::ku_padding, "its keyUsage has bits that are said to be unused"},
    {Trait::ku_loose_bits, "its keyUsage is not written as DER says"},
    {Trait::ku_without_server, "its keyUsage does not admit TLS servers"},
    {Trait::eku_without_server, "its extended key usage does not admit TLS servers"},
    {Trait::eku_any_alone, "its extended key usage is \"any\" alone"},
    {Trait::eku_empty, "its extended key usage is empty"},
    {Trait::eku_malformed, "its extended key usage cannot be read"},
    {Trait::eku_trailing, "its extended key usage holds more than it may"},
    {Trait::names_constrained, "it has critical name constraints"},
    {Trait::nc_malformed, "its name constraints cannot be read"},
    {Trait::nc_empty, "its name constraints are empty"},
    {Trait::nc_other_form, "it constrains other names than those of hosts, addresses, mail and URIs"},
    {Trait::constrained_with_names, "it constrains names and has alternative names of its own"},
    {Trait::nc_unusual_form, "it constrains names of a form that hardly any client knows"},
    {Trait::nc_ip_address, "its name constraints hold an address that is not an address with a mask"},
    {Trait::nc_name, "its name constraints hold a name that is not one of a host or a domain"},
    {Trait::nc_uri, "its name constraints hold something else than a host or a domain for URIs"},
    {Trait::nc_edi, "it constrains an ediPartyName"},
    {Trait::nc_distances, "its name constraints hold a minimum or maximum"},
    {Trait::ski_missing, "it has no subject key identifier"},
    {Trait::ski_malformed, "its subject key identifier cannot be read"},
    {Trait::ski_trailing, "its subject key identifier holds more than it may"},
    {Trait::ski_empty, "its subject key identifier is empty"},
    {Trait::ski_critical, "its subject key identifier is critical"},
    {Trait::aki_malformed, "its authority key identifier cannot be read"},
    {Trait::aki_rest_malformed, "what stands behind the key in its authority key identifier cannot be read"},
    {Trait::aki_critical, "its authority key identifier is critical"},
    {Trait::aki_other_key,
     "it issued itself, and its authority key identifier names another key than its own"},
    {Trait::aki_other_issuer, "it issued itself, and its authority key identifier names another issuer"},
    {Trait::san_malformed, "its alternative names cannot be read"},
    {Trait::san_trailing, "its alternative names hold more than they may"},
    {Trait::san_name_malformed, "one of its alternative names cannot be read"},
    {Trait::san_none, "its list of alternative names is empty"},
    {Trait::san_empty_name, "an alternative name is empty"},
    {Trait::san_empty_value, "a directory's name among its alternative names has an empty value"},
    {Trait::san_edi_or_x400, "it has an ediPartyName or x400Address among its alternative names"},
    {Trait::san_ip_address, "an address among its alternative names is neither IPv4 nor IPv6"},
    {Trait::san_8bit, "an alternative name is not ASCII"},
    {Trait::san_uri, "a URI among its alternative names is not one"},
    {Trait::san_without_common,
     "its alternative names are critical, and none is of a host, an address, mail or a URI"},
    {Trait::ian_malformed, "its issuer's alternative names cannot be read"},
    {Trait::ian_trailing, "its issuer's alternative names hold more than they may"},
    {Trait::ian_none, "its list of the issuer's alternative names is empty"},
    {Trait::ian_empty_name, "an alternative name of its issuer is empty"},
    {Trait::ian_empty_value, "a directory's name among its issuer's alternative names has an empty value"},
    {Trait::ian_edi_or_x400, "it has an ediPartyName or x400Address among its issuer's alternative names"},
    {Trait::ian_odd, "an alternative name of its issuer is not written as it should be"},
    {Trait::crldp_malformed, "its CRL distribution points cannot be read"},
    {Trait::crldp_none, "its list of CRL distribution points is empty"},
    {Trait::crldp_odd_name, "a CRL distribution point of it is no place"},
    {Trait::aia_malformed, "its access information cannot be read"},
    {Trait::policies_malformed, "its policies cannot be read"},
    {Trait::policies_none, "its list of policies is empty"},
    {Trait::policies_twice, "one policy stands in it twice"},
    {Trait::policies_critical, "its policies are critical"},
    {Trait::policy_constraints, "its policy constraints are critical"},
    {Trait::policy_mapping, "its policy mappings are critical"},
    {Trait::inhibit_any_critical, "it inhibits any policy, critically"},
    {Trait::tls_feature,
     "it has a list of TLS features, which the certificates of servers would have to have, too"},
    {Trait::netscape_malformed, "its Netscape certificate type cannot be read"},
    {Trait::netscape_without_server, "its Netscape certificate type does not admit TLS servers"},
    {Trait::other_malformed, "an extension about policies cannot be read"},
    {Trait::other_odd, "an extension about policies holds nothing, or more than it may"},
    {Trait::malformed_critical, "a critical extension of it cannot be read"},
    {Trait::name_text, "a name in one of its extensions is not of the characters that its type has"},
    {Trait::proxy, "it is a proxy certificate"},
    {Trait::addresses_malformed, "its address blocks cannot be read"},
    {Trait::critical_unknown, "it has a critical extension that RFC 5280 does not know"},
    {Trait::crldp_critical, "its CRL distribution points are critical"},
    {Trait::access_critical, "its access information is critical"},
    {Trait::ian_critical, "its issuer's alternative names are critical"},
    {Trait::netscape_critical, "its Netscape certificate type is critical"},
    {Trait::proxy_critical, "its extension of proxy certificates is critical"},
    {Trait::addresses_critical, "its extension of address blocks is critical"},
    {Trait::rare_critical, "its freshest CRL or its subject information access is critical"},
    {Trait::not_self_issued, "it is an intermediate, with which no chain ends"},
});

// words_of() looks a trait up by its place.
static_assert(kWords.size() == static_cast<std::size_t>(Trait::count_));
static_assert([] {
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (static_cast<std::size_t>(kWords[i].first) != i) return false;
  return true;
}());

}  // namespace

std::string_view words_of(Trait trait) {
  return kWords[static_cast<std::size_t>(trait)].second;
}

Profile profile_of(std::string_view der, bool same_names) {
  auto profile = CertificateReader(same_names).read(der);
  if (!profile.has(Trait::malformed)) return profile;
  const auto rewritten = with_der_lengths(der);
  if (!rewritten || *rewritten == der) return profile;
  auto otherwise = CertificateReader(same_names).read(*rewritten);
  if (otherwise.has(Trait::malformed)) return profile;
  otherwise.traits.set(static_cast<std::size_t>(Trait::ber_lengths));
  return otherwise;
}

std::string name_of_key_algorithm(const Profile& profile) {
  constexpr auto kNames = std::to_array<std::pair<std::string_view, std::string_view>>({
      {kRsa, "RSA"},
      {kRsaPss, "RSA-PSS"},
      {kEc, "EC"},
      {kDsa, "DSA"},
      {kEd25519, "Ed25519"},
      {kEd448, "Ed448"},
      {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"},  // RFC 9881, 2
      {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},
      {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"},
  });
  const auto name = std::ranges::find(kNames, std::string_view(profile.key_algorithm),
                                      &std::pair<std::string_view, std::string_view>::first);
  return std::string(name == kNames.end() ? std::string_view(profile.key_algorithm) : name->second);
}

}  // namespace nct
