#include <deque>
#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <vector>

#include "cert/certificate.hpp"
#include "cert/sha256.hpp"
#include "store/debian/deselection.hpp"
#include "store/debian/fresh_store.hpp"
#include "store/debian/paths.hpp"
#include "store/link_changes.hpp"

using namespace nct;

namespace {

const std::string kMozilla = "/usr/share/ca-certificates/mozilla/";
const std::string kLocal = "/usr/local/share/ca-certificates/";

// What openssl would say of a file with one certificate; nothing here is parsed.
StoreFile certificate(std::uint32_t name_hash, const std::string& content) {
  return {.kind = StoreFile::Kind::certificate, .name_hash = name_hash, .certificates = {sha256(content)}};
}

// A store directory and what it is derived from.
struct Store {
  std::vector<std::unique_ptr<StoreFile>> facts;
  std::deque<std::string> texts;
  std::vector<SourceFile> selected;
  std::vector<std::string> deselected;
  std::vector<SourceFile> local;
  std::vector<StoreEntry> directory;

  SourceFile source(const std::string& path, const std::string& bytes, StoreFile file) {
    facts.push_back(std::make_unique<StoreFile>(std::move(file)));
    return {.path = path,
            .bytes = texts.emplace_back(bytes),
            .digest = sha256(bytes),
            .facts = facts.back().get()};
  }
  void link(const std::string& name, const std::string& target, bool leads_to_file = false) {
    directory.push_back(
        {.name = name, .kind = StoreEntry::Kind::link, .target = target, .leads_to_file = leads_to_file});
  }
  [[nodiscard]] Result<StoreResult> fresh() const {
    return fresh_store({.selected = selected,
                        .deselected = deselected,
                        .local_directory = debian::kLocal,
                        .local = local,
                        .directory = directory});
  }
};

}  // namespace

TEST_CASE("a store is made of the selected files, then the local ones") {
  Store store;
  store.selected = {store.source(kMozilla + "B.crt", "B\n", certificate(0xb, "B")),
                    store.source(kMozilla + "A.crt", "A without line end", certificate(0xa, "A"))};
  store.local = {store.source(kLocal + "Our, Root (2).crt", "R\n", certificate(0x12345678, "R"))};
  const auto made = store.fresh();
  REQUIRE(made);
  CHECK(made->bundle == "B\nA without line end\nR\n");
  CHECK(made->links == Links{{"0000000a.0", "A.pem"},
                             {"0000000b.0", "B.pem"},
                             {"12345678.0", "Our__Root_=2=.pem"},
                             {"A.pem", kMozilla + "A.crt"},
                             {"B.pem", kMozilla + "B.crt"},
                             {"Our__Root_=2=.pem", kLocal + "Our, Root (2).crt"}});
}

TEST_CASE("ca-certificates.conf is read as the tool's shell reads it") {
  const auto conf = conf_from(
      "# comment\n\nmozilla/A.crt\n  a b.crt\t\nmozilla/B.crt\r\n!mozilla/C.crt\n! d.crt \n #no comment\n"
      "back\\slash.crt\n   \n!e.crt\r\nunfinished.crt",
      true);
  CHECK(conf.selected == std::vector<std::string>{"mozilla/A.crt", "a b.crt", "mozilla/B.crt\r",
                                                  "#no comment", "back\\slash.crt", ""});
  CHECK(conf.deselected == std::vector<std::string>{"mozilla/C.crt", "d.crt", "e.crt\r"});
  CHECK(conf_from("!unfinished.crt", true).deselected.empty());

  // Without `read -r`.
  CHECK(conf_from("back\\slash.crt\n\\ a\\ \\\\\nb\\\nc.crt\nend\\\n", false).selected ==
        std::vector<std::string>{"backslash.crt", " a \\", "bc.crt"});
}

TEST_CASE("a store without any source keeps its bundle") {
  const auto made = Store{}.fresh();
  REQUIRE(made);
  CHECK_FALSE(made->bundle.has_value());
  CHECK(made->links.empty());
}

TEST_CASE("of what lies in the directory, only what is the tool's own is taken away") {
  Store store;
  store.selected = {store.source(kMozilla + "A.crt", "A\n", certificate(0xa, "A")),
                    store.source(kMozilla + "B.crt", "B\n", certificate(0xb, "B"))};
  store.deselected = {"mozilla/C.crt"};
  store.link("A.pem", kMozilla + "A.crt");
  store.link("0000000a.0", "A.pem");
  store.link("C.pem", "/opt/C.crt", true);              // deselected
  store.link("Gone.pem", kMozilla + "Gone.crt");        // its file is gone
  store.link("0000000c.0", "Gone.pem");                 // and with it its hash link
  store.link("foreign.pem", "/opt/foreign.pem", true);  // somebody else's
  store.link("dead.pem", "/opt/dead.pem", false);       // leads nowhere
  store.link("README", "/opt/README", true);
  const auto made = store.fresh();
  REQUIRE(made);
  CHECK(made->links == Links{{"0000000a.0", "A.pem"},
                             {"0000000b.0", "B.pem"},
                             {"A.pem", kMozilla + "A.crt"},
                             {"B.pem", kMozilla + "B.crt"},
                             {"README", "/opt/README"},
                             {"foreign.pem", "/opt/foreign.pem"}});
}

