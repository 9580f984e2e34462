// What is somebody else's in a store, and must not be published, or lost, in silence: the real binary on
// roots where others were at work.
#include "cli/debian_root.hpp"
#include "support/certificates.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kNo = 1;
constexpr int kInTheWay = 73;
const std::string kBundle = "/etc/ssl/certs/ca-certificates.crt";
const std::string kLocal = "/usr/local/share/ca-certificates/";

using Node = DebianRoot;

// With a link of its own and one by its hash, as the tool leaves them.
void link_as_the_tool(const Node& node, const TestCa& ca, const std::string& name,
                      const std::string& target) {
  node.link(target, concat("/etc/ssl/certs/", name, ".pem"));
  node.link(concat(name, ".pem"), concat("/etc/ssl/certs/", ca.subject_hash_hex, ".0"));
}

std::string with_nuls(std::string_view text) {
  std::string wide = "\xff\xfe";
  for (const char c : text)
    wide.append(1, c).append(1, '\0');
  return wide;
}

// Each line as a comment.
std::string commented(std::string_view text) {
  std::string lines;
  for (const auto line : lines_of(text))
    if (!line.empty()) lines += concat("# ", line, "\n");
  return lines;
}

const TestCa& server() {
  static const auto made = make_ca({.common_name = "server.example"});
  return made;
}

const TestCa& ours() {
  static const auto made = make_ca({.common_name = "Ours"});
  return made;
}

}  // namespace

