#include "intake/file_kind.hpp"

#include "unit/intake/told.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "intake/document.hpp"
#include "intake/shape.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::kKey;
using test::kPem;
using test::replaced;

namespace {

// A tar archive of one file, as ustar writes it, or as tar wrote it before POSIX.
std::string tar(const std::string& content, bool ustar = true) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  put(0, "corp/ca.crt");
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, "00000001113");
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  if (ustar) put(257, "ustar  ");
  unsigned sum = 0;
  for (const char c : header)
    sum += static_cast<unsigned char>(c);
  std::string octal;
  for (unsigned shift = 18; shift <= 18; shift -= 3)
    octal += static_cast<char>('0' + (sum >> shift & 7U));
  put(148, octal.substr(octal.size() - 6));
  header[154] = '\0';
  return header + content + std::string(512 - content.size() % 512, '\0') + std::string(1024, '\0');
}

// With the kind of thing that each finding speaks of.
std::string told(std::string_view bytes, Shape as = Shape::sniffed) {
  const auto delivery = read_document("f", bytes, {}, as);
  std::string out;
  for (const auto& entry : delivery.entries)
    out += concat(entry.form == Entry::Form::der ? "der " : "pem ", entry.origin.text(), "\n");
  for (const auto& finding : delivery.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message, finding.what.empty() ? "" : " [", finding.what,
                  finding.what.empty() ? "" : "]", "\n");
  return out;
}

std::string refused(std::string_view kind, std::string_view where = "f") {
  return concat("error not-pem ", where, ": ", kind, " [", kind, "]\n");
}

}  // namespace

TEST_CASE("binary files have names") {
  const auto bytes = [](std::string_view head) { return std::string(head) + std::string(600, '\x01'); };
  const std::vector<std::pair<std::string, std::string_view>> files{
      {bytes("PK\x03\x04"), "a zip archive"},
      {bytes("\xFE\xED\xFE\xED"), "a Java keystore (JKS)"},
      {bytes("\xCE\xCE\xCE\xCE"), "a Java keystore (JCEKS)"},
      {bytes("SQLite format 3"), "an SQLite database, as NSS keeps its certificates in (cert9.db)"},
      {bytes("\x7F"
             "ELF"),
       "a program (ELF)"},
      {bytes("!<arch>\ndebian-binary"), "an ar archive, such as a Debian package"},
      {bytes("\xED\xAB\xEE\xDB"), "an RPM package"},
      {bytes("\x99\x01\x0D\x04"), "an OpenPGP key"},
      {bytes("Salted__"), "data encrypted by 'openssl enc'"},
      {bytes(std::string_view("\xFF\xFE\0\0-\0\0\0", 8)), "UTF-32 text"},
      {tar(kPem), "a tar archive"},
      {tar(kPem, false), "a tar archive"},
  };
  for (const auto& [file, name] : files) {
    CAPTURE(name);
    CHECK(told(file) == refused(name));
    CHECK(told(file, Shape::bundle) == refused(name));
  }
  CHECK(told(gzip(tar(kPem))) ==
        "warning gzip f: gzip\nerror not-pem f: gzip of a tar archive [a tar archive]\n");
  CHECK(told(base64(tar(kPem))) ==
        "error not-pem f: entry 1, line 1: base64 of a tar archive [a tar archive]\n");
}

TEST_CASE("a private key in an archive is named, too") {
  CHECK(told(tar(kKey)).find("error private-key") != std::string::npos);
  CHECK(told(gzip(tar(kPem + kKey))).find("error private-key") != std::string::npos);
}

TEST_CASE("texts that hold PEM and are not finished are refused by name") {
  const std::string conflict = "a file with git's conflict markers, of which nobody chose a side";
  const std::string settings = "an env file, whose values are assigned to names";
  const std::string unrendered = "a template that is not rendered";
  const std::vector<std::pair<std::string, std::string>> files{
      {"<<<<<<< HEAD\n" + kPem + "=======\n" + kPem + ">>>>>>> main\n", refused(conflict, "f: line 1")},
      {kPem + "<<<<<<< HEAD\n=======\n" + kPem + ">>>>>>> main\n", refused(conflict, "f: line 5")},
      {"CA_CERT=\"" + kPem + "\"\n", refused(settings, "f: line 1")},
      {"# settings\nexport CA='" + kPem + "'\n", refused(settings, "f: line 2")},
      {"PROXY=http://proxy\nCA=\"" + replaced(kPem, "\n", "\\n") + "\"\n", refused(settings, "f: line 2")},
      {"{{ .Values.caBundle }}\n", refused(unrendered, "f: line 1")},
      {kPem + "{{ .Values.caBundle }}\n" + kPem, refused(unrendered, "f: line 5")},
      {kPem + "${SECOND_CA}\n", refused(unrendered, "f: line 5")},
      {"Name,PEM\nA,\"" + kPem + "\"\n", refused("a CSV table", "f: line 2")},
      {"Name;PEM\nA;\"'" + kPem + "'\"\n", refused("a CSV table", "f: line 2")},
      {"> " + replaced(kPem, "\n", "\n> "), refused("a mail that quotes a certificate", "f: line 1")},
      {"diff --git a/x b/x\n@@ -0,0 +1,4 @@\n+" + replaced(kPem, "\n", "\n+"),
       refused("a patch", "f: line 1")},
      {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n",
       refused("an SSH public key", "f: line 1")},
      {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- " + kPem,
       refused("a text signed by OpenPGP, whose dashes are escaped", "f: line 1")},
      {"[p11-kit-object-v1]\nx-distrusted: true\n" + kPem,
       refused("a p11-kit file that distrusts what is in it", "f: line 2")},
  };
  for (const auto& [file, expected] : files) {
    CAPTURE(file);
    CHECK(told(file) == expected);
    CHECK(told(file, Shape::bundle) == expected);
  }
  CHECK(told("CA=\"" + kPem + "\"\nKEY=\"" + kKey + "\"\n").find("error private-key") != std::string::npos);
}

