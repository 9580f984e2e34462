#include "support/wrap.hpp"
#include "unit/intake/told.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "intake/document.hpp"
#include "intake/tree.hpp"

using namespace nct;
using namespace nct::test;

namespace {

const std::string kKnown =
    "(aks, agentbaker, aks-node-controller, cse, kubernetes, kubeconfig, cloud-config, bottlerocket, talos, "
    "openshift, ignition, list, map)";

}  // namespace

TEST_CASE("each shape of JSON is found out, and each entry has a place") {
  const auto quoted = concat("\"", kOnce, "\"");
  check_all({
      {"an ARM request",
       concat("{\"location\": \"x\", \"properties\": {\n\"securityProfile\": {\"customCATrustCertificates\": "
              "[\n",
              quoted, ",\n", quoted, "]},\n\"httpProxyConfig\": {\"trustedCa\": ", quoted, "}}}"),
       pem_at("properties.securityProfile.customCATrustCertificates[0]", 3) +
           pem_at("properties.securityProfile.customCATrustCertificates[1]", 4) +
           pem_at("properties.httpProxyConfig.trustedCa", 5)},
      {"what the CLI shows",
       concat("{\"securityProfile\": {\"customCaTrustCertificates\": [", quoted, "], \"defender\": null}}"),
       pem_at("securityProfile.customCaTrustCertificates[0]")},
      {"a template",
       concat("{\"resources\": [{}, {\"properties\": {\"securityProfile\": {\"customCATrustCertificates\": [",
              quoted, "]}}}]}"),
       pem_at("resources[1].properties.securityProfile.customCATrustCertificates[0]")},
      {"AgentBaker",
       concat("{\"CustomCATrustConfig\": {\"customCATrustCerts\": [", quoted,
              "]}, \"HTTPProxyConfig\": {\"trustedCa\": ", quoted, "}}"),
       pem_at("CustomCATrustConfig.customCATrustCerts[0]") + pem_at("HTTPProxyConfig.trustedCa")},
      {"aks-node-controller",
       concat("{\"version\": \"v1\", \"custom_ca_certs\": [", quoted,
              "], \"http_proxy_config\": {\"proxy_trusted_ca\": ", quoted, "}}"),
       pem_at("custom_ca_certs[0]") + pem_at("http_proxy_config.proxy_trusted_ca")},
      {"aks-node-controller, camel case",
       concat("{\"customCaCerts\": [", quoted, "], \"httpProxyConfig\": {\"proxyTrustedCa\": ", quoted, "}}"),
       pem_at("customCaCerts[0]") + pem_at("httpProxyConfig.proxyTrustedCa")},
      {"a Secret",
       concat("{\"apiVersion\": \"v1\", \"data\": {\"ca1.crt\": ", quoted, "}, \"stringData\": {\"ca2\": \"",
              escaped(kPem), "\"}, \"kind\": \"Secret\"}"),
       pem_at("data[\"ca1.crt\"]") + pem_at("stringData.ca2")},
      {"a ConfigMap",
       concat("{\"kind\": \"ConfigMap\", \"data\": {\"ca-bundle.crt\": \"", escaped(kPem),
              "\"}, \"binaryData\": {\"b\": ", quoted, "}}"),
       pem_at("data[\"ca-bundle.crt\"]") + pem_at("binaryData.b")},
      {"a List",
       concat(
           "{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}, {\"kind\": \"Secret\", \"data\": {\"a\": ",
           quoted, "}}]}"),
       pem_at("items[1].data.a")},
      {"a SecretList, whose items have no kind",
       concat("{\"kind\": \"SecretList\", \"items\": [{\"data\": {\"a\": ", quoted, "}}]}"),
       pem_at("items[0].data.a")},
      {"Ignition",
       concat("{\"ignition\": {\"version\": \"3.4.0\", \"security\": {\"tls\": {\"certificateAuthorities\": "
              "[{\"source\": "
              "\"data:;base64,",
              kOnce,
              "\"}]}}}, \"storage\": {\"files\": [{\"path\": \"/etc/hosts\", \"contents\": {\"source\": "
              "\"data:,x\"}}, {\"path\": \"/a.pem\", \"contents\": {\"source\": \"data:,",
              replaced(replaced(kPem, " ", "%20"), "\n", "%0A"), "\"}}]}}"),
       pem_at("ignition.security.tls.certificateAuthorities[0].source") +
           pem_at("storage.files[1].contents.source")},
      {"gzip in Ignition",
       concat("{\"ignition\": {\"version\": \"3.4.0\"}, \"storage\": {\"files\": [{\"path\": \"/a.crt\", "
              "\"contents\": "
              "{\"compression\": \"gzip\", \"source\": \"data:;base64,",
              base64(gzip(kPem)), "\"}}]}}"),
       pem_at("storage.files[0].contents.source")},
      {"a list", concat("[\n", quoted, ",\n\"", escaped(kPem), "\"]"), pem_at("[0]", 2) + pem_at("[1]", 3)},
  });
}

