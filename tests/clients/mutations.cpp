#include "clients/mutations.hpp"

#include "clients/kinds.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <optional>
#include <utility>

#include "base/handle.hpp"
#include "intake/der.hpp"

namespace nct::test {

namespace {

using namespace asn1;
using namespace std::string_literals;

// ---- Fields

// All but the key.
std::vector<std::string*> fields_of(Parts& parts) {
  std::vector<std::string*> fields{&parts.version,    &parts.serial,         &parts.algorithm,
                                   &parts.issuer,     &parts.subject,        &parts.validity,
                                   &parts.unique_ids, &parts.outer_algorithm};
  for (auto& each : parts.extensions)
    fields.push_back(&each);
  std::erase_if(fields, [](const std::string* field) { return field->empty(); });
  return fields;
}

std::string& any_field(Parts& parts, Dice& dice) {
  // Half of them extensions, where most of the rules are.
  if (!parts.extensions.empty() && dice.one_in(2))
    return parts.extensions.at(dice.roll(parts.extensions.size()));
  return *dice.pick(fields_of(parts));
}

char any_octet(Dice& dice) {
  return static_cast<char>(dice.roll(256));
}

bool flip_bit(std::string& bytes, Dice& dice) {
  if (bytes.empty()) return false;
  auto& octet = bytes.at(dice.roll(bytes.size()));
  octet = static_cast<char>(static_cast<unsigned char>(octet) ^ (1U << dice.roll(8)));
  return true;
}

bool set_octet(std::string& bytes, Dice& dice) {
  if (bytes.empty()) return false;
  auto& octet = bytes.at(dice.roll(bytes.size()));
  return std::exchange(octet, any_octet(dice)) != octet;
}

bool insert_octet(std::string& bytes, Dice& dice) {
  bytes.insert(dice.roll(bytes.size() + 1), 1, any_octet(dice));
  return true;
}

bool erase_octet(std::string& bytes, Dice& dice) {
  if (bytes.empty()) return false;
  bytes.erase(dice.roll(bytes.size()), 1);
  return true;
}

template <bool (*kChange)(std::string&, Dice&)>
bool in_field(Parts& parts, Dice& dice) {
  return kChange(any_field(parts, dice), dice);
}

// ---- Elements. A field as a tree, written again with lengths that fit, so that it stays readable further
// on.

struct Node {
  unsigned tag = 0;
  std::string content;         // of what holds no elements
  std::vector<Node> children;  // of what is constructed, or wraps elements
};

std::optional<std::vector<Node>> nodes_of(std::string_view bytes) {
  std::vector<Node> nodes;
  DerReader reader(bytes);
  while (reader.good() && !reader.at_end()) {
    const auto element = reader.take();
    if (!reader.good()) return std::nullopt;
    Node node{.tag = element.tag, .content = std::string(element.content), .children = {}};
    if (const bool may_hold = (element.tag & 0x20U) != 0 || element.tag == kOctetString; may_hold)
      node.children = nodes_of(element.content).value_or(std::vector<Node>{});
    nodes.push_back(std::move(node));
  }
  if (!reader.good()) return std::nullopt;
  return nodes;
}

std::string bytes_of(const std::vector<Node>& nodes);
std::string content_of(const Node& node) {
  return node.children.empty() ? node.content : bytes_of(node.children);
}
std::string bytes_of(const std::vector<Node>& nodes) {
  std::string bytes;
  for (const auto& node : nodes)
    bytes += tlv(node.tag, content_of(node));
  return bytes;
}

// Where a node is: among which, and as which.
struct Place {
  std::vector<Node>* siblings = nullptr;
  std::size_t at = 0;
  [[nodiscard]] Node& node() const { return siblings->at(at); }
};

void collect(std::vector<Node>& nodes, std::vector<Place>& places) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    places.push_back({.siblings = &nodes, .at = i});
    collect(nodes[i].children, places);
  }
}

