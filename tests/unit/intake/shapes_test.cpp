#include "support/wrap.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "intake/document.hpp"
#include "intake/json_tree.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::replaced;

namespace {

const std::string kPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBszCCAVmgAwIBAgIUQk9ORSBPTkUgT05FIE9ORSBPTkUwCgYIKoZIzj0EAwIw\n"
    "T05F\n"
    "-----END CERTIFICATE-----\n";
const std::string kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVU\n"
    "-----END PRIVATE KEY-----\n";
const std::string kOnce = base64(kPem);
const std::string kTwice = base64(kOnce);

// As a JSON string, without its quotes.
std::string escaped(std::string_view text) {
  return replaced(text, "\n", "\\n");
}

// The delivery in one text: a line for each entry and each finding.
std::string told(std::string_view bytes, Shape as = Shape::sniffed) {
  const auto delivery = read_document("f", bytes, {}, as);
  std::string out;
  for (const auto& entry : delivery.entries)
    out += concat(entry.form == Entry::Form::der ? "der " : "pem ", entry.origin.text(), "\n");
  for (const auto& finding : delivery.findings)
    out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                  finding.message, "\n");
  return out + (delivery.says_none ? "none\n" : "");
}

std::string pem_at(std::string_view field, unsigned line = 1) {
  return concat("pem f: ", field, ", line ", std::to_string(line), "\n");
}

struct Case {
  std::string_view name;
  std::string bytes;
  std::string expected;
  Shape as = Shape::sniffed;
};

void check_all(const std::vector<Case>& cases) {
  for (const auto& [name, bytes, expected, as] : cases) {
    CAPTURE(name);
    CHECK(told(bytes, as) == expected);
  }
}

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
      {"a list", "[]", "none\n"},
      {"no Secret", R"({"kind": "SecretList", "items": []})", "none\n"},
      {"no proxy CA either", R"({"custom_ca_certs": [], "http_proxy_config": {"proxy_trusted_ca": ""}})",
       "none\n"},
      {"but a proxy CA",
       concat(R"({"custom_ca_certs": [], "http_proxy_config": {"proxy_trusted_ca": ")", kOnce, "\"}}"),
       pem_at("http_proxy_config.proxy_trusted_ca")},
      {"a blank entry", R"({"custom_ca_certs": [" "]})",
       "error no-certificates f: custom_ca_certs[0], line 1: an empty value\n"},
      {"a Secret without data", R"({"kind": "Secret"})", barren("kubernetes")},
      {"Ignition without certificates", R"({"ignition": {"version": "3.4.0"}})", barren("ignition")},
  });
}

TEST_CASE("no shape, two shapes, another shape") {
  const std::string known = "(aks, agentbaker, aks-node-controller, kubernetes, ignition, list)";
  const auto both =
      concat(R"({"custom_ca_certs": [")", kOnce, R"("], "customCATrustCerts": [")", kOnce, "\"]}");
  check_all({
      {"no shape", R"({"certs": ["x"], "b": 1})",
       concat("error not-pem f: a JSON document of no known shape ", known,
              ", with top-level keys 'certs', 'b'\n")},
      {"null is not said", R"({"custom_ca_certs": null})",
       concat("error not-pem f: a JSON document of no known shape ", known,
              ", with top-level keys 'custom_ca_certs'\n")},
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
      {"an expression", R"({"securityProfile": {"customCATrustCertificates": "[parameters('x')]"}})",
       "error not-pem f: securityProfile.customCATrustCertificates, line 1: not PEM, nor anything that opens "
       "to it, "
       "but text\n"},
      {"a URL",
       R"({"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/a.crt", "contents": )"
       R"({"source": "https://example.org/a.crt"}}]}})",
       "error not-pem f: storage.files[0].contents.source, line 1: a URL that is not fetched\n"},
      {"twice encoded", concat(R"({"custom_ca_certs": [")", kTwice, "\"]}"),
       pem_at("custom_ca_certs[0]") +
           "warning base64 f: custom_ca_certs[0], line 1: base64 of base64 of PEM\n"},
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
       "error not-pem f: a JSON document of no known shape (aks, agentbaker, aks-node-controller, "
       "kubernetes, "
       "ignition, list), with top-level keys 'x'\nerror private-key f: x[\"tls.key\"], line 1: a private "
       "key\n"},
      {"a TLS Secret", concat(R"({"kind": "Secret", "data": {"tls.key": ")", base64(kKey), "\"}}"),
       "error private-key f: data[\"tls.key\"], line 1: a private key\n"},
  });
}

TEST_CASE("bombs end soon, with a reason") {
  std::string wide = "[\"\",";
  for (int i = 0; i < 150'000; ++i)
    wide += "1,";
  const auto start = std::chrono::steady_clock::now();
  check_all({
      {"arrays", std::string(500'000, '['),
       "error not-pem f: line 1: a JSON document nested deeper than 64 levels\n"},
      {"objects", replaced(std::string(100'000, '{'), "{", "{\"a\":"),
       "error not-pem f: line 1: a JSON document nested deeper than 64 levels\n"},
      {"values", wide + "1]", "error too-large f: line 1: a JSON document of more than 100000 values\n",
       Shape::list},
      {"the same inside of a list", "[\"" + std::string(1'000'000, 'A') + "\"]",
       "error not-pem f: [0], line 1: not PEM, nor anything that opens to it, but text\n"},
      {"no UTF-8", "{\"custom_ca_certs\": [\"\xFF\xFE\"]}",
       "error not-pem f: line 1: a JSON document that is broken in its line 1\n"},
      {"a number that is none", "{\"custom_ca_certs\": 1e99999}",
       "error not-pem f: line 1: a JSON document that is broken in its line 1\n"},
  });
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