TEST_CASE("a private key of somebody else's is not published") {
  const auto& ca = server();
  const auto rsa = make_ca({.common_name = "rsa", .key = TestKey::rsa_2048});
  const auto legacy = run(
      {.argv = {"openssl", "rsa", "-traditional", "-aes128", "-passout", "pass:word"}, .input = rsa.key_pem});
  REQUIRE(legacy.out.contains("Proc-Type: 4,ENCRYPTED"));
  const auto pkcs8 =
      run({.argv = {"openssl", "pkcs8", "-topk8", "-passout", "pass:word"}, .input = rsa.key_pem});
  REQUIRE(pkcs8.out.contains("ENCRYPTED PRIVATE KEY"));
  const auto der =
      run({.argv = {"openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER"}, .input = rsa.key_pem});
  const auto half = ca.key_pem.substr(0, ca.key_pem.size() / 2);
  struct Case {
    std::string name;
    std::string bytes;
    unsigned mode = 0600;
  };
  const Case cases[] = {
      {"certificate, then key", ca.pem + ca.key_pem},
      {"key, then certificate", ca.key_pem + ca.pem},
      {"readable by everybody already", ca.pem + ca.key_pem, 0644},
      {"encrypted, as OpenSSL did", rsa.pem + legacy.out},
      {"encrypted, PKCS#8", rsa.pem + pkcs8.out},
      {"cut off", concat(ca.pem, half, "\n")},
      {"without its first line", ca.pem + ca.key_pem.substr(ca.key_pem.find('\n') + 1)},
      {"in a comment", ca.pem + commented(ca.key_pem)},
      {"of OpenSSH",
       concat(ca.pem, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")},
      {"with CRLF",
       concat(ca.pem, "-----BEGIN EC PRIVATE KEY-----\r\nAAAA\r\n-----END EC PRIVATE KEY-----\r\n")},
      {"two certificates and a key", ca.pem + rsa.pem + rsa.key_pem},
      {"DER", der.out},
      {"UTF-16", with_nuls(ca.pem + ca.key_pem)},
  };
  struct Place {
    std::string name;
    std::string named;  // in messages
    std::function<void(const Node&, const Case&)> put;
  };
  const Place places[] = {
      {"a local file", kLocal + "server.crt",
       [](const Node& node, const Case& each) { node.write(kLocal + "server.crt", each.bytes, each.mode); }},
      {"a link to a file elsewhere", kLocal + "deep/server.crt",
       [](const Node& node, const Case& each) {
         node.write("/etc/ssl/private/server.pem", each.bytes, each.mode);
         node.link("/etc/ssl/private/server.pem", kLocal + "deep/server.crt");
       }},
      {"a line of ca-certificates.conf", "/usr/share/ca-certificates/site/server.crt",
       [](const Node& node, const Case& each) {
         node.write("/usr/share/ca-certificates/site/server.crt", each.bytes, each.mode);
         node.write("/etc/ca-certificates.conf",
                    concat("site/server.crt\n", node.read("/etc/ca-certificates.conf")));
       }},
  };
  for (const auto& place : places)
    for (const auto& each : cases) {
      CAPTURE(place.name);
      CAPTURE(each.name);
      const Node node;
      place.put(node, each);
      const auto before = node.tree();
      for (const bool dry_run : {true, false}) {
        const auto answer = node.provision(ours().pem, dry_run);
        CHECK(answer.status == kInTheWay);
        CHECK_MESSAGE(answer.error().contains(concat("'", place.named, "' holds a private key")),
                      answer.text);
        CHECK(difference(before, node.tree()).empty());
      }
      CHECK(node.ask({"provision"}).status == 0);  // nothing of ours: it is left alone
      CHECK(difference(before, node.tree()).empty());
      for (const char* command : {"status", "verify"})
        CHECK_MESSAGE(node.ask({command}).has(concat("private-key-in-file ", place.named)), command);
      CHECK(node.ask({"verify"}).status == kNo);
    }
}

TEST_CASE("a comment that only mentions a private key is no private key") {
  const Node node;
  const auto ca = make_ca({.common_name = "Mentions"});
  node.write(kLocal + "ca.crt", concat("# its BEGIN PRIVATE KEY file is kept in the safe\n", ca.pem), 0644);
  CHECK(node.provision(ours().pem, false).status == 0);
  CHECK(node.ask({"verify"}).status == 0);
}

TEST_CASE("a private key that is published already is named by every command") {
  const Node node;
  const auto path = kLocal + "server.crt";
  const std::string line = concat("private-key-published ", path);
  node.write(path, server().pem);
  REQUIRE(node.provision(ours().pem).status == 0);
  const auto with_key = server().pem + server().key_pem;
  auto bundle = node.read(kBundle);
  bundle.replace(bundle.find(server().pem), server().pem.size(), with_key);
  node.write(path, with_key, 0600);
  node.write(kBundle, bundle);

  for (const auto& arguments : std::vector<std::vector<std::string>>{{"status"},
                                                                     {"verify"},
                                                                     {"verify", "--image"},
                                                                     {"provision"},
                                                                     {"provision", "--dry-run"},
                                                                     {"rotate", "--dry-run"},
                                                                     {"remove", "--all", "--dry-run"},
                                                                     {"remove", "--all"},
                                                                     {"provision"}}) {
    CAPTURE(arguments);
    const auto answer = node.ask(arguments);
    CHECK_MESSAGE(answer.has(line), answer.text);
    CHECK_FALSE(answer.text.contains("BEGIN"));
    CHECK(answer.status == (arguments.front() == "verify" ? kNo : 0));
  }
  // Neither refused for it, nor kept once it is out of its file.
  CHECK(node.provision(ours().pem).has(line));
  CHECK(node.read(kBundle).contains(server().key_pem));
  node.write(path, server().pem);
  const auto left_over = node.ask({"verify"});
  CHECK(left_over.has(concat("private-key-published ", kBundle)));
  CHECK(node.ask({"provision"}).status == 0);
  CHECK_FALSE(node.read(kBundle).contains("PRIVATE KEY"));
  CHECK(node.ask({"verify"}).status == 0);

  // Only what everybody can read is published.
  node.write(path, with_key, 0600);
  bundle = node.read(kBundle);
  bundle.replace(bundle.find(server().pem), server().pem.size(), with_key);
  node.write(kBundle, bundle, 0600);
  CHECK(node.ask({"provision"}).status == kInTheWay);
}

TEST_CASE("a certificate of somebody else's by which clients lose the bundle is named by every command") {
  const auto good = make_ca({.common_name = "Others"}).pem;
  const auto refused = make_ca({.common_name = "Others", .unknown_extension = true}).pem;
  const auto breaking = make_ca({.common_name = "Others", .extension_twice = true}).pem;
  struct Place {
    std::string name;
    std::string path;
    std::string hint;
    std::function<void(const Node&, const std::string&)> put;
    std::function<void(const Node&)> follow_hint;
  };
  const Place places[] = {
      {"a local file", kLocal + "site.crt", "take it out and run 'update-ca-certificates'",
       [](const Node& node, const std::string& pem) { node.write(kLocal + "site.crt", pem); },
       [](const Node& node) { fs::remove(node.at(kLocal + "site.crt")); }},
      {"a local file of several", kLocal + "deep/site.crt", "take it out and run 'update-ca-certificates'",
       [](const Node& node, const std::string& pem) {
         node.write(kLocal + "deep/site.crt", make_ca({.common_name = "One of them"}).pem + pem);
       },
       [](const Node& node) { fs::remove(node.at(kLocal + "deep/site.crt")); }},
      {"a line of ca-certificates.conf", "/usr/share/ca-certificates/site/site.crt",
       "put a '!' before its line in '/etc/ca-certificates.conf' and run 'update-ca-certificates'",
       [](const Node& node, const std::string& pem) {
         node.write("/usr/share/ca-certificates/site/site.crt", pem);
         node.write("/etc/ca-certificates.conf",
                    concat("site/site.crt\n", node.read("/etc/ca-certificates.conf")));
       },
       [](const Node& node) {
         node.write("/etc/ca-certificates.conf", concat("!", node.read("/etc/ca-certificates.conf")));
       }},
  };
  for (const auto& [name, path, hint, put, follow_hint] : places) {
    CAPTURE(name);
    for (const auto& harmless : {good, refused}) {
      const Node node;
      put(node, harmless);
      CHECK_FALSE(node.provision(ours().pem).report.contains("drift"));
      CHECK(node.ask({"verify"}).status == 0);
    }
    const Node node;
    put(node, breaking);
    const std::string line = concat("breaks-clients ", path);
    CHECK(node.provision(ours().pem, true).has(line));
    const auto done = node.provision(ours().pem);
    CHECK(done.status == 0);
    CHECK(done.report.at("result") == "changed");
    CHECK(done.has(line));
    const auto message = done.of("breaks-clients", "message");
    CHECK_MESSAGE(message.contains("these clients load nothing of it: GnuTLS (apt, wget, git): "), message);
    CHECK(done.of("breaks-clients", "hint").starts_with(hint));
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"status"}, {"verify"}, {"verify", "--image"}, {"provision"}, {"rotate", "--dry-run"}}) {
      CAPTURE(arguments);
      const auto answer = node.ask(arguments);
      CHECK_MESSAGE(answer.has(line), answer.text);
      CHECK(answer.status == (arguments.front() == "verify" ? kNo : 0));
    }
    const auto gate = node.ask({"verify", "--image"});
    for (const auto& row : gate.report.at("drift"))
      if (row.at("kind") == "breaks-clients") CHECK(row.at("check") == "store");
    follow_hint(node);
    CHECK_FALSE(node.ask({"provision"}).has(line));
    CHECK(node.ask({"verify"}).status == 0);
  }
  // In the bundle alone: named until it is gone.
  const Node node;
  REQUIRE(node.provision(ours().pem).status == 0);
  node.write(kBundle, node.read(kBundle) + breaking);
  for (const char* command : {"status", "verify", "provision"})
    CHECK_MESSAGE(node.ask({command})
                      .of("leaves-bundle", "message")
                      .contains("; until then these clients load nothing of it: GnuTLS"),
                  command);
  CHECK(node.ask({"status"}).drift().empty());
}

