// What Azure's tools hand over: each name, parameter files, templates, expressions, comments.
#include "unit/intake/told.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

const std::string kQuoted = concat("\"", kOnce, "\"");
const std::string kNothing =
    "warning no-certificates f: a JSON document of the shape aks that says nothing of certificates; what "
    "came "
    "from it before stays\n";

std::string parameters(std::string_view members) {
  return concat(
      R"({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#", )",
      R"("contentVersion": "1.0.0.0", "parameters": {)", members, "}}");
}
std::string cluster(std::string_view list, std::string_view declared = {}) {
  return concat(R"({"parameters": {)", declared, R"(}, "resources": [{"type": )",
                R"("Microsoft.ContainerService/managedClusters", "properties": {"securityProfile": )",
                R"({"customCATrustCertificates": )", list, "}}}]}");
}
constexpr std::string_view kListPath = "resources[0].properties.securityProfile.customCATrustCertificates";

std::string passed_over(std::string_view field, std::string_view what) {
  return concat("warning other-content f: ", field, ", line 1: ", what, ", passed over\n");
}
constexpr std::string_view kExpression = "an expression, whose value is not in this document";

}  // namespace

TEST_CASE("each tool's name for the custom CAs of a cluster") {
  const auto list = concat(": [", kQuoted, "]}");
  for (const std::string_view key :
       {"customCATrustCertificates", "customCaTrustCertificates", "CustomCATrustCertificates",
        "CustomCaTrustCertificate", "custom_ca_trust_certificates_base64", "customCaTrustCertificatesBase64s",
        "custom_ca_trust_certificates"}) {
    CAPTURE(key);
    CHECK(told(concat("{\"", key, "\"", list)) == pem_at(concat(key, "[0]")));
  }
  check_all({
      {"PowerShell",
       concat(R"({"SecurityProfile": {"CustomCATrustCertificates": [)", kQuoted,
              R"(]}, "HttpProxyConfig": {"TrustedCa": )", kQuoted, "}}"),
       pem_at("SecurityProfile.CustomCATrustCertificates[0]") + pem_at("HttpProxyConfig.TrustedCa")},
      {"Terraform, a block is a list",
       concat(R"({"custom_ca_trust_certificates_base64": [)", kQuoted,
              R"(], "http_proxy_config": [{"trusted_ca": )", kQuoted, "}]}"),
       pem_at("custom_ca_trust_certificates_base64[0]") + pem_at("http_proxy_config[0].trusted_ca")},
      {"Terraform's plan: what is wanted, not what was",
       concat(
           R"({"planned_values": {"custom_ca_trust_certificates_base64": [)", kQuoted,
           R"(]}, "resource_changes": [{"change": {"before": {"custom_ca_trust_certificates_base64": ["x"]}, )",
           R"("after_sensitive": {"custom_ca_trust_certificates_base64": [false]}}}], )",
           R"("prior_state": {"custom_ca_trust_certificates_base64": []}})"),
       pem_at("planned_values.custom_ca_trust_certificates_base64[0]")},
      {"none, in PowerShell", R"({"SecurityProfile": {"CustomCATrustCertificates": []}})", "none\n"},
      {"no proxy CA, in Terraform", R"({"http_proxy_config": [{"trusted_ca": ""}]})", "no proxy CA\n"},
  });
}

