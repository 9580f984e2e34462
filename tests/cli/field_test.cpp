// The real binary, given the files that people met in the field: tests/fixtures/field, a folder for each kind
// of fault. A file named "...-leaf.pem" is a server's certificate that the CA beside it issued, handed over
// by mistake.
#include "cli/debian_root.hpp"
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using nlohmann::json;

namespace {

constexpr int kYes = 0;
constexpr int kNo = 1;
constexpr int kRefused = 65;

struct Row {
  std::string files;  // below tests/fixtures/field, with blanks between, all given to one run
  bool yes;           // lint says yes and provision ends with 0; or no, and 65
  int accepted;       // certificates
  int others;         // certificates that are rejected, or there twice
  std::string codes;  // of all findings, sorted
};

// NOLINTBEGIN(modernize-use-designated-initializers): a table is read by its columns
const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      // A client loses the whole store by it.
      {"01-gnutls-poison/dup-aia.pem", false, 0, 1, "breaks-clients"},
      {"01-gnutls-poison/utc-offset.pem", false, 0, 1, "breaks-clients"},
      {"01-gnutls-poison/v1-with-ext.pem", false, 0, 1, "breaks-clients"},
      {"01-gnutls-poison/good.pem", true, 1, 0, ""},
      {"01-gnutls-poison/good-leaf.pem", false, 0, 1, "not-a-ca"},
      // One subject and key, once self-signed and once signed by another CA.
      {"02-cross-signed-twin/x0-self.pem", true, 1, 0, ""},
      {"02-cross-signed-twin/x0-cross.pem", true, 1, 0, "not-self-signed refused-by-clients"},
      {"02-cross-signed-twin/x0-y.pem", true, 1, 0, ""},
      {"02-cross-signed-twin/x0-leaf.pem", false, 0, 1, "not-a-ca"},
      {"02-cross-signed-twin/x0-self.pem 02-cross-signed-twin/x0-cross.pem", true, 2, 0,
       "cross-signed not-self-signed refused-by-clients"},
      // Two keys, one name, no key identifiers.
      {"03-same-name-no-keyid/noski1.pem", true, 1, 0, "refused-by-clients"},
      {"03-same-name-no-keyid/noski2.pem", true, 1, 0, "refused-by-clients"},
      {"03-same-name-no-keyid/noski1-leaf.pem", false, 0, 1, "not-a-ca"},
      {"03-same-name-no-keyid/noski2-leaf.pem", false, 0, 1, "not-a-ca"},
      {"03-same-name-no-keyid/noski1.pem 03-same-name-no-keyid/noski2.pem", true, 2, 0,
       "refused-by-clients same-name"},
      // Expired, beside others.
      {"04-expired-file/a-good.crt", true, 1, 0, ""},
      {"04-expired-file/b-expired.crt", false, 0, 1, "expired no-certificates"},
      {"04-expired-file/both.pem", true, 1, 1, "expired"},
      {"04-expired-file/a-good.crt 04-expired-file/b-expired.crt", true, 1, 1, "expired"},
      // Go does not parse it, or cannot use it.
      {"05-go-blind/bool-01.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/brainpool.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/dsa2048.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/ec-compressed.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/ed448.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/nc-dirname.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/printable-underscore.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/rsa-pss-key.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/rsa-spki-no-null.pem", true, 1, 0, "refused-by-clients"},
      {"05-go-blind/bool-01-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/brainpool-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/dsa2048-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/ec-compressed-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/ed448-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/nc-dirname-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/printable-underscore-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/rsa-pss-key-leaf.pem", false, 0, 1, "not-a-ca"},
      {"05-go-blind/rsa-spki-no-null-leaf.pem", false, 0, 1, "not-a-ca"},
      // No client accepts what it issued; of the one for any use, Go and GnuTLS do.
      {"06-no-client-takes-it/ec-explicit.pem", false, 0, 1, "unusable"},
      {"06-no-client-takes-it/eku-any.pem", true, 1, 0, "refused-by-clients"},
      {"06-no-client-takes-it/ku-wrong.pem", false, 0, 1, "unusable"},
      {"06-no-client-takes-it/ec-explicit-leaf.pem", false, 0, 1, "not-a-ca"},
      {"06-no-client-takes-it/eku-any-leaf.pem", false, 0, 1, "not-a-ca"},
      {"06-no-client-takes-it/ku-wrong-leaf.pem", false, 0, 1, "not-a-ca"},
      // A selector without a match: nothing is said, and nothing goes.
      {"07-empty-list/list-empty.yaml", true, 0, 0, "no-certificates"},
      // Azure Resource Manager's parameter files, and comments.
      {"09-arm/arm-comments.json", true, 1, 0, ""},
      {"09-arm/arm-params.json", true, 1, 0, ""},
      // A certificate is told by its content, not by the end of its file's name.
      {"10-write-files/mixed-CER.yaml", true, 2, 0, ""},
      {"10-write-files/no-ext.yaml", true, 1, 0, ""},
      // Python 3.13 and later refuse the CA, or the server's certificate.
      {"11-python313-strict/bc-not-critical-ca.pem", true, 1, 0, "refused-by-clients"},
      {"11-python313-strict/no-ku-ca.pem", true, 1, 0, "refused-by-clients"},
      {"11-python313-strict/bc-not-critical.pem", false, 0, 1, "not-a-ca"},
      {"11-python313-strict/no-ku.pem", false, 0, 1, "not-a-ca"},
      {"12-hand-appended-ca.pem", true, 1, 0, ""},
      // Expired ones use up no limit.
      {"13-limit/ten-plus-expired.pem", true, 10, 3, "expired"},
      // Other content beside certificates.
      {"14-trust-manager/cm-trustmanager-jks.yaml", true, 2, 0, "other-content"},
      {"15-k8s-extra-values/cm-with-version.yaml", true, 1, 0, "other-content"},
      // What the shape's own system would refuse.
      {"17-lint-yes-target-no/der-base64.json", true, 1, 0, "der wrong-encoding"},
      {"17-lint-yes-target-no/raw-pem.json", true, 1, 0, "wrong-encoding"},
      // A key that libcrypto 3.0 does not know.
      {"18-mldsa/mldsa65-root.pem", true, 1, 0, "refused-by-clients unknown-algorithm"},
      // The explanation must be true.
      {"19-wrong-words/aki-mismatch.pem", true, 1, 0, "refused-by-clients"},
      {"19-wrong-words/ku-no-bc.pem", true, 1, 0, "refused-by-clients"},
      {"19-wrong-words/p224.pem", false, 0, 1, "refused-by-clients weak-key"},
      {"19-wrong-words/aki-mismatch-leaf.pem", false, 0, 1, "not-a-ca"},
      {"19-wrong-words/ku-no-bc-leaf.pem", false, 0, 1, "not-a-ca"},
      {"19-wrong-words/p224-leaf.pem", false, 0, 1, "not-a-ca"},
      {"20-hints/secret-ca.yaml", true, 1, 0, ""},
      {"20-hints/trusted-reject-email.pem", true, 1, 0, "trusted-certificate"},
      // The file is not what its name, or its first line, says.
      {"21-misnamed/certs.tar", false, 0, 0, "not-pem"},
      {"21-misnamed/env-plain.env", false, 0, 0, "not-pem"},
      {"21-misnamed/git-conflict.pem", false, 0, 0, "not-pem"},
      {"21-misnamed/nbsp.pem", false, 0, 0, "malformed-pem"},
      {"21-misnamed/template-unrendered.pem", false, 0, 0, "not-pem"},
      // Every other tool reads it.
      {"22-refused-by-us-alone/certtool-i.txt", true, 1, 0, ""},
      {"22-refused-by-us-alone/ecparams.pem", true, 1, 0, "other-content"},
      {"22-refused-by-us-alone/key-comment.pem", true, 1, 0, ""},
      // Shapes of documents.
      {"missing-shapes/bundle-cr.yaml", true, 1, 0, ""},
      {"missing-shapes/cluster-trust-bundle.yaml", true, 1, 0, ""},
      {"missing-shapes/jq-data.json", true, 1, 0, ""},
      {"missing-shapes/kubeadmconfig.yaml", true, 1, 0, ""},
      {"missing-shapes/kubeconfig.yaml", true, 1, 0, ""},
      {"missing-shapes/machineconfig.yaml", true, 1, 0, ""},
      {"missing-shapes/pwsh-pascal.json", true, 1, 0, ""},
      {"missing-shapes/terraform-show.json", true, 1, 0, ""},
  };
  return all;
}
// NOLINTEND(modernize-use-designated-initializers)

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