using ChangeOfPlace = bool (*)(Place place, Dice& dice);

template <ChangeOfPlace kChange>
bool in_element(Parts& parts, Dice& dice) {
  auto& field = any_field(parts, dice);
  auto nodes = nodes_of(field);
  if (!nodes || nodes->empty()) return false;
  std::vector<Place> places;
  collect(*nodes, places);
  if (!kChange(dice.pick(places), dice)) return false;
  auto changed = bytes_of(*nodes);
  if (changed == field) return false;
  field = std::move(changed);
  return true;
}

bool drop_element(Place place, Dice&) {
  auto& siblings = *place.siblings;
  siblings.erase(siblings.begin() + static_cast<std::ptrdiff_t>(place.at));
  return true;
}

bool double_element(Place place, Dice&) {
  auto& siblings = *place.siblings;
  auto copy = place.node();
  siblings.insert(siblings.begin() + static_cast<std::ptrdiff_t>(place.at), std::move(copy));
  return true;
}

bool swap_elements(Place place, Dice& dice) {
  auto& siblings = *place.siblings;
  if (siblings.size() < 2) return false;
  std::swap(siblings.at(place.at), siblings.at(dice.roll(siblings.size())));
  return true;
}

bool change_tag(Place place, Dice& dice) {
  static const std::vector<unsigned> tags{kBoolean,
                                          kInteger,
                                          kBitString,
                                          kOctetString,
                                          kNull,
                                          kObjectIdentifier,
                                          0x0A,
                                          kUtf8String,
                                          kNumericString,
                                          kPrintableString,
                                          kT61String,
                                          kIa5String,
                                          kUtcTime,
                                          0x1A,
                                          kGeneralizedTime,
                                          kUniversalString,
                                          kBmpString,
                                          kSequence,
                                          kSet,
                                          0x80,
                                          0x81,
                                          0x82,
                                          0x84,
                                          0x86,
                                          0x87,
                                          0x88,
                                          0xA0,
                                          0xA1,
                                          0xA3,
                                          0xA4};
  return std::exchange(place.node().tag, dice.pick(tags)) != place.node().tag;
}

bool empty_content(Place place, Dice&) {
  place.node().children.clear();
  place.node().content.clear();
  return true;
}

bool shorten_content(Place place, Dice& dice) {
  auto content = content_of(place.node());
  if (content.empty()) return false;
  content.resize(dice.roll(content.size()));
  place.node() = {.tag = place.node().tag, .content = std::move(content), .children = {}};
  return true;
}

bool grow_content(Place place, Dice& dice) {
  constexpr std::array<std::size_t, 10> kSizes{1, 1, 2, 4, 16, 64, 127, 256, 1000, 70000};
  auto content = content_of(place.node());
  content.append(kSizes.at(dice.one_in(20) ? 9 : dice.roll(9)), any_octet(dice));
  place.node() = {.tag = place.node().tag, .content = std::move(content), .children = {}};
  return true;
}

