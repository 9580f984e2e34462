// Values among which certificates may stand: told by what is in them, not by the ends of names; and what says
// nothing.
#include "unit/intake/told.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

std::string passed_over(std::string_view field, unsigned line, std::string_view what) {
  return concat("warning other-content f: ", field, ", line ", std::to_string(line),
                ": not a certificate but ", what, ", passed over\n");
}
std::string map(std::string_view members) {
  return concat(R"({"kind": "ConfigMap", "data": {"ca.crt": ")", escaped(kPem), "\"", members, "}}");
}
// A JKS store with these entries.
std::string keystore(std::string_view entries, char count) {
  return concat("\xFE\xED\xFE\xED", std::string_view("\0\0\0\2\0\0\0", 7), std::string_view(&count, 1),
                entries, std::string(20, 'd'));
}
const std::string kTrustedEntry(std::string_view("\0\0\0\2\0\2ca\0\0\0\0\0\0\0\0\0\5X.509\0\0\0\3abc", 30));
const std::string kKeyEntry(std::string_view("\0\0\0\1\0\1k\0\0\0\0\0\0\0\0\0\0\0\4wxyz\0\0\0\0", 27));
// Longer than what a short value can begin like by chance.
const std::string kStore = keystore(
    concat(kTrustedEntry.substr(0, 23), std::string_view("\0\0\4\0", 4), std::string(1024, 'c')), '\1');

}  // namespace

TEST_CASE("nothing, said by accident, is not none") {
  const auto nothing = [](std::string_view shape) {
    return concat("warning no-certificates f: a JSON document of the shape ", shape,
                  " that says nothing of certificates; what came from it before stays\nnothing\n");
  };
  for (const std::string_view document :
       {R"({"kind": "List", "apiVersion": "v1", "items": []})", R"({"kind": "SecretList", "items": []})",
        R"({"kind": "ConfigMapList", "items": null})", R"({"kind": "Secret"})",
        R"({"kind": "Secret", "data": {}})", R"({"kind": "ConfigMap", "data": null, "binaryData": {}})",
        R"({"kind": "List", "items": [{"kind": "Secret", "data": {}}, {"kind": "ConfigMap"}]})"}) {
    CAPTURE(document);
    CHECK(told(document) == nothing("kubernetes"));
  }
  CHECK(told("[]") == nothing("list"));
  CHECK(told(R"({"kind": "List", "items": [{"kind": "Pod"}]})") ==
        "error no-certificates f: a JSON document of the shape kubernetes without a certificate\n");
  CHECK(told("#cloud-config\nca_certs: {trusted: []}\n") == "none\n");
}

TEST_CASE("values of an object that are no certificates") {
  const auto ca = pem_at("data[\"ca.crt\"]");
  const auto value = [&](std::string_view key, std::string_view text) {
    return told(map(concat(", \"", key, "\": \"", text, "\"")));
  };
  CHECK(value("version", "3") == ca + passed_over("data.version", 1, "text"));
  CHECK(value("README.md", "# Our CAs\\n\\nSee the wiki.\\n") ==
        ca + passed_over("data[\"README.md\"]", 1, "text"));
  CHECK(value("note", "") == ca + passed_over("data.note", 1, "an empty value"));
  CHECK(value("bundle.json", "{\\\"a\\\": 1}") ==
        ca + passed_over("data[\"bundle.json\"]", 1, "a JSON document"));
  CHECK(value("values", concat("tls:\\n  ca: |\\n", escaped(indented(kPem, "    ")))) ==
        ca + passed_over("data.values", 1, "a YAML document with PEM in it"));
  CHECK(value("more", escaped(kPem)) == ca + pem_at("data.more"));
  CHECK(value("half", kOnce.substr(0, 24)) == ca +
                                                  "error not-pem f: data.half, line 1: not PEM, nor anything "
                                                  "that opens to it, but text\n");
  CHECK(value("other.crt", "see the wiki") ==
        ca + "error not-pem f: data[\"other.crt\"], line 1: not PEM, nor "
             "anything that opens to it, but text\n");
  CHECK(value("tls.key", escaped(kKey)) ==
        ca + "error private-key f: data[\"tls.key\"], line 1: a private key\n");
  CHECK(told(R"({"kind": "ConfigMap", "data": {"version": "3"}})") ==
        "error no-certificates f: a JSON document of the shape kubernetes without a certificate\n" +
            passed_over("data.version", 1, "text"));
}

TEST_CASE("a Java keystore beside certificates") {
  const auto with = [](const std::string& store) {
    return told(concat("kind: ConfigMap\ndata:\n  ca.crt: ", kOnce,
                       "\nbinaryData:\n  bundle.jks: ", base64(store), "\n"));
  };
  const std::string entry = "pem f: data[\"ca.crt\"], line 3\n";
  const std::string encoded = "warning base64 f: data[\"ca.crt\"], line 3: base64 of PEM\n";
  const auto ca = entry + encoded;
  CHECK(with(kStore) ==
        entry + passed_over("binaryData[\"bundle.jks\"]", 5, "base64 of a Java keystore (JKS)") + encoded);
  CHECK(with(keystore(kTrustedEntry + kKeyEntry, '\2')) ==
        ca + "error private-key f: binaryData[\"bundle.jks\"], line 5: a Java keystore with a private key\n");
  CHECK(told(keystore(kKeyEntry, '\1'))
            .starts_with("error private-key f: a Java keystore with a private key\n"));
}

