#include "cert/read.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <openssl/cms.h>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "cert/libcrypto.hpp"
#include "cert/pkcs12.hpp"
#include "cert/record.hpp"
#include "cert/sha256.hpp"
#include "intake/der.hpp"
#include "intake/encoding.hpp"
#include "intake/line.hpp"
#include "intake/pem_line.hpp"

namespace nct {

namespace {

using CmsHandle = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using CrlHandle = Handle<X509_CRL, X509_CRL_free>;

struct FreeCertificates {
  void operator()(STACK_OF(X509) * certificates) const { sk_X509_pop_free(certificates, X509_free); }
};
using CertificatesHandle = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

using asn1::kBitString;
using asn1::kInteger;
using asn1::kObjectIdentifier;
using asn1::kOctetString;
using asn1::kSequence;

// The first few elements inside `outer`.
std::vector<DerElement> elements_of(const DerElement& outer) {
  constexpr std::size_t kTelling = 4;
  std::vector<DerElement> elements;
  auto rest = outer.content;
  while (elements.size() < kTelling) {
    const auto element = der_element(rest);
    if (!element) break;
    elements.push_back(*element);
    if (!element->whole) break;
    rest.remove_prefix(element->size);
  }
  return elements;
}

bool has_tags(const std::vector<DerElement>& elements, std::initializer_list<unsigned> tags) {
  return elements.size() >= tags.size() &&
         std::equal(tags.begin(), tags.end(), elements.begin(),
                    [](unsigned tag, const DerElement& element) { return tag == element.tag; });
}

constexpr std::string_view kPkcs12 = "PKCS#12, which may hold a private key";

// What kind of private key the SEQUENCE holds, told from its beginning, so that one that is cut off is told
// too; empty where it holds none.
std::string_view private_key_in(const std::vector<DerElement>& elements) {
  const auto version = elements.empty() ? std::string_view{} : elements.front().content;
  const auto is_version = [&](char number) { return version == std::string_view(&number, 1); };
  if (has_tags(elements, {kInteger, kSequence}) && is_version('\3')) return kPkcs12;
  if (has_tags(elements, {kInteger, kSequence, kOctetString})) return "a private key (PKCS#8)";
  if (has_tags(elements, {kInteger, kOctetString}) && is_version('\1')) return "an EC private key";
  if (has_tags(elements, {kInteger, kInteger, kInteger}) && version.size() == 1)
    return "an RSA or DSA private key";
  if (has_tags(elements, {kSequence, kOctetString}) && elements.size() == 2)
    return "an encrypted private key (PKCS#8)";
  return {};
}

template <class HandleType>
bool parses(std::string_view der, auto* parse) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const HandleType value(parse(nullptr, &cursor, static_cast<long>(der.size())));
  ERR_clear_error();
  return value != nullptr;
}

// What the whole SEQUENCE `der` is, if it is neither a certificate nor a private key; empty where unknown.
std::string_view name_of_other(std::string_view der, const std::vector<DerElement>& elements) {
  if (has_tags(elements, {kSequence, kBitString}) && elements.size() == 2) return "a public key";
  if (has_tags(elements, {kInteger, kInteger}) && elements.size() == 2) return "an RSA public key";
  if (parses<RequestHandle>(der, d2i_X509_REQ)) return "a certificate signing request";
  if (parses<CrlHandle>(der, d2i_X509_CRL)) return "a certificate revocation list";
  return {};
}

std::string_view name_of_label(std::string_view label) {
  constexpr auto kNames = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"CERTIFICATE REQUEST", "a certificate signing request"},
      {"NEW CERTIFICATE REQUEST", "a certificate signing request"},
      {"X509 CRL", "a certificate revocation list"},
      {"PUBLIC KEY", "a public key"},
      {"RSA PUBLIC KEY", "an RSA public key"},
      {"ATTRIBUTE CERTIFICATE", "an attribute certificate"},
      {"EC PARAMETERS", "parameters of an EC key"},
      {"DSA PARAMETERS", "parameters of a DSA key"},
      {"DH PARAMETERS", "Diffie-Hellman parameters"},
      {"X9.42 DH PARAMETERS", "Diffie-Hellman parameters"},
      {"SSL SESSION PARAMETERS", "a TLS session"},
      {"ECHCONFIG", "a configuration of encrypted client hello"},
      {"DSA PUBLIC KEY", "a DSA public key"},
      {"SSH2 PUBLIC KEY", "an SSH public key"},
      {"PGP PUBLIC KEY BLOCK", "an OpenPGP public key"},
      {"PGP MESSAGE", "an OpenPGP message"},
      {"PGP SIGNATURE", "an OpenPGP signature"},
      {"AGE ENCRYPTED FILE", "a file encrypted by age"},
  });
  const auto name = std::ranges::find(kNames, label, &std::pair<std::string_view, std::string_view>::first);
  return name == kNames.end() ? std::string_view{} : name->second;
}

