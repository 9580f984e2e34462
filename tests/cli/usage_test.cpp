// What the real binary says, in full, to who holds it wrong: words it does not know, rights that are missing,
// a configuration or a root that it cannot work with. Nothing is read or changed before it is said.
#include "support/certificates.hpp"
#include "support/debian_node.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kUsage = 64;
constexpr int kNotPermitted = 77;
constexpr int kConfiguration = 78;

using Words = std::vector<std::string>;

Finished node_ca_trust(const Words& words, const std::string& directory = {}) {
  Command command{.argv = {NCT_BINARY}, .directory = directory};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return run(command);
}

// The program is opened before, since its directory may be root's alone.
Finished as_nobody(const Words& words) {
  Command command{.argv = {"sh", "-c",
                           "exec 3<\"$0\"; exec setpriv --reuid=65534 --regid=65534 --clear-groups "
                           "/proc/self/fd/3 \"$@\"",
                           NCT_BINARY}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return run(command);
}

void check_says(const Finished& finished, int status, std::string_view message, std::string_view hint) {
  CHECK(finished.status == status);
  CHECK(finished.err == concat("node-ca-trust: ", message, "\n  ", hint, "\n"));
  CHECK(finished.out.empty());
}

}  // namespace

TEST_CASE("a command line that means nothing: status 64, and what was meant") {
  const struct {
    Words words;
    std::string says;
  } cases[] = {
      {{}, "no command is given"},
      {{"provison"}, "unknown command 'provison', did you mean 'provision'?"},
      {{"Verify"}, "unknown command 'Verify', did you mean 'verify'?"},
      {{"prov"}, "unknown command 'prov', did you mean 'provision'?"},
      {{"frobnicate"},
       "unknown command 'frobnicate'; there are bake, provision, rotate, lint, status, verify, distrust, "
       "remove"},
      {{"-x"}, "unknown option '-x'"},
      {{"--versoin"}, "unknown option '--versoin', did you mean '--version'?"},
      {{"provision", "--fom", "x"}, "unknown option '--fom', did you mean '--from'?"},
      {{"provision", "--fom=x"}, "unknown option '--fom', did you mean '--from'?"},
      {{"status", "--dry-run"}, "unknown option '--dry-run'"},
      {{"--root", "/", "status"}, "'--root' must stand behind 'status'"},
      {{"--root", "/", "statsu"}, "'--root' must stand behind a command"},
      {{"status", "now"}, "status: the following argument was not expected: now"},
      {{"lint"}, "lint: FILE is required"},
      {{"provision", "--from"}, "provision: --from: 1 required FILE missing"},
      {{"status", "--format"}, "status: --format: 1 required text|json missing"},
      {{"status", "--format", "yaml"}, "status: --format: yaml not in {text,json}"},
      {{"remove"}, "remove: one of --all, --source and --fingerprint is needed"},
      {{"remove", "--source", "custom"},
       "remove: --source: custom not in {provision,proxy,rotation,baked,unknown}"},
      {{"remove", "--fingerprint", "12:34"}, "remove: '12:34' is not a SHA-256 fingerprint of 64 hex digits"},
  };
  for (const auto& [words, says] : cases) {
    CAPTURE(says);
    check_says(node_ca_trust(words), kUsage, says, "see 'node-ca-trust --help'");
  }
}

TEST_CASE("a program that asks for JSON gets the same as JSON") {
  const auto finished = node_ca_trust({"provision", "--fom", "x", "--format", "json"});
  CHECK(finished.status == kUsage);
  CHECK(finished.err.empty());
  const nlohmann::json wanted{{"schema", 1},
                              {"result", "failed"},
                              {"error",
                               {{"code", "usage"},
                                {"message", "unknown option '--fom', did you mean '--from'?"},
                                {"hint", "see 'node-ca-trust --help'"}}}};
  CHECK(nlohmann::json::parse(finished.out, nullptr, false) == wanted);
}

