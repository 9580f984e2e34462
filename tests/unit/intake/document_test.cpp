#include "intake/document.hpp"

#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::indented;
using test::replaced;
using test::utf16;

namespace {

// PEM in shape only: what is inside does not matter to this layer.
const std::string kOne =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBszCCAVmgAwIBAgIUQk9ORSBPTkUgT05FIE9ORSBPTkUwCgYIKoZIzj0EAwIw\n"
    "T05F\n"
    "-----END CERTIFICATE-----\n";
const std::string kTwo =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBszCCAVmgAwIBAgIUVFdPIFRXTyBUV08gVFdPIFRXTyAwCgYIKoZIzj0EAwIw\n"
    "VFdP\n"
    "-----END CERTIFICATE-----\n";
const std::string kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU\n"
    "-----END PRIVATE KEY-----\n";
const std::string kDer = std::string("\x30\x82\x00\x40\x30\x3e", 6) + std::string(62, '\x05');
const std::string kOtherDer = std::string("\x30\x82\x00\x41\x30\x3f", 6) + std::string(63, '\x06');

// The delivery in one text, a line for each entry and each finding.
std::string told(std::string_view bytes, const IntakeLimits& limits = {}) {
  const auto delivery = read_document("f", bytes, limits);
  std::string out;
  for (const auto& entry : delivery.entries) {
    const auto holds = [&](const std::string& pem) {
      return entry.bytes.find(pem.substr(28, 64)) != std::string::npos;
    };
    std::string content =
        entry.form == Entry::Form::der ? concat(std::to_string(entry.bytes.size()), " bytes") : "";
    if (holds(kOne)) content += "one ";
    if (holds(kTwo)) content += "two ";
    out += concat(entry.form == Entry::Form::der ? "der " : "pem ", entry.origin.text(),
                  entry.lines_match ? " exact: " : ": ", trimmed(content), "\n");
  }
  for (const auto& finding : delivery.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message, "\n");
  return out;
}

struct Case {
  std::string_view name;
  std::string bytes;
  std::string expected;
};

void check_all(const std::vector<Case>& cases) {
  for (const auto& [name, bytes, expected] : cases) {
    CAPTURE(name);
    CHECK(told(bytes) == expected);
  }
}

}  // namespace