TEST_CASE("a structured document may be wrapped as a whole") {
  const auto json = concat("{\"custom_ca_certs\": [\n\"", kOnce, "\"]}\n");
  const auto entry = pem_at("custom_ca_certs[0]", 2);
  check_all({
      {"gzip", gzip(json), entry + "warning gzip f: gzip\n"},
      {"BOM", "\xEF\xBB\xBF" + json, entry + "warning bom f: line 1: UTF-8 byte order mark\n"},
      {"base64", base64(json), pem_at("custom_ca_certs[0]", 1)},
      {"gzip in base64", base64(gzip(json)), pem_at("custom_ca_certs[0]", 1)},
  });
}

TEST_CASE("an empty list says none, and what is absent or blank does not") {
  const auto barren = [](std::string_view shape) {
    return concat("error no-certificates f: a JSON document of the shape ", shape,
                  " without a certificate\n");
  };
  check_all({
      {"ARM", R"({"properties": {"securityProfile": {"customCATrustCertificates": []}}})", "none\n"},
      {"node controller", R"({"custom_ca_certs": []})", "none\n"},
      {"no proxy CA either", R"({"custom_ca_certs": [], "http_proxy_config": {"proxy_trusted_ca": ""}})",
       "none\nno proxy CA\n"},
      {"but a proxy CA",
       concat(R"({"custom_ca_certs": [], "http_proxy_config": {"proxy_trusted_ca": ")", kOnce, "\"}}"),
       pem_at("http_proxy_config.proxy_trusted_ca") + "none\n"},
      {"a blank entry", R"({"custom_ca_certs": [" "]})",
       "error no-certificates f: custom_ca_certs[0], line 1: an empty value\n"},
      {"Ignition without certificates", R"({"ignition": {"version": "3.4.0"}})", barren("ignition")},
  });
}

TEST_CASE("no shape, two shapes, another shape") {
  const auto both =
      concat(R"({"custom_ca_certs": [")", kOnce, R"("], "customCATrustCerts": [")", kOnce, "\"]}");
  check_all({
      {"no shape", R"({"certs": ["x"], "b": 1})",
       concat("error not-pem f: a JSON document of no known shape ", kKnown,
              ", with top-level keys 'certs', 'b'\n")},
      {"two", both,
       "error not-pem f: a JSON document of more than one shape: aks-node-controller and agentbaker\n"},
      {"one of two", both, pem_at("customCATrustCerts[0]"), Shape::agentbaker},
      {"the other", both, pem_at("custom_ca_certs[0]"), Shape::aks_node_controller},
      {"neither", both, "error not-pem f: a JSON document with nothing of the shape ignition\n",
       Shape::ignition},
      {"PEM is no JSON", kPem, "error not-pem f: nothing of the shape aks\n", Shape::aks},
      {"no structure wanted", both, "error not-pem f: a JSON document\n", Shape::bundle},
  });
  CHECK(told(kPem) == "pem f: entry 1, line 1\n");
}