TEST_CASE("help of each command begins with how it is called") {
  for (const char* command : {"bake", "provision", "rotate", "lint", "status", "verify", "remove"}) {
    const auto finished = node_ca_trust({command, "--help"});
    CHECK(finished.status == 0);
    CHECK_MESSAGE(finished.out.contains(concat("\nUsage: node-ca-trust ", command, " [OPTIONS]")),
                  finished.out);
  }
}

TEST_CASE("what changes this node is for root, and says so before any work") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become somebody else");
    return;
  }
  for (const Words& words :
       {Words{"provision", "--from", "/nonexistent"}, {"rotate"}, {"remove", "--all"}, {"bake"}})
    check_says(as_nobody(words), kNotPermitted, "changing this node's trust store is for root",
               "run it as root");
  // What only looks is for everybody.
  CHECK(as_nobody({"lint", "/dev/null"}).status == 1);
  CHECK(as_nobody({"--version"}).status == 0);
}

TEST_CASE("a configuration with a fault: status 78, and where it is") {
  const struct {
    std::string text;
    std::string says;
  } cases[] = {
      {"[limits]\nmax_certificates = \"many\"\n",
       "config.toml:2:20: 'limits.max_certificates' must be a whole number from 1 to 100000"},
      {"[store]\nhoks = \"run\"\n",
       "config.toml:2:1: there is no key 'store.hoks', the nearest is 'store.hooks'"},
      {"[store]\nhooks = \n",
       "config.toml:2:9: not TOML: Error while parsing key-value pair: expected value, saw '\\n'"},
  };
  const Scratch scratch;
  fs::create_directory(scratch.path() / "root");
  for (const auto& [text, says] : cases) {
    write_whole(scratch.path() / "config.toml", text);
    for (const Words& command : {Words{"provision", "--from", "none.pem"}, {"status"}, {"remove", "--all"}}) {
      auto words = command;
      for (const char* word : {"--root", "root", "--config", "config.toml"})
        words.emplace_back(word);
      check_says(node_ca_trust(words, scratch.path()), kConfiguration, says,
                 "see 'CONFIGURATION' in node-ca-trust(8)");
    }
  }
  CHECK(tree_of(scratch.path() / "root").size() == 1);
}

TEST_CASE("of config.d the files are read that end in .toml and are not hidden") {
  const Scratch scratch;
  const auto root = scratch.path() / "root";
  fs::create_directory(root);
  put(debian_node(), root);
  const auto drop_ins = root / "etc/node-ca-trust/config.d";
  fs::create_directories(drop_ins);
  const auto status = [&] { return node_ca_trust({"status", "--root", "root"}, scratch.path()); };
  for (const char* name :
       {".10.toml", ".toml", "10.toml~", "10.toml.bak", "10.toml.dpkg-old", "10", "10.TOML"})
    write_whole(drop_ins / name, "[store]\nhoks = \"run\"\n");
  const auto without = status();
  CHECK_MESSAGE(without.status == 0, without.err);
  write_whole(drop_ins / "10.toml", "[store]\nhoks = \"run\"\n");
  check_says(
      status(), kConfiguration,
      "/etc/node-ca-trust/config.d/10.toml:2:1: there is no key 'store.hoks', the nearest is 'store.hooks'",
      "see 'CONFIGURATION' in node-ca-trust(8)");
}

TEST_CASE("a root without a trust store that is known: status 78, and what was looked for") {
  const Scratch scratch;
  const auto root = scratch.path() / "root";
  fs::create_directories(root / "etc");
  write_whole(scratch.path() / "ca.pem", make_ca().pem);
  const auto check = [&](std::string_view says) {
    const auto before = tree_of(root);
    check_says(node_ca_trust({"provision", "--root", "root", "--from", "ca.pem"}, scratch.path()),
               kConfiguration, says, "see 'CONFIGURATION' in node-ca-trust(8)");
    CHECK(difference(before, tree_of(root)) == "");
  };
  write_whole(root / "etc/os-release", "ID=plan9\nID_LIKE=\"unix bell\"\n");
  check(
      "os-release says ID='plan9' ID_LIKE='unix bell', and the families whose trust store is known are: "
      "debian, gardener, azurelinux3, el9, el10, fedora43, fedora44, arch, suse, flatcar, photon "
      "(store.family in the "
      "configuration "
      "chooses one)");
  write_whole(root / "etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\n");
  check(
      "os-release says ID='alpine' VERSION_ID='3.22.1': its C library is musl, and this program needs glibc");
  const std::string_view looked_for =
      "no trust store of the debian family here: there is no '/etc/ssl/certs'; looked for '/etc/ssl/certs', "
      "'/usr/share/ca-certificates'";
  write_whole(root / "etc/os-release", "ID=debian\n");
  check(looked_for);
  fs::remove(root / "etc/os-release");
  check(looked_for);
}