std::vector<std::string> paths_of(const Row& row) {
  auto paths = words_of(row.files);
  for (auto& path : paths)
    path = concat(NCT_FIXTURES, "/field/", path);
  return paths;
}

// "yes, 1 accepted, 0 others: cross-signed not-self-signed"
std::string verdict(bool yes, long accepted, long others, const std::string& codes) {
  return concat(yes ? "yes" : "no", ", ", std::to_string(accepted), " accepted, ", std::to_string(others),
                " others", codes.empty() ? "" : ": ", codes);
}

// The same of a report.
std::string verdict(int status, const json& report) {
  std::set<std::string> codes;
  const auto collect = [&](const json& from) {
    for (const auto& finding : from.value("findings", json::array()))
      codes.insert(finding.value("code", ""));
  };
  collect(report);
  const auto certificates = report.value("certificates", json::array());
  long accepted = 0;
  for (const auto& certificate : certificates) {
    collect(certificate);
    accepted += certificate.value("verdict", "") == "accepted" ? 1 : 0;
  }
  std::string spelled;
  for (const auto& code : codes)
    spelled += concat(spelled.empty() ? "" : " ", code);
  return verdict(status == kYes, accepted, static_cast<long>(certificates.size()) - accepted, spelled);
}

std::string linted(const std::vector<std::string>& paths) {
  std::vector<std::string> words{NCT_BINARY, "lint", "--format", "json"};
  words.insert(words.end(), paths.begin(), paths.end());
  const auto finished = test::run({.argv = words});
  CHECK_MESSAGE((finished.status == kYes || finished.status == kNo), finished.err);
  return verdict(finished.status, json::parse(finished.out, nullptr, false));
}