TEST_CASE("hash links are numbered as if a file in a link's place were the link already") {
  Store store;
  store.local = {store.source(kLocal + "a.crt", "a\n", certificate(0xa, "a")),
                 store.source(kLocal + "x.crt", "x\n", certificate(0xa, "x"))};
  store.directory.push_back({.name = "x.pem", .kind = StoreEntry::Kind::file, .facts = store.local[1].facts});
  store.link("0000000a.0", "x.pem");
  const auto made = store.fresh();
  REQUIRE(made);
  CHECK(made->links == Links{{"0000000a.0", "a.pem"},
                             {"0000000a.1", "x.pem"},
                             {"a.pem", kLocal + "a.crt"},
                             {"x.pem", kLocal + "x.crt"}});
}

TEST_CASE("of several stale hash links to one file none is left") {
  Store store;
  store.local = {store.source(kLocal + "a.crt", "a\n", certificate(0xa, "a"))};
  store.facts.push_back(std::make_unique<StoreFile>(certificate(0xb, "loose")));
  store.directory.push_back(
      {.name = "loose.pem", .kind = StoreEntry::Kind::file, .facts = store.facts.back().get()});
  for (const char* stale : {"0000000c.0", "0000000c.1", "0000000c.3"})
    store.link(stale, "loose.pem");
  const auto made = store.fresh();
  REQUIRE(made);
  CHECK(made->links ==
        Links{{"0000000a.0", "a.pem"}, {"0000000b.0", "loose.pem"}, {"a.pem", kLocal + "a.crt"}});
}

TEST_CASE("a directory in a link's place is in the way") {
  Store store;
  store.selected = {store.source(kMozilla + "A.crt", "A\n", certificate(0xa, "A"))};
  store.directory.push_back({.name = "A.pem", .kind = StoreEntry::Kind::other});
  const auto made = store.fresh();
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::in_the_way);
  CHECK(made.error().message ==
        "'/etc/ssl/certs/A.pem' is neither file nor link, and the link to "
        "'/usr/share/ca-certificates/mozilla/A.crt' must go there");
}

TEST_CASE("hash links are numbered as openssl-rehash(1) does") {
  const auto a = certificate(0xa, "a");
  const auto also_a = certificate(0xa, "also a");
  const auto same_as_a = certificate(0xa, "a");
  const StoreFile crl{.kind = StoreFile::Kind::crl, .name_hash = 0xa, .certificates = {sha256("crl")}};
  const StoreFile several{.certificates = {sha256("x"), sha256("y")}};
  struct Row {
    std::string what;
    Links links;
    std::vector<HashedFile> files;
    Links wanted;
  };
  const Row rows[] = {
      {"one", {}, {{"a.pem", &a}}, {{"0000000a.0", "a.pem"}}},
      {"two with one subject, in byte order of their names",
       {},
       {{"b.pem", &a}, {"a.pem", &also_a}},
       {{"0000000a.0", "a.pem"}, {"0000000a.1", "b.pem"}}},
      {"a link that is there keeps its number",
       {{"0000000a.0", "b.pem"}},
       {{"a.pem", &also_a}, {"b.pem", &a}},
       {{"0000000a.0", "b.pem"}, {"0000000a.1", "a.pem"}}},
      {"a link whose number is needed stays, whatever it leads to",
       {{"0000000a.0", "gone.pem"}, {"0000000a.1", "b.pem"}},
       {{"b.pem", &a}},
       {{"0000000a.0", "gone.pem"}, {"0000000a.1", "b.pem"}}},
      {"a second copy gets none", {}, {{"a.pem", &a}, {"b.pem", &same_as_a}}, {{"0000000a.0", "a.pem"}}},
      {"a file of several certificates gets none", {}, {{"a.pem", &several}}, {}},
      {"a CRL has numbers of its own",
       {},
       {{"a.pem", &a}, {"c.crl", &crl}},
       {{"0000000a.0", "a.pem"}, {"0000000a.r0", "c.crl"}}},
      {"a stale one goes", {{"0000000b.0", "gone.pem"}}, {}, {}},
      {"other links stay", {{"x.pem", "/opt/x"}}, {}, {{"x.pem", "/opt/x"}}},
  };
  for (const auto& [what, links, files, wanted] : rows) {
    CAPTURE(what);
    std::deque<std::string> names;
    const auto made = rehashed(links, files, names);
    REQUIRE(made);
    CHECK(*made == wanted);
    CHECK(rehashed(*made, files, names) == *made);
  }
}