TEST_CASE("what only resembles such a text is read") {
  for (const std::string head :
       {"<<<<<<< the root of 2020\n", "======= roots =======\n", "# CA=\"-----BEGIN CERTIFICATE-----\"\n",
        "# {{ .Values.ca }}\n", "the {{ }} are not filled in by us\n", "price: $(1)0\n", "@@ -0,0 +1 @@\n",
        "$ cat ca.pem\n", "trusted: true\n"}) {
    CAPTURE(head);
    CHECK(told(head + kPem, Shape::bundle) == "pem f: entry 1, line 1\n");
  }
}

TEST_CASE("a YAML document that is a template is called one") {
  const auto line = [](unsigned number) {
    return refused("a template that is not rendered", concat("f: line ", std::to_string(number)));
  };
  CHECK(
      told("{{- if .Values.ca }}\nkind: Secret\ndata:\n  ca.crt: {{ .Values.ca | b64enc }}\n{{- end }}\n") ==
      line(1));
  CHECK(told("apiVersion: v1\nkind: ConfigMap\ndata:\n  ca.crt: |\n    {{- .Values.ca | nindent 4 }}\n  b: "
             "{{ .x }}y\n")
            .find("a template that is not rendered") != std::string::npos);
  CHECK(told("kind: Secret\ndata:\n  ca.crt: \"{{ .Values.ca }}\"\n") ==
        "error not-pem f: data[\"ca.crt\"], line 3: a template that is not rendered [a "
        "template that is not rendered]\n");
}

TEST_CASE("texts without PEM have names") {
  const std::vector<std::pair<std::string_view, std::string_view>> texts{
      {"# a CA goes here\n\n; later\n", "nothing but comments"},
      {"{{ .Values.ca }}", "a template that is not rendered"},
      {"${CA}\n", "a template that is not rendered"},
      {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", "an SSH public key"},
      {"ssh-ed25519-cert-v01@openssh.com AAAA me", "an OpenSSH certificate, which is no X.509"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nx",
       "an answer of an HTTP server, with its headers"},
      {"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "an HTML page"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
       "a pointer of git-lfs in the place of the file"},
      {"$ANSIBLE_VAULT;1.1;AES256\n6638\n", "a file encrypted by ansible-vault"},
      {"../ca/root.pem", "the path of a file, not the file"},
      {"/etc/ssl/certs/ca.pem\n", "the path of a file, not the file"},
      {"SSL_CERT_FILE=/etc/ssl/cert.pem\n", "an env file"},
      {"ca: somewhere\n", "a YAML document"},
      {"apiVersion: v1\n", "a Kubernetes object in YAML"},
      {"Owner,Name,SHA-256\nA,B,C\nD,E,F\n", "a CSV table"},
      {"\"a\";\"b\";\"c\"\n\"d\";\"e\";\"f\"\n", "a CSV table"},
      {"dn: cn=ca,dc=example\ncACertificate;binary:: MIIB\n", "LDIF of a directory"},
      {"begin 644 ca.crt\nM+2TM+2U\n", "uuencoded data"},
      {"BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n", "Mozilla's certdata.txt"},
      {"variable \"ca\" {\n  type = string\n}\n", "a Terraform configuration"},
      {"{\\rtf1\\ansi -----BEGIN CERTIFICATE-----}", "an RTF document"},
      {"<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict/></plist>", "a property list"},
      {"\"TFMwdExTMUNSVWRKVGl=\"\n", "a text in quotes"},
      {"see the wiki\n", "text"},
  };
  for (const auto& [text, name] : texts) {
    CAPTURE(text);
    CHECK(shape_of(text) == name);
  }
}

TEST_CASE("a document is told apart where only a bundle is read") {
  const std::string wanted = " [a document where a bundle is read]\n";
  CHECK(told("{\"kind\": \"Secret\"}", Shape::bundle).ends_with("a JSON document" + wanted));
  CHECK(told("apiVersion: v1\nkind: Secret\ndata:\n  ca.crt: " + base64(kPem) + "\n", Shape::bundle)
            .ends_with("a Kubernetes object in YAML" + wanted));
  CHECK(told("#cloud-config\nca_certs: {}\n", Shape::bundle).ends_with("a cloud-config document" + wanted));
}
