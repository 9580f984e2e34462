// Two CAs of one subject in a store, in either order: what no longer verifies that did with one of them, and
// what we say of the two.
//   NCT_SEED   the seed
//   NCT_PAIRS  how many
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
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cert/judge.hpp"
#include "cert/relations.hpp"

using namespace nct;
using namespace nct::test;

namespace {

// What is said of two that are delivered together.
struct Judged {
  bool installed = false;  // both of them
  bool told = false;       // that the one is in the other's way
};

std::optional<Judged> judged(const Pair& pair, std::int64_t now) {
  std::vector<FoundCertificate> found;
  for (const auto* ca : {&pair.one, &pair.other}) {
    auto certificate = parse_certificate(ca->der);
    if (!certificate) return std::nullopt;
    found.push_back({.certificate = *std::move(certificate), .origin = {}});
  }
  auto both = judge(std::move(found), {}, now);
  relate(both);
  Judged answer{.installed = std::ranges::all_of(
                    both, [](const JudgedCertificate& each) { return each.verdict == Verdict::accepted; })};
  for (const auto& each : both)
    for (const auto& finding : each.findings)
      answer.told |= finding.code == FindingCode::same_name || finding.code == FindingCode::cross_signed;
  return answer;
}

// The questions of a pair, in this order: each alone, and both in either order.
constexpr std::size_t kQuestions = 4;
std::array<Question, kQuestions> questions_of(const Pair& pair, const std::string& good,
                                              const std::string& good_server) {
  const std::vector<std::string> servers{good_server, pair.one.server, pair.other.server};
  const auto with = [&](std::vector<std::string> cas) {
    cas.insert(cas.begin(), good);
    return Question{.store = std::move(cas), .servers = servers};
  };
  return {with({pair.one.der}), with({pair.other.der}), with({pair.one.der, pair.other.der}),
          with({pair.other.der, pair.one.der})};
}

struct Lost {
  std::size_t pairs = 0;
  std::size_t in_any_order = 0;
  std::size_t in_some_order = 0;  // but not in any
  std::size_t untold = 0;         // of both kinds, those of which nothing is said
};

// Whether a server verified with one of the two alone, and no longer with `both`. Of two with one key each
// serves the servers of either.
bool loses(const Answer& one, const Answer& other, const Answer& both) {
  for (std::size_t i = 0; i < both.size(); ++i)
    if ((one.at(i) == '+' || other.at(i) == '+') && both.at(i) == '-') return true;
  return false;
}

}  // namespace

TEST_CASE("what two CAs of one subject do to each other's servers") {
  const auto seed = seed_of_run();
  const auto wanted = number_from("NCT_PAIRS", 500);
  const auto now = std::time(nullptr);
  PairGenerator generator(seed);
  const auto good_key = new_signing_key();
  const auto good_parts = ca_parts("A good CA", good_key);
  const auto good = signed_certificate(good_parts, good_key);
  const auto good_server = leaf_of(good_parts, good_key, generator.server_key());

  std::vector<Pair> pairs;
  std::vector<Judged> said;
  std::vector<Question> questions;
  while (pairs.size() < wanted) {
    auto pair = generator.next();
    const auto answer = judged(pair, now);
    if (!answer || !answer->installed) continue;
    for (auto& question : questions_of(pair, good, good_server))
      questions.push_back(std::move(question));
    pairs.push_back(std::move(pair));
    said.push_back(*answer);
  }
  for (const auto& [change, count] : generator.changes())
    CHECK_MESSAGE(count > 0, change);

  const char* const list_file = std::getenv("NCT_LIST_PAIRS");
  std::ofstream list(list_file != nullptr ? list_file : "/dev/null");
  std::string text = concat("seed ", std::to_string(seed), ", ", std::to_string(wanted),
                            " pairs of which both are installed");
  for (const auto& client : real_clients()) {
    const auto asked = pairs.size() / client.one_in;
    const auto answers =
        client.ask(std::span(questions).first(asked * kQuestions), generator.server_key().pem);
    Lost lost;
    for (std::size_t i = 0; i < asked; ++i) {
      const auto* answer = &answers.at(i * kQuestions);
      const bool first = loses(answer[0], answer[1], answer[2]);
      const bool second = loses(answer[0], answer[1], answer[3]);
      // The servers of others verify in any case.
      for (std::size_t order = 0; order < kQuestions; ++order)
        CHECK_MESSAGE(answer[order].front() == '+', client.name, ": ", pairs[i].one.changes, "; ",
                      pairs[i].other.changes);
      ++lost.pairs;
      lost.in_any_order += first && second ? 1U : 0U;
      lost.in_some_order += first != second ? 1U : 0U;
      lost.untold += (first || second) && !said[i].told ? 1U : 0U;
      if (first || second)
        list << client.name << '\t'
             << (first && second ? "any order"
                 : first         ? "this order"
                                 : "the other order")
             << '\t' << (said[i].told ? "told" : "not told") << '\t'
             << (pairs[i].same_key ? "same key" : "two keys") << '\t' << pairs[i].one.changes << '\t'
             << pairs[i].other.changes << '\n';
    }
    text += concat("\n    ", client.name, " (", name_of(client.client), "): of ", std::to_string(lost.pairs),
                   " loses servers of ", std::to_string(lost.in_any_order), " in any order, of ",
                   std::to_string(lost.in_some_order), " in one of the two; ", std::to_string(lost.untold),
                   " of them without a word from us");
    // Go tries every CA of the name; of the others see relations.hpp.
    if (client.client == Client::go) CHECK(lost.in_any_order + lost.in_some_order == 0);
  }
  MESSAGE(text);
}
