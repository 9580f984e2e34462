#include "cert/record.hpp"

#include "support/certificates.hpp"

#include <doctest/doctest.h>
#include <map>
#include <string>
#include <vector>

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

// `text` with another field in the first line that begins with `word`.
std::string with_field(const std::string& text, const std::string& word, std::size_t field,
                       const std::string& value) {
  auto from = text.find(word + '\t');
  for (std::size_t i = 0; i < field; ++i)
    from = text.find('\t', from) + 1;
  return text.substr(0, from) + value + text.substr(text.find_first_of("\t\n", from));
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

TEST_CASE("a record with a field that is not what it should be is none") {
  const auto text = text_of(example());
  CHECK(record_from(with_field(text, "certificate", 3, "CN=Other")).certificates.size() == 3);
  const std::map<std::string, std::vector<std::size_t>> numbers{
      {"file", {1, 2, 3, 7}}, {"certificate", {1, 2, 6, 7, 8, 9, 10}}, {"chained", {1}}, {"loaded", {1}}};
  for (const auto& [word, fields] : numbers)
    for (const auto field : fields)
      for (const auto* value : {"", "x", "1x", "-1000000000000000000000", "1\t1"}) {
        CAPTURE(word);
        CAPTURE(field);
        CAPTURE(value);
        CHECK(record_from(with_field(text, word, field, value)).size() == 0);
      }
  for (const auto* kind : {"-1", "99"}) {
    CHECK(record_from(with_field(text, "file", 2, kind)).size() == 0);
    CHECK(record_from(with_field(text, "certificate", 8, kind)).size() == 0);
  }
  CHECK(record_from(with_field(text, "chained", 0, "linked")).size() == 0);
}

TEST_CASE("certificates that several files hold are listed once") {
  Record record;
  StoreFile view;
  for (const auto* each : {"a", "b", "c"})
    view.certificates.push_back(sha256(each));
  for (const auto* each : {"1", "2", "3"})
    record.files[sha256(each)] = view;
  const auto text = text_of(record);
  const auto listed = view.certificates.front().hex();
  CHECK(text.find(listed) == text.rfind(listed));
  const auto back = record_from(text);
  REQUIRE(back.files.size() == 3);
  for (const auto& [digest, file] : back.files)
    CHECK(file.certificates == view.certificates);
  // The file that is meant must stand before.
  const auto from = text.find("\t=") + 2;
  auto spoilt = text;
  spoilt.replace(from, 64, std::string(64, '0'));
  CHECK(record_from(spoilt).size() == 0);
}
