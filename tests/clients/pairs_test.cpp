// Two CAs of one subject in a store, in the order that we give them: whose servers no longer verify that did
// with one of them alone, held against what we say before we install the other one.
//   NCT_SEED        the seed
//   NCT_PAIRS       how many
//   NCT_LIST_PAIRS  a file for those where rules and clients disagree
#include "clients/pairs.hpp"

#include "clients/real_clients.hpp"
#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <doctest/doctest.h>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cert/judge.hpp"
#include "cert/relations.hpp"

using namespace nct;
using namespace nct::test;

namespace {

struct Parsed {
  std::array<Certificate, 2> certificates;
  bool installed = false;  // both of them, if nothing is there
  bool told = false;       // then, that the one is in the other's way
};

std::optional<Parsed> parsed(const Pair& pair, std::int64_t now) {
  Parsed parsed;
  std::vector<FoundCertificate> found;
  for (const auto* ca : {&pair.one, &pair.other}) {
    auto certificate = parse_certificate(ca->der);
    if (!certificate) return std::nullopt;
    parsed.certificates.at(found.size()) = *certificate;
    found.push_back({.certificate = *std::move(certificate), .origin = {}});
  }
  auto both = judge(std::move(found), {}, now);
  relate(both);
  parsed.installed = std::ranges::all_of(
      both, [](const JudgedCertificate& each) { return each.verdict == Verdict::accepted; });
  for (const auto& each : both)
    for (const auto& finding : each.findings)
      parsed.told |= finding.code == FindingCode::same_name || finding.code == FindingCode::cross_signed;
  return parsed;
}

// Whether the second one stands first in the store.
bool swapped(const Parsed& parsed) {
  const auto& [one, other] = parsed.certificates;
  const auto after = behind(std::array{&one, &other});
  const auto place = [&](const Certificate& each) {
    return std::pair(after.contains(each.fingerprint), each.fingerprint);
  };
  return place(other) < place(one);
}

// Who is said to lose the chains of which certificate, where the other one comes to it.
std::array<std::set<Client>, 2> expected_losses(const Parsed& parsed, std::int64_t now) {
  const auto& [one, other] = parsed.certificates;
  std::vector<const Certificate*> store{&one, &other};
  if (swapped(parsed)) std::ranges::reverse(store);
  std::array<std::set<Client>, 2> losses;
  for (std::size_t i = 0; i < losses.size(); ++i)
    for (const auto& taken : newly_taken(std::array{&parsed.certificates.at(i)}, store, View::bundle, now))
      losses.at(i).insert(taken.client);
  return losses;
}

// The questions of a pair: each alone, and both in their order.
constexpr std::size_t kQuestions = 3;
std::array<Question, kQuestions> questions_of(const Pair& pair, bool swapped, const std::string& good,
                                              const std::string& good_server) {
  const std::vector<std::string> servers{good_server, pair.one.server, pair.other.server};
  const auto with = [&](std::vector<std::string> cas) {
    cas.insert(cas.begin(), good);
    return Question{.store = std::move(cas), .servers = servers};
  };
  return {with({pair.one.der}), with({pair.other.der}),
          swapped ? with({pair.other.der, pair.one.der}) : with({pair.one.der, pair.other.der})};
}

// Whether a server that verified with one of the two does no longer with both.
bool loses(const Answer& alone, const Answer& both) {
  for (std::size_t i = 0; i < both.size(); ++i)
    if (alone.at(i) == '+' && both.at(i) == '-') return true;
  return false;
}

}  // namespace

TEST_CASE("no CA takes the servers of another one of its subject without an error before it is installed") {
  const auto seed = seed_of_run();
  const auto wanted = number_from("NCT_PAIRS", 500);
  const auto now = std::time(nullptr);
  PairGenerator generator(seed);
  const auto good_key = new_signing_key();
  const auto good_parts = ca_parts("A good CA", good_key);
  const auto good = signed_certificate(good_parts, good_key);
  const auto good_server = leaf_of(good_parts, good_key, generator.server_key());

  std::vector<Pair> pairs;
  std::vector<Parsed> known;
  std::vector<Question> questions;
  while (pairs.size() < wanted) {
    auto pair = generator.next();
    auto both = parsed(pair, now);
    if (!both || !both->installed) continue;
    for (auto& question : questions_of(pair, swapped(*both), good, good_server))
      questions.push_back(std::move(question));
    pairs.push_back(std::move(pair));
    known.push_back(*std::move(both));
  }
  for (const auto& [change, count] : generator.changes())
    CHECK_MESSAGE(count > 0, change);

  const char* const list_file = std::getenv("NCT_LIST_PAIRS");
  std::ofstream list(list_file != nullptr ? list_file : "/dev/null");
  std::string text = concat("seed ", std::to_string(seed), ", ", std::to_string(wanted),
                            " pairs, each of which comes to the other");
  for (const auto& client : real_clients()) {
    const auto asked = pairs.size() / client.one_in;
    const auto answers =
        client.ask(std::span(questions).first(asked * kQuestions), generator.server_key().pem);
    std::size_t lost = 0;
    std::size_t unexpected = 0;
    std::size_t needless = 0;
    std::size_t untold = 0;
    for (std::size_t i = 0; i < asked; ++i) {
      const auto* answer = &answers.at(i * kQuestions);
      // The servers of others verify in any case.
      for (std::size_t question = 0; question < kQuestions; ++question)
        CHECK_MESSAGE(answer[question].front() == '+', client.name, ": ", pairs[i].one.changes, "; ",
                      pairs[i].other.changes);
      const auto expected = expected_losses(known[i], now);
      bool any = false;
      for (std::size_t there = 0; there < 2; ++there) {
        const bool does_lose = loses(answer[there], answer[2]);
        const bool refused = expected.at(there).contains(client.client);
        any |= does_lose;
        lost += does_lose ? 1U : 0U;
        unexpected += does_lose && !refused ? 1U : 0U;
        needless += refused && !does_lose ? 1U : 0U;
        if (does_lose == refused) continue;
        const auto& [one, other] = std::tie(pairs[i].one, pairs[i].other);
        list << client.name << '\t' << (does_lose ? "loses" : "keeps") << '\t'
             << (pairs[i].same_key ? "same key" : "two keys") << '\t'
             << (swapped(known[i]) == (there == 0) ? "behind" : "in front") << '\t'
             << (there == 0 ? one : other).changes << '\t' << (there == 0 ? other : one).changes << '\t'
             << answer[0] << ' ' << answer[1] << ' ' << answer[2] << '\n';
      }
      untold += any && !known[i].told ? 1U : 0U;
    }
    text += concat("\n    ", client.name, " (", name_of(client.client), "): of ", std::to_string(2 * asked),
                   " it loses servers of ", std::to_string(lost), ", of ", std::to_string(unexpected),
                   " without an error; of ", std::to_string(needless), " with one it loses none; of ",
                   std::to_string(untold), " pairs that come together nothing is said");
    CHECK_MESSAGE(unexpected == 0, client.name);
    CHECK_MESSAGE(untold == 0, client.name);
  }
  MESSAGE(text);
}
