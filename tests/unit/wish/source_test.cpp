#include "wish/source.hpp"

#include "support/certificates.hpp"
#include "support/wrap.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "wish/desired.hpp"

using namespace nct;
using test::base64;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

const test::TestCa& one() {
  static const auto ca = test::make_ca({.common_name = "one"});
  return ca;
}
const test::TestCa& two() {
  static const auto ca = test::make_ca({.common_name = "two"});
  return ca;
}

Document document(const std::string& name, const std::string& bytes) {
  return {.name = name, .bytes = bytes, .as = Shape::sniffed};
}

std::string quoted(const test::TestCa& ca) {
  return concat("\"", base64(ca.pem), "\"");
}

// A node controller's configuration with these two members.
std::string controller(std::string_view custom, std::string_view proxy) {
  std::string out = "{\"version\": \"v1\", \"kubelet_config\": {}";
  if (!custom.empty()) out += concat(", \"custom_ca_certs\": [", custom == "[]" ? "" : custom, "]");
  if (!proxy.empty()) out += concat(", \"http_proxy_config\": {\"proxy_trusted_ca\": ", proxy, "}");
  return out + "}";
}

Source read(const std::vector<Document>& documents) {
  return read_source(documents, {}, {}, kNow);
}

// As provision makes them.
ProvisionInputs inputs_of(const std::vector<Document>& documents, const Source& source, bool complete) {
  ProvisionInputs inputs{.names = source.custom_from, .complete = complete, .proxy = source.proxy_from};
  for (const auto& each : documents)
    if (!inputs.names.contains(each.name) || !inputs.proxy.contains(each.name))
      inputs.silent.insert(each.name);
  return inputs;
}

// "one: provision anc.json, proxy anc.json; ": who owns what after `documents` were provisioned.
AnchorSet provisioned(const AnchorSet& installed, const std::vector<Document>& documents,
                      bool complete = true) {
  const auto source = read(documents);
  CHECK_FALSE(source.refused(Config::OnRejected::fail));
  CHECK_FALSE(source.refused(Config::OnRejected::keep));
  return desired_for_provision(installed, source, inputs_of(documents, source, complete));
}
std::string told(const AnchorSet& anchors) {
  std::set<std::string> lines;
  for (const auto& [fingerprint, anchor] : anchors) {
    std::string line = anchor.subject.substr(anchor.subject.find("CN=") + 3, 3) + ":";
    for (const auto& owner : anchor.owners)
      line += concat(" ", owner.source, " ", owner.input);
    lines.insert(line + "; ");
  }
  std::string out;
  for (const auto& line : lines)
    out += line;
  return out;
}

}  // namespace

TEST_CASE("the CA of the proxy is a source of its own") {
  const auto both = document("a", controller(quoted(one()), quoted(two())));
  const auto installed = provisioned({}, {both});
  CHECK(told(installed) == "one: provision a; two: proxy a; ");
  CHECK(told(provisioned(installed, {document("a", controller("[]", quoted(two())))})) == "two: proxy a; ");
  CHECK(told(provisioned(installed, {document("a", controller(quoted(one()), "\"\""))})) ==
        "one: provision a; ");
  CHECK(told(provisioned(installed, {document("a", controller("[]", "\"\""))})) == "");
}

TEST_CASE("a CA that two sources hand over is one anchor with two owners") {
  const auto installed = provisioned({}, {document("a", controller(quoted(one()), quoted(one())))});
  CHECK(told(installed) == "one: provision a proxy a; ");
  const auto without_custom = provisioned(installed, {document("a", controller("[]", quoted(one())))});
  CHECK(told(without_custom) == "one: proxy a; ");
  CHECK(told(provisioned(without_custom, {document("a", controller("[]", "\"\""))})) == "");
  CHECK(told(desired_for_removal(installed, {.sources = {"proxy"}})) == "one: provision a; ");
}

