// CAs of one name: what is said of them, and that a chain is built with the right one.
#include "cli/debian_root.hpp"
#include "cli/gnutls_verifies.hpp"
#include "support/certificates.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <set>
#include <utility>

using namespace nct;
using namespace nct::test;

namespace {

const std::string kLocal = "/usr/local/share/ca-certificates/";
const std::string kShared = "/usr/share/ca-certificates/mozilla/";

// `ca` issued again, by `issuer`: the same subject and key.
TestCa cross_signed(const TestCa& ca, const TestCa& issuer) {
  return make_ca({.subject_like_der = ca.der, .key_pem = ca.key_pem}, issuer);
}

struct Twins {
  TestCa root;
  TestCa cross;   // the same subject and key, issued by somebody else
  TestCa leaf;    // that both issued
  TestCa others;  // who issued `cross`
};

// With the name of `cross` before that of `root`, or behind it, by their fingerprints.
Twins twins(bool cross_first) {
  while (true) {
    const auto root = make_ca({.common_name = "Twin"});
    const auto others = make_ca({.common_name = "Somebody else"});
    const auto cross = cross_signed(root, others);
    if ((cross.fingerprint_hex < root.fingerprint_hex) == cross_first)
      return {root, cross, make_leaf(root, "server.example"), others};
  }
}

// What openssl says of `leaf` with the store as bundle, and as hash directory.
std::pair<int, int> verified(const DebianRoot& node, const TestCa& leaf) {
  const Scratch scratch;
  const std::string file = scratch.path() / "leaf.pem";
  write_whole(file, leaf.pem);
  // Links in the store lead to paths of the root.
  const std::string certs = scratch.path() / "certs";
  std::filesystem::create_directory(certs);
  for (const auto& [name, entry] : tree_of(node.at("/etc/ssl/certs")))
    if (entry.kind == NodeKind::link)
      std::filesystem::create_symlink(entry.content.starts_with('/') ? node.at(entry.content) : entry.content,
                                      concat(certs, "/", name));
  const auto ask = [&](const char* option, const std::string& store, const char* other) {
    return run({.argv = {"openssl", "verify", option, store, other, "-no-CAstore", file}}).status;
  };
  return {ask("-CAfile", node.at("/etc/ssl/certs/ca-certificates.crt"), "-no-CApath"),
          ask("-CApath", certs, "-no-CAfile")};
}

// Codes of relations, of the certificate in `list` of the report.
std::set<std::string> said_of(const TestCa& ca, const Answer& answer, const char* list = "certificates") {
  std::set<std::string> codes;
  for (const auto& row : answer.report.value(list, nlohmann::json::array()))
    if (row.at("fingerprint_sha256") == ca.fingerprint_hex)
      for (const auto& finding : row.at("findings"))
        if (finding.at("code") == "cross-signed" || finding.at("code") == "same-name")
          codes.insert(concat(finding.at("code").get<std::string>(), " ",
                              finding.at("message").get<std::string>().substr(
                                  finding.at("message").get<std::string>().rfind(": ") + 2)));
  return codes;
}

std::size_t count_of(const std::set<std::string>& codes, const std::string& code) {
  return static_cast<std::size_t>(
      std::ranges::count_if(codes, [&](const auto& each) { return each.starts_with(code); }));
}

}  // namespace

TEST_CASE("a cross-signed twin stands behind its self-signed root, in bundle and bucket") {
  for (const bool cross_first : {true, false})
    for (const std::string order : {"together", "twin first", "root first"}) {
      CAPTURE(cross_first);
      CAPTURE(order);
      const DebianRoot node;
      const auto [root, cross, leaf, others] = twins(cross_first);
      if (order == "twin first") CHECK(node.provision(cross.pem).status == 0);
      if (order == "root first") CHECK(node.provision(root.pem).status == 0);
      const auto answer = node.provision(cross.pem + root.pem);
      CHECK_MESSAGE(answer.status == 0, answer.text);
      CHECK(count_of(said_of(root, answer), "cross-signed") == 1);
      CHECK(count_of(said_of(cross, answer), "cross-signed") == 1);
      CHECK(verified(node, leaf) == std::pair{0, 0});
      const auto bundle = node.read("/etc/ssl/certs/ca-certificates.crt");
      CHECK(bundle.find(root.pem) < bundle.find(cross.pem));
      CHECK(std::filesystem::read_symlink(node.at(concat("/etc/ssl/certs/", root.subject_hash_hex, ".0"))) ==
            concat("node-ca-trust-", root.fingerprint_hex.substr(0, 32), ".pem"));
      CHECK(node.ask({"verify"}).status == 0);
      const auto status = node.ask({"status"});
      CHECK(count_of(said_of(root, status, "anchors"), "cross-signed") == 1);
      for (const auto& row : status.report.at("anchors"))
        CHECK(std::filesystem::exists(node.at(row.at("file"))));
      // Alone, it has the name that every certificate has.
      CHECK(node.provision(cross.pem).status == 0);
      CHECK(std::filesystem::exists(node.at(
          concat(kLocal, "node-ca-trust/node-ca-trust-", cross.fingerprint_hex.substr(0, 32), ".crt"))));
      CHECK(node.ask({"verify"}).status == 0);
    }
}