// Values that a reader of this type may stumble over.
const std::vector<std::string>& odd_values(unsigned tag) {
  static const std::vector<std::string> integers{"\0"s,
                                                 "\x01"s,
                                                 "\x02"s,
                                                 "\x7F"s,
                                                 "\x80"s,
                                                 "\xFF"s,
                                                 "\0\x01"s,
                                                 "\xFF\xFF"s,
                                                 "\0\xFF"s,
                                                 "\0\0\x01"s,
                                                 "\x7F\xFF\xFF\xFF"s,
                                                 std::string(9, '\x55')};
  static const std::vector<std::string> booleans{"\0"s, "\x01"s, "\xFF"s, ""s, "\xFF\xFF"s};
  static const std::vector<std::string> bits{"\0"s,     "\x07\x80"s, "\0\x80"s,   "\x08\0"s, "\x01\xFF"s,
                                             "\0\0\0"s, "\x02\x04"s, "\x01\x06"s, "\x03"s,   "\x07\0\x80"s};
  static const std::vector<std::string> identifiers{"\x55\x1D\x13"s,
                                                    "\x55\x1D\x0F"s,
                                                    "\x55\x1D\x0E"s,
                                                    "\x55\x1D\x23"s,
                                                    "\x55\x1D\x11"s,
                                                    "\x55\x1D\x12"s,
                                                    "\x55\x1D\x1E"s,
                                                    "\x55\x1D\x1F"s,
                                                    "\x55\x1D\x20"s,
                                                    "\x55\x1D\x25"s,
                                                    "\x55\x1D\x25\0"s,
                                                    "\x55\x04\x03"s,
                                                    "\x55\x04\x06"s,
                                                    "\x2A\x03\x04"s,
                                                    "\x80\x01"s,
                                                    "\x55\x80\x01"s,
                                                    "\x55\x81"s,
                                                    "\x2B\x06\x01\x05\x05\x07\x01\x01"s,
                                                    "\x2B\x06\x01\x05\x05\x07\x03\x01"s,
                                                    "\x2A\x8F\xFF\xFF\xFF\x7F"s,
                                                    "\x2A\x90\x80\x80\x80\0"s,
                                                    "\x7F\xFF\x7F"s};
  static const std::vector<std::string> texts{
      ""s,          " "s,     "a\0b"s,    "caf\xE9"s,      "caf\xC3\xA9"s,
      "a*b"s,       "a@b_c"s, "a\nb"s,    "\xED\xA0\x80"s, "\xF0\x9F\x98\x80"s,
      "\xD8\0\0b"s, "\0a"s,   "ca.test"s, "  A  CA "s,     std::string(300, 'x')};
  static const std::vector<std::string> times{
      "260101000000Z"s,   "20260101000000Z"s, "400101000000Z"s,     "20400101000000Z"s,     "500101000000Z"s,
      "19500101000000Z"s, "99991231235959Z"s, "400230000000Z"s,     "400101240000Z"s,       "400101000060Z"s,
      "4001010000Z"s,     "400101000000"s,    "400101000000+0100"s, "20400101000000.5Z"s,   "204001010000Z"s,
      "20400101000000"s,  "20400101000000z"s, "240229000000Z"s,     "230229000000Z"s,       ""s,
      "00000101000000Z"s, "4001010000001Z"s,  "40010100000 Z"s,     "20400101000000+0000"s, "000101000000Z"s};
  static const std::vector<std::string> names{""s,
                                              "ca.test"s,
                                              ".test"s,
                                              "test."s,
                                              "*.test"s,
                                              "caf\xE9"s,
                                              "a@b"s,
                                              "@"s,
                                              "http://x.test/"s,
                                              "http://[::1]/"s,
                                              "x:"s,
                                              "//"s,
                                              "a b"s,
                                              "\x0A\0\0\x01"s,
                                              "\x0A\0\0\0\xFF\0\0\0"s,
                                              std::string(16, '\0'),
                                              std::string(32, '\xFF'),
                                              std::string(70, 'x')};
  switch (tag) {
    case kInteger:
    case 0x0A:
      return integers;
    case kBoolean:
      return booleans;
    case kBitString:
      return bits;
    case kObjectIdentifier:
      return identifiers;
    case kUtcTime:
    case kGeneralizedTime:
      return times;
    default:
      return (tag & 0x80U) != 0 ? names : texts;
  }
}

bool change_value(Place place, Dice& dice) {
  if (!place.node().children.empty()) return false;
  place.node().content = dice.pick(odd_values(place.node().tag));
  return true;
}

