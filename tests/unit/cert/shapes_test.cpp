// Every shape of document with every encoding of its values gives the same certificates.
#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/read.hpp"
#include "cert/record.hpp"
#include "intake/document.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::replaced;

namespace {

std::string escaped(const std::string& text) {
  std::string out = replaced(text, "\\", "\\\\");
  out = replaced(out, "\n", "\\n");
  return replaced(out, "\r", "\\r");
}

using Change = std::pair<std::string_view, std::function<std::string(const std::string&)>>;
// A document that hands over two values.
using Shaping =
    std::pair<std::string_view, std::function<std::string(const std::string&, const std::string&)>>;

}  // namespace

TEST_CASE("the same certificates come out of every shape in every encoding") {
  const auto one = test::make_ca({.common_name = "one"});
  const auto two = test::make_ca({.common_name = "two"});
  const auto three = test::make_ca({.common_name = "three"});
  const auto between = [](std::string_view head, std::string_view middle, std::string_view tail) {
    return [=](const std::string& a, const std::string& b) {
      return concat(head, escaped(a), middle, escaped(b), tail);
    };
  };
  // The same in YAML, as literal blocks that are indented by six.
  const auto blocks = [](std::string_view head, std::string_view middle) {
    return [=](const std::string& a, const std::string& b) {
      const auto block = [](const std::string& text) {
        return concat("|\n", test::indented(text, "      "), text.ends_with('\n') ? "" : "\n");
      };
      return concat(head, block(a), middle, block(b));
    };
  };
  const auto plain = [](std::string_view head, std::string_view middle, std::string_view tail) {
    return [=](const std::string& a, const std::string& b) { return concat(head, a, middle, b, tail); };
  };
  const std::vector<Shaping> shapes{
      {"ARM", between("{\"properties\": {\n \"securityProfile\": {\"customCATrustCertificates\": [\n\"",
                      "\",\n\"", "\"]}}}\n")},
      {"CLI", between("{\"securityProfile\": {\"customCaTrustCertificates\": [\"",
                      "\"]}, \"httpProxyConfig\": "
                      "{\"trustedCa\": \"",
                      "\"}}\n")},
      {"AgentBaker", between("{\"CustomCATrustConfig\": {\"customCATrustCerts\": [\"",
                             "\"]},\n\"HTTPProxyConfig\": "
                             "{\"trustedCa\": \"",
                             "\"}}\n")},
      {"node controller", between("{\"custom_ca_certs\": [\"", "\",\n \"", "\"]}\n")},
      {"node controller, camel case", between("{\"customCaCerts\": [\"",
                                              "\"], \"httpProxyConfig\": "
                                              "{\"proxyTrustedCa\": \"",
                                              "\"}}\n")},
      {"node controller, proxy", between("{\"custom_ca_certs\": [\"",
                                         "\"], \"http_proxy_config\": "
                                         "{\"proxy_trusted_ca\": \"",
                                         "\"}}\n")},
      {"Secret",
       between("{\"kind\": \"Secret\", \"data\": {\"ca1.crt\": \"", "\",\n\"ca2.crt\": \"", "\"}}\n")},
      {"SecretList", between("{\"kind\": \"SecretList\", \"items\": [{\"data\": {\"a\": \"",
                             "\"}}, {\"stringData\": "
                             "{\"b\": \"",
                             "\"}}]}\n")},
      {"ConfigMap", between("{\"kind\": \"ConfigMap\", \"data\": {\"a.crt\": \"",
                            "\"}, \"binaryData\": {\"b\": \"", "\"}}\n")},
      {"List", between("{\"kind\": \"List\", \"items\": [{\"kind\": \"Secret\", \"data\": {\"a\": \"",
                       "\"}}, {\"kind\": \"ConfigMap\", \"data\": {\"b\": \"", "\"}}]}\n")},
      {"Ignition",
       [](const std::string& a, const std::string& b) {
         return concat(
             "{\"ignition\": {\"version\": \"3.4.0\"}, \"storage\": {\"files\": [\n{\"path\": \"/a.crt\", "
             "\"contents\": {\"source\": \"data:;base64,",
             base64(a), "\"}},\n{\"path\": \"/b.pem\", \"contents\": {\"source\": \"data:,",
             replaced(replaced(replaced(b, "+", "%2B"), "\r", "%0D"), "\n", "%0A"), "\"}}]}}\n");
       }},
      {"list", between("[\"", "\",\n\"", "\"]\n")},
      {"ARM in YAML",
       blocks("properties:\n  securityProfile:\n    customCATrustCertificates:\n    - ", "    - ")},
      {"AgentBaker in YAML, proxy", between("CustomCATrustConfig: {customCATrustCerts: [\"",
                                            "\"]}\nHTTPProxyConfig: {trustedCa: \"", "\"}\n")},
      {"Secret in YAML",
       between("apiVersion: v1\nkind: Secret\ndata:\n  ca1.crt: \"", "\"\n  ca2.crt: \"", "\"\n")},
      {"Secret in YAML, blocks",
       blocks("apiVersion: v1\nkind: Secret\nstringData:\n  ca1.crt: ", "  ca2.crt: ")},
      {"SecretList in YAML", blocks("kind: SecretList\nitems:\n- data:\n    a: ", "- data:\n    b: ")},
      {"ConfigMap in YAML", blocks("kind: ConfigMap\ndata:\n  a: ", "binaryData:\n  b: ")},
      {"a stream",
       blocks("---\nkind: Secret\ndata:\n  a: ", "---\nkind: Pod\n---\nkind: ConfigMap\ndata:\n  b: ")},
      {"cloud-config", blocks("#cloud-config\nca_certs:\n  trusted:\n  - ", "  - ")},
      {"cloud-config, old", blocks("#cloud-config\nca-certs:\n  trusted:\n  - ", "  - ")},
      {"cloud-config, files",
       blocks("#cloud-config\nwrite_files:\n- path: /a.crt\n  content: ", "- path: /b.pem\n  content: ")},
      {"cloud-config, encoded files",
       [](const std::string& a, const std::string& b) {
         return concat("#cloud-config\nwrite_files:\n- path: /a.crt\n  encoding: b64\n  content: ", base64(a),
                       "\n- path: /b.pem\n  encoding: gz+b64\n  content: ", base64(gzip(b)), "\n");
       }},
      {"cloud-config, binary files",
       [](const std::string& a, const std::string& b) {
         return concat("#cloud-config\nwrite_files:\n- {path: /a.crt, content: !!binary ", base64(a),
                       "}\n- path: /b.pem\n  encoding: gz\n  content: !!binary |\n",
                       test::indented(base64(gzip(b), 76), "    "), "\n");
       }},
      {"Talos", blocks("kind: TrustedRootsConfig\nname: a\ncertificates: ",
                       "---\nkind: TrustedRootsConfig\nname: b\ncertificates: ")},
      {"OpenShift", blocks("apiVersion: v1\nadditionalTrustBundle: ", "---\nadditionalTrustBundle: ")},
      {"list in YAML", blocks("- ", "- ")},
      {"ClusterTrustBundle",
       blocks("apiVersion: certificates.k8s.io/v1\nkind: ClusterTrustBundle\nspec:\n  "
              "trustBundle: ",
              "---\napiVersion: certificates.k8s.io/v1\nkind: ClusterTrustBundle\nspec:\n  "
              "trustBundle: ")},
      {"trust-manager",
       blocks("apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nspec:\n  sources:\n  - "
              "inLine: ",
              "  - inLine: ")},
      {"webhooks",
       between("{\"apiVersion\": \"admissionregistration.k8s.io/v1\", \"kind\": "
               "\"ValidatingWebhookConfiguration\", \"webhooks\": [{\"clientConfig\": {\"caBundle\": \"",
               "\"}},\n{\"clientConfig\": {\"caBundle\": \"", "\"}}]}\n")},
      {"KubeadmConfig",
       blocks("apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nspec:\n  files:\n"
              "  - path: /a.crt\n    content: ",
              "  - path: /b.pem\n    content: ")},
      {"MachineConfig",
       [](const std::string& a, const std::string& b) {
         const auto file = [](std::string_view path, const std::string& content) {
           return concat("      - path: ", path, "\n        contents: {source: \"data:;base64,",
                         base64(content), "\"}\n");
         };
         return concat(
             "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nspec:\n  config:\n"
             "    ignition: {version: 3.2.0}\n    storage:\n      files:\n",
             file("/a.crt", a), file("/b.crt", b));
       }},
      {"Talos, files",
       blocks("machine:\n  files:\n  - path: /a.crt\n    content: ", "  - path: /b.crt\n    content: ")},
      {"Gardener",
       blocks("apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nspec:\n  workers:\n  - caBundle: ",
              "  - caBundle: ")},
      {"Tanzu",
       between("{\"apiVersion\": \"run.tanzu.vmware.com/v1alpha3\", \"kind\": \"TanzuKubernetesCluster\", "
               "\"spec\": {\"additionalTrustedCAs\": [{\"data\": \"",
               "\"}, {\"data\": \"", "\"}]}}\n")},
      {"EKS Anywhere",
       blocks("apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nspec:\n  "
              "registryMirrorConfiguration:\n"
              "    caCertContent: ",
              "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: CloudStackMachineConfig\nspec:\n"
              "  hostOSConfiguration:\n   certBundles:\n   - data: ")},
      {"kubeconfig",
       between("{\"kind\": \"Config\", \"clusters\": [{\"cluster\": {\"certificate-authority-data\": \"",
               "\"}}, {\"cluster\": {\"certificate-authority-data\": \"", "\"}}]}\n")},
      {"map", between("{\"a.crt\": \"", "\",\n\"b.crt\": \"", "\"}\n")},
      {"map in YAML", blocks("a.crt: ", "b.crt: ")},
      {"lines of JSON", between("{\"kind\": \"Secret\", \"data\": {\"a\": \"",
                                "\"}}\n{\"kind\": \"ConfigMap\", \"data\": {\"b\": \"", "\"}}\n")},
      {"Bottlerocket", between("[settings.pki.a]\ntrusted = true\ndata = \"",
                               "\"\n[settings.pki.b]\ndata = \"", "\"\ntrusted = true\n")},
      {"Bottlerocket, lines", plain("[settings.pki]\na = {trusted = true, data = '''\n",
                                    "'''}\nb = {trusted = true, data = '''", "'''}\n")},
      {"environment", plain("CUSTOM_CA_TRUST_COUNT=2\nCUSTOM_CA_CERT_0=\"", "\"\nCUSTOM_CA_CERT_1='", "'\n")},
      {"script, proxy", plain("#!/bin/bash\nA=b CUSTOM_CA_TRUST_COUNT=\"1\" CUSTOM_CA_CERT_0=\"",
                              "\" HTTP_PROXY_TRUSTED_CA=\"", "\" /bin/bash /x.sh\n")},
  };
  const auto as_is = [](const std::string& text) { return text; };
  const auto no_end = [](const std::string& t) { return t.ends_with('\n') ? t.substr(0, t.size() - 1) : t; };
  const std::vector<Change> encodings{
      {"PEM", as_is},
      {"base64", [](const std::string& t) { return base64(t); }},
      {"base64, line-broken", [](const std::string& t) { return base64(t, 76) + "\n"; }},
      {"base64, line-broken with CRLF",
       [](const std::string& t) { return replaced(base64(t, 64), "\n", "\r\n"); }},
      {"base64 twice", [](const std::string& t) { return base64(base64(t)); }},
      {"base64 twice, line-broken", [](const std::string& t) { return base64(base64(t, 76), 76); }},
  };
  const std::vector<Change> line_ends{
      {"LF", as_is},
      {"CRLF", [](const std::string& t) { return replaced(t, "\n", "\r\n"); }},
      {"BOM", [](const std::string& t) { return "\xEF\xBB\xBF" + t; }},
      {"no final newline", no_end},
  };
  const std::vector<std::pair<std::string_view, std::string>> contents{
      {"one", one.pem},
      {"two", one.pem + two.pem},
      {"two, a blank line between", one.pem + "\n" + two.pem},
      {"two, text between", "# one\n" + one.pem + "some words\n" + two.pem + "# end\n"},
  };
  const std::vector<Change> wholes{
      {"LF", as_is},
      {"CRLF", [](const std::string& t) { return replaced(replaced(t, "\r\n", "\n"), "\n", "\r\n"); }},
      {"BOM", [](const std::string& t) { return "\xEF\xBB\xBF" + t; }},
      {"no final newline", no_end},
      {"gzip", [](const std::string& t) { return gzip(t); }},
      {"base64", [](const std::string& t) { return base64(t); }},
  };

  Record known;  // parsing is not what is looked at here
  for (const auto* ca : {&one, &two, &three}) {
    const auto parsed = parse_certificate(ca->der);
    REQUIRE(parsed);
    known.certificates.emplace(parsed->fingerprint, *parsed);
  }
  std::size_t combinations = 0;
  std::size_t wrong = 0;
  for (const auto& [shape, shaped] : shapes) {
    for (const auto& [encoding, encode] : encodings) {
      for (const auto& [line_end, end] : line_ends) {
        for (const auto& [content, pem] : contents) {
          for (const auto& [whole, wrap] : wholes) {
            if (whole != "LF" && line_end != "LF" && line_end != "CRLF") continue;
            ++combinations;
            const auto document = wrap(shaped(encode(end(pem)), encode(end(three.pem))));
            const auto delivery = read_document("f", document, {}, Shape::sniffed);
            const auto reading = read_certificates(delivery.entries, known);
            std::string got;
            for (const auto& found : reading.certificates)
              got += found.certificate.fingerprint.hex() + " ";
            for (const auto* findings : {&delivery.findings, &reading.findings})
              for (const auto& finding : *findings)
                if (finding.severity == Severity::error) got += finding.message + " ";
            const auto wanted =
                concat(one.fingerprint_hex, " ", content == "one" ? "" : two.fingerprint_hex + " ",
                       three.fingerprint_hex, " ");
            if (got == wanted) continue;
            CAPTURE(shape);
            CAPTURE(encoding);
            CAPTURE(line_end);
            CAPTURE(content);
            CAPTURE(whole);
            if (++wrong < 10) CHECK(got == wanted);
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
  MESSAGE(shapes.size(), " shapes, ", combinations, " combinations, ", wrong, " wrong");
}