TEST_CASE("anchors by either name are found again without a manifest") {
  const DebianRoot node;
  const auto [root, cross, leaf, others] = twins(true);
  REQUIRE(node.provision(cross.pem + root.pem).status == 0);
  const auto before = node.tree();
  std::filesystem::remove_all(node.at("/var/lib/node-ca-trust"));
  CHECK(node.ask({"provision"}).status == 0);
  const auto status = node.ask({"status"});
  CHECK(status.report.at("anchors").size() == 2);
  CHECK(status.drift().empty());
  CHECK(node.ask({"remove", "--all"}).status == 0);
  CHECK_FALSE(std::filesystem::exists(node.at(kLocal + "node-ca-trust")));
}

TEST_CASE("what CAs of one name are to each other is said, wherever the other one is") {
  const auto without = [](const std::string& name) {
    return make_ca({.common_name = name, .key_ids = false});
  };
  const auto with = [](const std::string& name) { return make_ca({.common_name = name}); };
  const auto root = with("One");
  const auto issuer = with("Issuer");
  const auto other_case = make_ca({.common_name = "oNE", .key_ids = false});
  struct Pair {
    std::string name;
    TestCa one;
    TestCa other;
    std::string code;  // said of both; empty where nothing is
  };
  const Pair pairs[] = {
      {"cross-signed", root, cross_signed(root, issuer), "cross-signed"},
      {"cross-signed, the other way", cross_signed(root, issuer), root, "cross-signed"},
      {"issued by two others", cross_signed(root, issuer), cross_signed(root, with("Issuer 2")),
       "cross-signed"},
      {"renewed", root, make_ca({.subject_like_der = root.der, .key_pem = root.key_pem}), ""},
      {"another key, no ids", without("One"), without("One"), "same-name"},
      {"another key, one id", with("One"), without("One"), "same-name"},
      {"another key, one id, the other way", without("One"), with("One"), "same-name"},
      {"another key, in other letters", without("One"), other_case, "same-name"},
      {"another key, ids", with("One"), with("One"), ""},
      {"another name", without("One"), without("Two"), ""},
      {"a server's own certificate", without("one.example"),
       make_ca({.common_name = "one.example",
                .basic_constraints = BasicConstraints::not_ca,
                .key_usage = "",
                .key_ids = false}),
       "same-name"},
  };
  struct Place {
    std::string name;
    std::function<void(const DebianRoot&, const Pair&)> put;
  };
  const Place places[] = {
      {"a local file",
       [](const DebianRoot& node, const Pair& pair) { node.write(kLocal + "other.crt", pair.other.pem); }},
      {"a local file of two",
       [](const DebianRoot& node, const Pair& pair) {
         node.write(kLocal + "two.crt", make_ca({.common_name = "Third"}).pem + pair.other.pem);
       }},
      {"the distribution's",
       [](const DebianRoot& node, const Pair& pair) {
         node.write(kShared + "Other.crt", pair.other.pem);
         node.write("/etc/ca-certificates.conf",
                    concat(node.read("/etc/ca-certificates.conf"), "mozilla/Other.crt\n"));
       }},
      {"another source of ours",
       [](const DebianRoot& node, const Pair& pair) {
         node.write("/opt/certs/other.crt", pair.other.pem);
         const auto rotated = node.ask({"rotate"});
         CHECK_MESSAGE(rotated.status == 0, rotated.text);
       }},
  };
  for (const auto& pair : pairs) {
    CAPTURE(pair.name);
    const std::size_t expected = pair.code.empty() ? 0 : 1;
    const Scratch scratch;
    const std::string both = scratch.path() / "both.pem";
    write_whole(both, pair.one.pem + pair.other.pem);
    const auto lint = DebianRoot().ask({"lint", both});
    for (const auto* ca : {&pair.one, &pair.other})
      CHECK(count_of(said_of(*ca, lint), pair.code) == expected);
    for (const auto& place : places) {
      CAPTURE(place.name);
      const DebianRoot node;
      place.put(node, pair);
      for (const auto& answer :
           {node.provision(pair.one.pem, true), node.provision(pair.one.pem), node.provision(pair.one.pem)}) {
        if (answer.status == 65) {  // it would take the chains of what is trusted already
          CHECK(answer.text.contains("which this node trusts today"));
          continue;
        }
        CHECK_MESSAGE(answer.status == 0, answer.text);
        CHECK(said_of(pair.one, answer).size() == expected);
        CHECK(count_of(said_of(pair.one, answer), pair.code) == expected);
      }
      const auto status = node.ask({"status"});
      const auto& anchors = status.report.at("anchors");
      const bool installed = std::ranges::any_of(
          anchors, [&](const auto& row) { return row.at("fingerprint_sha256") == pair.one.fingerprint_hex; });
      if (installed) CHECK(said_of(pair.one, status, "anchors").size() == expected);
    }
  }
}

