// What the real binary says about files that are no bundles, and about names that are not ASCII.
#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using test::base64;
using test::gzip;
using test::replaced;

namespace {

constexpr int kNo = 1;

test::Finished lint(const std::string& name, const std::string& bytes,
                    const std::vector<std::string>& more = {}) {
  const test::Scratch scratch;
  test::write_whole(scratch.path() / name, bytes);
  std::vector<std::string> argv{NCT_BINARY, "lint", name};
  argv.insert(argv.end(), more.begin(), more.end());
  return test::run({.argv = argv, .directory = scratch.path()});
}

const std::string& pem() {
  static const std::string made = test::make_ca({.common_name = "one"}).pem;
  return made;
}

}  // namespace

TEST_CASE("a file that is not read is called what it is, with what takes the certificates out of it") {
  struct Case {
    std::string name;
    std::string bytes;
    std::string said;  // the last lines, without the result
  };
  const std::string nor =
      "; nor a document of a known shape (aks, agentbaker, aks-node-controller, cse, kubernetes, kubeconfig, "
      "cloud-config, bottlerocket, talos, openshift, ignition, list, map)";
  const auto known = nor.substr(nor.find('(') + 1);
  const std::string but = "not PEM, nor anything that opens to it, but ";
  const auto error = [](std::string_view origin, std::string_view message, std::string_view hint) {
    return concat("error not-pem (", origin, "): ", message, "\n  ", hint, "\n");
  };
  std::string tar("a.crt" + std::string(507, '\0'));
  tar.replace(257, 6, "ustar ");
  tar += pem();
  const std::vector<Case> cases{
      {"ca.pem", tar,
       error("ca.pem", "a tar archive",
             "take the certificates out: tar -xOf ca.pem --wildcards '*.crt' '*.pem' >bundle.pem")},
      {"ca.tgz", gzip(tar),
       "warning gzip (ca.tgz): gzip\n  nothing to do\n" +
           error("ca.tgz", "gzip of a tar archive",
                 "take the certificates out: tar -xOf ca.tgz --wildcards '*.crt' '*.pem' >bundle.pem")},
      {"my ca.pem", "PK\x03\x04" + std::string(600, 'x'),
       error("my ca.pem", "a zip archive",
             "take the certificates out: unzip -p 'my ca.pem' '*.crt' '*.pem' >bundle.pem")},
      {"ca.pem", "\xFE\xED\xFE\xED" + std::string(600, '\x01'),
       error("ca.pem", "a Java keystore (JKS)",
             "take the certificates out: keytool -list -rfc -keystore ca.pem >bundle.pem")},
      {"ca.pem", "<<<<<<< HEAD\n" + pem() + "=======\n>>>>>>> main\n",
       error("ca.pem: line 1", "a file with git's conflict markers, of which nobody chose a side",
             "merge it: git checkout --ours ca.pem (or --theirs), or edit it, and remove the marks")},
      {"ca.env", "CA_CERT=\"" + pem() + "\"\n",
       error("ca.env: line 1", "an env file, whose values are assigned to names",
             "write the value to a file of its own: bash -c 'source \"$0\"; printf \"%s\\n\" \"$NAME\"' "
             "ca.env >ca.pem, "
             "with the name of the variable for NAME")},
      {"ca.pem", "{{ .Values.caBundle }}\n",
       error("ca.pem: line 1", "a template that is not rendered",
             "render it first, by helm template, envsubst, or the tool it was written for, and pass what "
             "comes out")},
      {"ca.pem", "<!DOCTYPE html>\n<html>Sign in</html>\n",
       error("ca.pem", "an HTML page" + nor,
             "it is no download but a page about one, often an error: open it in a browser; curl -f fails "
             "instead")},
      {"ca.pem", "../ca/root.pem",
       error("ca.pem", but + "the path of a file, not the file" + nor,
             "pass the file that it names; a checkout without symbolic links leaves paths in their place")},
      {"ca.pem", "# a CA goes here\n",
       error("ca.pem", but + "nothing but comments" + nor, "check what should have written it")},
      {"ca.b64", "\"" + base64(pem()) + "\"\n",
       error("ca.b64", but + "a text in quotes" + nor, "leave the quotes out: jq -r instead of jq")},
      {"ca.pem", "see the wiki\n",
       error("ca.pem", but + "text" + nor,
             "pass PEM, DER, base64 of them, or a document of a shape that 'INPUTS' in node-ca-trust(8) "
             "lists")},
      {"a.json", "{\"data\": {\"pki\": [{\"ca.crt\": \"" + base64(pem()) + "\"}]}}",
       error("a.json: data.pki[0][\"ca.crt\"], line 1",
             "a JSON document of no known shape (" + known + ", with top-level keys 'data'",
             "take the certificates out: jq -r '.data.pki[][\"ca.crt\"]' a.json | node-ca-trust lint -")},
      {"a.yaml", "pki:\n  ca: " + base64(pem()) + "\n",
       error("a.yaml: pki.ca, line 2",
             "a YAML document of no known shape (" + known + ", with top-level keys 'pki'",
             "take the certificates out: yq -r '.pki.ca' a.yaml | node-ca-trust lint -")},
      {"s.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n",
       error(
           "s.yaml", "a SealedSecret, which is encrypted",
           "only its cluster can open it: pass the Secret that it becomes: kubectl get secret NAME -o yaml")},
  };
  for (const auto& [name, bytes, said] : cases) {
    CAPTURE(said);
    const auto finished = lint(name, bytes);
    CHECK(finished.status == kNo);
    CHECK(finished.out == said + "result: no\n");
  }
}

