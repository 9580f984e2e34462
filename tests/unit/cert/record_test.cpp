#include "cert/record.hpp"

#include "support/certificates.hpp"

#include <doctest/doctest.h>
#include <string>

#include "cert/proof.hpp"
#include "cert/sha256.hpp"

using namespace nct;
using namespace nct::test;

namespace {

Record example() {
  const auto one = make_ca({.common_name = "One", .organization = "K\xc3\xb6ln, \"Lab\""});
  const auto leaf = make_ca({.common_name = "leaf",
                             .key = TestKey::rsa_2048,
                             .basic_constraints = BasicConstraints::absent,
                             .extended_key_usage = "clientAuth",
                             .negative_serial = true,
                             .sha1_signature = true});
  const auto spoilt = make_ca({.common_name = "Spoilt", .spoilt_signature = true});
  const auto breaking = make_ca({.common_name = "Breaking", .extension_twice = true});
  Record record;
  for (const auto& bytes :
       {one.pem, one.pem + leaf.pem, one.key_pem, one.pem.substr(0, 90), std::string(), breaking.pem})
    record.files[sha256(bytes)] = inspect_store_file(bytes);
  record.chained = {sha256(one.pem), sha256(leaf.pem)};
  record.loaded = {sha256(one.pem + leaf.pem)};
  for (const auto* ca : {&one, &leaf, &spoilt}) {
    auto certificate = parse_certificate(ca->der).value();
    certificate.der.clear();
    record.certificates[certificate.fingerprint] = certificate;
  }
  return record;
}

}  // namespace

TEST_CASE("a record comes back as it was written") {
  const auto record = example();
  const auto text = text_of(record);
  const auto back = record_from(text);
  CHECK(back.files.size() == 6);
  CHECK(back.certificates.size() == 3);
  CHECK(back.chained == record.chained);
  CHECK(back.loaded == record.loaded);
  CHECK(back.size() == 12);
  CHECK(text_of(back) == text);
  for (const auto& [digest, file] : record.files)
    CHECK(back.files.at(digest).breaks == file.breaks);
  for (const auto& [fingerprint, certificate] : record.certificates) {
    const auto& other = back.certificates.at(fingerprint);
    CHECK(other.subject == certificate.subject);
    CHECK(other.serial == certificate.serial);
    CHECK(other.self_issued == certificate.self_issued);
    CHECK(other.self_signed == certificate.self_signed);
    CHECK(other.chain_failure == certificate.chain_failure);
    CHECK(other.not_after == certificate.not_after);
  }
}

TEST_CASE("a record that is cut off, spoilt, or of other versions is none") {
  const auto text = text_of(example());
  for (std::size_t length = 0; length < text.size(); ++length)
    CHECK(text_of(record_from(std::string_view(text).substr(0, length))) == text_of(Record{}));

  auto other = text;
  other.replace(other.find("OpenSSL"), 7, "OtherSSL");
  CHECK(record_from(other).files.empty());
  auto earlier = text;
  earlier.insert(earlier.find('\n'), ".1");
  CHECK(record_from(earlier).files.empty());
  auto spoilt = text;
  spoilt[spoilt.find("file\t") + 10] = '?';
  CHECK(record_from(spoilt).files.empty());
  CHECK(record_from(std::string(text.size(), '\0')).files.empty());
}