TEST_CASE("a parameter file") {
  check_all({
      {"the property's name",
       parameters(concat(R"("customCATrustCertificates": {"value": [)", kQuoted, "]}")),
       pem_at("parameters.customCATrustCertificates.value[0]")},
      {"a name of one's own",
       parameters(concat(R"("clusterName": {"value": "c"}, "aksCustomCAs": {"value": [)", kQuoted,
                         R"(]}, "customCaCerts": {"value": [)", kQuoted, "]}")),
       pem_at("parameters.aksCustomCAs.value[0]") + pem_at("parameters.customCaCerts.value[0]")},
      {"the proxy's",
       parameters(
           concat(R"("httpProxyConfig": {"value": {"httpProxy": "http://p", "trustedCa": )", kQuoted, "}}")),
       pem_at("parameters.httpProxyConfig.value.trustedCa")},
      {"the proxy's CA by itself", parameters(concat(R"("proxyTrustedCa": {"value": )", kQuoted, "}")),
       pem_at("parameters.proxyTrustedCa.value")},
      {"none", parameters(R"("customCATrustCertificates": {"value": []})"), "none\n"},
      {"a vault", parameters(R"("customCATrustCertificates": {"reference": {"secretName": "x"}})"),
       kNothing + passed_over("parameters.customCATrustCertificates", "a reference to a key vault") +
           "nothing\n"},
      {"about something else", parameters(R"("clusterName": {"value": "c"})"), kNothing + "nothing\n"},
  });
}

TEST_CASE("a template, and what its expressions stand for") {
  const auto declared = [](std::string_view more) { return concat(R"("cas": {"type": "array")", more, "}"); };
  check_all({
      {"a default",
       cluster(R"("[parameters('cas')]")", declared(concat(R"(, "defaultValue": [)", kQuoted, "]"))),
       pem_at("parameters.cas.defaultValue[0]")},
      {"a default under the property's name",
       concat(R"({"parameters": {"customCATrustCertificates": {"type": "array", "defaultValue": [)", kQuoted,
              "]}}}"),
       pem_at("parameters.customCATrustCertificates.defaultValue[0]")},
      {"an empty default says nothing",
       cluster(R"("[parameters('cas')]")", declared(R"(, "defaultValue": [])")), kNothing + "nothing\n"},
      {"no default", cluster(R"("[parameters('cas')]")", declared("")),
       kNothing + passed_over(kListPath, kExpression) + "nothing\n"},
      {"an entry that is one", cluster(concat("[", kQuoted, R"(, "[parameters('other')]"])")),
       concat("pem f: ", kListPath, "[0], line 1\n") + passed_over(concat(kListPath, "[1]"), kExpression)},
      {"a call", cluster(R"("[createArray(parameters('a'), parameters('b'))]")"),
       kNothing + passed_over(kListPath, kExpression) + "nothing\n"},
      {"itself", cluster(R"("[parameters('cas')]")", declared(R"(, "defaultValue": "[parameters('cas')]")")),
       kNothing + passed_over("parameters.cas.defaultValue", kExpression) + "nothing\n"},
      {"an empty list that is written there", cluster("[]"), "none\n"},
      {"the proxy's",
       concat(R"({"parameters": {"Ca": {"type": "string", "defaultValue": )", kQuoted,
              R"(}}, "httpProxyConfig": {"trustedCa": "[parameters('ca')]"}})"),
       pem_at("parameters.Ca.defaultValue")},
  });
}

TEST_CASE("comments in JSON") {
  const auto list = concat("{\"customCATrustCertificates\": [", kQuoted, "]}");
  check_all({
      {"in front", "// a cluster\n/* of\n ours */ " + list, pem_at("customCATrustCertificates[0]", 3)},
      {"inside", concat("{ // x\n\"customCATrustCertificates\": /* y */ [", kQuoted, "] // z\n}"),
       pem_at("customCATrustCertificates[0]", 2)},
      {"a key in one", concat("/*\n", kKey, "*/\n", list),
       pem_at("customCATrustCertificates[0]", 6) + "error private-key f: line 2: a private key\n"},
      {"that does not end", list + "/*", "error truncated f: line 1: a JSON document that is cut off\n"},
  });
}

TEST_CASE("an encoding that the shape's own system refuses") {
  const auto says = [](std::string_view field, std::string_view what, std::string_view takes) {
    return concat("warning wrong-encoding f: ", field, ", line 1: ", what, "; what reads this field takes ",
                  takes, " alone\n");
  };
  const std::string pem = escaped(kPem);
  const auto in = [](std::string_view head, std::string_view value, std::string_view tail) {
    return concat(head, value, tail);
  };
  const std::string der = "MIIBAwIBAzCB/QYJKoZIhvcNAQcBoIHvBIHsMIHpMA==";
  const auto other = [](std::string_view field) {
    return concat("warning base64 f: ", field, ", line 1: base64 of base64 of PEM\n");
  };
  check_all({
      {"AKS", in(R"({"customCATrustCertificates": [")", pem, "\"]}"),
       pem_at("customCATrustCertificates[0]") + says("customCATrustCertificates[0]", "PEM", "base64 of PEM")},
      {"AKS, DER", in(R"({"customCATrustCertificates": [")", der, "\"]}"),
       concat("der f: customCATrustCertificates[0], line 1\n",
              "warning der f: customCATrustCertificates[0], line 1: DER, not PEM\n",
              says("customCATrustCertificates[0]", "base64 of DER", "base64 of PEM"))},
      {"AKS, gzip", in(R"({"customCATrustCertificates": [")", base64(gzip(kPem)), "\"]}"),
       pem_at("customCATrustCertificates[0]") +
           says("customCATrustCertificates[0]", "base64 of gzip of PEM", "base64 of PEM")},
      {"AKS's proxy", in(R"({"httpProxyConfig": {"trustedCa": ")", pem, "\"}}"),
       pem_at("httpProxyConfig.trustedCa") + says("httpProxyConfig.trustedCa", "PEM", "base64 of PEM")},
      {"a Secret", in(R"({"kind": "Secret", "data": {"a": ")", pem, "\"}}"),
       pem_at("data.a") + says("data.a", "PEM", "base64")},
      {"a Secret takes DER", in(R"({"kind": "Secret", "data": {"a": ")", der, "\"}}"),
       "der f: data.a, line 1\nwarning der f: data.a, line 1: DER, not PEM\n"},
      {"a Secret's text", in(R"({"kind": "Secret", "stringData": {"a": ")", pem, "\"}}"),
       pem_at("stringData.a")},
      {"cloud-config", in("#cloud-config\nca_certs: {trusted: [\"", kOnce, "\"]}\n"),
       concat("pem f: ca_certs.trusted[0], line 2\n",
              "warning base64 f: ca_certs.trusted[0], line 2: base64 of PEM\n",
              "warning wrong-encoding f: ca_certs.trusted[0], line 2: base64 of PEM; what reads this field "
              "takes PEM alone\n")},
      {"Bottlerocket", in("settings: {pki: {a: {trusted: true, data: \"", kTwice, "\"}}}\n"),
       pem_at("settings.pki.a.data") + other("settings.pki.a.data") +
           says("settings.pki.a.data", "base64 of base64 of PEM", "base64 of PEM")},
  });
}