bool add_element(Place place, Dice& dice) {
  static const std::vector<unsigned> tags{kBoolean,
                                          kInteger,
                                          kBitString,
                                          kOctetString,
                                          kObjectIdentifier,
                                          kNull,
                                          kUtf8String,
                                          kPrintableString,
                                          kIa5String,
                                          kBmpString,
                                          0x81,
                                          0x82,
                                          0x86,
                                          0x87};
  const auto tag = dice.pick(tags);
  Node node{.tag = tag, .content = tag == kNull ? std::string() : dice.pick(odd_values(tag)), .children = {}};
  auto& siblings = *place.siblings;
  siblings.insert(siblings.begin() + static_cast<std::ptrdiff_t>(dice.roll(siblings.size() + 1)),
                  std::move(node));
  return true;
}

// The header of one element in a form that DER does not allow, or that does not fit.
bool change_length(Parts& parts, Dice& dice) {
  auto& field = any_field(parts, dice);
  std::vector<std::size_t> headers;
  for (std::size_t at = 0; at < field.size();) {
    const auto element = der_element(std::string_view(field).substr(at));
    if (!element || !element->whole) break;
    headers.push_back(at);
    const bool holds = (element->tag & 0x20U) != 0 || element->tag == kOctetString;
    at += holds ? element->bytes.size() - element->content.size() : element->bytes.size();
  }
  if (headers.empty()) return false;
  const auto at = dice.pick(headers) + 1;
  if (at >= field.size()) return false;
  const auto length = static_cast<unsigned char>(field.at(at));
  if (length >= 0x80) return false;
  switch (dice.roll(4)) {
    case 0:
      field.insert(at, 1, '\x81');
      return true;
    case 1:
      field.replace(at, 1, "\x82\0"s + static_cast<char>(length));
      return true;
    case 2:
      field.at(at) = '\x80';
      return true;
    default:
      field.at(at) = static_cast<char>(dice.one_in(2) ? length + 1 : length - 1);
      return true;
  }
}

// ---- Extensions

const std::vector<std::string>& known_extensions() {
  static const std::vector<std::string> all{"2.5.29.14",
                                            "2.5.29.15",
                                            "2.5.29.17",
                                            "2.5.29.18",
                                            "2.5.29.19",
                                            "2.5.29.30",
                                            "2.5.29.31",
                                            "2.5.29.32",
                                            "2.5.29.33",
                                            "2.5.29.35",
                                            "2.5.29.36",
                                            "2.5.29.37",
                                            "2.5.29.46",
                                            "2.5.29.54",
                                            "2.5.29.9",
                                            "2.5.29.16",
                                            "1.3.6.1.5.5.7.1.1",
                                            "1.3.6.1.5.5.7.1.11",
                                            "1.3.6.1.5.5.7.1.7",
                                            "1.3.6.1.5.5.7.1.8",
                                            "1.3.6.1.5.5.7.1.14",
                                            "1.3.6.1.5.5.7.1.3",
                                            "1.3.6.1.5.5.7.1.24",
                                            "1.3.6.1.4.1.11129.2.4.2",
                                            "1.3.6.1.4.1.311.21.1",
                                            "2.16.840.1.113730.1.1",
                                            "2.16.840.1.113730.1.13",
                                            "1.2.840.113533.7.65.0",
                                            "1.2.3.4.5"};
  return all;
}

// The value of some kind's extension, or anything.
std::string any_value(Dice& dice) {
  Parts parts;
  dice.pick(kinds()).change(parts);
  if (parts.extensions.empty()) return dice.pick(odd_values(kUtf8String));
  const auto nodes = nodes_of(parts.extensions.back());
  if (!nodes || nodes->empty() || nodes->front().children.empty()) return "x";
  return content_of(nodes->front().children.back());
}

bool add_extension(Parts& parts, Dice& dice) {
  // One kind's whole extension, or one extension's name with another's value.
  auto made = extension(dice.pick(known_extensions()), dice.one_in(3), any_value(dice));
  if (!dice.one_in(3)) {
    Parts others;
    dice.pick(kinds()).change(others);
    if (!others.extensions.empty()) made = others.extensions.back();
  }
  parts.extensions.push_back(std::move(made));
  return true;
}