TEST_CASE("what is wrong in a structured document") {
  check_all({
      {"not a list of strings", R"({"custom_ca_certs": [1, {"a": 2}]})",
       "error not-pem f: custom_ca_certs[0], line 1: not a string\n"
       "error not-pem f: custom_ca_certs[1], line 1: not a string\n"},
      {"a URL",
       R"({"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/a.crt", "contents": )"
       R"({"source": "https://example.org/a.crt"}}]}})",
       "error not-pem f: storage.files[0].contents.source, line 1: a URL that is not fetched\n"},
      {"twice encoded", concat(R"({"custom_ca_certs": [")", kTwice, "\"]}"),
       pem_at("custom_ca_certs[0]") +
           "warning base64 f: custom_ca_certs[0], line 1: base64 of base64 of PEM\n"
           "warning wrong-encoding f: custom_ca_certs[0], line 1: base64 of base64 of PEM; what reads this "
           "field takes base64 of PEM alone\n"},
      {"a structured document inside",
       concat(R"({"custom_ca_certs": [")", base64("{\"custom_ca_certs\": []}"), "\"]}"),
       "error not-pem f: custom_ca_certs[0], line 1: base64 of a JSON document\n"},
      {"broken", "{\"custom_ca_certs\":\n [\"x\n\"]}",
       "error not-pem f: line 3: a JSON document that is broken in its line 3\n"},
      {"cut off", "{\"custom_ca_certs\": [\"x\"",
       "error truncated f: line 1: a JSON document that is cut off\n"},
      {"a key twice", R"({"custom_ca_certs": [], "custom_ca_certs": []})",
       "error not-pem f: line 1: a JSON document in which the key 'custom_ca_certs' stands twice in one "
       "object\n"},
  });
}

TEST_CASE("a private key in any value refuses") {
  const auto with_ca = [](std::string_view key, const std::string& value) {
    return concat(R"({"custom_ca_certs": [")", kOnce, "\"], \"", key, "\": \"", value, "\"}");
  };
  const auto entry = pem_at("custom_ca_certs[0]");
  check_all({
      {"plain", with_ca("x", escaped(kKey)), entry + "error private-key f: x, line 1: a private key\n"},
      {"base64", with_ca("x", base64(kKey)), entry + "error private-key f: x, line 1: a private key\n"},
      {"no shape", concat(R"({"x": {"tls.key": ")", base64(kKey), "\"}}"),
       concat("error not-pem f: a JSON document of no known shape ", kKnown,
              ", with top-level keys 'x'\nerror private-key f: x[\"tls.key\"], line 1: a private key\n")},
      {"a TLS Secret", concat(R"({"kind": "Secret", "data": {"tls.key": ")", base64(kKey), "\"}}"),
       "error private-key f: data[\"tls.key\"], line 1: a private key\n"},
      {"YAML", concat("custom_ca_certs:\n- ", kOnce, "\nother: |\n", indented(kKey, "  ")),
       concat("pem f: custom_ca_certs[0], line 2\n", "error private-key f: other, line 3: a private key\n")},
      {"TOML",
       concat("[settings.pki.a]\ntrusted = true\ndata = \"", kOnce, "\"\n[settings.x]\ny = '", base64(kKey),
              "'\n"),
       "pem f: settings.pki.a.data, line 3\nerror private-key f: settings.x.y, line 5: a private key\n"},
      {"the environment", concat("CUSTOM_CA_TRUST_COUNT=1\nCUSTOM_CA_CERT_0=", base64(kPem + kKey), "\n"),
       "pem f: CUSTOM_CA_CERT_0, line 2\nerror private-key f: CUSTOM_CA_CERT_0, line 2: a private key\n"},
      {"a script around it", concat("CUSTOM_CA_TRUST_COUNT=0\ncat >key <<EOF\n", kKey, "EOF\n"),
       "error private-key f: line 3: a private key\nnone\n"},
  });
}

