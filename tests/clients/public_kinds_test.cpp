// What the rules and the clients of this machine say of the kinds that the tests of others are known for.
#include "clients/public_kinds.hpp"

#include "clients/libraries.hpp"
#include "clients/real_clients.hpp"
#include "support/der_builder.hpp"

#include <array>
#include <ctime>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/judge.hpp"

using namespace nct;
using namespace nct::test;

namespace {

constexpr std::array kShown{Client::openssl, Client::openssl_strict, Client::gnutls, Client::go,
                            Client::java};

struct Case {
  const PublicKind* kind = nullptr;
  std::string ca_der;
  std::string leaf_der;
  std::string said;  // as PublicKind::said
  bool accepted = false;
  bool serves = false;
  std::vector<ClientVerdict> verdicts;
};

const SigningKey& key_of(const PublicKind& kind) {
  static std::map<std::pair<std::string, std::string>, SigningKey> made;
  const std::pair<std::string, std::string> wanted(kind.algorithm, kind.parameter);
  const auto found = made.find(wanted);
  return found != made.end()
             ? found->second
             : made.emplace(wanted, new_signing_key(kind.algorithm, kind.parameter)).first->second;
}

const ClientVerdict* verdict_of(const Case& asked, Client client) {
  for (const auto& verdict : asked.verdicts)
    if (verdict.client == client) return &verdict;
  return nullptr;
}

char letter_of(const ClientVerdict* verdict) {
  if (verdict == nullptr) return '+';
  if (verdict->effect == Effect::breaks) return verdict->always ? 'P' : 'p';
  return verdict->always ? '-' : '~';
}

Case case_of(const PublicKind& kind, const SigningKey& leaf_key) {
  const auto& key = key_of(kind);
  auto parts = ca_parts("A CA", key);
  kind.change(parts);
  Case made{.kind = &kind,
            .ca_der = signed_certificate(parts, key),
            .leaf_der = leaf_of(parts, key, leaf_key),
            .said = "N",
            .verdicts = {}};
  auto certificate = parse_certificate(made.ca_der);
  // What breaks a later OpenSSL is no certificate where this is that one.
  if (!certificate && kind.said.starts_with("R pp") && version_in(openssl_version()) >= std::vector{3U, 5U})
    made.said = kind.said;
  if (!certificate) return made;
  const auto judged =
      judge({{.certificate = *std::move(certificate), .origin = {}}}, {}, std::time(nullptr)).front();
  made.accepted = judged.verdict == Verdict::accepted;
  for (const auto& finding : judged.findings)
    made.serves |= finding.code == FindingCode::self_signed_leaf;
  made.verdicts = judged.clients;
  made.said = made.accepted ? "A " : "R ";
  for (const auto client : kShown)
    made.said += letter_of(verdict_of(made, client));
  return made;
}

// Of an answer about the good CA's server and this one's: P where the first is lost.
char letter_of(const Answer& answer) {
  return answer.front() == '-' ? 'P' : answer.back();
}

}  // namespace

TEST_CASE("no client makes less of a public kind than the rules say") {
  const auto leaf_key = new_signing_key();
  const auto good_key = new_signing_key();
  const auto good_parts = ca_parts("A good CA", good_key);
  const auto good = signed_certificate(good_parts, good_key);
  const auto good_leaf = leaf_of(good_parts, good_key, leaf_key);
  std::vector<Case> cases;
  std::vector<Question> questions;
  std::set<std::string> names;
  for (const auto& kind : public_kinds()) {
    cases.push_back(case_of(kind, leaf_key));
    questions.push_back(
        {.store = {good, cases.back().ca_der}, .servers = {good_leaf, cases.back().leaf_der}});
    CHECK_MESSAGE(names.insert(concat(kind.project, " ", kind.name)).second, kind.name,
                  " stands there twice");
  }
  CHECK(names.size() >= 120);
  std::vector<std::string> heard(cases.size());
  std::map<char, std::size_t> counts;
  std::string clients;
  for (const auto& client : real_clients()) {
    clients += concat(clients.empty() ? "" : ", ", client.name, " (", name_of(client.client), ")");
    const auto answers = client.ask(questions, leaf_key.pem);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const auto& asked = cases[i];
      const char answer = letter_of(answers.at(i));
      const auto* verdict = verdict_of(asked, client.client);
      heard[i] += answer;
      ++counts[answer];
      if (!asked.accepted || answer == '?') continue;
      CAPTURE(asked.kind->project);
      CAPTURE(asked.kind->name);
      CAPTURE(client.name);
      CHECK(answer != 'P');
      if (asked.kind->asked == Asked::outside || asked.serves) continue;
      if (verdict == nullptr) CHECK(answer == '+');
      if (verdict != nullptr && verdict->always && answer == '+')
        MESSAGE("stricter than the client: ", verdict->reason);
    }
  }
  std::string table = concat("said of openssl, openssl_strict, gnutls, go, java; heard of ", clients, "\n");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CHECK_MESSAGE(cases[i].said == cases[i].kind->said, cases[i].kind->project, " ", cases[i].kind->name);
    table += concat(cases[i].kind->project, " ", cases[i].kind->name, ": said ", cases[i].said, ", heard ",
                    heard[i], "\n");
  }
  // It was asked what can be answered in every way.
  for (const char answer : {'+', '-', 'P'})
    CHECK(counts[answer] >= 10);
  MESSAGE(table, names.size(), " kinds");
}
