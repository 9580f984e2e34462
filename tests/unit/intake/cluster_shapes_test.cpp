// Shapes beside those of shapes_test.cpp: objects of Kubernetes and what extends it, kubeconfigs, maps,
// streams of JSON.
#include "unit/intake/told.hpp"

#include <doctest/doctest.h>
#include <string>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// The PEM as a literal block, behind "key: ".
std::string block(std::size_t indent) {
  return "|\n" + indented(kPem, std::string(indent, ' '));
}

}  // namespace

TEST_CASE("objects of Kubernetes that carry certificates in a field of their own") {
  const auto webhooks = concat(
      "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nwebhooks:\n- name: "
      "a\n"
      "  clientConfig:\n    caBundle: ",
      kOnce,
      "\n- name: b\n  clientConfig:\n    caBundle: Cg==\n- name: c\n  clientConfig:\n    caBundle: ''\n");
  check_all({
      {"ClusterTrustBundle",
       concat("apiVersion: certificates.k8s.io/v1\nkind: ClusterTrustBundle\nspec:\n  trustBundle: ",
              block(4)),
       pem_at("spec.trustBundle", 4)},
      {"a list of them",
       concat("apiVersion: certificates.k8s.io/v1\nkind: ClusterTrustBundleList\nitems:\n"
              "- apiVersion: certificates.k8s.io/v1\n  kind: ClusterTrustBundle\n  spec:\n    trustBundle: ",
              block(6)),
       pem_at("items[0].spec.trustBundle", 7)},
      {"trust-manager's Bundle",
       concat("apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nspec:\n  sources:\n  - "
              "useDefaultCAs: true\n"
              "  - inLine: ",
              block(6), "  - configMap: {name: more, key: ca.crt}\n"),
       concat(pem_at("spec.sources[1].inLine", 6),
              "warning other-content f: spec.sources[2].configMap, line 11: a reference to another object, "
              "which is "
              "not read\n")},
      {"trust-manager's ClusterBundle",
       concat("apiVersion: trust-manager.io/v1alpha2\nkind: ClusterBundle\nspec:\n  inLineCAs: ", block(4)),
       pem_at("spec.inLineCAs", 4)},
      {"a Bundle of references alone",
       "apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nspec:\n  sources:\n  - secret: {name: a, "
       "key: b}\n",
       "error no-certificates f: a YAML document of the shape kubernetes without a certificate\n"
       "warning other-content f: spec.sources[0].secret, line 5: a reference to another object, which is not "
       "read\n"},
      {"webhooks", webhooks, pem_at("webhooks[0].clientConfig.caBundle", 6)},
      {"APIService",
       concat("apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nspec:\n  caBundle: ", kOnce, "\n"),
       pem_at("spec.caBundle", 4)},
      {"a CRD, whose schema has a field of that name as well",
       concat("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  conversion:\n   "
              " webhook:\n"
              "      clientConfig:\n        caBundle: ",
              kOnce,
              "\n  versions:\n  - schema:\n      openAPIV3Schema:\n        properties:\n          caBundle:\n"
              "            description: PEM\n            type: string\n"),
       pem_at("spec.conversion.webhook.clientConfig.caBundle", 7)},
      {"Gardener's CloudProfile",
       concat("apiVersion: core.gardener.cloud/v1beta1\nkind: CloudProfile\nspec:\n  caBundle: ", block(4)),
       pem_at("spec.caBundle", 4)},
      {"Gardener's workers",
       concat("apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nspec:\n  provider:\n    workers:\n    - "
              "caBundle: ",
              block(8), "    - name: b\n      caBundle: ", block(8)),
       pem_at("spec.provider.workers[0].caBundle", 6) + pem_at("spec.provider.workers[1].caBundle", 12)},
      {"Tanzu",
       concat("apiVersion: run.tanzu.vmware.com/v1alpha3\nkind: TanzuKubernetesCluster\nspec:\n  settings:\n "
              "   network:\n"
              "      trust:\n        additionalTrustedCAs:\n        - name: a\n          data: ",
              kOnce, "\n"),
       pem_at("spec.settings.network.trust.additionalTrustedCAs[0].data", 9)},
      {"Tanzu, a Secret's name",
       "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nspec:\n  topology:\n    variables:\n    - name: "
       "trust\n"
       "      value:\n        additionalTrustedCAs:\n        - name: a\n",
       "error not-pem f: spec.topology.variables[0].value.additionalTrustedCAs[0], line 9: a reference to a "
       "Secret, "
       "which is not read\n"},
      {"EKS Anywhere",
       concat("apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nspec:\n  "
              "registryMirrorConfiguration:\n"
              "    caCertContent: ",
              block(6),
              "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: VSphereMachineConfig\nspec:\n"
              "  hostOSConfiguration:\n    certBundles:\n    - name: a\n      data: ",
              block(8)),
       pem_at("document 1: spec.registryMirrorConfiguration.caCertContent", 5) +
           pem_at("document 2: spec.hostOSConfiguration.certBundles[0].data", 17)},
      {"the schema of a field, and no certificates",
       "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  caBundle: {type: "
       "string}\n",
       told("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {}\n")},
  });
}