// ": it holds U+00A0 (a non-breaking space)" of the first character of `line` that is not ASCII; empty of
// others.
std::string unseen_in(std::string_view line) {
  const auto at = std::ranges::find_if(line, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (at == line.end()) return {};
  return concat(": it holds ", name_of_character(line.substr(static_cast<std::size_t>(at - line.begin()))));
}

enum class Content { plain, trusted };  // that a label announces

std::optional<Content> content_of(std::string_view label) {
  if (label == "TRUSTED CERTIFICATE") return Content::trusted;
  constexpr std::array<std::string_view, 5> kPlain{"CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS",
                                                   "PKCS #7 SIGNED DATA"};
  if (std::ranges::find(kPlain, label) != kPlain.end()) return Content::plain;
  return std::nullopt;
}

// Uses of a certificate in OpenSSL's trust data: "TLS Web Server Authentication, E-mail Protection".
std::string names_of_uses(const STACK_OF(ASN1_OBJECT) * uses) {
  std::string names;
  for (int i = 0; i < sk_ASN1_OBJECT_num(uses); ++i) {
    std::array<char, 80> name{};
    OBJ_obj2txt(name.data(), static_cast<int>(name.size()), sk_ASN1_OBJECT_value(uses, i), 0);
    names += concat(names.empty() ? "" : ", ", printable(name.data()));
  }
  return names;
}

bool is_for_servers(const STACK_OF(ASN1_OBJECT) * uses) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(uses); ++i) {
    const int use = OBJ_obj2nid(sk_ASN1_OBJECT_value(uses, i));
    if (use == NID_server_auth || use == NID_anyExtendedKeyUsage) return true;
  }
  return false;
}

// Reads one entry after the other into one reading.
class Reader {
 public:
  explicit Reader(const Record& known) : known_(known) {}

  void read(const Entry& entry) {
    entry_ = &entry;
    if (entry.form == Entry::Form::der) {
      read_values(entry.bytes, Content::plain, 1);
    } else {
      read_pem();
    }
  }

  Reading take() && {
    pass_over_blocks();
    number_certificates();
    return std::move(reading_);
  }

 private:
  struct Block {
    std::string_view label;
    std::size_t line = 0;     // of its BEGIN line, from 1
    bool broken = false;      // already said; what it holds is passed over
    bool only_words = false;  // said last, and not true where another BEGIN line follows: it was a heading
    std::size_t body_from = 0;
    std::size_t body_to = 0;  // of the entry's bytes
  };

  void read_pem();
  void read_block(const Block& block);
  void read_values(std::string_view bytes, Content content, std::size_t line);
  void read_certificate(std::string_view der, const std::vector<DerElement>& elements, std::size_t line);
  void read_trusted(std::string_view der, std::size_t line);
  void read_pkcs7(std::string_view ber, std::size_t line);
  void keep(Certificate certificate, std::size_t line);
  void number_certificates();
  void pass_over_blocks();

