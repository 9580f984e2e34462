#include "cert/read.hpp"

#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string>
#include <vector>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "cert/record.hpp"
#include "cert/sha256.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::indented;
using test::replaced;
using test::TestCa;
using test::utf16;

namespace {

using Bio = Handle<BIO, BIO_free_all>;
using Cert = Handle<X509, X509_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;

const TestCa& one() {
  static const TestCa ca = test::make_ca({.common_name = "One"});
  return ca;
}
const TestCa& two() {
  static const TestCa ca = test::make_ca({.common_name = "Two", .key = test::TestKey::rsa_2048});
  return ca;
}

Bio bio_of(std::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

Cert x509_of(const TestCa& ca) {
  return Cert(PEM_read_bio_X509(bio_of(ca.pem).get(), nullptr, nullptr, nullptr));
}

Key key_of(const TestCa& ca) {
  return Key(PEM_read_bio_PrivateKey(bio_of(ca.key_pem).get(), nullptr, nullptr, nullptr));
}

// What `write` writes.
std::string written(const std::function<int(BIO*)>& write) {
  const Bio out(BIO_new(BIO_s_mem()));
  REQUIRE(write(out.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

// PKCS#7 with the certificates alone, as `openssl crl2pkcs7 -nocrl` makes it.
Handle<PKCS7, PKCS7_free> pkcs7_of(const std::vector<const TestCa*>& cas) {
  Handle<PKCS7, PKCS7_free> p7(PKCS7_new());
  REQUIRE(PKCS7_set_type(p7.get(), NID_pkcs7_signed) == 1);
  REQUIRE(PKCS7_content_new(p7.get(), NID_pkcs7_data) == 1);
  for (const auto* ca : cas)
    REQUIRE(PKCS7_add_certificate(p7.get(), x509_of(*ca).get()) == 1);
  return p7;
}

std::string pkcs7_der(const std::vector<const TestCa*>& cas) {
  const auto p7 = pkcs7_of(cas);
  return written([&](BIO* out) { return i2d_PKCS7_bio(out, p7.get()); });
}

std::string pem_block(std::string_view label, std::string_view der) {
  return concat("-----BEGIN ", label, "-----\n", base64(der, 64), "\n-----END ", label, "-----\n");
}

std::string trusted_pem(const std::vector<int>& trusted, const std::vector<int>& rejected) {
  const auto x509 = x509_of(one());
  for (const int use : trusted)
    REQUIRE(X509_add1_trust_object(x509.get(), OBJ_nid2obj(use)) == 1);
  for (const int use : rejected)
    REQUIRE(X509_add1_reject_object(x509.get(), OBJ_nid2obj(use)) == 1);
  return written([&](BIO* out) { return PEM_write_bio_X509_AUX(out, x509.get()); });
}

std::string request_der() {
  const Handle<X509_REQ, X509_REQ_free> request(X509_REQ_new());
  const auto key = key_of(one());
  REQUIRE(X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  REQUIRE(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
  return written([&](BIO* out) { return i2d_X509_REQ_bio(out, request.get()); });
}

std::string crl_der() {
  const Handle<X509_CRL, X509_CRL_free> crl(X509_CRL_new());
  const auto issuer = x509_of(one());
  const Handle<ASN1_TIME, ASN1_TIME_free> now(ASN1_TIME_set(nullptr, 1'700'000'000));
  REQUIRE(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1);
  REQUIRE(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.get())) == 1);
  REQUIRE(X509_CRL_set1_lastUpdate(crl.get(), now.get()) == 1);
  REQUIRE(X509_CRL_sign(crl.get(), key_of(one()).get(), EVP_sha256()) > 0);
  return written([&](BIO* out) { return i2d_X509_CRL_bio(out, crl.get()); });
}

std::string public_key_der() {
  return written([&](BIO* out) { return i2d_PUBKEY_bio(out, key_of(one()).get()); });
}

// A private key in each form that has DER of its own.
std::string pkcs8_der(const TestCa& ca) {
  return written([&](BIO* out) {
    return i2d_PKCS8PrivateKey_bio(out, key_of(ca).get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}
std::string traditional_der(const TestCa& ca) {
  return written([&](BIO* out) { return i2d_PrivateKey_bio(out, key_of(ca).get()); });
}
std::string encrypted_der() {
  char password[] = "secret";
  return written([&](BIO* out) {
    return i2d_PKCS8PrivateKey_bio(out, key_of(one()).get(), EVP_aes_256_cbc(), password, 6, nullptr,
                                   nullptr);
  });
}
std::string pkcs12_der() {
  const Handle<PKCS12, PKCS12_free> p12(
      PKCS12_create("secret", "one", key_of(one()).get(), x509_of(one()).get(), nullptr, 0, 0, 1, 1, 0));
  REQUIRE(p12);
  return written([&](BIO* out) { return i2d_PKCS12_bio(out, p12.get()); });
}

std::string name_of(const Certificate& certificate) {
  const auto hex = certificate.fingerprint.hex();
  return hex == one().fingerprint_hex ? "one" : hex == two().fingerprint_hex ? "two" : hex;
}

// Certificates and findings of both layers, a line each; transport findings are intake's business and left
// out.
std::string told(std::string_view document, const Record& known = {}) {
  auto delivery = read_document("f", document);
  const auto reading = read_certificates(delivery.entries, known);
  std::string out;
  for (const auto& found : reading.certificates)
    out += concat(name_of(found.certificate), " ", found.origin.text(), "\n");
  std::erase_if(delivery.findings, [](const Finding& f) { return f.severity == Severity::warning; });
  delivery.findings.insert(delivery.findings.end(), reading.findings.begin(), reading.findings.end());
  for (const auto& finding : delivery.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message, "\n");
  return out;
}

struct Case {
  std::string_view name;
  std::string document;
  std::string expected;
};

void check_all(const std::vector<Case>& cases) {
  for (const auto& [name, document, expected] : cases) {
    CAPTURE(name);
    CHECK(told(document) == expected);
  }
}

const std::string kOneFirst = "one f: entry 1, line 1\n";

}  // namespace

TEST_CASE("blocks of every label that holds certificates") {
  const auto p7 = pkcs7_der({&one(), &two()});
  // A SET is sorted in DER, so which one comes first depends on their keys.
  const auto p7_told = [&](std::string_view where) {
    auto lines = told(p7);
    const bool one_first = lines.starts_with("one");
    return concat(one_first ? "one" : "two", " f: entry 1, certificate 1", where, "\n",
                  one_first ? "two" : "one", " f: entry 1, certificate 2", where,
                  "\nwarning pkcs7 f: entry 1", where, ": PKCS#7\n");
  };
  check_all({
      {"CERTIFICATE", one().pem, kOneFirst},
      {"X509 CERTIFICATE", replaced(one().pem, " CERT", " X509 CERT"), kOneFirst},
      {"two", "# a\n" + one().pem + two().pem,
       "one f: entry 1, certificate 1, line 2\n"
       "two f: entry 1, certificate 2, line " +
           std::to_string(2 + lines_of(one().pem).size()) + "\n"},
      {"TRUSTED CERTIFICATE", trusted_pem({NID_server_auth}, {}),
       kOneFirst + "warning trusted-certificate f: entry 1, line 1: a trusted certificate, taken without its "
                   "trust data\n"},
      {"TRUSTED CERTIFICATE that distrusts", trusted_pem({}, {NID_server_auth}),
       "error trusted-certificate f: entry 1, line 1: its trust data rejects it for TLS Web Server "
       "Authentication\n"},
      {"TRUSTED CERTIFICATE that distrusts e-mail", trusted_pem({}, {NID_email_protect}),
       kOneFirst +
           "warning trusted-certificate f: entry 1, line 1: a trusted certificate, taken without its trust "
           "data, which rejects it for E-mail Protection\n"},
      {"TRUSTED CERTIFICATE of e-mail alone", trusted_pem({NID_email_protect}, {}),
       "error trusted-certificate f: entry 1, line 1: its trust data trusts it for E-mail Protection and not "
       "for TLS "
       "servers\n"},
      {"TRUSTED CERTIFICATE of all uses", trusted_pem({NID_anyExtendedKeyUsage}, {}),
       kOneFirst +
           "warning trusted-certificate f: entry 1, line 1: a trusted certificate, taken without its trust "
           "data\n"},
      {"PKCS7", pem_block("PKCS7", p7), p7_told(", line 1")},
      {"CMS", pem_block("CMS", p7), p7_told(", line 1")},
      {"PKCS#7 DER", p7, p7_told("")},
      {"DER", one().der, "one f: entry 1\n"},
      {"DER behind DER", one().der + two().der,
       "one f: entry 1, certificate 1\ntwo f: entry 1, certificate 2\n"},
      {"the same twice", one().pem + one().pem,
       "one f: entry 1, certificate 1, line 1\n"
       "one f: entry 1, certificate 2, line " +
           std::to_string(1 + lines_of(one().pem).size()) + "\n"},
  });
}

TEST_CASE("what is wrong with a block is said, with its line, and the next block is read") {
  const auto size = lines_of(one().pem).size();
  const auto at = [](std::size_t line) { return concat("f: entry 1, line ", std::to_string(line), ": "); };
  const auto malformed = [&](std::size_t line, std::string_view why) {
    return concat("error malformed-pem ", at(line), why, "\n");
  };
  const std::string bad_begin = "a BEGIN line that is not exactly '-----BEGIN CERTIFICATE-----'";
  const auto& pem = one().pem;
  const auto body = pem.substr(28, pem.size() - 28 - 26);
  const auto begin = pem.substr(0, 28);
  const auto end = pem.substr(pem.size() - 26);
  const std::vector<Case> cases{
      {"four dashes before BEGIN", pem.substr(1), malformed(1, bad_begin)},
      {"six dashes behind BEGIN", replaced(pem, "E-----\nM", "E------\nM"), malformed(1, bad_begin)},
      {"lower case", replaced(pem, "BEGIN CERTIFICATE", "begin certificate"), malformed(1, bad_begin)},
      {"something before BEGIN", "ca> " + pem, malformed(1, bad_begin)},
      {"four dashes behind END", pem.substr(0, pem.size() - 2) + "\n",
       malformed(size, "an END line that is not exactly '-----END CERTIFICATE-----'")},
      {"another END", begin + body + "-----END X509 CRL-----\n",
       malformed(size, "BEGIN CERTIFICATE ends with END X509 CRL")},
      {"no BEGIN", body + end, malformed(size - 1, "an END line without a BEGIN line")},
      {"END twice", pem + end, kOneFirst + malformed(size + 1, "an END line without a BEGIN line")},
      {"no END", begin + body, concat("error truncated ", at(1), "BEGIN CERTIFICATE without an END line\n")},
      {"empty", begin + end, malformed(1, "an empty block")},
      {"not base64", begin + "MII!" + body.substr(4) + end, malformed(2, "'!' is not base64")},
      {"not base64 further down", begin + body.substr(0, 65) + "%" + body.substr(65) + end,
       malformed(3, "'%' is not base64")},
      {"url-safe base64", begin + "_" + body.substr(1) + end, malformed(2, "'_' is not base64")},
      {"padding in the middle", begin + "MII=" + body.substr(4) + end,
       malformed(2, "base64 with wrong padding")},
      {"a header", begin + "X-Name: value\n\n" + body + end, malformed(2, "'-' is not base64")},
      {"half a group", begin + body.substr(0, 65 + 62) + "\n" + end,
       concat("error truncated ", at(1), "its base64 ends inside a group\n")},
      {"a line lost at its end", begin + body.substr(0, 65) + end,
       concat("error truncated ", at(1), "its DER has 48 of ", std::to_string(one().der.size()), " bytes\n")},
      {"bytes behind", pem_block("CERTIFICATE", one().der + "xy"),
       kOneFirst + concat("warning trailing-garbage ", at(1), "2 bytes behind the certificate\n")},
      {"not DER", pem_block("CERTIFICATE", "hello, world, this is not DER"),
       concat("error not-a-certificate ", at(1), "not DER\n")},
      {"a request that says CERTIFICATE", pem_block("CERTIFICATE", request_der()),
       concat("error not-a-certificate ", at(1), "a certificate signing request\n")},
      {"a CRL that says CERTIFICATE", pem_block("CERTIFICATE", crl_der()),
       concat("error not-a-certificate ", at(1), "a certificate revocation list\n")},
      {"a public key that says CERTIFICATE", pem_block("CERTIFICATE", public_key_der()),
       concat("error not-a-certificate ", at(1), "a public key\n")},
      {"PKCS#7 without certificates", pem_block("PKCS7", pkcs7_der({})),
       concat("error not-a-certificate ", at(1), "PKCS#7 without certificates\n")},
      {"a private key that says CERTIFICATE", pem_block("CERTIFICATE", pkcs8_der(one())),
       concat("error private-key ", at(1), "a private key (PKCS#8)\n")},
  };
  for (const auto& [name, document, expected] : cases) {
    CAPTURE(name);
    CHECK(told(document) == expected);
    // A certificate behind it is found, whatever came before.
    const auto with_next = told(document + two().pem);
    CHECK(with_next.find("two f: entry 1, ") != std::string::npos);
    for (const auto line : lines_of(expected))
      if (!line.starts_with("one")) CHECK(with_next.find(line) != std::string::npos);
  }
}

TEST_CASE("a block of another kind is an error alone, and passed over beside a certificate") {
  const std::vector<std::pair<std::string, std::string_view>> blocks{
      {pem_block("CERTIFICATE REQUEST", request_der()), "a certificate signing request"},
      {pem_block("X509 CRL", crl_der()), "a certificate revocation list"},
      {pem_block("PUBLIC KEY", public_key_der()), "a public key"},
      {"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
       "parameters of an EC key"},
      {pem_block("DH PARAMETERS", "hello"), "Diffie-Hellman parameters"},
      {pem_block("X9.42 DH PARAMETERS", "hello"), "Diffie-Hellman parameters"},
      {pem_block("DSA PARAMETERS", "hello"), "parameters of a DSA key"},
      {pem_block("SSL SESSION PARAMETERS", "hello"), "a TLS session"},
      {pem_block("PGP MESSAGE", "hello"), "an OpenPGP message"},
      {pem_block("SOMETHING NEW", "hello"), "a block labelled SOMETHING NEW"},
  };
  for (const auto& [block, name] : blocks) {
    CAPTURE(name);
    CHECK(told(block) == concat("error not-a-certificate f: entry 1, line 1: ", name, "\n"));
    const auto passed_over = concat("warning other-content f: entry 1, line 1: ", name, ", passed over\n");
    const auto line = std::to_string(1 + lines_of(block).size());
    CHECK(told(block + one().pem) == concat("one f: entry 1, line ", line, "\n", passed_over));
    CHECK(told(block + "\n" + one().pem) ==
          concat("one f: entry 2, line ", std::to_string(2 + lines_of(block).size()), "\n", passed_over));
    // A block that is not whole is one of those that clients stumble over.
    CHECK(told(one().pem + block.substr(0, block.size() - 30)).find("error truncated") != std::string::npos);
  }
}

// As they are delivered: made by `openssl x509 -text`, `openssl s_client -showcerts`, `openssl pkcs12`,
// `certtool -i`, and the headings of Mozilla's bundle. OpenSSL and GnuTLS read all of them.
TEST_CASE("what other tools write around a certificate does not matter") {
  const std::string hex(64, 'b');
  const std::vector<std::string> heads{
      "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number:\n            3f:8b:fa\n"
      "    Signature Algorithm: ecdsa-with-SHA256\n         30:45:02:20\n",
      "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = one\n   i:CN = one\n"
      "   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256\n",
      "Bag Attributes\n    friendlyName: one\n    localKeyID: 54 69 6D 65 20 31 36\nKey Attributes: <No "
      "Attributes>\n"
      "subject=CN = one\n\nissuer=CN = one\n\n",
      "X.509 Certificate Information:\n\tVersion: 3\nOther Information:\n\tFingerprint:\n\t\tsha256:" + hex +
          "\n\tPublic Key PIN:\n\t\tpin-sha256:qodAgEHETs+ir1pYsfsFj79X1q8sPtSRqwIsUjncqU0=\n\n",
      "# Issuer: CN=one\n# Label: \"one\"\n# SHA256 Fingerprint: 88:fd:ba\n",
      "One Root\n========\n",
      "sha256 Fingerprint=88:FD:BA\nSSL-Session:\n    Session-ID: " + hex + "\n    Master-Key: " + hex +
          hex.substr(32) +
          "\n    TLS session ticket:\n    0000 - 2f 4c 9a 1b 77 2e 55 38-0d f1 a4 68 79 1d 3c 40   "
          "/L..w.U8...hy.<@\n",
      "BEGIN CERTIFICATE\n",
      "see also -----BEGIN CERTIFICATE-----\n",
      "/* -----BEGIN CERTIFICATE----- */\n",
      "End of certificate list -----\n",
      "# the key, -----BEGIN PRIVATE KEY-----, is kept elsewhere\n",
  };
  for (const auto& head : heads) {
    CAPTURE(head);
    const auto said = told(head + one().pem + "---\n");
    CHECK(said.starts_with("one f: entry "));
    CHECK(said.find("error") == std::string::npos);
    CHECK(said.find("warning") == std::string::npos);
  }
}

TEST_CASE("characters that nobody sees are named") {
  const auto said = [](std::string_view document) { return told(document); };
  const auto begin = replaced(one().pem, "BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE-----\xC2\xA0");
  CHECK(said(begin).ends_with(
      "a BEGIN line that is not exactly '-----BEGIN CERTIFICATE-----': it holds U+00A0 (a "
      "non-breaking space)\n"));
  const auto body = one().pem.substr(0, 28) + "\xE2\x80\x8B" + one().pem.substr(28);
  CHECK(said(body) == "error malformed-pem f: entry 1, line 2: U+200B (a zero width space) is not base64\n");
}

TEST_CASE("all faults of a document are told") {
  const auto size = lines_of(one().pem).size();
  const auto line = [&](std::size_t blocks, std::size_t more) {
    return std::to_string(blocks * size + more);
  };
  const auto document =
      one().pem.substr(1) + "\n" + one().pem + one().key_pem + "\n" + "-----BEGIN CERTIFICATE-----\nMIIB\n";
  const auto key_lines = lines_of(one().key_pem).size();
  CHECK(told(document) == concat("one f: entry 2, line ", line(1, 2), "\n",  //
                                 "error private-key f: entry 2, line ", line(2, 2), ": a private key\n",
                                 "error malformed-pem f: entry 1, line 1: a BEGIN line that is not exactly "
                                 "'-----BEGIN CERTIFICATE-----'\n",
                                 "error truncated f: entry 3, line ", line(2, 3 + key_lines),
                                 ": BEGIN CERTIFICATE without an END line\n"));
}

TEST_CASE("lines of a decoded text are told as such") {
  CHECK(
      told(base64("\n\n" + one().pem.substr(0, 100))) ==
      "error truncated f: entry 1, line 1: BEGIN CERTIFICATE without an END line (line 3 once unwrapped)\n");
}

TEST_CASE("DER says what it is") {
  const auto& der = one().der;
  const auto key_said = [](std::string_view what) {
    return concat("error private-key f: entry 1: ", what, "\n");
  };
  const auto indefinite = "\x30\x80" + der.substr(4) + std::string(2, '\0');
  check_all({
      {"cut off", der.substr(0, der.size() - 1),
       concat("error truncated f: entry 1: its DER has ", std::to_string(der.size() - 1), " of ",
              std::to_string(der.size()), " bytes\n")},
      {"cut off early", der.substr(0, 20),
       concat("error truncated f: entry 1: its DER has 20 of ", std::to_string(der.size()), " bytes\n")},
      {"a newline behind", der + "\n",
       "one f: entry 1\nwarning trailing-garbage f: entry 1: 1 byte behind the certificate\n"},
      {"junk behind", der + "junk",
       "one f: entry 1\nwarning trailing-garbage f: entry 1: 4 bytes behind the certificate\n"},
      {"a half one behind", der + two().der.substr(0, 100),
       "one f: entry 1\nwarning trailing-garbage f: entry 1: 100 bytes behind the certificate\n"},
      {"its key behind", der + pkcs8_der(one()), "one f: entry 1\n" + key_said("a private key (PKCS#8)")},
      {"indefinite length", indefinite, "error not-a-certificate f: entry 1: BER, not DER\n"},
      {"a request", request_der(), "error not-a-certificate f: entry 1: a certificate signing request\n"},
      {"a CRL", crl_der(), "error not-a-certificate f: entry 1: a certificate revocation list\n"},
      {"a public key", public_key_der(), "error not-a-certificate f: entry 1: a public key\n"},
      {"PKCS#8", pkcs8_der(one()), key_said("a private key (PKCS#8)")},
      {"PKCS#8, RSA", pkcs8_der(two()), key_said("a private key (PKCS#8)")},
      {"PKCS#8, cut off", pkcs8_der(two()).substr(0, 60), key_said("a private key (PKCS#8)")},
      {"PKCS#8, encrypted", encrypted_der(), key_said("an encrypted private key (PKCS#8)")},
      {"SEC1", traditional_der(one()), key_said("an EC private key")},
      {"PKCS#1", traditional_der(two()), key_said("an RSA or DSA private key")},
      {"PKCS#1 in base64", base64(traditional_der(two()), 64),
       "error private-key f: entry 1, line 1: an RSA or DSA private key\n"},
      {"PKCS#12", pkcs12_der(), key_said("PKCS#12, which may hold a private key")},
  });
}

TEST_CASE("what was parsed before is not parsed again, and nothing else changes") {
  const auto parsed = parse_certificate(one().der);
  REQUIRE(parsed);
  Record known;
  auto memo = *parsed;
  memo.der.clear();
  memo.subject = "CN=remembered";
  known.certificates.emplace(memo.fingerprint, memo);
  const auto reading = read_certificates(read_document("f", one().pem).entries, known);
  REQUIRE(reading.certificates.size() == 1);
  CHECK(reading.certificates[0].certificate.subject == "CN=remembered");
  CHECK(reading.certificates[0].certificate.der == one().der);
}

// Every encoding with every line end and every wrapping, around one or two certificates.
TEST_CASE("the same certificates come out of every combination") {
  using Change = std::pair<std::string_view, std::function<std::string(const std::string&)>>;
  const auto as_is = [](const std::string& text) { return text; };
  const auto no_end = [](const std::string& text) {
    return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
  };

  const std::vector<std::pair<std::string_view, std::string>> contents{
      {"one", one().pem},
      {"two", one().pem + two().pem},
      {"two, a blank line between", one().pem + "\n" + two().pem},
      {"two, text between", "# one\n" + one().pem + "some words\n" + two().pem + "# end\n"},
      {"two, no newline between", no_end(one().pem) + two().pem},
  };
  const std::vector<Change> line_ends{
      {"LF", as_is},
      {"CRLF", [](const std::string& t) { return replaced(t, "\n", "\r\n"); }},
      {"CR", [](const std::string& t) { return replaced(t, "\n", "\r"); }},
      {"no final newline", no_end},
  };
  const std::vector<Change> layouts{
      {"as it is", as_is},
      {"indented", [](const std::string& t) { return indented(t, "    "); }},
      {"trailing blanks", [](const std::string& t) { return replaced(t, "\n", " \t\n"); }},
      {"double-spaced", [](const std::string& t) { return replaced(t, "\n", "\n\n"); }},
  };
  const std::vector<Change> marks{
      {"ASCII", as_is},
      {"BOM", [](const std::string& t) { return "\xEF\xBB\xBF" + t; }},
      {"UTF-16LE", [](const std::string& t) { return utf16(t, true, true); }},
      {"UTF-16BE", [](const std::string& t) { return utf16(t, false, true); }},
      {"UTF-16LE, no mark", [](const std::string& t) { return utf16(t, true, false); }},
  };
  const std::vector<Change> wraps{
      {"plain", as_is},
      {"gzip", [](const std::string& t) { return gzip(t); }},
      {"base64", [](const std::string& t) { return base64(t); }},
      {"base64 at 64", [](const std::string& t) { return base64(t, 64) + "\n"; }},
      {"base64 at 76, CRLF",
       [](const std::string& t) { return replaced(base64(t, 76) + "\n", "\n", "\r\n"); }},
      {"base64, no padding", [](const std::string& t) { return base64(t, 0, false); }},
      {"base64 in UTF-16", [](const std::string& t) { return utf16(base64(t, 76), true, true); }},
      {"double base64", [](const std::string& t) { return base64(base64(t)); }},
      {"double base64, broken", [](const std::string& t) { return base64(base64(t, 76) + "\n", 76); }},
      {"base64 of gzip", [](const std::string& t) { return base64(gzip(t)); }},
      {"gzip of base64", [](const std::string& t) { return gzip(base64(t)); }},
  };

  Record known;  // parsing is not what is looked at here
  for (const auto* ca : {&one(), &two()}) {
    const auto parsed = parse_certificate(ca->der);
    REQUIRE(parsed);
    known.certificates.emplace(parsed->fingerprint, *parsed);
  }
  std::size_t combinations = 0;
  const auto check = [&](const std::string& document, bool both) {
    ++combinations;
    const auto delivery = read_document("f", document);
    const auto reading = read_certificates(delivery.entries, known);
    std::string names;
    for (const auto& found : reading.certificates)
      names += name_of(found.certificate) + " ";
    CHECK(names == (both ? "one two " : "one "));
    for (const auto* findings : {&delivery.findings, &reading.findings})
      for (const auto& finding : *findings)
        CHECK_MESSAGE(finding.severity == Severity::warning, finding.message);
  };

  for (const auto& [content, pem] : contents) {
    for (const auto& [line_end, end] : line_ends) {
      for (const auto& [layout, lay] : layouts) {
        for (const auto& [mark, encode] : marks) {
          for (const auto& [wrapping, wrap] : wraps) {
            CAPTURE(content);
            CAPTURE(line_end);
            CAPTURE(layout);
            CAPTURE(mark);
            CAPTURE(wrapping);
            check(wrap(encode(end(lay(pem)))), content != "one");
          }
        }
      }
    }
    for (const std::string_view fold : {" ", "", "\\n", "\\r\\n"}) {
      // Words among folded lines cannot be told from base64.
      if (content == "two, text between") continue;
      for (const auto& [wrapping, wrap] : wraps) {
        CAPTURE(content);
        CAPTURE(fold);
        CAPTURE(wrapping);
        check(wrap(replaced(pem, "\n", fold)), content != "one");
      }
    }
  }
  for (const auto& der : {one().der, one().der + two().der}) {
    for (const auto& [wrapping, wrap] : wraps) {
      CAPTURE(wrapping);
      check(wrap(der), der.size() != one().der.size());
    }
  }
  MESSAGE(combinations, " combinations");
}
