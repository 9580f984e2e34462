// The real binary, given documents as provisioning models hand them over, in files, directories, standard
// input and the environment.
#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"
#include "support/wrap.hpp"

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using test::base64;
using test::gzip;

namespace {

constexpr int kNo = 1;
constexpr int kInput = 65;
constexpr int kMissingInput = 66;

const test::TestCa& ca(const std::string& name) {
  static std::map<std::string, test::TestCa> made;
  return made.try_emplace(name, test::make_ca({.common_name = name})).first->second;
}

class Node {
 public:
  Node() {
    write("root/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    write("root/etc/ca-certificates.conf", "mozilla/root.crt\n");
    write("root/usr/share/ca-certificates/mozilla/root.crt", ca("Distribution Root").pem);
    std::filesystem::create_directories(scratch_.path() / "root/etc/ssl/certs");
    std::filesystem::create_directories(scratch_.path() / "root/usr/local/share/ca-certificates");
  }

  std::string write(const std::string& name, std::string_view bytes) const {
    const auto path = scratch_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    test::write_whole(path, bytes);
    return path;
  }

  [[nodiscard]] test::Finished run(std::vector<std::string> words, const std::string& input = {},
                                   std::map<std::string, std::string> environment = {}) const {
    words.insert(words.begin(), NCT_BINARY);
    return test::run({.argv = std::move(words),
                      .input = input,
                      .environment = std::move(environment),
                      .directory = scratch_.path()});
  }
  [[nodiscard]] test::Finished provision(const std::string& from, const std::string& input = {},
                                         std::map<std::string, std::string> environment = {}) const {
    return run({"provision", "--root", "root", "--from", from, "--format", "json"}, input,
               std::move(environment));
  }

  // "one: provision, proxy; two: rotation; ": the anchors and their owners, as status lists them.
  [[nodiscard]] std::string owners() const {
    const auto status =
        nlohmann::json::parse(run({"status", "--root", "root", "--format", "json"}).out, nullptr, false);
    std::set<std::string> lines;
    for (const auto& anchor : status.value("anchors", nlohmann::json::array())) {
      std::string sources = anchor.value("source", "");
      if (anchor.contains("owners")) {
        sources.clear();
        for (const auto& owner : anchor["owners"])
          sources += concat(sources.empty() ? "" : ", ", owner["source"].get<std::string>());
      }
      lines.insert(concat(anchor["subject"].get<std::string>().substr(3), ": ", sources, "; "));
    }
    std::string out;
    for (const auto& line : lines)
      out += line;
    return out;
  }

  [[nodiscard]] std::filesystem::path path() const { return scratch_.path(); }

 private:
  test::Scratch scratch_;
};

std::string controller(std::string_view members) {
  return concat("{\"version\": \"v1\", \"kubelet_config\": {}", members, "}\n");
}
std::string custom(const std::string& name) {
  return concat(", \"custom_ca_certs\": [\"", base64(ca(name).pem), "\"]");
}
std::string proxy(const std::string& name) {
  return concat(", \"http_proxy_config\": {\"proxy_trusted_ca\": \"", base64(ca(name).pem), "\"}");
}

}  // namespace

TEST_CASE("custom CAs and the proxy's CA are added and removed on their own") {
  const Node node;
  const auto provisioned = [&](const std::string& members) {
    const auto finished = node.provision(node.write("anc.json", controller(members)));
    CHECK_MESSAGE(finished.status == 0, finished.out);
    return node.owners();
  };
  CHECK(provisioned(custom("one") + proxy("two")) == "one: provision; two: proxy; ");
  CHECK(provisioned("") == "one: provision; two: proxy; ");
  CHECK(provisioned(custom("two")) == "two: provision, proxy; ");
  CHECK(provisioned(", \"custom_ca_certs\": []") == "two: proxy; ");
  CHECK(provisioned(custom("one")) == "one: provision; two: proxy; ");
  CHECK(node.run({"remove", "--root", "root", "--source", "proxy"}).status == 0);
  CHECK(node.owners() == "one: provision; ");
}

// A distribution that trusts so many public roots, and a vendor's bundle with all of them.
TEST_CASE("a vendor's bundle with all public roots brings its private CAs") {
  constexpr int kPublic = 12;
  const Node node;
  std::string conf = "mozilla/root.crt\n";
  std::string vendor = ca("Distribution Root").pem;
  for (int i = 0; i < kPublic; ++i) {
    const auto name = concat("public ", std::to_string(i));
    const auto file = concat("mozilla/", std::to_string(i), ".crt");
    node.write("root/usr/share/ca-certificates/" + file, ca(name).pem);
    conf += file + "\n";
    vendor += ca(name).pem;
  }
  node.write("root/etc/ca-certificates.conf", conf);
  vendor += ca("private one").pem + ca("private two").pem;
  const auto expired =
      test::make_ca({.common_name = "old", .not_before = 1'000'000'000, .not_after = 1'100'000'000});
  const auto bundle = node.write("vendor.pem", vendor + expired.pem);
  const std::string ours = "private one: provision; private two: provision; ";
  // How many certificates got each verdict, and how many of them are the distribution's.
  const auto verdicts = [](const test::Finished& finished) {
    std::map<std::string, int> counts;
    const auto report = nlohmann::json::parse(finished.out, nullptr, false);
    for (const auto& certificate : report.value("certificates", nlohmann::json::array())) {
      ++counts[certificate["verdict"]];
      for (const auto& finding : certificate["findings"])
        if (finding["code"] == "in-distro-store" || finding["code"] == "too-many") ++counts[finding["code"]];
    }
    std::string out;
    for (const auto& [name, count] : counts)
      out += concat(name, " ", std::to_string(count), "; ");
    return out;
  };
  const std::string judged = "accepted 2; duplicate 13; in-distro-store 13; rejected 1; ";
  const auto lint = node.run({"lint", "--root", "root", "vendor.pem", "--format", "json"});
  CHECK(lint.status == 0);
  CHECK(verdicts(lint) == judged);
  for (const std::string_view result : {"\"changed\"", "\"unchanged\""}) {
    const auto finished = node.provision(bundle);
    CHECK_MESSAGE(finished.status == 0, finished.out);
    CHECK(finished.out.find(concat("\"result\": ", result)) != std::string::npos);
    CHECK(verdicts(finished) == judged);
    CHECK(node.owners() == ours);
  }
  CHECK(node.run({"remove", "--root", "root", "--all"}).status == 0);
  node.write("certs/vendor.pem", vendor);
  CHECK(node.run({"rotate", "--root", "root", "--directory", node.path() / "certs"}).status == 0);
  CHECK(node.owners() == "private one: rotation; private two: rotation; ");
  CHECK(node.run({"remove", "--root", "root", "--all"}).status == 0);

  // Somewhere without a trust store all count, and it is said why.
  std::filesystem::create_directory(node.path() / "laptop");
  const auto laptop = node.run({"lint", "--root", "laptop", "vendor.pem", "--format", "json"});
  CHECK(laptop.status == kNo);
  CHECK(verdicts(laptop) == "accepted 10; rejected 6; too-many 5; ");
  CHECK(laptop.out.find(
            "roots that a node's distribution trusts count too, since no trust store was found here") !=
        std::string::npos);

  node.write("root/etc/node-ca-trust/config.toml", "policy.in_distro_store = \"install\"\n");
  CHECK(node.provision(bundle).status == kInput);
  node.write("root/etc/node-ca-trust/config.toml",
             "policy.in_distro_store = \"install\"\nlimits.max_certificates = 15\n");
  CHECK(node.provision(bundle).status == 0);
  CHECK(std::ranges::count(node.owners(), ';') == kPublic + 3);
}

TEST_CASE("what a local file of somebody else's holds is installed as ours, too") {
  const Node node;
  node.write("root/usr/local/share/ca-certificates/theirs.crt", ca("one").pem);
  CHECK(node.provision(node.write("a.pem", ca("one").pem)).status == 0);
  CHECK(node.owners() == "one: provision; ");
}

TEST_CASE("that something goes because a document says none is said") {
  const Node node;
  const auto findings = [](const test::Finished& finished) {
    std::string out;
    const auto report = nlohmann::json::parse(finished.out, nullptr, false);
    for (const auto& finding : report.value("findings", nlohmann::json::array()))
      out += concat(finding["severity"].get<std::string>(), " ", finding["code"].get<std::string>(), "; ");
    return out;
  };
  const auto with = node.write("anc.json", controller(custom("one") + proxy("two")));
  CHECK(node.provision(with).status == 0);
  const auto none = node.write("anc.json", controller(", \"custom_ca_certs\": []"));
  const auto lint = node.run({"lint", "anc.json", "--format", "json"});
  CHECK(lint.status == 0);
  CHECK(findings(lint) == "warning removes; ");
  const auto planned =
      node.run({"provision", "--root", "root", "--from", none, "--dry-run", "--format", "json"});
  CHECK(findings(planned) == "warning removes; ");
  const auto finished = node.provision(none);
  CHECK(finished.status == 0);
  CHECK(findings(finished) == "warning removes; ");
  CHECK(node.owners() == "two: proxy; ");
  CHECK(findings(node.provision(none)) == "");  // nothing goes any more
  for (const std::string_view nothing : {"kind: List\nitems: []\n", "kind: Secret\n", "[]"}) {
    CAPTURE(nothing);
    const auto kept = node.provision(node.write("anc.json", nothing));
    CHECK(kept.status == 0);
    CHECK(findings(kept) == "warning no-certificates; ");
    CHECK(node.owners() == "two: proxy; ");
  }
}

TEST_CASE("an expired CA alone in its file does not block the others") {
  const Node node;
  const auto expired =
      test::make_ca({.common_name = "old", .not_before = 1'000'000'000, .not_after = 1'100'000'000});
  node.write("certs/a.crt", ca("one").pem);
  node.write("certs/b.crt", expired.pem);
  CHECK(node.run({"lint", "certs"}).status == 0);
  CHECK(node.provision("certs").status == 0);
  CHECK(node.owners() == "one: provision; ");
  CHECK(node.provision("certs/b.crt").status == kInput);
  CHECK(node.owners() == "one: provision; ");
  const Node other;
  CHECK(other.run({"rotate", "--root", "root", "--directory", node.path() / "certs"}).status == 0);
  CHECK(other.owners() == "one: rotation; ");
}

TEST_CASE("a directory stands for its files") {
  const Node node;
  node.write("certs/..2026/a.crt", ca("one").pem);
  std::filesystem::create_symlink("..2026", node.path() / "certs/..data");
  std::filesystem::create_symlink("..data/a.crt", node.path() / "certs/a.crt");
  node.write("certs/b.yaml", "kind: Secret\ndata:\n  b: " + base64(ca("two").pem) + "\n");
  node.write("certs/below/c.crt", ca("three").pem);
  for (const char* copy : {"a.crt~", "a.crt.bak", "a.crt.dpkg-old", "#a.crt#", "b.yaml.tmp"})
    node.write(std::string("certs/") + copy, "no certificate");
  CHECK(node.provision("certs").status == 0);
  CHECK(node.owners() == "one: provision; two: provision; ");
  node.write("empty/a.crt~", ca("one").pem);
  const auto finished = node.run({"lint", "empty"});
  CHECK(finished.status == 1);
  CHECK_MESSAGE(finished.out.contains("no-certificates"), finished.out);
}

TEST_CASE("standard input and the environment are inputs") {
  const Node node;
  CHECK(node.provision(
                "-", "#cloud-config\nca_certs:\n  trusted:\n  - |\n" + test::indented(ca("one").pem, "    "))
            .status == 0);
  CHECK(node.owners() == "one: provision; ");
  const auto finished = node.provision("env:", {},
                                       {{"CUSTOM_CA_TRUST_COUNT", "1"},
                                        {"CUSTOM_CA_CERT_0", base64(ca("two").pem, 76)},
                                        {"HTTP_PROXY_TRUSTED_CA", base64(ca("three").pem)}});
  CHECK_MESSAGE(finished.status == 0, finished.out);
  CHECK(node.owners() == "three: proxy; two: provision; ");
  const auto mismatch = node.provision("env:", {}, {{"CUSTOM_CA_TRUST_COUNT", "1"}});
  CHECK(mismatch.status == kInput);
  CHECK(mismatch.out.find("\"count-mismatch\"") != std::string::npos);
  CHECK(node.provision("env:").status == kMissingInput);
  CHECK(node.owners() == "three: proxy; two: provision; ");
}

TEST_CASE("two shapes in one document want --as") {
  const Node node;
  const auto file = node.write("both.yaml", "custom_ca_certs: [" + base64(ca("one").pem) +
                                                "]\ncustomCATrustCerts: [" + base64(ca("two").pem) + "]\n");
  const auto refused = node.run({"lint", "both.yaml"});
  CHECK(refused.status == kNo);
  CHECK(refused.out.find("a YAML document of more than one shape: aks-node-controller and agentbaker") !=
        std::string::npos);
  CHECK(node.run({"provision", "--root", "root", "--from", file, "--as", "agentbaker"}).status == 0);
  CHECK(node.owners() == "two: provision; ");
}

// The documents are made up, with the field names and encodings of those who hand them over; all hold the
// same three CAs.
TEST_CASE("each document of the fixtures gives what is expected of it") {
  const std::filesystem::path fixtures = NCT_FIXTURES;
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(fixtures / "documents"))
    names.insert(file.path().filename());
  std::string told =
      "# What lint says of each of documents/: certificates with their source, and findings.\n";
  for (const auto& name : names) {
    const auto finished = test::run(
        {.argv = {NCT_BINARY, "lint", name, "--format", "json"}, .directory = fixtures / "documents"});
    const auto report = nlohmann::json::parse(finished.out, nullptr, false);
    REQUIRE_MESSAGE(report.is_object(), name, finished.out, finished.err);
    told += concat("\n", name, " ", std::to_string(finished.status), "\n");
    for (const auto& certificate : report["certificates"]) {
      CHECK(certificate["findings"].empty());
      told +=
          concat("  ", certificate["verdict"].get<std::string>(), " ",
                 certificate["fingerprint_sha256"].get<std::string>().substr(0, 16), " ",
                 certificate.value("source", "custom"), " ", certificate["origin"].get<std::string>(), "\n");
    }
    for (const auto& finding : report["findings"])
      told +=
          concat("  ", finding["severity"].get<std::string>(), " ", finding["code"].get<std::string>(), " ",
                 finding["origin"].get<std::string>(), ": ", finding["message"].get<std::string>(), "\n");
  }
  CHECK(names.size() >= 25);
  const auto expected = test::read_whole(fixtures / "expected.txt");
  CHECK_MESSAGE(told == expected, told);
}