TEST_CASE("a field that is absent keeps what came from it") {
  const auto installed = provisioned({}, {document("a", controller(quoted(one()), quoted(two())))});
  for (const bool complete : {true, false}) {
    CAPTURE(complete);
    const auto after = [&](const std::string& bytes) {
      return told(provisioned(installed, {document("a", bytes)}, complete));
    };
    CHECK(after(controller("", "")) == "one: provision a; two: proxy a; ");
    CHECK(after("{\"custom_ca_certs\": null}") == "one: provision a; two: proxy a; ");
    CHECK(after(controller(quoted(two()), "")) == "two: provision a proxy a; ");
    CHECK(after(controller("", quoted(one()))) == "one: provision a proxy a; ");
    CHECK(after(controller("[]", "")) == "two: proxy a; ");
    CHECK(after(controller("", "\"\"")) == "one: provision a; ");
    CHECK(after("#cloud-config\nca_certs: {trusted: []}\n") == "two: proxy a; ");
    CHECK(after("CUSTOM_CA_TRUST_COUNT=0\n") == "two: proxy a; ");
  }
}

TEST_CASE("of several files on the command line, the silent ones keep what they brought") {
  const auto a = document("a", controller(quoted(one()), ""));
  const auto installed = provisioned({}, {a, document("b", two().pem)});
  CHECK(told(installed) == "one: provision a; two: provision b; ");
  CHECK(told(provisioned(installed, {document("a", controller("", ""))})) == told(installed));
  CHECK(told(provisioned(installed, {document("a", controller("", "")), document("c", two().pem)})) ==
        "one: provision a; two: provision c; ");
  CHECK(told(provisioned(installed, {document("c", two().pem)})) == "two: provision c; ");
}

TEST_CASE("each source has its own limit and its own duplicates") {
  Config config;
  config.policy.max_certificates = 1;
  const std::vector<Document> both{document("a", controller(quoted(one()), quoted(two())))};
  CHECK_FALSE(read_source(both, config, {}, kNow).has_errors());
  const std::vector<Document> same{document("a", controller(quoted(one()), quoted(one())))};
  for (const auto& judged : read_source(same, config, {}, kNow).certificates)
    CHECK(judged.verdict == Verdict::accepted);
  const std::vector<Document> many{
      document("a", controller(quoted(one()) + ", " + quoted(two()), quoted(two())))};
  const auto source = read_source(many, config, {}, kNow);
  REQUIRE(source.certificates.size() == 3);
  CHECK(source.certificates[0].verdict == Verdict::accepted);
  CHECK(source.certificates[1].verdict == Verdict::rejected);
  CHECK(source.certificates[2].verdict == Verdict::accepted);
}

TEST_CASE("expired certificates are not none, of either source") {
  const auto old =
      test::make_ca({.common_name = "old", .not_before = 1'000'000'000, .not_after = 1'100'000'000});
  const auto errors = [](const Source& source) {
    std::string out;
    for (const auto& finding : source.findings)
      if (finding.severity == Severity::error)
        out += concat(name_of(finding.code), ": ", finding.message, "; ");
    return out;
  };
  CHECK(errors(read({document("a", controller(quoted(old), quoted(one())))})) ==
        "no-certificates: every certificate in it was skipped; ");
  CHECK(errors(read({document("a", controller(quoted(one()), quoted(old)))})) ==
        "no-certificates: every certificate in it was skipped, of the proxy; ");
  const std::vector<Document> documents{document("a", controller(quoted(old), quoted(one())))};
  const auto source = read(documents);
  CHECK(source.custom_from.empty());
  CHECK(source.proxy_from == std::set<std::string>{"a"});
}