TEST_CASE("objects of the same kind in another group, or without one, are other objects") {
  const std::string refused = "a YAML document of no known shape";
  const auto objects = {
      concat("apiVersion: fleet.cattle.io/v1alpha1\nkind: Bundle\nspec:\n  sources:\n  - inLine: ", block(6)),
      concat("apiVersion: v1\nkind: ClusterTrustBundle\nspec:\n  trustBundle: ", block(4)),
      concat("apiVersion: example.org/v1\nkind: MachineConfig\nspec:\n  config:\n    ignition: {version: "
             "3.2.0}\n"
             "    storage: {files: [{path: /a.crt, contents: {source: \"data:;base64,",
             kOnce, "\"}}]}\n"),
      concat("apiVersion: example.org/v1\nkind: KubeadmConfig\nspec: {files: [{path: /a.crt, content: ",
             kOnce, "}]}\n"),
      concat("kind: Konfig\nclusters: [{cluster: {certificate-authority-data: ", kOnce, "}}]\n"),
  };
  for (const auto& object : objects) {
    CAPTURE(object);
    CHECK(told(object).find(refused) != std::string::npos);
  }
}

TEST_CASE("files among the objects of Cluster API, OpenShift and Talos") {
  const auto file = [](std::string_view indent) {
    return concat(indent, "- path: /usr/local/share/ca-certificates/a.crt\n", indent, "  content: |\n",
                  indented(kPem, std::string(indent) + "    "), indent, "- path: /etc/motd\n", indent,
                  "  content: hello\n");
  };
  const std::string api = "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\n";
  check_all({
      {"KubeadmConfig", concat(api, "kind: KubeadmConfig\nspec:\n  files:\n", file("  ")),
       pem_at("spec.files[0].content", 6)},
      {"KubeadmConfigTemplate",
       concat(api, "kind: KubeadmConfigTemplate\nspec:\n  template:\n    spec:\n      files:\n",
              file("      ")),
       pem_at("spec.template.spec.files[0].content", 8)},
      {"KubeadmControlPlane, in base64",
       concat("apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n"
              "  kubeadmConfigSpec:\n    files:\n    - {path: /a.pem, encoding: base64, content: ",
              kOnce, "}\n"),
       pem_at("spec.kubeadmConfigSpec.files[0].content", 6)},
      {"KubeadmConfig, a Secret's name",
       concat(api,
              "kind: KubeadmConfig\nspec:\n  files:\n  - path: /a.crt\n    contentFrom: {secret: {name: a, "
              "key: b}}\n"
              "  - path: /etc/motd\n    contentFrom: {secret: {name: a, key: c}}\n"),
       "error not-pem f: spec.files[0].contentFrom, line 6: a reference to a Secret, which is not read\n"},
      {"a stream with a Secret",
       concat("kind: Secret\ndata:\n  a: ", kOnce, "\n---\n", api, "kind: KubeadmConfig\nspec:\n  files:\n",
              file("  ")),
       pem_at("document 1: data.a", 3) + pem_at("document 2: spec.files[0].content", 10)},
      {"MachineConfig",
       concat("apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nspec:\n  config:\n"
              "    ignition: {version: 3.2.0}\n    storage:\n      files:\n      - path: /a.crt\n        "
              "contents:\n"
              "          source: data:text/plain;charset=utf-8;base64,",
              kOnce, "\n"),
       pem_at("spec.config.storage.files[0].contents.source", 10)},
      {"Talos", concat("version: v1alpha1\nmachine:\n  files:\n", file("  ")),
       pem_at("machine.files[0].content", 5)},
      {"Talos with the key of its CA",
       concat("version: v1alpha1\nmachine:\n  ca: {key: ", base64(kKey), "}\n  files:\n", file("  ")),
       pem_at("machine.files[0].content", 6) +
           "error private-key f: machine.ca.key, line 3: a private key\n"},
  });
}

TEST_CASE("a kubeconfig, and never the key in it") {
  const auto clusters = concat(
      "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    server: x\n"
      "    certificate-authority-data: ",
      kOnce, "\n");
  check_all({
      {"its CA", clusters + "users:\n- name: u\n  user: {token: abc}\n",
       pem_at("clusters[0].cluster.certificate-authority-data", 7)},
      {"as said", clusters, pem_at("clusters[0].cluster.certificate-authority-data", 7), Shape::kubeconfig},
      {"with a client's key",
       concat(clusters, "users:\n- name: u\n  user:\n    client-certificate-data: ", kOnce,
              "\n    client-key-data: ", base64(kKey), "\n"),
       pem_at("clusters[0].cluster.certificate-authority-data", 7) +
           "error private-key f: users[0].user.client-key-data, line 12: a private key\n"},
      {"a file's name", "kind: Config\nclusters:\n- cluster: {certificate-authority: /etc/ca.crt}\n",
       "error not-pem f: clusters[0].cluster.certificate-authority, line 3: the name of a file, which is not "
       "read\n"},
  });
}