TEST_CASE("a certificate that is in the bundle alone is named before it goes, with what keeps it") {
  const auto hand_made = make_ca({.common_name = "Appended by hand"});
  const auto second = make_ca({.common_name = "And another"});
  struct Case {
    std::string name;
    std::function<std::string(const std::string&)> edit;
  };
  const Case cases[] = {
      {"appended", [&](const std::string& bundle) { return bundle + hand_made.pem; }},
      {"in front", [&](const std::string& bundle) { return concat("# note\n", hand_made.pem, bundle); }},
      {"behind a block that no client reads",
       [&](const std::string& bundle) {
         return concat(bundle, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", hand_made.pem);
       }},
      {"twice", [&](const std::string& bundle) { return concat(hand_made.pem, bundle, hand_made.pem); }},
  };
  for (const auto& [name, edit] : cases) {
    CAPTURE(name);
    const Node node;
    REQUIRE(node.provision(ours().pem).status == 0);
    const auto whole = node.read(kBundle);
    node.write(kBundle, edit(whole));
    const auto before = node.tree();
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"status"}, {"verify"}, {"provision", "--dry-run"}}) {
      CAPTURE(arguments);
      const auto answer = node.ask(arguments);
      const auto lines = answer.drift();
      CHECK(std::ranges::count(lines, concat("leaves-bundle ", kBundle)) == 1);
      const auto message = answer.of("leaves-bundle", "message");
      CHECK(message.contains(hand_made.subject));
      CHECK(message.contains(hand_made.fingerprint_hex));
    }
    CHECK(difference(before, node.tree()).empty());
    // The hint, as it stands there.
    const auto hint = node.ask({"status"}).of("leaves-bundle", "hint");
    REQUIRE(hint.starts_with("to keep it: sed "));
    auto command = hint.substr(hint.find("sed"));
    for (const auto& path : {kBundle, kLocal})
      command.insert(command.find(path), node.root());
    REQUIRE(run({.argv = {"sh", "-c", command}}).status == 0);
    CHECK(node.read(kLocal + "NAME.crt") == hand_made.pem);
    CHECK(node.ask({"provision"}).drift().empty());
    CHECK(node.read(kBundle).contains(hand_made.pem));

    // Without that, it goes, and the report says so.
    fs::remove(node.at(kLocal + "NAME.crt"));
    const auto done = node.provision(ours().pem + second.pem);
    CHECK(done.status == 0);
    CHECK(done.of("leaves-bundle", "message").contains(hand_made.fingerprint_hex));
    CHECK_FALSE(node.read(kBundle).contains(hand_made.pem));
    CHECK(node.ask({"provision"}).drift().empty());
  }
}