bool flip_criticality(Parts& parts, Dice& dice) {
  if (parts.extensions.empty()) return false;
  auto& one = parts.extensions.at(dice.roll(parts.extensions.size()));
  auto nodes = nodes_of(one);
  if (!nodes || nodes->empty() || nodes->front().children.size() < 2) return false;
  auto& fields = nodes->front().children;
  if (fields.at(1).tag == kBoolean)
    fields.erase(fields.begin() + 1);
  else
    fields.insert(fields.begin() + 1, Node{.tag = kBoolean, .content = "\xFF", .children = {}});
  one = bytes_of(*nodes);
  return true;
}

bool drop_extension(Parts& parts, Dice& dice) {
  if (parts.extensions.empty()) return false;
  parts.extensions.erase(parts.extensions.begin() +
                         static_cast<std::ptrdiff_t>(dice.roll(parts.extensions.size())));
  return true;
}

bool double_extension(Parts& parts, Dice& dice) {
  if (parts.extensions.empty()) return false;
  parts.extensions.push_back(std::string(dice.pick(parts.extensions)));
  return true;
}

bool reorder_extensions(Parts& parts, Dice& dice) {
  if (parts.extensions.size() < 2) return false;
  const auto turned = 1 + static_cast<std::ptrdiff_t>(dice.roll(parts.extensions.size() - 1));
  std::ranges::rotate(parts.extensions, parts.extensions.begin() + turned);
  return true;
}

// ---- Algorithms and keys

bool change_algorithm(Parts& parts, Dice& dice) {
  static const std::vector<std::string> names{
      "1.2.840.113549.1.1.4",  "1.2.840.113549.1.1.5",   "1.2.840.113549.1.1.11",
      "1.2.840.113549.1.1.13", "1.2.840.113549.1.1.10",  "1.2.840.10045.4.1",
      "1.2.840.10045.4.3.2",   "1.2.840.10045.4.3.4",    "1.3.101.112",
      "1.3.101.113",           "2.16.840.1.101.3.4.3.2", "2.16.840.1.101.3.4.3.18",
      "1.2.840.10040.4.3",     "1.2.156.10197.1.501",    "1.2.3.4"};
  const auto parameters = std::array{""s, tlv(kNull, ""), sequence({}), tlv(kOctetString, "x")};
  const auto made = sequence({der_oid(dice.pick(names)), parameters.at(dice.roll(4))});
  const auto where = dice.roll(4);
  if (where != 1) parts.outer_algorithm = made;
  if (where != 2) parts.algorithm = made;
  return true;
}

bool change_key(Parts& parts, Dice& dice) {
  switch (dice.roll(4)) {
    case 0:
      return flip_bit(parts.key, dice);
    case 1:
      return insert_octet(parts.key, dice);
    case 2:
      return erase_octet(parts.key, dice);
    default: {
      auto nodes = nodes_of(parts.key);
      if (!nodes) return false;
      std::vector<Place> places;
      collect(*nodes, places);
      if (places.empty()) return false;  // an earlier change left nothing of it
      const auto place = dice.pick(places);
      constexpr std::array<ChangeOfPlace, 6> kChanges{drop_element, double_element, swap_elements,
                                                      change_tag,   change_value,   grow_content};
      if (!kChanges.at(dice.roll(6))(place, dice)) return false;
      return std::exchange(parts.key, bytes_of(*nodes)) != parts.key;
    }
  }
}

bool spoil_signature(Parts& parts, Dice&) {
  parts.spoilt_signature = true;
  return true;
}

bool no_extensions(Parts& parts, Dice& dice) {
  parts.extensions.clear();
  parts.without_extensions = dice.one_in(2);
  return true;
}

bool other_issuer(Parts& parts, Dice& dice) {
  parts.issuer =
      common_name(dice.one_in(2) ? kUtf8String : kPrintableString, dice.one_in(2) ? "A CA" : "Other");
  return true;
}