TEST_CASE("annotations of a workflow") {
  const Node node;
  node.write("a,b.yaml", "kind: Secret\ndata:\n  a.crt: " + base64("100%\nno certificate!!") + "\n");
  const auto finished = node.run({"lint", "a,b.yaml", "--format", "github"});
  CHECK(finished.status == kNo);
  CHECK(finished.err == "");
  CHECK(finished.out ==
        "::error file=a%2Cb.yaml,line=3,title=node-ca-trust not-pem::a,b.yaml: data[\"a.crt\"], line 3: not "
        "PEM, nor "
        "anything that opens to it, but text%0Apass PEM, DER, base64 of them, or a document of a shape that "
        "'INPUTS' in node-ca-trust(8) lists\n");
  CHECK(node.run({"lint", "-", "--format", "github"}, "\n").out ==
        "::error title=node-ca-trust no-certificates::-: nothing but blanks%0Acheck what should have written "
        "it; "
        "to take anchors away use 'node-ca-trust remove'\n");
  CHECK(node.run({"lint", "/nowhere", "--format", "github"}).out ==
        "::error title=node-ca-trust::open '/nowhere': no such file or directory%0Acheck the path\n");
}

TEST_CASE("SARIF has the structure that its version 2.1.0 asks for") {
  const Node node;
  node.write("a b.pem", "# one\r\n" + ca("one").pem + "-----BEGIN CERTIFICATE-----\n");
  const auto leaf = test::make_leaf(ca("one"), "registry.example");
  node.write("leaf.pem", leaf.pem);
  const auto finished = node.run({"lint", "a b.pem", "leaf.pem", "--format", "sarif"});
  CHECK(finished.status == kNo);
  const auto sarif = nlohmann::json::parse(finished.out, nullptr, false);
  REQUIRE(sarif.is_object());
  CHECK(sarif["version"] == "2.1.0");
  CHECK(sarif["$schema"].get<std::string>().ends_with("/sarif-schema-2.1.0.json"));
  REQUIRE(sarif["runs"].size() == 1);
  const auto& run = sarif["runs"][0];
  const auto& driver = run["tool"]["driver"];
  CHECK(driver["name"] == "node-ca-trust");
  CHECK(driver["version"].is_string());
  std::set<std::string> ids;
  for (const auto& rule : driver["rules"]) {
    CHECK(ids.insert(rule["id"]).second);
    CHECK(rule["shortDescription"]["text"].is_string());
    CHECK(rule["help"]["text"].is_string());
  }
  CHECK(ids == std::set<std::string>{"crlf", "not-a-ca", "truncated"});
  REQUIRE(run["invocations"].size() == 1);
  CHECK(run["invocations"][0]["executionSuccessful"] == true);
  std::set<std::string> found;
  for (const auto& result : run["results"]) {
    CHECK(driver["rules"][result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
    CHECK(std::set<std::string>{"error", "warning"}.contains(result["level"]));
    CHECK(result["message"]["text"].is_string());
    REQUIRE(result["locations"].size() == 1);
    const auto& place = result["locations"][0]["physicalLocation"];
    CHECK(place["region"]["startLine"].is_number_unsigned());
    found.insert(concat(result["ruleId"].get<std::string>(), " ",
                        place["artifactLocation"]["uri"].get<std::string>(), " ",
                        std::to_string(place["region"]["startLine"].get<unsigned>())));
  }
  const auto lines = 2 + std::ranges::count(ca("one").pem, '\n');
  CHECK(found == std::set<std::string>{"crlf a%20b.pem 1", "not-a-ca leaf.pem 1",
                                       concat("truncated a%20b.pem ", std::to_string(lines))});

  const auto missing =
      nlohmann::json::parse(node.run({"lint", "/nowhere", "--format", "sarif"}).out, nullptr, false);
  const auto& invocation = missing["runs"][0]["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  CHECK(invocation["toolExecutionNotifications"][0]["level"] == "error");
  CHECK(missing["runs"][0]["results"] == nlohmann::json::array());
}

// Sanitizers slow it down and take memory of their own: measured as it is shipped.
TEST_CASE("bombs end in an error within a second and 64 MB") {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  std::string laughs = "kind: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    laughs += concat(std::string(1, c), ": &", std::string(1, c), " [");
    for (int i = 0; i < 10; ++i)
      laughs += concat("*", std::string(1, static_cast<char>(c - 1)), ", ");
    laughs += "]\n";
  }
  const auto times = [](std::size_t count, std::string_view text) {
    std::string out;
    while (out.size() + text.size() <= count)
      out += text;
    return out;
  };
  const std::vector<std::pair<std::string, std::string>> bombs{
      {"JSON, lists", times(kMiB, "[")},
      {"JSON, objects", times(kMiB, "{\"a\":")},
      {"JSON, values", "{\"custom_ca_certs\": [" + times(kMiB - 100, "1,") + "1]}"},
      {"JSON, keys", "{" + times(kMiB - 100, "\"\":0,") + "\"a\":0}"},
      {"JSON, no UTF-8", "{\"custom_ca_certs\": [\"" + times(kMiB - 100, "\xFF") + "\"]}"},
      {"YAML, lists", "kind: " + times(kMiB - 100, "[")},
      {"YAML, maps", "kind: " + times(kMiB - 100, "{")},
      {"YAML, steps", "kind:\n" + times(kMiB - 100, "- - - - - - - - ")},
      {"YAML, questions", "kind: x\n" + times(kMiB - 100, "? ")},
      {"YAML, keys", "kind: x\n" + times(kMiB - 100, "a:\n")},
      {"YAML, anchors", "kind: x\n" + times(kMiB - 100, "- &a\n")},
      {"YAML, documents", times(kMiB, "---\n")},
      {"YAML, quotes", "kind: \"" + times(kMiB - 100, "a\n")},
      {"YAML, laughs", laughs},
      {"YAML, laughs at length", "kind: &a " + times(kMiB / 2, "A") + "\nb: [*a, *a, *a]\n"},
      {"YAML, no UTF-8", "kind: " + times(kMiB - 100, "\xFF")},
      {"TOML, dots", "[settings" + times(kMiB - 100, ".a") + "]\n"},
      {"TOML, lists", "[settings]\na = " + times(kMiB - 100, "[")},
      {"TOML, tables", "[settings]\na = " + times(kMiB - 100, "{a=")},
      {"TOML, headers", "[settings]\n" + times(kMiB - 100, "[[a.b]]\n")},
      {"TOML, no UTF-8", "[settings]\na = \"" + times(kMiB - 100, "\xFF") + "\"\n"},
      {"settings", times(kMiB - 100, "CUSTOM_CA_CERT_0=a ")},
      {"settings, many", "CUSTOM_CA_TRUST_COUNT=999999\n" + times(kMiB - 100, "CUSTOM_CA_CERT_1=\"")},
      {"gzip", gzip(std::string(200 * kMiB, 'a'))},
      {"gzip of gzip", gzip(gzip(std::string(200 * kMiB, 'a')))},
      {"gzip of JSON", gzip(times(3 * kMiB, "["))},
      {"gzip in a value", "{\"custom_ca_certs\": [\"" + base64(gzip(std::string(200 * kMiB, 'a'))) + "\"]}"},
      {"a gibibyte, as DER says", std::string("\x30\x84\x40\x00\x00\x00\x30\x84\x3F\xFF\xFF\xF0", 12)},
      {"the same in a value",
       "kind: Secret\ndata: {a: " +
           base64(std::string("\x30\x84\x40\x00\x00\x00\x30\x84\x3F\xFF\xFF\xF0", 12) + times(200, "A")) +
           "}\n"},
  };
  const Node node;
  std::size_t slow = 0;
  for (const auto& [name, bytes] : bombs) {
    CAPTURE(name);
    const auto file = node.write("bomb", bytes);
    const auto start = std::chrono::steady_clock::now();
#ifdef NCT_MEASURED
    const auto finished = test::run(
        {.argv = {"bash", "-c", "ulimit -v 65536; exec \"$0\" lint \"$1\" --format json", NCT_BINARY, file}});
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took < std::chrono::seconds(1));
    slow += took > std::chrono::milliseconds(300) ? 1U : 0U;
#else
    const auto finished = node.run({"lint", file, "--format", "json"});
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
#endif
    CHECK(finished.signal == 0);
    CHECK_MESSAGE(finished.status == kNo, finished.out.substr(0, 300), finished.err.substr(0, 300));
    const auto report = nlohmann::json::parse(finished.out, nullptr, false);
    CHECK(report.value("result", "") == "failed");
  }
  MESSAGE(bombs.size(), " bombs, ", slow, " took longer than 0.3 s");
}