TEST_CASE("names with certificates") {
  const auto quoted = concat("\"", kOnce, "\"");
  const auto spelled = concat("\"", replaced(kPem, "\n", "\\n"), "\"");
  check_all({
      {"JSON", concat("{\"a.pem\": ", spelled, ",\n \"b.pem\": ", spelled, "}\n"),
       pem_at("[\"a.pem\"]", 1) + pem_at("[\"b.pem\"]", 2)},
      {"the data of a Secret", concat("{\"ca.crt\":", quoted, "}\n"), pem_at("[\"ca.crt\"]", 1)},
      {"YAML", concat("a.pem: ", block(2), "b.pem: ", block(2)),
       pem_at("[\"a.pem\"]", 1) + pem_at("[\"b.pem\"]", 6)},
      {"with something else in it", concat("{\"name\": \"corp\", \"ca\": ", quoted, "}"),
       pem_at("ca", 1) + "warning other-content f: name, line 1: not a certificate but text, passed over\n"},
      {"with a key in it", concat("{\"tls.key\": \"", base64(kKey), "\", \"tls.crt\": ", quoted, "}"),
       concat(pem_at("[\"tls.crt\"]", 1), "error private-key f: [\"tls.key\"], line 1: a private key\n")},
      {"as said", concat("{\"ca\": ", quoted, "}"), pem_at("ca", 1), Shape::map},
  });
}

TEST_CASE("an object among the names makes it another document") {
  const auto said = told(concat("{\"ca\": \"", kOnce, "\", \"labels\": {\"a\": \"b\"}}"));
  CHECK(said.starts_with("error not-pem f: ca, line 1: a JSON document of no known shape"));
}

TEST_CASE("values of JSON one behind the other") {
  const auto secret = [](std::string_view name) {
    return concat("{\"kind\": \"Secret\", \"data\": {\"", name, "\": \"", kOnce, "\"}}");
  };
  const std::string two = pem_at("document 1: data.a", 1) + pem_at("document 2: data.b", 2);
  check_all({
      {"lines", secret("a") + "\n" + secret("b") + "\n", two},
      {"lines with CRLF and blank ones", secret("a") + "\r\n" + secret("b") + "\r\n\r\n",
       two + "warning crlf f: line 1: carriage returns at the ends of lines\n"},
      {"nothing between", secret("a") + secret("b"),
       pem_at("document 1: data.a", 1) + pem_at("document 2: data.b", 1)},
      {"names with certificates", concat("{\"pem\": \"", kOnce, "\"}\n{\"pem\": \"", kOnce, "\"}\n"),
       pem_at("document 1: pem", 1) + pem_at("document 2: pem", 2)},
      {"the second is cut off", secret("a") + "\n" + secret("b").substr(0, 40),
       "error truncated f: line 2: a JSON document that is cut off\n"},
      {"the second is none", secret("a") + "\nand so on\n",
       "error not-pem f: line 2: a JSON document that is broken in its line 2\n"},
      {"a comma between", secret("a") + ",\n" + secret("b"),
       "error not-pem f: line 1: a JSON document that is broken in its line 1\n"},
  });
}

TEST_CASE("what is not read is refused by its name, and the certificate in it has a place") {
  const auto refusal = [](std::string_view bytes) {
    const auto delivery = read_document("f", bytes, {}, Shape::sniffed);
    REQUIRE(delivery.findings.size() == 1);
    const auto& finding = delivery.findings.front();
    return concat(finding.origin.text(), " [", finding.what, "]");
  };
  CHECK(
      refusal("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {a: AgBy3i}}\n") ==
      "f [a SealedSecret, which is encrypted]");
  CHECK(refusal("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n") ==
        "f [an ExternalSecret, which names a secret]");
  CHECK(refusal("apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {secretName: a}\n") ==
        "f [a cert-manager Certificate, which asks for one]");
  CHECK(refusal("ca:\n  pem: ENC[AES256_GCM,data:x]\nsops:\n  version: 3.9.0\n") ==
        "f [a file encrypted by sops]");
  CHECK(refusal("dn: cn=ca\ncACertificate;binary:: MIIB\n") == "f [LDIF of a directory]");
  CHECK(refusal(concat("{\"data\": {\"certs\": [{\"pem\": \"", kOnce, "\"}]}}")) ==
        "f: data.certs[0].pem, line 1 [a JSON document]");
  CHECK(refusal(concat("certs:\n  ca.crt: ", kOnce, "\n")) ==
        "f: certs[\"ca.crt\"], line 2 [a YAML document]");
}