TEST_CASE("anchors of ours that come and go leave nobody else's bundle") {
  const Node node;
  const auto second = make_ca({.common_name = "Second"});
  CHECK_FALSE(node.provision(ours().pem + second.pem).report.contains("drift"));
  CHECK_FALSE(node.provision(second.pem).report.contains("drift"));
  fs::remove_all(node.at("/usr/local/share/ca-certificates/node-ca-trust"));
  CHECK_FALSE(node.ask({"provision"}).report.contains("drift"));
}

TEST_CASE("a store that was built from another local directory, too, is left whole") {
  const auto first = make_ca({.common_name = "Elsewhere 1"});
  const auto second = make_ca({.common_name = "Elsewhere 2"});
  const std::string other = "/var/lib/ca-certificates-local/";
  // One certificate in each file, or all in one.
  for (const bool together : {false, true}) {
    CAPTURE(together);
    const Node node;
    if (together) {
      node.write(other + "ROOTcerts.crt", first.pem + second.pem);
      node.link(other + "ROOTcerts.crt", "/etc/ssl/certs/ROOTcerts.pem");
    } else {
      node.write(other + "one.crt", first.pem);
      node.write(other + "two.crt", second.pem);
      link_as_the_tool(node, first, "one", other + "one.crt");
      link_as_the_tool(node, second, "two", other + "two.crt");
    }
    node.write(kBundle, node.read(kBundle) + first.pem + second.pem);
    const auto before = node.tree();
    for (const bool dry_run : {true, false}) {
      const auto refused = node.provision(ours().pem, dry_run);
      CHECK(refused.status == kInTheWay);
      CHECK_MESSAGE(refused.error().contains(other), refused.text);
      CHECK(refused.error().contains("another local directory"));
    }
    CHECK(node.ask({"provision"}).status == 0);
    CHECK(difference(before, node.tree()).empty());
    for (const char* command : {"status", "verify"}) {
      const auto answer = node.ask({command});
      const auto lines = answer.drift();
      CHECK(std::ranges::count_if(
                lines, [](const auto& line) { return line.starts_with("other-local-directory "); }) == 2);
      CHECK(answer.text.contains(first.fingerprint_hex));
      CHECK(answer.text.contains(second.fingerprint_hex));
    }
  }
}