TEST_CASE("where openssl-rehash(1) would fail there is no store") {
  const StoreFile key{.only_key = true};
  const HashedFile with_key{"key.pem", &key};
  std::deque<std::string> names;
  const auto made = rehashed({}, {&with_key, 1}, names);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::in_the_way);
  CHECK(made.error().message == "'key.pem' holds a key and no certificate, and openssl-rehash fails on it");

  std::vector<StoreFile> facts;
  std::vector<HashedFile> files;
  for (int i = 0; i < 257; ++i) {
    facts.push_back(certificate(0xa, std::to_string(i)));
    names.push_back(std::to_string(1000 + i) + ".pem");
  }
  for (std::size_t i = 0; i < 257; ++i)
    files.push_back({.name = names[i], .facts = &facts[i]});
  CHECK(rehashed({}, {files.data(), 256}, names).has_value());
  const auto too_many = rehashed({}, files, names);
  REQUIRE_FALSE(too_many);
  CHECK(too_many.error().message ==
        "more than 256 certificates share the subject of '1256.pem', and openssl-rehash fails on them");
}

TEST_CASE("a hash link's name reads as it is written") {
  const auto link = hash_link_from("1f2e3d4c.10");
  REQUIRE(link);
  CHECK(link->hash == 0x1f2e3d4c);
  CHECK(link->number == 10);
  CHECK_FALSE(link->crl);
  CHECK(text_of(*link) == "1f2e3d4c.10");
  CHECK(text_of(*hash_link_from("0000000a.r3")) == "0000000a.r3");
  for (const std::string name :
       {"1f2e3d4c", "1f2e3d4c.", "1f2e3d4.0", "1f2e3d4g.0", "1f2e3d4c.x", "1f2e3d4c.0x"})
    CHECK_FALSE(hash_link_from(name).has_value());
}

TEST_CASE("links change by what their readers need") {
  const Links now{{"0000000a.0", "old.pem"}, {"0000000a.1", "a.pem"}, {"a.pem", "/a"}, {"old.pem", "/old"}};
  const Links wanted{{"0000000a.0", "a.pem"}, {"a.pem", "/other"}, {"b.pem", "/b"}, {"c.pem", "/c"}};
  const auto changes = link_changes(now, wanted, {"c.pem"});
  REQUIRE(changes.added.size() == 1);
  CHECK(changes.added[0].name == "b.pem");
  REQUIRE(changes.replaced.size() == 2);
  CHECK(changes.replaced[0].name == "a.pem");
  CHECK(changes.replaced[1].name == "c.pem");
  CHECK(changes.replaced[1].replaces);
  CHECK(changes.removed == std::vector<std::string>{"old.pem"});
  CHECK(changes.readers_need_grace);  // a.pem moves down
  CHECK(changes.hashes_removed == std::vector<std::string>{"0000000a.2", "0000000a.1"});
  CHECK(link_changes(wanted, wanted, {}).size() == 0);
}

TEST_CASE("lines are deselected for the configuration, and let in again to the byte") {
  const auto hex = [](char digit) { return std::string(64, digit); };
  const auto a = *Fingerprint::from_hex(hex('a'));
  const auto b = *Fingerprint::from_hex(hex('b'));
  const auto mark = [&](char digit) {
    return "# node-ca-trust: distrust.fingerprints has " + hex(digit) + "\n";
  };
  const std::string conf = "# by hand\nm/a.crt\n!m/c.crt\n\nm/b.crt\r\nm/unfinished.crt";
  const auto both =
      conf_with(conf, {{"m/a.crt", a}, {"m/b.crt", b}, {"m/c.crt", a}, {"m/unfinished.crt", b}});
  CHECK(both ==
        "# by hand\n" + mark('a') + "!m/a.crt\n!m/c.crt\n\n" + mark('b') + "!m/b.crt\r\nm/unfinished.crt");
  CHECK(deselected_in(both) == Deselections{{"m/a.crt", a}, {"m/b.crt", b}});
  CHECK(deselected_in(conf).empty());
  CHECK(conf_with(both, {{"m/a.crt", a}, {"m/b.crt", b}}) == both);
  CHECK(conf_with(both, {{"m/b.crt", b}}) == conf_with(conf, {{"m/b.crt", b}}));
  CHECK(conf_with(both, {}) == conf);
  // Somebody else selected the line again, or took it out: the mark alone means nothing.
  CHECK(conf_with(mark('a') + "m/a.crt\n" + mark('b'), {}) == "m/a.crt\n");
  CHECK(conf_with(mark('a') + "m/a.crt\n", {{"m/a.crt", a}}) == mark('a') + "!m/a.crt\n");
}
