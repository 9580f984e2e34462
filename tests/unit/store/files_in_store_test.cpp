#include "store/files/files_in_store.hpp"

#include "support/certificates.hpp"

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cert/proof.hpp"
#include "cert/sha256.hpp"

using namespace nct;
using namespace nct::test;

namespace {

const Family& family(std::string_view name) {
  return *family_named(name).value();
}

// A store directory as a survey finds it.
class Store {
 public:
  void file(const std::string& name, const std::string& text) {
    const auto& source = source_of(name, text);
    sources_.push_back(source);
    entries_.push_back(
        {.name = name, .kind = StoreEntry::Kind::file, .digest = source.digest, .facts = source.facts});
  }

  void ours(const std::string& name, const std::string& text) { sources_.push_back(source_of(name, text)); }

  void link(const std::string& name, const std::string& target) {
    entries_.push_back({.name = name, .kind = StoreEntry::Kind::link, .target = target});
  }

  StoreResult finished(std::string_view name) {
    std::ranges::sort(sources_, {}, &SourceFile::path);
    return finished_store(family(name), input()).value();
  }

  [[nodiscard]] StoreInput input() const {
    return {.selected = {},
            .deselected = {},
            .local_directory = "/etc/ssl/certs",
            .local = sources_,
            .directory = entries_};
  }

 private:
  SourceFile source_of(const std::string& name, const std::string& text) {
    const auto& kept = texts_.emplace_back(text);
    const auto digest = sha256(kept);
    return {.path = concat("/etc/ssl/certs/", name),
            .bytes = kept,
            .digest = digest,
            .facts = &facts_of(record_, digest, kept)};
  }

  Record record_;
  std::deque<std::string> texts_;
  std::vector<SourceFile> sources_;
  std::vector<StoreEntry> entries_;
};

std::string text_of(const Links& links) {
  std::string text;
  for (const auto& [name, target] : links)
    text += concat(name, ">", target, " ");
  return text;
}

const std::string kOurs = "node-ca-trust-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.pem";

}  // namespace

TEST_CASE("the tools of Flatcar and Photon take files by their names") {
  struct Row {
    std::string name;
    std::string target;
    NameInStore flatcar;
    NameInStore photon;
  };
  using enum NameInStore;
  const Row rows[] = {
      {"corp.pem", "", source, source},
      {"corp.crt", "", source, other},
      {"corp.cer", "", source, other},
      {"corp.PEM", "", other, other},
      {"a b.pem", "", passed, source},
      {"a*.pem", "", passed, source},
      {"-x.pem", "", passed, source},
      {".hidden.pem", "", other, other},
      {"others/x.pem", "", other, other},
      {"ca-certificates.crt", "../../../usr/share/ca-certificates/ca-certificates.crt", other, other},
      {"0123abcd.0", "corp.pem", other, other},
      {"0123abcd.0", "", source, other},
      {"backup.1", "", source, other},
      {"backup.10", "", other, other},
      {"0123abcd.pem", "", source, source},
  };
  for (const auto& [name, target, flatcar, photon] : rows) {
    CAPTURE(name);
    CHECK(name_in_store(family("flatcar"), name, target) == flatcar);
    CHECK(name_in_store(family("photon"), name, target) == photon);
  }
}

TEST_CASE("what the distribution ships is told from what others put beside it") {
  CHECK(is_shipped_in_store(family("photon"), "0123abcd.pem", ""));
  CHECK_FALSE(is_shipped_in_store(family("photon"), "0123abcd.pem", "corp.pem"));
  CHECK_FALSE(is_shipped_in_store(family("photon"), "corp.pem", ""));
  CHECK(is_shipped_in_store(family("flatcar"), "A.pem", "../../../usr/share/ca-certificates/A.pem"));
  CHECK_FALSE(is_shipped_in_store(family("flatcar"), "A.pem", "/opt/A.pem"));
  CHECK_FALSE(is_shipped_in_store(family("flatcar"), "A.pem", ""));
}

TEST_CASE("on Flatcar all hash links are made anew in the order of names, and the bundle follows them") {
  Store store;
  const auto a = make_ca({.common_name = "One Name"});
  const auto b = make_ca({.common_name = "One Name"});
  const auto other = make_ca({.common_name = "Other"});
  const auto hash = a.subject_hash_hex;
  const auto both = other.pem + a.pem;  // linked and put in by its first certificate
  store.file("z.pem", a.pem);
  store.file("copy.crt", a.pem);
  store.file("two.pem", both.substr(0, both.size() - 1));
  store.file("loose.5", b.pem);
  store.ours(kOurs, b.pem);
  store.link(hash + ".0", "z.pem");
  store.link(hash + ".r7", "z.pem");
  store.link(other.subject_hash_hex + ".0", "../../../usr/share/ca-certificates/x");
  store.link("alias.pem", "z.pem");
  store.link("lost.pem", "gone.pem");
  const auto result = store.finished("flatcar");
  std::vector<std::string> links{concat(hash, ".0>copy.crt "), concat(hash, ".1>", kOurs, " "),
                                 concat(other.subject_hash_hex, ".0>two.pem "), "alias.pem>z.pem "};
  std::ranges::sort(links);
  std::string expected;
  for (const auto& link : links)
    expected += link;
  CHECK(text_of(result.links) == expected);
  const auto buckets =
      hash < other.subject_hash_hex ? concat(a.pem, b.pem, both) : concat(both, a.pem, b.pem);
  CHECK(result.bundle == buckets + b.pem);  // "loose.5" is behind all hashes
  CHECK(result.glued.empty());
}

TEST_CASE("on Photon the numbers of others stay, but for those of a bucket with one of ours") {
  Store store;
  const auto a = make_ca({.common_name = "One Name"});
  const auto b = make_ca({.common_name = "One Name"});
  const auto c = make_ca({.common_name = "Another"});
  const auto d = make_ca({.common_name = "Another"});
  store.file("a.pem", a.pem);
  store.file("b.pem", b.pem);
  store.file("c.pem", c.pem);
  store.link(a.subject_hash_hex + ".0", "b.pem");
  store.link(a.subject_hash_hex + ".1", "a.pem");
  store.link(c.subject_hash_hex + ".0", kOurs);
  store.link(c.subject_hash_hex + ".1", "c.pem");
  CHECK(store.finished("photon").links.at(a.subject_hash_hex + ".0") == "b.pem");
  store.ours(kOurs, d.pem);
  const auto result = store.finished("photon");
  CHECK(result.links.at(c.subject_hash_hex + ".0") == "c.pem");
  CHECK(result.links.at(c.subject_hash_hex + ".1") == kOurs);
  CHECK(result.links.size() == 4);
  CHECK(result.bundle == concat(a.pem, b.pem, c.pem, d.pem));
}

TEST_CASE("a file that runs into the next one of Photon's bundle is named") {
  Store store;
  const auto a = make_ca({.common_name = "A"});
  const auto b = make_ca({.common_name = "B"});
  store.file("z.pem", b.pem.substr(0, b.pem.size() - 1));  // the last one may end as it likes
  CHECK(store.finished("photon").glued.empty());
  store.file("a.pem", a.pem.substr(0, a.pem.size() - 1));
  CHECK(store.finished("photon").glued == "/etc/ssl/certs/a.pem");
  CHECK(store.finished("flatcar").glued.empty());
}

TEST_CASE("where nothing is left, the bundle is empty") {
  for (const auto* const name : {"flatcar", "photon"})
    CHECK(Store().finished(name).bundle == "");
}