TEST_CASE("a system that is known by its likeness alone is told so, until the configuration settles it") {
  const Scratch scratch;
  const auto root = scratch.path() / "root";
  fs::create_directory(root);
  put(debian_node(), root);
  write_whole(root / "etc/os-release", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
  const auto said = [&] {
    const auto status = node_ca_trust({"status", "--root", "root"}, scratch.path());
    CHECK_MESSAGE(status.status == 0, status.err);
    return status.out + status.err;
  };
  constexpr std::string_view kWarning =
      "nothing is known of the system 'linuxmint'; since it says that it is like 'ubuntu', its trust store "
      "is taken "
      "for one of the family 'debian' (store.family in the configuration settles it)";
  CHECK(said().contains(kWarning));
  fs::create_directories(root / "etc/node-ca-trust");
  write_whole(root / "etc/node-ca-trust/config.toml", "store.family = \"debian\"\n");
  CHECK_FALSE(said().contains("linuxmint'"));
  write_whole(root / "etc/node-ca-trust/config.toml", "store.family = \"gentoo\"\n");
  check_says(node_ca_trust({"status", "--root", "root"}, scratch.path()), kConfiguration,
             "store.family is 'gentoo', and the families whose store is known are: debian, gardener, "
             "azurelinux3, el9, "
             "el10, fedora43, fedora44, arch, suse, flatcar, photon",
             "see 'CONFIGURATION' in node-ca-trust(8)");
}

TEST_CASE("lint judges for the family that is named, and for this system's where none is") {
  const Scratch scratch;
  const auto root = scratch.path() / "root";
  fs::create_directory(root);
  put(debian_node(), root);
  const auto leaf = make_ca({.common_name = "registry.corp",
                             .basic_constraints = BasicConstraints::not_ca,
                             .key_usage = "critical,digitalSignature"});
  write_whole(scratch.path() / "leaf.pem", leaf.pem);
  const auto lint = [&](const std::vector<std::string>& family) {
    std::vector<std::string> arguments{"lint", "--root", "root", "--format", "json", "leaf.pem"};
    arguments.insert(arguments.end(), family.begin(), family.end());
    return node_ca_trust(arguments, scratch.path());
  };
  CHECK(lint({}).status == 0);
  CHECK_FALSE(lint({}).out.contains("p11"));
  for (const std::string family : {"debian", "flatcar", "photon"})
    CHECK(lint({"--family", family}).status == 0);
  for (const std::string family : {"azurelinux3", "el9", "el10", "fedora43", "fedora44", "arch", "suse"}) {
    const auto judged = lint({"--family", family});
    CHECK(judged.status == 1);
    CHECK_MESSAGE(judged.out.contains("\"unusable\""), judged.out);
    CHECK_MESSAGE(judged.out.contains("\"p11_kit\": {"), judged.out);
    CHECK(judged.out.contains(
        "p11-kit (it makes all views of the store here): its basicConstraints say that it "
        "is not a CA"));
  }
  write_whole(root / "etc/os-release", "ID=azurelinux\nVERSION_ID=3.0\n");
  CHECK(lint({}).status == 0);  // there is no such store
  for (const char* directory :
       {"etc/pki/ca-trust/source/anchors", "etc/pki/ca-trust/extracted/pem", "usr/bin"})
    fs::create_directories(root / directory);
  write_whole(root / "usr/bin/trust", "");
  CHECK(lint({}).status == 1);
}