  void say(FindingCode code, Severity severity, std::size_t line, std::string message);
  void error(FindingCode code, std::size_t line, std::string message) {
    say(code, Severity::error, line, std::move(message));
  }
  [[nodiscard]] Origin origin_of(std::size_t line) const;

  const Record& known_;
  const Entry* entry_ = nullptr;
  Reading reading_;
  std::vector<std::size_t> passed_over_;  // findings about blocks of another kind
};

Origin Reader::origin_of(std::size_t line) const {
  Origin origin = entry_->origin;
  if (entry_->lines_match) origin.line += static_cast<unsigned>(line) - 1;
  return origin;
}

void Reader::say(FindingCode code, Severity severity, std::size_t line, std::string message) {
  if (entry_->form == Entry::Form::pem_text && !entry_->lines_match)
    message += concat(" (line ", std::to_string(line), " once unwrapped)");
  reading_.findings.push_back(
      {.code = code, .severity = severity, .origin = origin_of(line), .message = std::move(message)});
}

void Reader::read_pem() {
  const std::string_view text = entry_->bytes;
  std::optional<Block> open;
  std::size_t line = 0;
  for (std::size_t from = 0; from < text.size();) {
    ++line;
    const auto end = std::min(text.find('\n', from), text.size());
    const auto pem = pem_line(text.substr(from, end - from));
    const auto next = std::min(end + 1, text.size());
    if (pem.opens()) {
      if (open && !open->broken)
        error(FindingCode::truncated, open->line, concat("BEGIN ", open->label, " without an END line"));
      if (open && open->only_words && trimmed(text.substr(open->body_from, from - open->body_from)).empty())
        reading_.findings.pop_back();
      open = Block{.label = pem.label, .line = line, .broken = false, .body_from = next, .body_to = next};
      if (pem.private_key) {
        error(FindingCode::private_key, line, "a private key");
        open->broken = true;
      } else if (pem.kind == PemLine::Kind::broken_begin) {
        error(FindingCode::malformed_pem, line,
              concat("a BEGIN line that is not exactly '-----BEGIN CERTIFICATE-----'",
                     unseen_in(text.substr(from, end - from))));
        open->broken = open->only_words = true;
      }
    } else if (pem.closes()) {
      if (!open && pem.private_key) {
        error(FindingCode::private_key, line, "the end of a private key");
      } else if (!open) {
        error(FindingCode::malformed_pem, line, "an END line without a BEGIN line");
      } else if (open->broken) {
      } else if (pem.kind == PemLine::Kind::broken_end) {
        error(FindingCode::malformed_pem, line,
              concat("an END line that is not exactly '-----END ", open->label, "-----'",
                     unseen_in(text.substr(from, end - from))));
      } else if (pem.label != open->label) {
        error(FindingCode::malformed_pem, line,
              concat("BEGIN ", open->label, " ends with END ", printable(pem.label)));
      } else {
        open->body_to = from;
        read_block(*open);
      }
      open.reset();
    }
    from = next;
  }
  if (open && !open->broken)
    error(FindingCode::truncated, open->line, concat("BEGIN ", open->label, " without an END line"));
}

void Reader::read_block(const Block& block) {
  const auto content = content_of(block.label);
  if (!content) {
    const auto name = name_of_label(block.label);
    error(FindingCode::not_a_certificate, block.line,
          name.empty() ? concat("a block labelled ", printable(block.label)) : std::string(name));
    passed_over_.push_back(reading_.findings.size() - 1);
    return;
  }
  const auto body = std::string_view(entry_->bytes).substr(block.body_from, block.body_to - block.body_from);
  const auto decoded = decode_base64(body);
  const auto line_of = [&](std::size_t offset) {
    return block.line + 1 + static_cast<std::size_t>(std::ranges::count(body.substr(0, offset), '\n'));
  };
  switch (decoded.end) {
    case Base64::End::padded:
      break;
    case Base64::End::bad_character:
      return error(FindingCode::malformed_pem, line_of(decoded.offset),
                   concat(name_of_character(body.substr(decoded.offset)), " is not base64"));
    case Base64::End::bad_padding:
      return error(FindingCode::malformed_pem, line_of(decoded.offset), "base64 with wrong padding");
    case Base64::End::unpadded:
    case Base64::End::cut_off:
      return error(FindingCode::truncated, block.line, "its base64 ends inside a group");
  }
  if (decoded.bytes.empty()) return error(FindingCode::malformed_pem, block.line, "an empty block");
  read_values(decoded.bytes, *content, block.line);
}

