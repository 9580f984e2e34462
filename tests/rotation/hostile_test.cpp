// The sync directory, filled by a hostile or a broken writer: the real program never waits, reads nothing
// from outside, keeps what was good, and installs the rest.
#include "rotation/sync_node.hpp"
#include "support/tree.hpp"
#include "support/wrap.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"

using namespace nct;
using namespace nct::test;
namespace fs = std::filesystem;

namespace {

constexpr int kRefused = 65;
constexpr int kMissing = 66;

// The codes of all errors, each once; or that it is no JSON.
std::string errors_in(const Finished& finished) {
  const auto json = nlohmann::json::parse(finished.out, nullptr, false);
  if (!json.is_object()) return concat("no JSON: ", finished.out, finished.err);
  std::set<std::string> codes;
  const auto collect = [&](const nlohmann::json& holder) {
    for (const auto& finding : holder.value("findings", nlohmann::json::array()))
      if (finding.at("severity") == "error") codes.insert(finding.at("code"));
  };
  collect(json);
  for (const auto& certificate : json.value("certificates", nlohmann::json::array()))
    collect(certificate);
  std::string out;
  for (const auto& code : codes)
    out += concat(out.empty() ? "" : " ", code);
  return out;
}

void make_socket(const fs::path& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  REQUIRE(path.string().size() < sizeof address.sun_path);
  path.string().copy(address.sun_path, path.string().size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
}

void own(const fs::path& path, uid_t user) {
  REQUIRE(::chown(path.c_str(), user, 0) == 0);
}

struct Case {
  std::string name;
  // Is done to a directory with ca1 (A) and ca2 (B), which are installed, and c (C), which is new.
  std::function<void(const SyncNode&)> prepare;
  std::string errors;
  std::string trusted = "ABC";
  int status = 0;
};

const TestCa& ca(char letter) {
  return sync_cas().at(static_cast<std::size_t>(letter - 'A'));
}

// A CA that nothing in the directory may make trusted.
void write_whole_outside(const SyncNode& node) {
  write_whole(node.outside() / "d", ca('D').pem);
}

// The sync directory moves to /srv, and a link to `target` stands in its place; /home/user/link leads there,
// too.
void lead_elsewhere(const SyncNode& node, const std::string& target) {
  fs::create_directories(node.root() / "srv");
  fs::create_directories(node.root() / "home/user");
  fs::rename(node.certs(), node.root() / "srv/certs");
  fs::create_symlink("/srv/certs", node.root() / "home/user/link");
  fs::create_symlink(target, node.certs());
}

std::vector<Case> cases() {
  const auto instead = [](const std::string& bytes) {
    return [bytes](const SyncNode& node) { node.put("ca1", bytes); };
  };
  const auto beside = [](const std::string& name, const std::string& bytes) {
    return [name, bytes](const SyncNode& node) { node.put(name, bytes); };
  };
  // A link "ca1" in the place of the file.
  const auto link = [](const std::string& target) {
    return [target](const SyncNode& node) {
      fs::remove(node.certs() / "ca1");
      fs::create_symlink(target, node.certs() / "ca1");
    };
  };
  const auto& d = ca('D').pem;
  const auto leaf = make_leaf(ca('D'), "registry.test").pem;
  const auto weak = make_ca({.common_name = "Weak", .key = TestKey::rsa_1024}).pem;
  const auto signs_nothing = make_ca({.common_name = "Signs nothing", .key_usage = "digitalSignature"}).pem;
  const auto unknown = make_ca({.common_name = "Unknown extension", .unknown_extension = true}).pem;
  return {
      {"nothing hostile", [](const SyncNode&) {}, ""},

      // Content.
      {"a private key behind it", instead(ca('A').pem + ca('A').key_pem), "private-key"},
      {"a private key in its place", instead(ca('A').key_pem), "private-key"},
      {"a private key in a new file", beside("d", d + ca('D').key_pem), "private-key"},
      {"an empty file", instead(""), "no-certificates"},
      {"a blank file", instead("\n \n"), "no-certificates"},
      {"zeros of a lost write", instead(std::string(4096, '\0')), "no-certificates"},
      {"cut off", instead(d.substr(0, 300)), "truncated"},
      {"cut off behind another", instead(d + d.substr(0, 300)), "truncated"},
      {"prose", beside("0-notes.txt", "see the wiki\n"), "not-pem"},
      {"too large", instead(std::string(std::size_t{2} << 20U, 'x')), "too-large"},
      {"a leaf", instead(leaf), "not-a-ca"},
      {"a weak key", beside("d", weak), "weak-key"},
      {"a CA that may not sign", beside("d", signs_nothing), "unusable"},
      {"an extension that nobody knows", instead(unknown), "not-a-ca"},
      {"the same twice", beside("also", ca('A').pem), ""},
      {"two in a file", beside("d", d + ca('E').pem), "", "ABCDE"},

      // Names.
      {"a name with a line feed", beside("d\nd", d), "", "ABCD"},
      {"a name that is not UTF-8", beside("\xFF\xFE", d), "", "ABCD"},
      {"a name with a terminal's escape", beside("\x1b[31md", d), "", "ABCD"},
      {"a name with a backslash and quotes", beside("\\\"'*$(d)", d), "", "ABCD"},
      {"the longest name", beside(std::string(255, 'd'), d), "", "ABCD"},
      {"a hidden name", beside(".d", d), ""},
      {"a bad file with a bad name", beside("\xFF\n", "no"), "not-pem"},
      {"a tag", beside("20200822151315d", d), "", "ABCD"},
      {"two tags",
       [&d](const SyncNode& node) {
         node.put("00000000000000d", ca('E').pem);
         node.put("20200822151315d", d);
       },
       "", "ABCD"},
      {"a tag in the future beside one that is not",
       [&d](const SyncNode& node) {
         node.put("20990822151315d", ca('E').pem);
         node.put("20200822151315d", d);
       },
       "", "ABCD"},
      {"copies of other files",
       [&d](const SyncNode& node) {
         for (const char* name :
              {"d~", "d.bak", "d.tmp", "d.swp", "d.dpkg-old", "d.rpmsave", "d.orig", "#d#"})
           node.put(name, d);
         node.put("e.bak", "no certificate");
       },
       ""},
      {"a Secret's manifest",
       beside("d.yaml", concat("apiVersion: v1\nkind: Secret\nmetadata: {name: d}\ndata:\n  ca.crt: ",
                               base64(d), "\n")),
       "", "ABCD"},
      {"a Secret's manifest in its place",
       instead(
           concat("apiVersion: v1\nkind: Secret\nmetadata: {name: d}\ndata:\n  ca.crt: ", base64(d), "\n")),
       "", "BCD"},
      {"another object's manifest", instead("apiVersion: v1\nkind: Service\nmetadata: {name: d}\n"),
       "not-pem"},

      // Kinds.
      {"a FIFO in its place",
       [](const SyncNode& node) {
         fs::remove(node.certs() / "ca1");
         REQUIRE(::mkfifo((node.certs() / "ca1").c_str(), 0644) == 0);
       },
       "not-a-file"},
      {"a FIFO with the highest tag",
       [&d](const SyncNode& node) {
         node.put("20200822151315d", d);
         REQUIRE(::mkfifo((node.certs() / "99999999999999x").c_str(), 0644) == 0);
       },
       "", "ABCD"},
      {"a FIFO behind a link",
       [](const SyncNode& node) {
         REQUIRE(::mkfifo((node.certs() / "fifo").c_str(), 0644) == 0);
         fs::create_symlink("fifo", node.certs() / "link");
       },
       "not-a-file"},
      {"a socket", [](const SyncNode& node) { make_socket(node.certs() / "socket"); }, "not-a-file"},
      {"a directory", [](const SyncNode& node) { fs::create_directory(node.certs() / "lost+found"); },
       "not-a-file"},

      // Links.
      {"a link to outside",
       [](const SyncNode& node) {
         write_whole_outside(node);
         fs::create_symlink(node.outside() / "d", node.certs() / "d");
       },
       "unsafe-file"},
      {"a link to outside, relative",
       [](const SyncNode& node) {
         write_whole_outside(node);
         fs::create_symlink("../../../outside/d", node.certs() / "d");
       },
       "unsafe-file"},
      {"a link to the root", link("/etc/shadow"), "unsafe-file"},
      {"a link through a directory that leads outside",
       [](const SyncNode& node) {
         write_whole_outside(node);
         fs::create_symlink(node.outside(), node.certs() / ".way");
         fs::create_symlink(".way/d", node.certs() / "d");
       },
       "unsafe-file"},
      {"a link to nothing", link("nothing"), "not-a-file"},
      {"a link to itself", link("ca1"), "not-a-file"},
      {"a link to a terminal", link("/dev/tty"), "unsafe-file"},
      {"a link beside it", [](const SyncNode& node) { fs::create_symlink("c", node.certs() / "link"); }, ""},

      // Owners and modes.
      {"a file of somebody else's", [](const SyncNode& node) { own(node.certs() / "ca1", 1000); },
       "unsafe-file"},
      {"a file that all may write",
       [&d](const SyncNode& node) {
         node.put("d", d);
         fs::permissions(node.certs() / "d", fs::perms(0666));
       },
       "unsafe-file"},
      {"a directory that all may write",
       [](const SyncNode& node) { fs::permissions(node.certs(), fs::perms(0777)); }, "", "AB", kRefused},
      {"a directory that its group may write",
       [](const SyncNode& node) { fs::permissions(node.certs(), fs::perms(0775)); }, "", "AB", kRefused},
      {"a directory of somebody else's", [](const SyncNode& node) { own(node.certs(), 1000); }, "", "AB",
       kRefused},
      {"a parent that all may write",
       [](const SyncNode& node) { fs::permissions(node.root() / "opt", fs::perms(0777)); }, "", "AB",
       kRefused},

      // The way to it.
      {"a link to another directory of root's",
       [](const SyncNode& node) { lead_elsewhere(node, "/srv/certs"); }, "", "ABC"},
      {"a link by way of one that somebody else may replace",
       [](const SyncNode& node) {
         lead_elsewhere(node, "/home/user/link");
         own(node.root() / "home/user", 1000);
       },
       "", "AB", kRefused},
      {"a link by way of a directory that its group may write",
       [](const SyncNode& node) {
         lead_elsewhere(node, "/home/user/link");
         fs::permissions(node.root() / "home/user", fs::perms(0775));
       },
       "", "AB", kRefused},
      {"somebody's link in a sticky directory",
       [](const SyncNode& node) {
         lead_elsewhere(node, "/home/user/link");
         fs::permissions(node.root() / "home/user", fs::perms(01777));
         REQUIRE(::lchown((node.root() / "home/user/link").c_str(), 1000, 0) == 0);
       },
       "", "AB", kRefused},
      {"a link of root's in a sticky directory",
       [](const SyncNode& node) {
         lead_elsewhere(node, "/home/user/link");
         fs::permissions(node.root() / "home/user", fs::perms(01777));
       },
       "", "ABC"},
      {"..data by way of a directory of somebody's",
       [](const SyncNode& node) {
         fs::create_directories(node.certs() / "..way/..1");
         node.put("..way/..1/e", ca('E').pem);
         fs::create_symlink("..way/..1", node.certs() / "..data");
         own(node.certs() / "..way", 1000);
       },
       "", "AB", kRefused},
      {"an entry by way of a directory of somebody's",
       [&d](const SyncNode& node) {
         fs::create_directories(node.certs() / ".way");
         node.put(".way/d", d);
         own(node.certs() / ".way", 1000);
         fs::create_symlink(".way/d", node.certs() / "d");
       },
       "unsafe-file"},

      // The directory as a whole.
      {"ten thousand entries",
       [](const SyncNode& node) {
         for (int i = 0; i < 10'000; ++i)
           node.put(std::to_string(i), "");
       },
       "", "AB", kRefused},
      {"no directory", [](const SyncNode& node) { fs::remove_all(node.certs()); }, "", "AB"},
      {"a file in its place",
       [](const SyncNode& node) {
         fs::remove_all(node.certs());
         std::filesystem::copy_file(node.root() / "etc/os-release", node.certs());
       },
       "", "AB", kRefused},
      {"a link that leads nowhere in its place",
       [](const SyncNode& node) {
         fs::remove_all(node.certs());
         fs::create_symlink("/nothing", node.certs());
       },
       "", "AB"},
      {"an empty directory",
       [](const SyncNode& node) {
         fs::remove_all(node.certs());
         fs::create_directory(node.certs());
       },
       "", ""},
      {"..data to outside",
       [](const SyncNode& node) {
         write_whole_outside(node);
         fs::create_symlink(node.outside(), node.certs() / "..data");
       },
       "", "AB", kRefused},
      {"..data to nothing", [](const SyncNode& node) { fs::create_symlink("..1", node.certs() / "..data"); },
       "", "AB"},
      {"..data to a directory that all may write",
       [](const SyncNode& node) {
         fs::create_directory(node.certs() / "..1");
         fs::permissions(node.certs() / "..1", fs::perms(0777));
         fs::create_symlink("..1", node.certs() / "..data");
       },
       "", "AB", kRefused},
      {"..data with links to outside",
       [](const SyncNode& node) {
         write_whole_outside(node);
         fs::create_directory(node.certs() / "..1");
         node.put("..1/e", ca('E').pem);
         fs::create_symlink(node.outside() / "d", node.certs() / "..1/ca1");
         fs::create_symlink("../c", node.certs() / "..1/ca2");
         fs::create_symlink("..1", node.certs() / "..data");
       },
       "unsafe-file", "ABE"},
  };
}

}  // namespace

TEST_CASE("each hostile directory: no waiting, nothing from outside, the rest installed") {
  for (const auto& each : cases()) {
    CAPTURE(each.name);
    const SyncNode node;
    node.put("ca1", ca('A').pem);
    node.put("ca2", ca('B').pem);
    const auto first = node.rotate();
    REQUIRE_MESSAGE(first.status == 0, first.out, first.err);
    REQUIRE(node.trusted(sync_cas()) == "AB");

    node.put("c", ca('C').pem);
    each.prepare(node);
    const auto begun = std::chrono::steady_clock::now();
    const auto finished = node.rotate();
    const auto took = std::chrono::steady_clock::now() - begun;
    CAPTURE(finished.out);
    CHECK(finished.status == each.status);
    CHECK(errors_in(finished) == each.errors);
    CHECK(node.trusted(sync_cas()) == each.trusted);
    CHECK(took < std::chrono::seconds(10));
    CHECK_FALSE(finished.out.contains("PRIVATE KEY"));
    for (const char c : finished.out + finished.err)
      if (c != '\n') CHECK_FALSE((c >= 0 && c < ' '));
  }
}

TEST_CASE("a missing directory, and a writer's link to nothing, are told apart") {
  const SyncNode node;
  node.put("ca1", ca('A').pem);
  REQUIRE(node.rotate().status == 0);
  fs::create_symlink("..1", node.certs() / "..data");
  const auto dangling = node.rotate();
  CHECK(dangling.out.contains("..data: a link that leads nowhere; nothing is removed"));
  CHECK_FALSE(dangling.out.contains("no such directory"));
  fs::remove_all(node.certs());
  CHECK(node.rotate().out.contains("/opt/certs: there is no such directory; nothing is removed"));
  CHECK(node.trusted(sync_cas()) == "A");
}

TEST_CASE("a clock that ran ahead does not decide once it was put right") {
  const SyncNode node;
  const auto warns = [](const Finished& finished) {
    const auto json = nlohmann::json::parse(finished.out);
    for (const auto& each : json.value("findings", nlohmann::json::array()))
      if (each.at("code") == "tag-in-the-future" && each.at("severity") == "warning") return true;
    return false;
  };
  const auto touch = [&](const std::string& name, std::chrono::hours from_now) {
    fs::last_write_time(node.certs() / name, fs::file_time_type::clock::now() + from_now);
  };
  node.put("20200822151315ca1", ca('A').pem);
  CHECK_FALSE(warns(node.rotate()));
  CHECK(node.trusted(sync_cas()) == "A");
  // The writer's clock runs ahead: it takes away what is older than its tag.
  fs::remove(node.certs() / "20200822151315ca1");
  node.put("20990101000000ca1", ca('B').pem);
  touch("20990101000000ca1", std::chrono::hours(24 * 365));
  auto finished = node.rotate();
  CHECK(finished.status == 0);
  CHECK(warns(finished));
  CHECK(node.trusted(sync_cas()) == "B");
  // It was put right: what the writer writes now is lower, and stands beside.
  node.put("20201122151315ca1", ca('C').pem);
  finished = node.rotate();
  CHECK(finished.status == 0);
  CHECK(warns(finished));
  CHECK(node.trusted(sync_cas()) == "C");
  // The next rotation.
  fs::remove(node.certs() / "20201122151315ca1");
  node.put("20201122151320ca1", ca('D').pem);
  CHECK(warns(node.rotate()));
  CHECK(node.trusted(sync_cas()) == "D");
  // A person clears up.
  fs::remove(node.certs() / "20990101000000ca1");
  CHECK_FALSE(warns(node.rotate()));
  CHECK(node.trusted(sync_cas()) == "D");
  // Another machine's clock runs ahead, and what it writes is newer.
  touch("20201122151320ca1", -std::chrono::hours(1));
  node.put("20990101000000ca1", ca('E').pem);
  CHECK(warns(node.rotate()));
  CHECK(node.trusted(sync_cas()) == "E");
}

TEST_CASE("copies of other files are named, not read") {
  const SyncNode node;
  node.put("ca1", ca('A').pem);
  node.put("ca1~", ca('B').pem);
  node.put("ca1.bak", "no certificate");
  const auto finished = node.rotate();
  CHECK(finished.status == 0);
  CHECK(errors_in(finished).empty());
  CHECK(node.trusted(sync_cas()) == "A");
  CHECK_MESSAGE(finished.out.contains(
                    "/opt/certs: passed over, by their names copies of other files: 'ca1.bak', 'ca1~'"),
                finished.out);
  fs::remove(node.certs() / "ca1");
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()).empty());
}