TEST_CASE("the hash directory that leads to somebody else's copy of an anchor is named") {
  const auto ca = make_ca({.common_name = "Twice"});
  for (const auto& [name, linked] : {std::pair{"cert0.crt", true}, {"zz.crt", false}}) {
    CAPTURE(name);
    const DebianRoot node;
    node.write(kLocal + name, ca.pem);
    const auto answer = node.provision(ca.pem);
    CHECK(answer.status == 0);
    CHECK(answer.text.contains("in-distro-store"));
    CHECK(answer.text.contains(concat("by '", kLocal, name, "', and the hash directory leads there")) ==
          linked);
    CHECK(answer.text.contains("when that file goes, run 'node-ca-trust provision' at once") == linked);
    // It goes, and nobody runs the distribution's tool.
    std::filesystem::remove(node.at(kLocal + name));
    CHECK(node.ask({"verify"}).status == 1);
    CHECK(node.ask({"provision"}).status == 0);
    CHECK(node.ask({"verify"}).status == 0);
    CHECK(verified(node, make_leaf(ca, "server.example")) == std::pair{0, 0});
  }
}

namespace {

// A pair of one subject. Whether the worse one can be installed where the better one is trusted already.
struct Worse {
  std::string name;
  TestCa better;
  TestCa worse;
};

std::vector<Worse> worse_ones() {
  std::vector<Worse> all;
  for (const bool key_ids : {true, false}) {
    const auto better = make_ca({.common_name = "better.example", .key_ids = key_ids});
    const auto with_its_key = [&](CaOptions options) {
      options.subject_like_der = better.der;
      options.key_pem = better.key_pem;
      options.key_ids = key_ids;
      return options;
    };
    const auto with_its_name = [&](CaOptions options) {
      options.subject_like_der = better.der;
      return options;
    };
    const std::string ids = key_ids ? ", key ids" : ", no key ids";
    const auto add = [&](const std::string& name, const TestCa& worse) {
      all.push_back({name + ids, better, worse});
    };
    add("not yet valid", make_ca(with_its_key({.days_before = -5, .days_after = 50})));
    add("for clients", make_ca(with_its_key({.extended_key_usage = "clientAuth"})));
    add("other names", make_ca(with_its_key({.name_constraints = "permitted;DNS:other.example"})));
    add("no CA", make_ca(with_its_key({.basic_constraints = BasicConstraints::not_ca})));
    add("signs nothing", make_ca(with_its_key({.key_usage = "critical,digitalSignature"})));
    add("cross-signed", make_ca(with_its_key({}), make_ca({.common_name = "Issuer"})));
    add("renewed", make_ca(with_its_key({})));
    add("another key", make_ca(with_its_name({})));
    add("another key, no ids", make_ca(with_its_name({.key_ids = false})));
    add("another key, no CA",
        make_ca(with_its_name({.basic_constraints = BasicConstraints::not_ca, .key_ids = false})));
  }
  return all;
}

std::vector<std::string> certificates_in(const std::string& bundle) {
  std::vector<std::string> all;
  const std::string end = "-----END CERTIFICATE-----\n";
  for (std::size_t at = 0; (at = bundle.find("-----BEGIN", at)) != std::string::npos;) {
    const auto stop = bundle.find(end, at) + end.size();
    all.push_back(read_ca(bundle.substr(at, stop - at)).der);
    at = stop;
  }
  return all;
}

// '+' or '-' of OpenSSL with the bundle, with the hash directory, and of GnuTLS: what they make of a server
// that `ca` issued.
std::string answers(const DebianRoot& node, const TestCa& ca) {
  const auto leaf = make_leaf(ca, "server.example");
  const auto [file, directory] = verified(node, leaf);
  const bool gnutls =
      gnutls_verifies(certificates_in(node.read("/etc/ssl/certs/ca-certificates.crt")), leaf.der);
  return concat(file == 0 ? "+" : "-", directory == 0 ? "+" : "-", gnutls ? "+" : "-");
}

bool still_accept(const std::string& before, const std::string& after) {
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before.at(i) == '+' && after.at(i) != '+') return false;
  return true;
}

}  // namespace