TEST_CASE("each shape of YAML is found out") {
  const auto block = indented(kPem, "    ");
  check_all({
      {"an ARM request",
       concat("properties:\n  securityProfile:\n    customCATrustCertificates:\n    - ", kOnce, "\n"),
       pem_at("properties.securityProfile.customCATrustCertificates[0]", 4)},
      {"a Secret",
       concat("apiVersion: v1\nkind: Secret\ndata:\n  ca1.crt: ", kOnce, "\nstringData:\n  ca2: |\n", block),
       pem_at("data[\"ca1.crt\"]", 4) + pem_at("stringData.ca2", 6)},
      {"a stream of manifests",
       concat("---\nkind: Namespace\n---\n# none\n---\nkind: Secret\ndata:\n  a: ", kOnce,
              "\n---\nkind: ConfigMap\ndata:\n  b: |\n", block),
       pem_at("document 3: data.a", 8) + pem_at("document 4: data.b", 12)},
      {"a SecretList", concat("kind: SecretList\nitems:\n- data: {a: \"", kOnce, "\"}\n"),
       pem_at("items[0].data.a", 3)},
      {"cloud-config", concat("#cloud-config\nca_certs:\n  trusted:\n  - |\n", block),
       pem_at("ca_certs.trusted[0]", 4)},
      {"cloud-config, as it was spelled, one text", concat("#cloud-config\nca-certs:\n  trusted: |\n", block),
       pem_at("ca-certs.trusted", 3)},
      {"files of cloud-config",
       concat(
           "#cloud-config\nwrite_files:\n- path: /etc/motd\n  content: hello\n- path: /a.crt\n  content: |\n",
           block, "- {path: /b.pem, encoding: b64, content: ", kOnce,
           "}\n- path: /c.cer\n  encoding: gz+b64\n  content: ", base64(gzip(kPem)),
           "\n- path: /d.crt\n  content: !!binary ", kOnce, "\n"),
       pem_at("write_files[1].content", 6) + pem_at("write_files[2].content", 11) +
           pem_at("write_files[3].content", 14) + pem_at("write_files[4].content", 16)},
      {"defaults are not removed",
       concat("#cloud-config\nca_certs:\n  remove_defaults: true\n  trusted:\n  - |\n", block),
       concat(pem_at("ca_certs.trusted[0]", 5), "warning distrust f: ca_certs.remove_defaults, line 3: the ",
              "distribution's own roots stay: taking trust away is not done here\n")},
      {"a cloud-config about something else", "#cloud-config\npackages: [jq]\n",
       "warning no-certificates f: a YAML document of the shape cloud-config that says nothing of "
       "certificates; "
       "what came from it before stays\nnothing\n"},
      {"Talos",
       concat("apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: a\ncertificates: |\n", block,
              "---\nkind: TrustedRootsConfig\ncertificates: |\n", block),
       pem_at("document 1: certificates", 4) + pem_at("document 2: certificates", 11)},
      {"OpenShift", concat("baseDomain: example.org\nadditionalTrustBundle: |\n", block),
       pem_at("additionalTrustBundle", 2)},
      {"Cluster API", concat("spec:\n  additionalTrustBundle:\n    kind: String\n    data: ", kOnce, "\n"),
       pem_at("spec.additionalTrustBundle.data", 4)},
      {"a list", concat("- ", kOnce, "\n- |\n", block), pem_at("[0]") + pem_at("[1]", 2)},
      {"null", "custom_ca_certs:\n",
       "warning no-certificates f: a YAML document of the shape aks-node-controller that says nothing of "
       "certificates; what came from it before stays\nnothing\n"},
      {"an alias", concat("kind: Secret\ndata:\n  a: &ca ", kOnce, "\n  b: *ca\n"),
       pem_at("data.a", 3) + pem_at("data.b", 4)},
      {"an alias of a list", concat("x: &l\n- ", kOnce, "\n- ", kOnce, "\ncustom_ca_certs: *l\n"),
       pem_at("custom_ca_certs[0]", 4) + pem_at("custom_ca_certs[1]", 4)},
  });
}