TEST_CASE("with policy.rotate.rejected = \"fail\" an error changes nothing") {
  const SyncNode node({.more = "policy.rotate.rejected = \"fail\""});
  node.put("ca1", ca('A').pem);
  node.put("ca2", "");
  CHECK(node.rotate().status == kRefused);
  CHECK(node.trusted(sync_cas()).empty());
  node.put("ca2", ca('B').pem);
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "AB");
}

TEST_CASE("an entry that is mended, or goes, is followed again") {
  const SyncNode node;
  node.put("ca1", ca('A').pem);
  node.put("ca2", ca('B').pem);
  CHECK(node.rotate().status == 0);
  node.put("ca1", "");
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "AB");
  node.put("ca1", ca('C').pem);
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "BC");
  fs::remove(node.certs() / "ca1");
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "B");
}

TEST_CASE("a directory named on the command line is outside of the root, and must be there") {
  const SyncNode node;
  node.put("ca1", ca('A').pem);
  CHECK(node.rotate({"--directory", "/opt/there-is-none"}).status == kMissing);
  const auto other = node.outside() / "certs";
  fs::create_directory(other);
  fs::copy_file(node.certs() / "ca1", other / "ca1");
  fs::remove(node.certs() / "ca1");
  CHECK(node.rotate({"--directory", other, "--dry-run"}).status == 0);
  CHECK(node.trusted(sync_cas()).empty());
  CHECK(node.rotate({"--directory", other}).status == 0);
  CHECK(node.trusted(sync_cas()) == "A");
}

TEST_CASE("provision and rotate do not take each other's away") {
  const SyncNode node;
  node.put("ca1", ca('A').pem);
  fs::copy_file(node.certs() / "ca1", node.outside() / "a.pem");
  CHECK(node.rotate().status == 0);
  CHECK(node.command({"provision", "--from", node.outside() / "a.pem"}).status == 0);
  fs::remove(node.certs() / "ca1");
  CHECK(node.rotate().status == 0);
  CHECK(node.trusted(sync_cas()) == "A");
  node.put("ca2", ca('B').pem);
  CHECK(node.rotate().status == 0);
  CHECK(node.command({"remove", "--source", "provision"}).status == 0);
  CHECK(node.trusted(sync_cas()) == "B");
}