TEST_CASE("what the node trusts goes on to work beside what has the same name, or that is refused") {
  struct Place {
    std::string name;
    std::function<void(const DebianRoot&, const TestCa&)> put;
  };
  const Place places[] = {
      {"ours", [](const DebianRoot& node, const TestCa& ca) { CHECK(node.provision(ca.pem).status == 0); }},
      {"the distribution's",
       [](const DebianRoot& node, const TestCa& ca) {
         node.write(kShared + "Other.crt", ca.pem);
         node.write("/etc/ca-certificates.conf",
                    concat(node.read("/etc/ca-certificates.conf"), "mozilla/Other.crt\n"));
         CHECK(node.ask({"provision"}).status == 0);
       }},
      {"the administrator's, before ours",
       [](const DebianRoot& node, const TestCa& ca) {
         node.write(kLocal + "aaa.crt", ca.pem);
         CHECK(node.ask({"provision"}).status == 0);
       }},
      {"the administrator's, behind ours",
       [](const DebianRoot& node, const TestCa& ca) {
         node.write(kLocal + "zzz.crt", ca.pem);
         CHECK(node.ask({"provision"}).status == 0);
       }},
  };
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (const auto& [pair, better, worse] : worse_ones())
    for (const auto& place : places)
      for (const bool better_first : {true, false}) {
        CAPTURE(pair);
        CAPTURE(place.name);
        CAPTURE(better_first);
        const auto& there = better_first ? better : worse;
        const auto& delivered = better_first ? worse : better;
        const DebianRoot node;
        place.put(node, there);
        const auto tree = node.tree();
        const auto before = answers(node, there);
        const bool ours = place.name == "ours";
        const auto answer = node.provision(ours ? there.pem + delivered.pem : delivered.pem);
        if (answer.status == 0) {
          ++taken;
          CHECK(node.ask({"verify"}).status == 0);
          const auto after = answers(node, there);
          CHECK_MESSAGE(still_accept(before, after), before << " became " << after << "\n" << answer.text);
          continue;
        }
        ++refused;
        CHECK_MESSAGE(answer.status == 65, answer.text);
        CHECK(count_of(said_of(delivered, answer), "same-name") >= 1);
        CHECK(difference(tree, node.tree()).empty());
        // Not without need.
        CHECK_FALSE_MESSAGE(pair.starts_with("renewed"), answer.text);
      }
  MESSAGE(taken << " installed, " << refused << " refused");
  CHECK(taken > 60);
  CHECK(refused > 20);
}

TEST_CASE("what has expired before a CA of its subject was valid is not in its way") {
  for (const std::string name : {"aaa.crt", "zzz.crt"}) {
    CAPTURE(name);
    const DebianRoot node;
    const auto ca = make_ca({.common_name = "Renewed", .key_ids = false});
    node.write(
        kLocal + name,
        make_ca({.common_name = "Renewed", .days_before = 900, .days_after = -100, .key_ids = false}).pem);
    const auto answer = node.provision(ca.pem);
    CHECK_MESSAGE(answer.status == 0, answer.text);
    CHECK(node.ask({"verify"}).status == 0);
    CHECK(answers(node, ca).starts_with("++"));
  }
}

TEST_CASE("of a pair that is delivered together the better one stands first") {
  for (const auto& [pair, better, worse] : worse_ones()) {
    CAPTURE(pair);
    const DebianRoot node;
    const auto answer = node.provision(worse.pem + better.pem);
    CHECK_MESSAGE(answer.status == 0, answer.text);
    if (!pair.starts_with("another key")) CHECK(answers(node, better).starts_with("++"));
    CHECK(node.ask({"verify"}).status == 0);
    const Scratch scratch;
    const std::string both = scratch.path() / "both.pem";
    write_whole(both, worse.pem + better.pem);
    CHECK(node.ask({"lint", both}).status == 0);
  }
}