TEST_CASE("Bottlerocket's settings") {
  const auto bundle = [](std::string_view name, std::string_view more) {
    return concat("[settings.pki.", name, "]\ndata = \"", kOnce, "\"\n", more);
  };
  check_all({
      {"two", bundle("z", "trusted = true\n") + bundle("a", "trusted = true\n"),
       pem_at("settings.pki.z.data", 2) + pem_at("settings.pki.a.data", 5)},
      {"one is not trusted",
       bundle("a", "trusted = true\n") + bundle("b", "trusted = false\n") + bundle("c", ""),
       concat(pem_at("settings.pki.a.data", 2),
              "warning distrust f: settings.pki.b, line 4: 'trusted' is false: neither installed nor "
              "distrusted\n"
              "warning distrust f: settings.pki.c, line 7: 'trusted' is not said, which means false: neither "
              "installed nor distrusted\n")},
      {"none", "[settings.pki]\n", "none\n"},
      {"something else", "[settings.kubernetes]\ncluster-name = \"x\"\n",
       "warning no-certificates f: a TOML document of the shape bottlerocket that says nothing of "
       "certificates; "
       "what came from it before stays\nnothing\n"},
      {"broken", "[settings.pki.a]\ndata = \n",
       "error not-pem f: line 2: a TOML document that is broken in its line 2\n"},
      {"JSON", concat(R"({"settings": {"pki": {"a": {"trusted": true, "data": ")", kOnce, "\"}}}}"),
       pem_at("settings.pki.a.data")},
  });
}

TEST_CASE("the environment of the custom script extension") {
  const auto two = concat("CUSTOM_CA_CERT_0=\"", kOnce, "\"\nCUSTOM_CA_CERT_1='", kOnce, "'\n");
  const auto entries = pem_at("CUSTOM_CA_CERT_0", 2) + pem_at("CUSTOM_CA_CERT_1", 3);
  const auto mismatch = [](std::string_view where, std::string_view what) {
    return concat("error count-mismatch f: ", where, ": ", what, "\n");
  };
  check_all({
      {"a file", "CUSTOM_CA_TRUST_COUNT=2\n" + two, entries},
      {"a script", "#!/bin/bash\nexport CUSTOM_CA_TRUST_COUNT=\"2\"; " + replaced(two, "\n", " "),
       pem_at("CUSTOM_CA_CERT_0", 2) + pem_at("CUSTOM_CA_CERT_1", 2)},
      {"a command line that is quoted",
       concat("/bin/bash -c \"A=1 CUSTOM_CA_TRUST_COUNT=1 CUSTOM_CA_CERT_0=\\\"", kOnce, "\\\" /x.sh\"\n"),
       pem_at("CUSTOM_CA_CERT_0")},
      {"with a proxy", concat("CUSTOM_CA_TRUST_COUNT=2\n", two, "HTTP_PROXY_TRUSTED_CA=", kOnce, "\n"),
       entries + pem_at("HTTP_PROXY_TRUSTED_CA", 4)},
      {"a proxy alone", concat("HTTP_PROXY_TRUSTED_CA=\"", kOnce, "\"\n"), pem_at("HTTP_PROXY_TRUSTED_CA")},
      {"no proxy", "HTTP_PROXY_TRUSTED_CA=\"\"\n", "no proxy CA\n"},
      {"none", "CUSTOM_CA_TRUST_COUNT=0\n", "none\n"},
      {"PEM in quotes", concat("CUSTOM_CA_TRUST_COUNT=1\nCUSTOM_CA_CERT_0=\"", kPem, "\"\n"),
       pem_at("CUSTOM_CA_CERT_0", 2) + "warning wrong-encoding f: CUSTOM_CA_CERT_0, line 2: PEM; what reads "
                                       "this field takes base64 of PEM "
                                       "alone\n"},
      {"a comment, and a use", "# CUSTOM_CA_TRUST_COUNT=3\nX=$CUSTOM_CA_CERT_0 CUSTOM_CA_TRUST_COUNT=0\n",
       "none\n"},
      {"too few", "CUSTOM_CA_TRUST_COUNT=4\n" + two,
       entries + mismatch("CUSTOM_CA_CERT_2, line 1", "not assigned, while CUSTOM_CA_TRUST_COUNT is 4")},
      {"too many", "CUSTOM_CA_TRUST_COUNT=1\n" + two,
       entries + mismatch("CUSTOM_CA_CERT_1, line 3", "one too many, while CUSTOM_CA_TRUST_COUNT is 1")},
      {"no count", "\n" + two,
       entries + mismatch("CUSTOM_CA_TRUST_COUNT, line 2", "not assigned, beside 2 of CUSTOM_CA_CERT_<n>")},
      {"no number", "CUSTOM_CA_TRUST_COUNT=two\n" + two,
       entries + mismatch("CUSTOM_CA_TRUST_COUNT, line 1", "'two' is not a number")},
      {"twice", "CUSTOM_CA_TRUST_COUNT=2\n" + two + "CUSTOM_CA_CERT_0=x\n",
       entries + mismatch("CUSTOM_CA_CERT_0, line 4", "assigned before, in line 2, with another value")},
      {"as it is not", "CUSTOM_CA_TRUST_COUNT=0\n",
       "error not-pem f: a list of settings with nothing of the shape aks\n", Shape::aks},
  });
}