// On a node that nothing was installed on.
std::string provisioned(const std::vector<std::string>& paths) {
  const test::Scratch scratch;
  test::put(test::debian_node(), scratch.path());
  std::vector<std::string> words{NCT_BINARY, "provision", "--format", "json", "--root", scratch.path()};
  for (const auto& path : paths) {
    words.emplace_back("--from");
    words.push_back(path);
  }
  const auto finished = test::run({.argv = words});
  CHECK_MESSAGE((finished.status == kYes || finished.status == kRefused), finished.err);
  return verdict(finished.status, json::parse(finished.out, nullptr, false));
}

}  // namespace

TEST_CASE("files from the field are judged as they should be, by lint and by provision") {
  std::ostringstream table;
  for (const auto& row : rows()) {
    CAPTURE(row.files);
    const auto paths = paths_of(row);
    const auto wanted = verdict(row.yes, row.accepted, row.others, row.codes);
    const auto by_lint = linted(paths);
    const auto by_provision = provisioned(paths);
    const bool right = by_lint == wanted && by_provision == wanted;
    table << (right ? "right " : "WRONG ") << row.files << ": " << by_lint;
    if (!right) table << " (wanted: " << wanted << ")";
    if (by_provision != by_lint) table << " (provision: " << by_provision << ")";
    table << "\n";
    CHECK(by_lint == wanted);
    CHECK(by_provision == wanted);
  }
  std::cout << table.str();
}

TEST_CASE("no file from the field is left out of the table") {
  std::set<std::string> listed;
  for (const auto& row : rows())
    for (const auto& file : words_of(row.files))
      listed.insert(file);
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(NCT_FIXTURES "/field"))
    if (entry.is_regular_file() && entry.path().filename() != ".gitattributes")
      there.insert(std::filesystem::relative(entry.path(), NCT_FIXTURES "/field"));
  CHECK(listed == there);
}

TEST_CASE("an anchor that is there for other clients is not said to be proved for OpenSSL") {
  using namespace nct::test;
  const DebianRoot node;
  const auto clients_only = make_ca({.common_name = "For clients", .extended_key_usage = "clientAuth"});
  const auto good = make_ca({.common_name = "Good"});
  const auto warned = [&](const Answer& answer) {
    std::size_t count = 0;
    for (const auto& warning : answer.report.value("warnings", nlohmann::json::array())) {
      const auto text = warning.get<std::string>();
      CHECK(text.contains(clients_only.subject));
      CHECK(text.contains(clients_only.fingerprint_hex.substr(0, 32)));
      CHECK(text.ends_with(": not proved for OpenSSL, which refuses it: unsuitable certificate purpose"));
      ++count;
    }
    return count;
  };
  for (const auto& answer :
       {node.provision(good.pem + clients_only.pem, true), node.provision(good.pem + clients_only.pem),
        node.ask({"provision"}), node.ask({"verify"})}) {
    CHECK_MESSAGE(answer.status == 0, answer.text);
    CHECK(warned(answer) == 1);
  }
  CHECK(node.provision(good.pem).status == 0);
  CHECK(warned(node.ask({"verify"})) == 0);
}