TEST_CASE("a link of somebody else's to a certificate elsewhere stays, and is in nobody's way") {
  const auto elsewhere = make_ca({.common_name = "Elsewhere"});
  const Node node;
  node.write("/opt/site/ca.crt", elsewhere.pem);
  link_as_the_tool(node, elsewhere, "ca", "/opt/site/ca.crt");
  CHECK(node.provision(ours().pem).status == 0);
  CHECK(fs::read_symlink(node.at("/etc/ssl/certs/ca.pem")) == "/opt/site/ca.crt");
  CHECK(node.ask({"verify"}).status == 0);
}

TEST_CASE("a copy of the store, where clients look for it, is named") {
  const std::string file = "/usr/lib/ssl/cert.pem";
  const std::string directory = "/usr/lib/ssl/certs";
  struct Case {
    std::string name;
    std::function<void(const Node&)> copy;
    std::string found;
    std::string message;
  };
  const Case cases[] = {
      {"none at all", [](const Node&) {}, "", ""},
      {"links, as the distribution has them",
       [&](const Node& node) {
         node.link("/etc/ssl/certs/ca-certificates.crt", file);
         node.link("/etc/ssl/certs", directory);
       },
       "", ""},
      {"links that go round",
       [&](const Node& node) { node.link("../../../etc/ssl/certs/ca-certificates.crt", file); }, "", ""},
      {"a stale copy",
       [&](const Node& node) {
         node.write(file, debian_node().at("etc/ssl/certs/ca-certificates.crt").content);
       },
       file, "; it lacks 1 of our 1 anchors"},
      {"a copy of today", [&](const Node& node) { node.write(file, node.read(kBundle)); }, file,
       "does not follow it"},
      {"a link to a copy",
       [&](const Node& node) {
         node.write("/root/bundle.pem", "nothing\n");
         node.link("/root/bundle.pem", file);
       },
       file, "; it lacks 1 of our 1 anchors"},
      {"a directory", [&](const Node& node) { fs::create_directories(node.at(directory)); }, directory,
       "leads to a directory of its own"},
  };
  for (const auto& [name, copy, found, message] : cases) {
    CAPTURE(name);
    const Node node;
    REQUIRE(node.provision(ours().pem).status == 0);
    copy(node);
    for (const char* command : {"status", "verify", "provision"}) {
      CAPTURE(command);
      const auto answer = node.ask({command});
      const auto lines = answer.drift();
      CHECK(lines ==
            (found.empty() ? std::vector<std::string>{} : std::vector{concat("copy-of-store ", found)}));
      CHECK(answer.of("copy-of-store", "message").contains(message));
      const bool no = !found.empty() && std::string_view(command) == "verify";
      CHECK(answer.status == (no ? kNo : 0));
    }
  }
  const Node node;
  node.write(file, "nothing\n");
  const auto hint = node.ask({"status"}).of("copy-of-store", "hint");
  REQUIRE(hint.starts_with(concat("ln -sf ", kBundle, " ", file)));
  node.link(kBundle, file);
  CHECK(node.ask({"verify"}).status == 0);
}