TEST_CASE("an expired certificate alone in its file is left out where something is left of the source") {
  const auto old =
      test::make_ca({.common_name = "old", .not_before = 1'000'000'000, .not_after = 1'100'000'000});
  const auto older =
      test::make_ca({.common_name = "older", .not_before = 1'000'000'000, .not_after = 1'100'000'000});
  const std::vector<Document> documents{document("a", one().pem), document("b", old.pem),
                                        document("c", older.pem)};
  CHECK(told(provisioned({}, documents)) == "one: provision a; ");
  const std::vector<Document> expired{document("b", old.pem), document("c", older.pem)};
  CHECK(read(expired).refused(Config::OnRejected::fail));
  CHECK(read(expired).refused(Config::OnRejected::keep));
  // Of the proxy's CA something else must be left.
  const std::vector<Document> apart{document("a", one().pem), document("b", controller("", quoted(old)))};
  CHECK(read(apart).refused(Config::OnRejected::fail));
  // A public root is something.
  const FingerprintSet distro{parse_certificate(two().der).value().fingerprint};
  const std::vector<Document> with_public{document("a", two().pem), document("b", old.pem)};
  const auto source = read_source(with_public, {}, {}, kNow, &distro);
  CHECK_FALSE(source.refused(Config::OnRejected::fail));
  CHECK_FALSE(source.refused(Config::OnRejected::keep));
  CHECK(told(desired_for_provision({}, source, inputs_of(with_public, source, true))) == "");
}

TEST_CASE("what goes because a document says that there is none is said") {
  const auto both = document("a", controller(quoted(one()), quoted(two())));
  const auto installed = provisioned({}, {both});
  const auto said = [&](const AnchorSet& before, const std::string& bytes) {
    const std::vector<Document> documents{document("a", bytes)};
    const auto source = read(documents);
    const auto wanted = desired_for_provision(before, source, inputs_of(documents, source, true));
    std::string out;
    for (const auto& finding : removals(source, before, wanted))
      out += concat(name_of(finding.severity), " ", name_of(finding.code), " ", finding.origin.text(), ": ",
                    finding.message, "\n");
    return out;
  };
  const std::string no_custom =
      "warning removes a: says that there is no custom CA: what was installed goes (certificates: 1)\n";
  const std::string no_proxy =
      "warning removes a: says that there is no CA of a proxy: what was installed goes (certificates: 1)\n";
  CHECK(said(installed, controller("[]", "\"\"")) == no_custom + no_proxy);
  CHECK(said(installed, controller("[]", quoted(two()))) == no_custom);
  CHECK(said(installed, controller("", "\"\"")) == no_proxy);
  CHECK(said(installed, controller(quoted(two()), "")) == "");  // replaced, not said to be none
  CHECK(said({}, controller("[]", "\"\"")) == "");
  CHECK(said(installed, "kind: List\nitems: []\n") == "");
  CHECK(removals(read({document("a", controller("[]", ""))})).front().message ==
        "says that there is no custom CA: what was installed from it goes");
}

TEST_CASE("what says nothing keeps what came from it") {
  const auto installed = provisioned({}, {document("a", controller(quoted(one()), quoted(two())))});
  for (const std::string bytes : {"kind: List\nitems: []\n", "kind: Secret\ndata: {}\n", "kind: ConfigMap\n",
                                  "[]", "kind: SecretList\n"}) {
    CAPTURE(bytes);
    const std::vector<Document> documents{document("a", bytes)};
    const auto source = read(documents);
    CHECK_FALSE(source.has_errors());
    CHECK(told(provisioned(installed, documents)) == told(installed));
    CHECK(told(provisioned(installed, documents, false)) == told(installed));
    CHECK(desired_for_image(installed, source) == installed);
  }
}

TEST_CASE("with faulty ones left out, a list of nothing but faulty ones removes nothing") {
  const auto weak = test::make_ca({.common_name = "weak", .key = test::TestKey::ec_p224});
  const auto installed = provisioned({}, {document("a", controller(quoted(one()), quoted(two())))});
  const std::vector<Document> documents{document("a", controller(quoted(weak), quoted(two())))};
  const auto source = read(documents);
  CHECK(source.refused(Config::OnRejected::fail));
  CHECK_FALSE(source.refused(Config::OnRejected::keep));
  CHECK(told(desired_for_provision(installed, source, inputs_of(documents, source, true))) ==
        "one: provision a; two: proxy a; ");
}