// Reads the DER values that stand one behind the other in `bytes`.
void Reader::read_values(std::string_view bytes, Content content, std::size_t line) {
  for (bool first = true; !bytes.empty(); first = false) {
    const auto value = der_element(bytes);
    const bool sequence = value && value->tag == kSequence;
    const auto elements = sequence ? elements_of(*value) : std::vector<DerElement>{};
    if (entry_->may_be_other && first && is_pkcs12_without_key(bytes))
      return say(FindingCode::other_content, Severity::warning, line,
                 "not a certificate but a PKCS#12 store without a private key, passed over");
    if (const auto key = private_key_in(elements); !key.empty()) {
      error(FindingCode::private_key, line, std::string(key));
      if (key == kPkcs12) reading_.findings.back().what = key;
      return;
    }
    if (!first && !has_tags(elements, {kSequence, kSequence, kBitString}))
      return say(FindingCode::trailing_garbage, Severity::warning, line,
                 concat(std::to_string(bytes.size()), bytes.size() == 1 ? " byte" : " bytes",
                        " behind the certificate"));
    if (!sequence) return error(FindingCode::not_a_certificate, line, "not DER");
    const bool pkcs7 = has_tags(elements, {kObjectIdentifier});
    if (value->size == 0 && !pkcs7) return error(FindingCode::not_a_certificate, line, "BER, not DER");
    if (!value->whole && value->size != 0)
      return error(FindingCode::truncated, line,
                   concat("its DER has ", std::to_string(bytes.size()), " of ", std::to_string(value->size),
                          " bytes"));
    // Only OpenSSL's trust data belongs to the value it stands behind, and only libcrypto knows where BER
    // ends.
    const bool takes_all = content == Content::trusted || value->size == 0;
    const auto der = takes_all ? bytes : bytes.substr(0, value->size);
    if (content == Content::trusted) {
      read_trusted(der, line);
    } else if (pkcs7) {
      read_pkcs7(der, line);
    } else {
      read_certificate(der, elements, line);
    }
    bytes.remove_prefix(der.size());
  }
}

void Reader::read_certificate(std::string_view der, const std::vector<DerElement>& elements,
                              std::size_t line) {
  auto parsed = known_.certificates.find(sha256(der));
  if (parsed != known_.certificates.end()) {
    auto certificate = parsed->second;
    certificate.der = der;
    return keep(std::move(certificate), line);
  }
  auto certificate = parse_certificate(der);
  if (certificate) return keep(*std::move(certificate), line);
  const auto name = name_of_other(der, elements);
  error(FindingCode::not_a_certificate, line, name.empty() ? certificate.error().message : std::string(name));
}

void Reader::read_trusted(std::string_view der, std::size_t line) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = cursor + der.size();
  const X509Handle x509(d2i_X509_AUX(nullptr, &cursor, static_cast<long>(der.size())));
  if (!x509)
    return error(FindingCode::not_a_certificate, line,
                 concat("not a trusted certificate: ", drain_libcrypto_errors()));
  const auto* rejected = X509_get0_reject_objects(x509.get());
  const auto* trusted = X509_get0_trust_objects(x509.get());
  const auto rejects = names_of_uses(rejected);
  // To trust what its own file says is to be distrusted would turn it upside down.
  const bool refused = is_for_servers(rejected);
  if (refused || (sk_ASN1_OBJECT_num(trusted) > 0 && !is_for_servers(trusted))) {
    error(FindingCode::trusted_certificate, line,
          refused
              ? concat("its trust data rejects it for ", rejects)
              : concat("its trust data trusts it for ", names_of_uses(trusted), " and not for TLS servers"));
    reading_.findings.back().what = "a rejected certificate";
    return;
  }
  say(FindingCode::trusted_certificate, Severity::warning, line,
      concat("a trusted certificate, taken without its trust data",
             rejects.empty() ? std::string() : concat(", which rejects it for ", rejects)));
  read_certificate(der_of(*x509), {}, line);
  if (cursor != end)
    say(FindingCode::trailing_garbage, Severity::warning, line,
        concat(std::to_string(end - cursor), " bytes behind the trust data"));
}