TEST_CASE("what carries documents is refused by name") {
  check_all({
      {"MIME", "Content-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n\n--b\n",
       "error envelope f: a MIME message\n"},
      {"OVF",
       "<?xml version=\"1.0\"?>\n<ns0:Environment "
       "xmlns:ns0=\"http://schemas.dmtf.org/ovf/environment/1\"/>\n",
       "error envelope f: an OVF environment\n"},
      {"MIME in gzip", gzip("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"),
       "warning gzip f: gzip\nerror envelope f: gzip of a MIME message\n"},
  });
}

TEST_CASE("what is no document of a known shape is told which there are") {
  const auto nor = concat("; nor a document of a known shape ", kKnown, "\n");
  check_all({
      {"a script", "#!/bin/sh\necho hello\n", "error not-pem f: a script" + nor},
      {"HTML", "<!DOCTYPE html>\n<html></html>\n", "error not-pem f: an HTML page" + nor},
      {"prose", "see the wiki\n", "error not-pem f: not PEM, nor anything that opens to it, but text" + nor},
      {"YAML", "- a: b\n",
       concat("error not-pem f: a YAML document of no known shape ", kKnown, ", with a list of 1\n")},
      {"TOML", "[x]\na = 1\n",
       concat("error not-pem f: a TOML document of no known shape ", kKnown, ", with top-level keys 'x'\n")},
      {"as said", "#!/bin/sh\n", "error not-pem f: a script\nerror not-pem f: nothing of the shape cse\n",
       Shape::cse},
  });
}

TEST_CASE("text that only looks like YAML or TOML is read as a bundle") {
  check_all({
      {"a header", "Subject: CN=one\n" + kPem, "pem f: entry 1, line 1\n"},
      {"openssl's text", "Certificate:\n    Data:\n        Version: 3 (0x2)\n" + kPem,
       "pem f: entry 1, line 1\n"},
      {"a header and base64", "ca: one\n" + kOnce + "\n",
       "pem f: entry 1, line 2\nwarning base64 f: entry 1, line 2: base64 of PEM\n"},
      {"a rule of dashes", "---\n" + kPem, "pem f: entry 1, line 1\n"},
      {"a name in brackets", "[one]\n" + kPem, "pem f: entry 1, line 1\n"},
  });
}