TEST_CASE("a damaged store with nothing of ours is mended without a bundle, as status says") {
  struct Case {
    std::string name;
    std::function<void(const Node&)> damage;
    bool mended = true;
  };
  const auto hand_made = make_ca({.common_name = "Appended by hand"});
  const Case cases[] = {
      {"no bundle", [](const Node& node) { fs::remove(node.at(kBundle)); }},
      {"an empty bundle", [](const Node& node) { node.write(kBundle, ""); }},
      {"half a bundle", [](const Node& node) { node.write(kBundle, node.read(kBundle).substr(0, 1000)); }},
      {"a link is missing", [](const Node& node) { fs::remove(node.at("/etc/ssl/certs/Alpha_Root.pem")); }},
      {"nobody can read the bundle",
       [](const Node& node) { fs::permissions(node.at(kBundle), fs::perms(0600)); }},
      {"a certificate in the bundle alone",
       [&](const Node& node) { node.write(kBundle, node.read(kBundle) + hand_made.pem); }, false},
  };
  const auto as_it_was = Node().tree();
  for (const auto& [name, damage, mended] : cases) {
    CAPTURE(name);
    const Node node;
    CHECK(node.ask({"provision"}).report.at("result") == "nothing-to-do");
    CHECK(difference(as_it_was, node.tree()).empty());
    damage(node);
    const auto damaged = node.tree();
    const auto status = node.ask({"status"});
    CHECK(status.has(concat("store-differs ", kBundle)));
    const auto plain = status.of("store-differs", "hint") == "'node-ca-trust provision' puts it right";
    CHECK(plain == mended);
    CHECK(node.ask({"provision", "--dry-run"}).report.at("result") == (mended ? "planned" : "nothing-to-do"));
    CHECK(difference(damaged, node.tree()).empty());
    const auto done = node.ask({"provision"});
    CHECK(done.status == 0);
    CHECK(done.report.at("result") == (mended ? "changed" : "nothing-to-do"));
    if (!mended) {
      CHECK(done.has(concat("leaves-bundle ", kBundle)));
      CHECK(difference(damaged, node.tree()).empty());
      continue;
    }
    auto tree = node.tree();
    std::erase_if(tree, [](const auto& item) { return item.first.starts_with("var/lib/node-ca-trust"); });
    CHECK(difference(as_it_was, tree).empty());
    CHECK(node.ask({"verify"}).status == 0);
  }
}

TEST_CASE("nobody is asked for a pass phrase") {
  const auto rsa = make_ca({.common_name = "rsa", .key = TestKey::rsa_2048});
  auto encrypted = run({.argv = {"openssl", "rsa", "-traditional", "-aes128", "-passout", "pass:word"},
                        .input = rsa.key_pem})
                       .out;
  const std::string label = "RSA PRIVATE KEY";
  REQUIRE(encrypted.contains(label));
  for (const char* other : {"RSA PRIVATE KEY", "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CRL"}) {
    CAPTURE(other);
    auto block = encrypted;
    for (int line = 0; line < 2; ++line)
      block.replace(block.find(label), label.size(), "@");
    while (block.contains('@'))
      block.replace(block.find('@'), 1, other);
    const Node node;
    node.write(kLocal + "site.crt", block);
    for (const char* command : {"status", "verify", "provision"}) {
      // With a terminal of its own, where a question would be asked, and waited for.
      const auto asked =
          run({.argv = {"timeout", "60", "script", "-qec",
                        concat(NCT_BINARY, " ", command, " --root ", node.root()), "/dev/null"}});
      CHECK_MESSAGE(asked.status != 124, asked.out);
      CHECK_FALSE_MESSAGE(asked.out.contains("pass phrase"), asked.out);
    }
  }
}
