#include "clients/pairs.hpp"

#include "clients/changes.hpp"

#include "base/text.hpp"
#include "intake/der.hpp"

namespace nct::test {

namespace {

using namespace asn1;

struct PairChange {
  std::string name;
  Change change;
  bool crossed = false;  // another CA issued it
};

constexpr std::string_view kOwnId = "a key identifier of 20";    // as ca_parts() has it
constexpr std::string_view kOtherId = "a key identifier of 02";  // as long
static_assert(kOwnId.size() == kOtherId.size());

Change key_id(std::string_view id) {
  return with(kSubjectKeyId, false, tlv(kOctetString, id));
}

// Those that clients look at where they choose between two CAs of one name. A certificate has one of each
// list.
const std::vector<std::vector<PairChange>>& all_changes() {
  const auto ends = [](std::string_view from, std::string_view until) {
    return validity(kUtcTime, std::string(from), kUtcTime, std::string(until));
  };
  const auto purpose = [](std::string_view oid) {
    return with(kExtendedKeyUsage, false, sequence({der_oid(oid)}));
  };
  static const std::vector<std::vector<PairChange>> all{
      {
          {.name = "the key identifier of the other", .change = key_id(kOtherId)},
          {.name = "no key identifier", .change = without(kSubjectKeyId)},
          {.name = "an empty key identifier", .change = key_id("")},
          {.name = "its authority is itself",
           .change = with(kAuthorityKeyId, false, sequence({tlv(0x80, kOwnId)}))},
          {.name = "its authority is another",
           .change = with(kAuthorityKeyId, false, sequence({tlv(0x80, "somebody else")}))},
      },
      {
          {.name = "no CA", .change = both(with(kBasicConstraints, true, sequence({})), without(kKeyUsage))},
          {.name = "no basicConstraints", .change = without(kBasicConstraints)},
          {.name = "issues servers alone",
           .change = with(kBasicConstraints, true,
                          sequence({tlv(kBoolean, "\xFF"), der_integer(std::string(1, '\0'))}))},
          {.name = "version 1", .change = both([](Parts& parts) { parts.version.clear(); }, without_any)},
          {.name = "basicConstraints that are not critical",
           .change = with(kBasicConstraints, false, sequence({tlv(kBoolean, "\xFF")}))},
      },
      {
          {.name = "no keyUsage", .change = without(kKeyUsage)},
          {.name = "keyUsage of no CA", .change = with(kKeyUsage, true, tlv(kBitString, octets({7, 0x80})))},
      },
      {
          {.name = "for servers", .change = purpose("1.3.6.1.5.5.7.3.1")},
          {.name = "for clients alone", .change = purpose("1.3.6.1.5.5.7.3.2")},
          {.name = "for any purpose", .change = purpose("2.5.29.37.0")},
      },
      {
          {.name = "for these names", .change = permits(tlv(0x82, "test"))},
          {.name = "for other names", .change = permits(tlv(0x82, "elsewhere"))},
          {.name = "for other names, not critical", .change = permits(tlv(0x82, "elsewhere"), false)},
      },
      {
          {.name = "expired", .change = ends("200101000000Z", "210101000000Z")},
          {.name = "not yet valid", .change = ends("390101000000Z", "400101000000Z")},
          {.name = "newer", .change = ends("260101000000Z", "450101000000Z")},
          {.name = "older", .change = ends("200101000000Z", "390101000000Z")},
      },
      {
          {.name = "another serial number", .change = serial("\x12\x34")},
          {.name = "another serial number", .change = serial("\x56\x78")},
      },
      {
          {.name = "issued by another",
           .change = [](Parts& parts) { parts.issuer = common_name(kUtf8String, "Somebody"); },
           .crossed = true},
          {.name = "a signature that does not fit",
           .change = [](Parts& parts) { parts.spoilt_signature = true; }},
          {.name = "another string type",
           .change =
               [](Parts& parts) { parts.subject = parts.issuer = common_name(kPrintableString, "A CA"); }},
      },
  };
  return all;
}

// What is written for the first key, for the second one: its identifier is the other one.
void exchange_key_ids(Parts& parts) {
  for (auto& each : parts.extensions) {
    const auto own = each.find(kOwnId);
    const auto other = each.find(kOtherId);
    if (own != std::string::npos) each.replace(own, kOwnId.size(), kOtherId);
    if (other != std::string::npos) each.replace(other, kOtherId.size(), kOwnId);
  }
}

}  // namespace

PairedCa PairGenerator::changed(const SigningKey& key, bool is_second) {
  PairedCa made;
  auto parts = ca_parts("A CA", key);
  bool crossed = false;
  for (const auto& list : all_changes()) {
    if (!dice_.one_in(5)) continue;
    const auto& picked = dice_.pick(list);
    picked.change(parts);
    crossed |= picked.crossed;
    ++changes_[picked.name];
    made.changes += concat(made.changes.empty() ? "" : ", ", picked.name);
  }
  if (is_second) exchange_key_ids(parts);
  if (made.changes.empty()) made.changes = "nothing changed";
  made.der = signed_certificate(parts, crossed ? issuer_key_ : key);
  made.server = leaf_of(parts, key, server_key_);
  return made;
}

Pair PairGenerator::next() {
  Pair pair;
  pair.same_key = dice_.one_in(2);
  pair.one = changed(first_key_, false);
  do
    pair.other = changed(pair.same_key ? first_key_ : second_key_, !pair.same_key);
  while (pair.other.der == pair.one.der || (pair.same_key && pair.other.changes == pair.one.changes));
  return pair;
}

}  // namespace nct::test