TEST_CASE("PEM") {
  check_all({
      {"plain", kOne, "pem f: entry 1, line 1 exact: one\n"},
      {"no final newline", kOne.substr(0, kOne.size() - 1), "pem f: entry 1, line 1 exact: one\n"},
      {"two without a blank line", kOne + kTwo, "pem f: entry 1, line 1 exact: one two\n"},
      {"a blank line parts", kOne + "\n" + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 6 exact: two\n"},
      {"many blank lines, some with blanks", "\n\n" + kOne + "\n \n\t\n" + kTwo + "\n\n",
       "pem f: entry 1, line 3 exact: one\n"
       "pem f: entry 2, line 10 exact: two\n"},
      {"comments", "# first\n" + kOne + "\n# stray\n\n# second\n" + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 9 exact: two\n"},
      {"openssl -text", "Certificate:\n    Data:\n        Version: 3 (0x2)\n" + kOne,
       "pem f: entry 1, line 1 exact: one\n"},
      {"commented out", "#" + replaced(kOne, "\n", "\n#") + "\n\n" + kTwo,
       "pem f: entry 1, line 7 exact: two\n"},
      {"s_client -showcerts", "---\nCertificate chain\n 0 s:CN = one\n   i:CN = one\n" + kOne + "---\n",
       "pem f: entry 1, line 1 exact: one\n"},
      {"CRLF", replaced(kOne, "\n", "\r\n"),
       "pem f: entry 1, line 1 exact: one\n"
       "warning crlf f: line 1: carriage returns at the ends of lines\n"},
      {"CRLF from line 6 on", kOne + "\n" + replaced(kTwo, "\n", "\r\n"),
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 6 exact: two\n"
       "warning crlf f: line 6: carriage returns at the ends of lines\n"},
      {"CR alone", replaced(kOne, "\n", "\r"),
       "pem f: entry 1, line 1 exact: one\n"
       "warning crlf f: line 1: carriage returns at the ends of lines\n"},
      {"BOM", "\xEF\xBB\xBF" + kOne,
       "pem f: entry 1, line 1 exact: one\n"
       "warning bom f: line 1: UTF-8 byte order mark\n"},
      {"two files with a BOM each", "\xEF\xBB\xBF" + kOne + "\xEF\xBB\xBF" + kTwo,
       "pem f: entry 1, line 1 exact: one two\n"
       "warning bom f: line 1: UTF-8 byte order mark\n"},
      {"UTF-16 LE", utf16(kOne, true, true),
       "pem f: entry 1, line 1 exact: one\n"
       "warning utf-16 f: UTF-16 text\n"},
      {"UTF-16 BE without BOM, CRLF", utf16(replaced(kOne, "\n", "\r\n"), false, false),
       "pem f: entry 1, line 1 exact: one\n"
       "warning utf-16 f: UTF-16 text\n"
       "warning crlf f: line 1: carriage returns at the ends of lines\n"},
      {"UTF-16 without BOM behind a comment in another script",
       utf16("\x01\x02 comment\n", true, false).replace(0, 4, "\x1A\x04\x3E\x04") + utf16(kOne, true, false),
       "pem f: entry 1, line 1 exact: one\n"
       "warning utf-16 f: UTF-16 text\n"},
      {"the same, big endian",
       utf16("xy comment\n", false, false).replace(0, 4, "\x04\x1A\x04\x3E") + utf16(kOne, false, false),
       "pem f: entry 1, line 1 exact: one\n"
       "warning utf-16 f: UTF-16 text\n"},
      {"indented", "ca: |\n" + indented(kOne, "    "),
       "pem f: entry 1, line 1 exact: one\n"
       "warning folded-lines f: entry 1, line 2: indented PEM\n"},
      {"double-spaced", replaced(kOne, "\n", "\n\n") + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 9 exact: two\n"
       "warning folded-lines f: entry 1, line 2: blank lines inside a PEM block\n"},
      {"NUL behind", kOne + std::string(8, '\0'),
       "pem f: entry 1, line 1 exact: one\n"
       "warning trailing-garbage f: 8 NUL or ^Z bytes behind the text\n"},
      {"gzip", gzip("\n" + kOne),
       "pem f: entry 1, line 2 exact: one\n"
       "warning gzip f: gzip\n"},
      {"gzip of gzip of UTF-16", gzip(gzip(utf16(kOne, true, true))),
       "pem f: entry 1, line 1 exact: one\n"
       "warning gzip f: gzip\n"
       "warning utf-16 f: UTF-16 text\n"},
      {"gzip and more", gzip(kOne) + "xy",
       "pem f: entry 1, line 1 exact: one\n"
       "warning gzip f: gzip\n"
       "warning trailing-garbage f: 2 bytes behind the gzip data\n"},
  });
}

TEST_CASE("folded lines") {
  const std::string folded =
      "warning folded-lines f: entry 1, line 1: several lines of PEM folded into one\n";
  const std::string once = "pem f: entry 1, line 1: one\n" + folded;
  const std::string twice = "pem f: entry 1, line 1: one\npem f: entry 1, line 1: two\n" + folded;
  check_all({
      {"by blanks", replaced(kOne, "\n", " "), once},
      {"by nothing", replaced(kOne, "\n", ""), once},
      {"spelled", replaced(kOne, "\n", "\\n"), once},
      {"spelled with CR", replaced(kOne, "\n", "\\r\\n"), once},
      {"escaped twice", replaced(kOne, "\n", "\\\\n"), once},
      {"quoted", "\"" + replaced(kOne, "\n", "\\n") + "\"", once},
      {"two in one line", replaced(kOne + kTwo, "\n", "\\n"), twice},
      {"two by blanks", replaced(kOne + kTwo, "\n", " "), twice},
      {"two lines", replaced(kOne, "\n", " ") + "\n" + replaced(kTwo, "\n", " "),
       "pem f: entry 1, line 1: one\n"
       "pem f: entry 1, line 2: two\n" +
           folded},
      {"no newline between", kOne.substr(0, kOne.size() - 1) + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 1, line 4 exact: two\n"
       "warning folded-lines f: entry 1, line 4: several lines of PEM folded into one\n"},
      {"only the body, by blanks", replaced(kOne, "MII", "MI I"), "pem f: entry 1, line 1 exact: \n"},
  });
}

namespace {

// Base64 of base64 that happens to need no padding.
std::string unpadded_twice(std::string text) {
  while (base64(base64(text)).ends_with('='))
    text += "\n";
  return base64(base64(text));
}

}  // namespace

TEST_CASE("base64") {
  const std::string entry = "pem f: entry 1, line 1: one\n";
  const std::string once = entry + "warning base64 f: entry 1, line 1: base64 of PEM\n";
  const std::string twice = entry + "warning double-base64 f: entry 1, line 1: base64 of base64 of PEM\n";
  const std::string both =
      "pem f: entry 1, line 1: one\n"
      "pem f: entry 2, line 2: two\n"
      "warning base64 f: entry 1, line 1: base64 of PEM\n"
      "warning base64 f: entry 2, line 2: base64 of PEM\n";
  const auto long_one = "# " + std::string(300, 'x') + "\n" + kOne;
  check_all({
      {"one line", base64(kOne), once},
      {"64 columns", base64(kOne, 64), once},
      {"76 columns, CRLF", replaced(base64(kOne, 76), "\n", "\r\n") + "\r\n",
       once.substr(0, entry.size()) + "warning crlf f: line 1: carriage returns at the ends of lines\n"
                                      "warning base64 f: entry 1, line 1: base64 of PEM\n"},
      {"71 columns", base64(kOne, 71), once},
      {"folded by blanks", replaced(base64(kOne, 64), "\n", " "), once},
      {"indented", indented(base64(kOne, 64), "  "), once},
      {"no padding, one over", base64(kOne + "\n", 0, false), once},
      {"no padding, two over", base64(kOne + "\n\n", 0, false), once},
      {"a comment inside", base64(long_one), once},
      {"one a line", base64(kOne) + "\n" + base64(kTwo), both},
      {"one a line, no padding", base64(kOne + "\n", 0, false) + "\n" + base64(kTwo + "\n", 0, false), both},
      {"glued, padding in the middle", base64(kOne + "\n") + base64(kTwo),
       "pem f: entry 1, line 1: one\n"
       "pem f: entry 2, line 1: two\n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"
       "warning base64 f: entry 2, line 1: base64 of PEM\n"},
      {"blank lines between", base64(kOne, 64) + "\n\n" + base64(kTwo, 64),
       "pem f: entry 1, line 1: one\n"
       "pem f: entry 2, line 5: two\n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"
       "warning base64 f: entry 2, line 5: base64 of PEM\n"},
      {"comments between", "# root\n" + base64(kOne) + "\n# other root\n" + base64(kTwo),
       "pem f: entry 1, line 2: one\n"
       "pem f: entry 2, line 4: two\n"
       "warning base64 f: entry 1, line 2: base64 of PEM\n"
       "warning base64 f: entry 2, line 4: base64 of PEM\n"},
      {"beside PEM", kOne + base64(kTwo) + "\n" + kOne,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 5: two\n"
       "pem f: entry 3, line 6 exact: one\n"
       "warning base64 f: entry 2, line 5: base64 of PEM\n"},
      {"of two", base64(kOne + "\n" + kTwo),
       "pem f: entry 1, line 1: one two\n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"},
      {"of CRLF", base64(replaced(kOne, "\n", "\r\n")),
       entry + "warning base64 f: entry 1, line 1: base64 of PEM\n"
               "warning crlf f: entry 1, line 1: carriage returns at the ends of lines\n"},
      {"of UTF-16, as PowerShell makes it", base64(utf16(kOne, true, false)),
       entry + "warning base64 f: entry 1, line 1: base64 of PEM\n"
               "warning utf-16 f: entry 1, line 1: UTF-16 text\n"},
      {"of base64", base64(base64(kOne)), twice},
      {"of base64 with line ends", base64(base64(kOne, 76) + "\n", 76), twice},
      // Without padding it takes more than that to see where the first ends.
      {"of base64, one a line", unpadded_twice(kOne) + "\n" + unpadded_twice(kTwo) + "\n",
       "pem f: entry 1, line 1: one\n"
       "pem f: entry 2, line 2: two\n"
       "warning double-base64 f: entry 1, line 1: base64 of base64 of PEM\n"
       "warning double-base64 f: entry 2, line 2: base64 of base64 of PEM\n"},
      {"four times", base64(base64(base64(base64(kOne)))),
       entry + "warning double-base64 f: entry 1, line 1: base64 of base64 of base64 of base64 of PEM\n"},
      {"five times", base64(base64(base64(base64(base64(kOne))))),
       "error not-pem f: entry 1, line 1: encoded more than 4 times over\n"},
      {"of gzip", base64(gzip(kOne)),
       entry + "warning base64 f: entry 1, line 1: base64 of gzip of PEM\n"
               "warning gzip f: entry 1, line 1: base64 of gzip of PEM\n"},
      {"gzip of base64", gzip(base64(kOne)),
       entry + "warning gzip f: gzip\n"
               "warning base64 f: entry 1, line 1: gzip of base64 of PEM\n"
               "warning gzip f: entry 1, line 1: gzip of base64 of PEM\n"},
      {"UTF-16 of base64", utf16(base64(kOne), true, true),
       entry + "warning utf-16 f: UTF-16 text\n"
               "warning base64 f: entry 1, line 1: base64 of PEM\n"},
      {"cut off", base64(kOne).substr(0, 101),
       "pem f: entry 1, line 1: \n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"
       "error truncated f: entry 1, line 1: base64 ends inside a group\n"},
      {"too much padding", base64(kOne + "\n\n") + "=",
       entry + "warning base64 f: entry 1, line 1: base64 of PEM\n"
               "error not-pem f: entry 1, line 1: base64 with wrong padding\n"},
  });
}

TEST_CASE("DER") {
  check_all({
      {"plain", kDer,
       "der f: entry 1: 68 bytes\n"
       "warning der f: entry 1: DER, not PEM\n"},
      {"gzip", gzip(kDer),
       "der f: entry 1: 68 bytes\n"
       "warning gzip f: gzip\n"
       "warning der f: entry 1: DER, not PEM\n"},
      {"base64", base64(kDer, 64),
       "der f: entry 1, line 1: 68 bytes\n"
       "warning base64 f: entry 1, line 1: base64 of DER\n"
       "warning der f: entry 1, line 1: DER, not PEM\n"},
      {"base64, one a line, no padding", base64(kDer, 0, false) + "\n" + base64(kOtherDer, 0, false),
       "der f: entry 1, line 1: 68 bytes\n"
       "der f: entry 2, line 2: 69 bytes\n"
       "warning base64 f: entry 1, line 1: base64 of DER\n"
       "warning der f: entry 1, line 1: DER, not PEM\n"
       "warning base64 f: entry 2, line 2: base64 of DER\n"
       "warning der f: entry 2, line 2: DER, not PEM\n"},
      {"base64 of base64", base64(base64(kDer)),
       "der f: entry 1, line 1: 68 bytes\n"
       "warning double-base64 f: entry 1, line 1: base64 of base64 of DER\n"
       "warning der f: entry 1, line 1: DER, not PEM\n"},
  });
}

TEST_CASE("a private key is named at any depth, and no byte of it goes further") {
  const std::string secret = "U0VDUkVU";
  const auto in_line = [](std::string_view what) {
    return concat("error private-key f: ", what, ": a private key\n");
  };
  const auto layers = [&](std::string_view wraps) { return in_line("entry 1, line 1") + std::string(wraps); };
  const std::vector<Case> cases{
      {"alone", kKey, in_line("entry 1, line 1")},
      {"behind a certificate", kOne + kKey,
       "pem f: entry 1, line 1 exact: one\nerror private-key f: entry 1, line 5: a private key\n"},
      {"between two", kOne + kKey + kTwo,
       "pem f: entry 1, line 1 exact: one two\nerror private-key f: entry 1, line 5: a private key\n"},
      {"after a blank line", kOne + "\n" + kKey,
       "pem f: entry 1, line 1 exact: one\nerror private-key f: entry 2, line 6: a private key\n"},
      {"without END", kOne + kKey.substr(0, 60) + "\n\n" + kTwo,
       "pem f: entry 1, line 1 exact: one two\nerror private-key f: entry 1, line 5: a private key\n"},
      {"wrong dashes", replaced(kKey, "-----", "----"), in_line("entry 1, line 1")},
      {"encrypted, with headers", replaced(kKey, "KEY-----\nU", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nU"),
       in_line("entry 1, line 1")},
      {"two", kKey + "\n" + kKey, in_line("entry 1, line 1") + in_line("entry 2, line 5")},
      {"commented out", "# " + replaced(kKey, "\n", "\n# ") + "\n" + kOne,
       "pem f: entry 1, line 1 exact: one\nerror private-key f: entry 1, line 1: a private key\n"},
      {"folded", replaced(kKey, "\n", " "), in_line("entry 1, line 1")},
      {"spelled", kOne + replaced(kKey, "\n", "\\n"),
       "pem f: entry 1, line 1: one\nerror private-key f: entry 1, line 5: a private key\n"},
      {"gzip", gzip(kKey), "warning gzip f: gzip\n" + in_line("entry 1, line 1")},
      {"base64", base64(kKey), layers("")},
      {"base64 of UTF-16", base64(utf16(kKey, true, true)),
       layers("warning utf-16 f: entry 1, line 1: UTF-16 text\n")},
      {"base64 of base64 of gzip", base64(base64(gzip(kKey))), layers("")},
      {"base64 of both", base64(kOne + kKey),
       "pem f: entry 1, line 1: one\n"
       "error private-key f: entry 1, line 1: a private key\n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"},
      {"in JSON",
       "{\"ca\": \"" + replaced(kOne, "\n", "\\n") + "\",\n \"key\": \"" + replaced(kKey, "\n", "\\n") +
           "\"}",
       "error not-pem f: a JSON document\nerror private-key f: line 2: a private key\n"},
  };
  for (const auto& [name, bytes, expected] : cases) {
    CAPTURE(name);
    CHECK(told(bytes) == expected);
    for (const auto& entry : read_document("f", bytes).entries)
      CHECK(entry.bytes.find(secret) == std::string::npos);
  }
}

TEST_CASE("what is no bundle is refused by name") {
  const auto not_pem = [](std::string_view what) { return concat("error not-pem f: ", what, "\n"); };
  const auto else_but = [&](std::string_view what) {
    return not_pem(concat("not PEM, nor anything that opens to it, but ", what));
  };
  std::string junk;
  for (unsigned i = 0, x = 1; i < 65536; ++i)
    junk += static_cast<char>((x = x * 1664525U + 1013904223U) >> 24U);
  junk[0] = '\x07';
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "error no-certificates f: empty\n"},
      {" \r\n\t\n", "error no-certificates f: nothing but blanks\n"},
      {"\xEF\xBB\xBF\n", "error no-certificates f: nothing but blanks\n"},
      {std::string(4096, '\0'), "error no-certificates f: nothing but blanks\n"},
      {gzip(""), "warning gzip f: gzip\nerror no-certificates f: empty\n"},
      {"\xFF\xFE", "error no-certificates f: empty\nwarning utf-16 f: UTF-16 text\n"},
      {"hello\n", else_but("text")},
      {"# only a comment\n", else_but("nothing but comments")},
      {junk, else_but("binary data")},
      {"PK\x03\x04 and so on", not_pem("a zip archive")},
      {"\xFE\xED\xFE\xED\x01\x02", not_pem("a Java keystore (JKS)")},
      {"apiVersion: v1\nkind: Secret\n", else_but("a Kubernetes object in YAML")},
      {"ca: somewhere\n", else_but("a YAML document")},
      {"SSL_CERT_FILE=/etc/ssl/cert.pem\n", else_but("an env file")},
      {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", else_but("an SSH public key")},
      {"d4c9d9027326271a89ce51fcaf328ed673f17be33469ff979e8ab8dd501e664f\n", else_but("text")},
      {"{\"custom_ca_certs\": [\"" + base64(kOne) + "\"]}", not_pem("a JSON document")},
      {"[\"" + base64(kOne) + "\"]", not_pem("a JSON document")},
      {"[]", not_pem("a JSON document")},
      {"<!DOCTYPE html><html>404</html>", not_pem("an HTML page")},
      {"<?xml version=\"1.0\"?><Environment xmlns=\"http://schemas.dmtf.org/ovf/environment/1\">",
       "error envelope f: an OVF environment\n"},
      {"#cloud-config\nca_certs:\n  trusted:\n  - |\n" + indented(kOne, "   "),
       not_pem("a cloud-config document")},
      {"#!/bin/sh\ncat <<EOF\n" + kOne + "EOF\n", not_pem("a script")},
      {"Content-Type: multipart/mixed\n\n" + kOne, "error envelope f: a MIME message\n"},
      {base64("{\"a\": [\"not a certificate at all\"]}"),
       "error not-pem f: entry 1, line 1: base64 of a JSON document\n"},
      {base64(std::string(300, 'a') + " text"), "error not-pem f: entry 1, line 1: base64 of text\n"},
      {gzip("hello"), "warning gzip f: gzip\nerror not-pem f: gzip of text\n"},
      {gzip(kOne).substr(0, 40), "warning gzip f: gzip\nerror truncated f: gzip data is cut off\n"},
  };
  for (const auto& [bytes, expected] : cases) {
    CAPTURE(printable(std::string_view(bytes).substr(0, 60)));
    CHECK(told(bytes) == expected);
  }
}

TEST_CASE("nothing beside the blocks goes unnoticed") {
  check_all({
      {"binary data", kOne + "\x01\x02\x03\n" + kTwo,
       "pem f: entry 1, line 1 exact: one two\n"
       "error not-pem f: line 5: binary data outside PEM blocks\n"},
      {"a value in YAML", "a: |\n" + kOne + "b: " + base64(kTwo) + "\n",
       "pem f: entry 1, line 1 exact: one\n"
       "error not-pem f: line 6: base64 inside other text, or with a character that is not base64\n"},
      {"a damaged value", base64(kOne) + "\n" + replaced(base64(kTwo), "Q", "*"),
       "pem f: entry 1, line 1: one\n"
       "error not-pem f: line 2: base64 inside other text, or with a character that is not base64\n"
       "warning base64 f: entry 1, line 1: base64 of PEM\n"},
      {"a value that opens to nothing", kOne + "\n" + base64(std::string(300, '\x01')),
       "pem f: entry 1, line 1 exact: one\n"
       "error not-pem f: entry 2, line 6: base64 of binary data\n"},
      {"words and digests do not matter",
       "Root\nd4c9d9027326271a89ce51fcaf328ed673f17be33469ff979e8ab8dd501e664f\n"
       "CorporateRootAuthority\nhttps://pki.example/" +
           std::string(80, 'a') + "\n" + kOne,
       "pem f: entry 1, line 2 exact: one\n"},
      {"broken lines stay with their block", "----BEGIN CERTIFICATE-----\n" + kOne.substr(28) + "\n" + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 6 exact: two\n"},
      {"so does a body without BEGIN", kOne.substr(28) + kTwo, "pem f: entry 1, line 1 exact: one two\n"},
      {"a block without END does not swallow the next", kOne.substr(0, 97) + "\n\n" + kTwo,
       "pem f: entry 1, line 1 exact: one\n"
       "pem f: entry 2, line 5 exact: two\n"},
  });
}

TEST_CASE("the limit holds for the document and for what gzip opens to") {
  const IntakeLimits limits{.max_document_bytes = 1000};
  CHECK(told(std::string(1001, '\n'), limits) == "error too-large f: 1001 bytes, over the 1000 allowed\n");
  CHECK(told(std::string(1000, '\n'), limits) == "error no-certificates f: nothing but blanks\n");
  CHECK(told(gzip(std::string(1001, '\n')), limits) ==
        "warning gzip f: gzip\nerror too-large f: gzip opens to more than the 1000 bytes allowed\n");
  // The budget is one for all values of a document.
  const auto many =
      base64(gzip(std::string(600, '\n') + kOne)) + "\n\n" + base64(gzip(std::string(600, '\n') + kOne));
  CHECK(told(many, limits) ==
        "pem f: entry 1, line 1: one\n"
        "warning base64 f: entry 1, line 1: base64 of gzip of PEM\n"
        "warning gzip f: entry 1, line 1: base64 of gzip of PEM\n"
        "error too-large f: entry 2, line 3: gzip opens to more than the 1000 bytes allowed\n");
}
