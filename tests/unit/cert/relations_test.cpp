#include "cert/relations.hpp"

#include "support/certificates.hpp"

#include <ctime>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace nct;
using namespace nct::test;

namespace {

// Certificates of one subject, by what they are.
class Namesakes {
 public:
  const Certificate* add(const std::string& name, const TestCa& ca) {
    auto certificate = parse_certificate(ca.der);
    REQUIRE(certificate);
    const auto* kept = &certificates_.insert_or_assign(name, *std::move(certificate)).first->second;
    names_[kept] = name;
    return kept;
  }
  const Certificate* make(const std::string& name, CaOptions options) {
    options.common_name = "One";
    return add(name, make_ca(options));
  }
  // Of the key of the first one.
  const Certificate* again(const std::string& name, CaOptions options) {
    options.subject_like_der = first_.der;
    options.key_pem = first_.key_pem;
    return add(name, make_ca(options));
  }
  [[nodiscard]] const TestCa& first() const { return first_; }

  // "client: by -> whose" each.
  [[nodiscard]] std::set<std::string> text(const std::vector<Taken>& all) const {
    std::set<std::string> lines;
    for (const auto& each : all)
      lines.insert(std::string(name_of(each.client)) + ": " + names_.at(each.by) + " -> " +
                   names_.at(each.whose));
    return lines;
  }

 private:
  TestCa first_ = make_ca({.common_name = "One"});
  std::map<std::string, Certificate> certificates_;
  std::map<const Certificate*, std::string> names_;
};

using Lines = std::set<std::string>;
using List = std::vector<const Certificate*>;

}  // namespace

TEST_CASE("of one key OpenSSL takes the first one, and GnuTLS the last one") {
  Namesakes all;
  const auto* wide = all.add("wide", all.first());
  const auto* narrow = all.again("narrow", {.name_constraints = "permitted;DNS:other.example"});
  CHECK(all.text(taken_chains(List{narrow, wide}, View::bundle)) ==
        Lines{"openssl: narrow -> wide", "openssl_strict: narrow -> wide"});
  CHECK(all.text(taken_chains(List{wide, narrow}, View::bundle)) == Lines{"gnutls: narrow -> wide"});
  CHECK(taken_chains(List{wide, narrow}, View::bucket).empty());
  CHECK(behind(List{narrow, wide}) == std::set{narrow->fingerprint});

  // GnuTLS does not mind purposes of a CA.
  const auto* clients = all.again("clients", {.extended_key_usage = "clientAuth"});
  CHECK(taken_chains(List{wide, clients}, View::bundle).empty());
  CHECK(behind(List{clients, wide, narrow}) == std::set{narrow->fingerprint, clients->fingerprint});
}

TEST_CASE("Java takes any of one key, and refuses what is no CA by its basicConstraints") {
  Namesakes all;
  const auto* good = all.add("good", all.first());
  const auto* bare = all.again("bare", {.basic_constraints = BasicConstraints::absent, .key_usage = ""});
  for (const auto& order : {List{good, bare}, List{bare, good}})
    CHECK(all.text(taken_chains(order, View::bundle)).contains("java: bare -> good"));
  CHECK_FALSE(all.text(taken_chains(List{bare, good}, View::bucket)).contains("java: bare -> good"));
  const auto* other_key =
      all.make("other key", {.basic_constraints = BasicConstraints::absent, .key_usage = ""});
  CHECK_FALSE(
      all.text(taken_chains(List{other_key, good}, View::bundle)).contains("java: other key -> good"));
}

TEST_CASE("another key is taken where no key identifier tells it apart") {
  Namesakes all;
  const auto* with = all.make("with", {});
  const auto* other = all.make("other", {});
  const auto* without = all.make("without", {.key_ids = false});
  CHECK(taken_chains(List{with, other}, View::bundle).empty());
  CHECK(all.text(taken_chains(List{with, without}, View::bundle)) ==
        Lines{"openssl: with -> without", "gnutls: without -> with"});
  CHECK(all.text(taken_chains(List{without, with}, View::bucket)) ==
        Lines{"openssl: without -> with", "openssl_strict: without -> with"});
}

TEST_CASE("a cross-signed one is taken in vain where its issuer is missing") {
  Namesakes all;
  const auto* root = all.add("root", all.first());
  const auto issuer = make_ca({.common_name = "Issuer"});
  const auto* cross = all.add(
      "cross", make_ca({.subject_like_der = all.first().der, .key_pem = all.first().key_pem}, issuer));
  CHECK(all.text(taken_chains(List{cross, root}, View::bundle)) == Lines{"openssl: cross -> root"});
  CHECK(taken_chains(List{cross, root}, View::bundle, {cross->issuer}).empty());
  CHECK(taken_chains(List{root, cross}, View::bundle).empty());
  CHECK(behind(List{cross, root}) == std::set{cross->fingerprint});
}

TEST_CASE("only what comes takes, from what was there and is valid") {
  Namesakes all;
  const auto now = std::time(nullptr);
  const auto* wide = all.add("wide", all.first());
  const auto* narrow = all.again("narrow", {.name_constraints = "permitted;DNS:other.example"});
  const auto* expired = all.again("expired", {.days_before = 20, .days_after = -10});
  const auto* stranger = all.add("stranger", make_ca({.common_name = "Two", .key_ids = false}));
  CHECK(all.text(newly_taken(List{wide}, List{narrow, wide, stranger}, View::bucket, now)) ==
        Lines{"openssl: narrow -> wide", "openssl_strict: narrow -> wide"});
  CHECK(newly_taken(List{}, List{narrow, wide}, View::bundle, now).empty());
  CHECK(newly_taken(List{narrow}, List{narrow, wide}, View::bundle, now).empty());
  CHECK(newly_taken(List{wide, narrow}, List{narrow, wide}, View::bundle, now).empty());
  CHECK(newly_taken(List{wide}, List{narrow}, View::bundle, now).empty());
  CHECK(newly_taken(List{wide}, List{expired, wide, expired}, View::bundle, now).empty());
  // Taken already, by one that is there.
  CHECK(newly_taken(List{narrow, wide},
                    List{narrow, all.again("narrow 2", {.key_usage = "digitalSignature"}), wide},
                    View::bucket, now)
            .empty());
}