void Reader::read_pkcs7(std::string_view ber, std::size_t line) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(ber.data());
  const auto* const end = cursor + ber.size();
  const CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &cursor, static_cast<long>(ber.size())));
  const CertificatesHandle certificates(cms ? CMS_get1_certs(cms.get()) : nullptr);
  ERR_clear_error();
  const int count = certificates ? sk_X509_num(certificates.get()) : 0;
  if (count <= 0)
    return error(FindingCode::not_a_certificate, line,
                 cms ? "PKCS#7 without certificates" : "PKCS#7 that cannot be read");
  say(FindingCode::pkcs7, Severity::warning, line, "PKCS#7");
  for (int i = 0; i < count; ++i)
    read_certificate(der_of(*sk_X509_value(certificates.get(), i)), {}, line);
  if (cursor != end)
    say(FindingCode::trailing_garbage, Severity::warning, line,
        concat(std::to_string(end - cursor), " bytes behind the PKCS#7"));
}

void Reader::keep(Certificate certificate, std::size_t line) {
  reading_.certificates.push_back({.certificate = std::move(certificate), .origin = origin_of(line)});
}

// OpenSSL and GnuTLS look for certificates and pass over all other blocks. So it is done here, where there
// are certificates in the same file.
void Reader::pass_over_blocks() {
  for (const auto place : passed_over_) {
    auto& finding = reading_.findings[place];
    const auto same_file = [&](const FoundCertificate& found) {
      return found.origin.file == finding.origin.file;
    };
    if (std::ranges::none_of(reading_.certificates, same_file)) continue;
    finding.code = FindingCode::other_content;
    finding.severity = Severity::warning;
    finding.message += ", passed over";
  }
}

// Says which certificate of its entry each one is, where there are several.
void Reader::number_certificates() {
  auto& found = reading_.certificates;
  const auto same_entry = [](const FoundCertificate& a, const FoundCertificate& b) {
    return a.origin.entry == b.origin.entry && a.origin.file == b.origin.file;
  };
  for (auto from = found.begin(); from != found.end();) {
    const auto to =
        std::find_if_not(from, found.end(), [&](const auto& other) { return same_entry(*from, other); });
    unsigned number = 0;
    if (to - from > 1)
      for (auto each = from; each != to; ++each)
        each->origin.certificate = ++number;
    from = to;
  }
}

}  // namespace

Reading read_certificates(std::span<const Entry> entries, const Record& known) {
  Reader reader(known);
  for (const auto& entry : entries)
    reader.read(entry);
  return std::move(reader).take();
}

bool holds_private_key(std::string_view bytes) {
  const auto value = der_element(bytes);
  if (value && value->tag == kSequence && !private_key_in(elements_of(*value)).empty()) return true;
  constexpr std::array<std::string_view, 3> kSpellings{"PRIVATE", "private", "Private"};
  if (std::ranges::any_of(kSpellings, [&](std::string_view word) { return bytes.contains(word); }))
    return std::ranges::any_of(pem_lines_of(bytes),
                               [](const Line& line) { return line.kind == Line::Kind::key; });
  if (!bytes.contains('\0')) return false;
  std::string narrow(bytes);  // of UTF-16
  std::erase(narrow, '\0');
  return narrow.contains("PRIVATE") && holds_private_key(narrow);
}

}  // namespace nct