TEST_CASE("who reads bundles alone says so of a document, and who reads the document") {
  const auto finished = lint(
      "ca.crt", "apiVersion: v1\nkind: Secret\ndata:\n  ca.crt: " + base64(pem()) + "\n", {"--as", "bundle"});
  CHECK(finished.status == kNo);
  CHECK(finished.out.find(
            "a Kubernetes object in YAML\n  'rotate' and --as bundle read certificates alone: let its "
            "writer put them into files of their own; 'node-ca-trust lint' and 'provision' read the "
            "document\n") != std::string::npos);
}

TEST_CASE("a kubeconfig with a client's key gets the command that leaves the key out") {
  const auto ca = test::make_ca({.common_name = "one"});
  const auto finished = lint(
      "k.yaml", concat("kind: Config\nclusters:\n- cluster: {certificate-authority-data: ", base64(ca.pem),
                       "}\nusers:\n- user: {client-key-data: ", base64(ca.key_pem), "}\n"));
  CHECK(finished.status == kNo);
  CHECK(finished.out.find(
            "a private key\n  take the CA out, without the client's key: kubectl --kubeconfig k.yaml "
            "config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d "
            ">ca.pem\n") != std::string::npos);
}

TEST_CASE("names stand in their own script in text, and after RFC 2253 in JSON") {
  const auto bureau = test::make_ca({.common_name = "B\xC3\xBCro \xE8\xAF\x81\xE4\xB9\xA6"}).pem;
  const auto text = lint("ca.pem", bureau).out;
  CHECK_MESSAGE(
      text.starts_with("accepted CN=B\xC3\xBCro \xE8\xAF\x81\xE4\xB9\xA6 (ca.pem: entry 1, line 1)\n"), text);
  const auto json = nlohmann::json::parse(lint("ca.pem", bureau, {"--format", "json"}).out, nullptr, false);
  CHECK(json["certificates"][0]["subject"] == "CN=B\\C3\\BCro \\E8\\AF\\81\\E4\\B9\\A6");
  // U+202E turns what follows it round; U+009B drives a terminal.
  const auto hostile = lint("ca.pem", test::make_ca({.common_name = "x\xE2\x80\xAEy\xC2\x9B"
                                                                    "31m"})
                                          .pem)
                           .out;
  CHECK(hostile.starts_with("accepted CN=x\\E2\\80\\AEy\\C2\\9B31m (ca.pem: entry 1, line 1)\n"));
}