TEST_CASE("bombs end soon, with a reason") {
  std::string wide = "[\"\",";
  for (int i = 0; i < 150'000; ++i)
    wide += "1,";
  std::string steps;
  for (std::size_t depth = 1; depth < 500; ++depth)
    steps += std::string(depth, ' ') + "a:\n";
  std::string laughs = "kind: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const auto alias = concat("*", std::string(1, static_cast<char>(c - 1)), ", ");
    laughs += concat(std::string(1, c), ": &", std::string(1, c), " [");
    for (int i = 0; i < 10; ++i)
      laughs += alias;
    laughs += "]\n";
  }
  std::string keys;
  for (int i = 0; i < 110'000; ++i)
    keys += concat("k", std::to_string(i), ":\n");
  const auto dots = replaced(std::string(60, 'x'), "x", "a.") + "a";
  const auto start = std::chrono::steady_clock::now();
  check_all({
      {"arrays", std::string(500'000, '['),
       "error not-pem f: line 1: a JSON document nested deeper than 64 levels\n"},
      {"objects", replaced(std::string(100'000, '{'), "{", "{\"a\":"),
       "error not-pem f: line 1: a JSON document nested deeper than 64 levels\n"},
      {"values", wide + "1]",
       "error too-large f: line 1: a JSON document of more than 100000 values, or 1048576 bytes of aliases\n",
       Shape::list},
      {"the same inside of a list", "[\"" + std::string(1'000'000, 'A') + "\"]",
       "error not-pem f: [0], line 1: not PEM, nor anything that opens to it, but text\n"},
      {"no UTF-8", "{\"custom_ca_certs\": [\"\xFF\xFE\"]}",
       "error not-pem f: line 1: a JSON document that is broken in its line 1\n"},
      {"YAML, lists", std::string(100'000, '['),
       "error not-pem f: line 1: a JSON document nested deeper than 64 levels\n"},
      {"YAML, blocks", "kind:\n" + steps,
       "error not-pem f: line 65: a YAML document nested deeper than 64 levels\n"},
      {"YAML, flow", "kind: " + std::string(100'000, '['),
       "error not-pem f: line 1: a YAML document nested deeper than 64 levels\n"},
      {"YAML, laughs", laughs,
       "error too-large f: line 5: a YAML document of more than 100000 values, or 1048576 bytes of "
       "aliases\n"},
      {"YAML, long laughs", concat("kind: &a ", std::string(500'000, 'A'), "\nb: [*a, *a, *a]\n"),
       "error too-large f: line 2: a YAML document of more than 100000 values, or 1048576 bytes of "
       "aliases\n"},
      {"YAML, an alias of itself", "kind: &a [*a]\n",
       "error not-pem f: line 1: a YAML document with an alias 'a' of nothing, or of what it stands in\n"},
      {"YAML, no UTF-8", "kind: \xFF\xFE\n",
       "error not-pem f: line 1: a YAML document that is broken in its line 1\n"},
      {"YAML, many keys", "kind: x\n" + keys,
       "error too-large f: line 100000: a YAML document of more than 100000 values, or 1048576 bytes of "
       "aliases\n"},
      {"TOML, a dotted key", "[settings" + replaced(std::string(200'000, 'x'), "x", ".a") + "]\n",
       "error not-pem f: line 1: a TOML document nested deeper than 64 levels\n"},
      {"TOML, lists", "[settings]\na = " + std::string(200'000, '['),
       "error not-pem f: line 2: a TOML document nested deeper than 64 levels\n"},
      {"TOML, tables in dots", "[settings]\na = " + replaced(std::string(60, 'x'), "x", "{" + dots + " = "),
       "error not-pem f: line 2: a TOML document nested deeper than 64 levels\n"},
      {"TOML, no UTF-8", "[settings]\na = \"\xFF\"\n",
       "error not-pem f: line 2: a TOML document that is broken in its line 2\n"},
      {"a count", "CUSTOM_CA_TRUST_COUNT=999999999999\n",
       "error count-mismatch f: CUSTOM_CA_TRUST_COUNT, line 1: '999999999999' is not a number\n"},
      {"a number that is none", "{\"custom_ca_certs\": 1e99999}",
       "error not-pem f: line 1: a JSON document that is broken in its line 1\n"},
  });
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