TEST_CASE("files of cloud-config are told by their content") {
  const auto block = indented(kPem, "    ");
  const auto file = [&](std::string_view path, std::string_view text) {
    return concat("- path: ", path, "\n  content: ", text);
  };
  const std::string head = "#cloud-config\nwrite_files:\n";
  check_all({
      {"no end, other ends",
       head + file("/opt/certs/corp-root", "|\n" + block) + file("/a.CER", "|\n" + block) +
           file("/etc/bundle", kOnce + "\n") + file("/etc/motd", "hello\n"),
       pem_at("write_files[0].content", 4) + pem_at("write_files[1].content", 10) +
           concat(
               "pem f: write_files[2].content, line 16\nwarning base64 f: write_files[2].content, line 16: ",
               "base64 of PEM\n")},
      {"a script that has one inside",
       head + file("/run.sh", "|\n    #!/bin/sh\n    cat >x <<EOF\n" + block + "    EOF\n") +
           file("/a", "|\n" + block),
       pem_at("write_files[1].content", 13) +
           passed_over("write_files[0].content", 4, "a script with PEM in it")},
      {"a configuration that has one inside",
       head + file("/etc/x.yaml", "|\n    tls:\n      ca: |\n" + indented(block, "    ")) +
           file("/a", "|\n" + block),
       pem_at("write_files[1].content", 12) +
           passed_over("write_files[0].content", 4, "a YAML document with PEM in it")},
      {"a name that says so, and something else", head + file("/a.PEM", "see the wiki\n"),
       "error not-pem f: write_files[0].content, line 4: not PEM, nor anything that opens to it, but text\n"},
      {"a key", head + file("/x", "|\n" + indented(kKey, "    ")),
       "error private-key f: write_files[0].content, line 4: a private key\n"},
      {"autoinstall",
       concat("autoinstall:\n  version: 1\n  user-data:\n    ca_certs:\n      trusted:\n      - |\n",
              indented(kPem, "        "), "    write_files:\n    - path: /a\n      content: ", kOnce, "\n"),
       concat("pem f: autoinstall.user-data.ca_certs.trusted[0], line 6\n",
              "pem f: autoinstall.user-data.write_files[0].content, line 13\n",
              "warning base64 f: autoinstall.user-data.write_files[0].content, line 13: base64 of PEM\n")},
  });
}

TEST_CASE("a cloud-config archive") {
  const auto part = [](std::string_view type, const std::string& text) {
    return concat("- type: ", type, "\n  content: |\n", indented(text, "    "));
  };
  const std::string config = "ca_certs:\n  trusted:\n  - |\n" + indented(kPem, "    ");
  const std::string archive = "#cloud-config-archive\n";
  check_all({
      {"by type, and by its first line",
       archive + part("text/cloud-config", config) + "- |\n" + indented("#cloud-config\n" + config, "  "),
       pem_at("[0].content: ca_certs.trusted[0]", 6) + pem_at("[1]: ca_certs.trusted[0]", 15)},
      {"a script beside it",
       archive + part("text/x-shellscript", "#!/bin/sh\n") + part("text/cloud-config", config),
       pem_at("[1].content: ca_certs.trusted[0]", 9)},
      {"a key in a script",
       archive + part("text/x-shellscript", "#!/bin/sh\ncat >x <<EOF\n" + kKey + "EOF\n") +
           part("text/cloud-config", config),
       pem_at("[1].content: ca_certs.trusted[0]", 14) +
           "error private-key f: [0].content, line 3: a private key\n"},
      {"a broken one", archive + part("text/cloud-config", "ca_certs: [\n"),
       "error not-pem f: [0].content, line 3: a cloud-config that is broken in its line 2\n"},
      {"none", archive + part("text/cloud-config", "ca_certs: {trusted: []}\n"), "none\n"},
  });
}

TEST_CASE("Ignition and Butane") {
  const auto block = indented(kPem, "        ");
  check_all({
      {"by content",
       concat(
           R"({"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/etc/corp", "contents": )",
           R"({"source": "data:;base64,)", kOnce,
           R"("}}, {"path": "/x", "contents": {"source": "data:,hello"}}, )",
           R"({"path": "/y", "contents": {"source": "https://example.org/y"}}]}})"),
       pem_at("storage.files[0].contents.source")},
      {"no authorities are not none",
       R"({"ignition": {"version": "3.4.0", "security": {"tls": {"certificateAuthorities": []}}}})",
       "error no-certificates f: a JSON document of the shape ignition without a certificate\n"},
      {"Butane",
       concat("variant: flatcar\nversion: 1.0.0\nstorage:\n  files:\n  - path: /etc/corp\n    contents:\n",
              "      inline: |\n", block, "  - path: /etc/motd\n    contents: {inline: hello}\n",
              "ignition:\n  security:\n    tls:\n      certificate_authorities:\n      - inline: |\n",
              indented(kPem, "          ")),
       pem_at("storage.files[0].contents.inline", 7) +
           pem_at("ignition.security.tls.certificate_authorities[0].inline", 18)},
      {"a file beside it",
       "variant: fcos\nversion: 1.5.0\nstorage:\n  files:\n  - path: /a.crt\n    contents: {local: a.crt}\n",
       "error not-pem f: storage.files[0].contents.local, line 6: a file beside the document, which is not "
       "read\n"},
  });
}