constexpr auto kMutations = std::to_array<Mutation>({
    {.name = "a bit of a field", .change = in_field<flip_bit>},
    {.name = "an octet of a field", .change = in_field<set_octet>},
    {.name = "an octet more", .change = in_field<insert_octet>},
    {.name = "an octet less", .change = in_field<erase_octet>},
    {.name = "an element less", .change = in_element<drop_element>},
    {.name = "an element twice", .change = in_element<double_element>},
    {.name = "an element more", .change = in_element<add_element>},
    {.name = "elements in another order", .change = in_element<swap_elements>},
    {.name = "another tag", .change = in_element<change_tag>},
    {.name = "another value", .change = in_element<change_value>},
    {.name = "an empty element", .change = in_element<empty_content>},
    {.name = "a shorter element", .change = in_element<shorten_content>},
    {.name = "a longer element", .change = in_element<grow_content>},
    {.name = "another length", .change = change_length},
    {.name = "an extension more", .change = add_extension},
    {.name = "an extension less", .change = drop_extension},
    {.name = "an extension twice", .change = double_extension},
    {.name = "extensions in another order", .change = reorder_extensions},
    {.name = "no extensions", .change = no_extensions},
    {.name = "critical or not", .change = flip_criticality},
    {.name = "another signature algorithm", .change = change_algorithm},
    {.name = "another signature", .change = spoil_signature},
    {.name = "another issuer", .change = other_issuer},
    {.name = "another key", .change = change_key, .of_key = true},
});

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;

// The same key, with its point or its curve written otherwise.
SigningKey rewritten(const SigningKey& key, const char* parameter, const char* value) {
  const Handle<BIO, BIO_free_all> bio(BIO_new_mem_buf(key.pem.data(), static_cast<int>(key.pem.size())));
  const Key pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  EVP_PKEY_set_utf8_string_param(pkey.get(), parameter, value);
  unsigned char* raw = nullptr;
  const int length = i2d_PUBKEY(pkey.get(), &raw);
  auto other = key;
  other.public_key.assign(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
  OPENSSL_free(raw);
  return other;
}

// Its algorithm without the NULL.
SigningKey without_null(SigningKey key) {
  auto nodes = nodes_of(key.public_key).value();
  nodes.front().children.front().children.pop_back();
  key.public_key = bytes_of(nodes);
  return key;
}

}  // namespace

std::vector<NamedKey> make_keys() {
  const auto p256 = new_signing_key();
  const auto rsa = new_signing_key("RSA", "2048");
  return {
      {"P-256", p256},
      {"P-224", new_signing_key("EC", "P-224")},
      {"P-384", new_signing_key("EC", "P-384")},
      {"P-521", new_signing_key("EC", "P-521")},
      {"P-192", new_signing_key("EC", "prime192v1")},
      {"secp256k1", new_signing_key("EC", "secp256k1")},
      {"brainpool", new_signing_key("EC", "brainpoolP256r1")},
      {"secp160r1", new_signing_key("EC", "secp160r1")},
      {"compressed", rewritten(p256, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed")},
      {"hybrid", rewritten(p256, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "hybrid")},
      {"explicit", rewritten(p256, OSSL_PKEY_PARAM_EC_ENCODING, "explicit")},
      {"RSA-2048", rsa},
      {"RSA-2048 without NULL", without_null(rsa)},
      {"RSA-2047", new_signing_key("RSA", "2047")},
      {"RSA-1024", new_signing_key("RSA", "1024")},
      {"RSA-3072", new_signing_key("RSA", "3072")},
      {"Ed25519", new_signing_key("ED25519", "")},
      {"Ed448", new_signing_key("ED448", "")},
  };
}

std::span<const Mutation> mutations() {
  return kMutations;
}

std::string changed_bytes(std::string der, Dice& dice) {
  constexpr std::array kChanges{flip_bit, flip_bit, flip_bit, set_octet, insert_octet, erase_octet};
  kChanges.at(dice.roll(kChanges.size()))(der, dice);
  return der;
}

}  // namespace nct::test
