// Certificates that a seed makes, judged by the rules and by the real clients of this machine. The rules may
// never promise more than a client keeps.
//   NCT_SEED          the seed, to make the same certificates again
//   NCT_CERTIFICATES  how many
#include "clients/kinds.hpp"
#include "clients/real_clients.hpp"
#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <ctime>
#include <doctest/doctest.h>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cert/judge.hpp"

using namespace nct;
using namespace nct::test;

namespace {

struct Candidate {
  std::string kinds;  // what was changed
  Question question;
  JudgedCertificate judged;
  bool serves = false;           // judged as what a server shows itself
  bool may_be_accepted = false;  // valid now, and not for other names than the server's
};

bool has(const JudgedCertificate& judged, FindingCode code) {
  for (const auto& finding : judged.findings)
    if (finding.code == code) return true;
  return false;
}

const ClientVerdict* verdict_of(const Candidate& candidate, Client client) {
  for (const auto& verdict : candidate.judged.clients)
    if (verdict.client == client) return &verdict;
  return nullptr;
}

class Comparison {
 public:
  explicit Comparison(std::uint64_t seed) : seed_(seed) {}

  void compare(const Candidate& candidate, Client client, Answer answer) {
    ++compared_[client];
    const bool installed = candidate.judged.verdict == Verdict::accepted;
    const auto* verdict = verdict_of(candidate, client);
    if (installed && answer == Answer::breaks)
      return dangerous(candidate, client, "breaks, and is installed");
    if (!installed || candidate.serves || !candidate.may_be_accepted) {
      if (verdict != nullptr && verdict->always && verdict->effect == Effect::breaks &&
          answer != Answer::breaks)
        ++stricter_[concat(name_of(client), " does not break: ", verdict->reason)];
      return;
    }
    if (verdict == nullptr && answer == Answer::refuses) return dangerous(candidate, client, "refuses");
    if (verdict != nullptr && verdict->always && answer == Answer::accepts)
      ++stricter_[concat(name_of(client), " accepts: ", verdict->reason)];
  }

  void report() const {
    std::string text = concat("seed ", std::to_string(seed_));
    for (const auto& [client, count] : compared_)
      text += concat(", ", name_of(client), " ", std::to_string(count));
    MESSAGE(text);
    for (const auto& [what, count] : stricter_)
      MESSAGE("stricter than the client, ", count, " times: ", what);
    CHECK(dangers_ == 0);
  }

 private:
  void dangerous(const Candidate& candidate, Client client, std::string_view what) {
    if (++dangers_ > 20) return;
    std::string findings;
    for (const auto& finding : candidate.judged.findings)
      findings += concat(" [", name_of(finding.code), ": ", finding.message, "]");
    FAIL_CHECK("seed ", seed_, ": ", name_of(client), " ", what, ": ", candidate.kinds, findings, "\n",
               canonical_pem(candidate.question.ca_der));
  }

  std::uint64_t seed_;
  std::map<Client, std::size_t> compared_;
  std::map<std::string, std::size_t> stricter_;
  std::size_t dangers_ = 0;
};

}  // namespace

TEST_CASE("no client makes less of a certificate than the rules say") {
  const auto seed = seed_of_run();
  const auto wanted = number_from("NCT_CERTIFICATES", 2000);
  MESSAGE("NCT_SEED=", seed, " NCT_CERTIFICATES=", wanted);
  Dice dice(seed);
  const auto key = new_signing_key();
  const auto leaf_key = new_signing_key();
  const auto good_parts = ca_parts("A good CA", key);
  const GoodCa good{.ca_der = signed_certificate(good_parts, key),
                    .leaf_der = leaf_of(good_parts, key, leaf_key)};
  const auto now = std::time(nullptr);

  std::vector<Candidate> candidates;
  std::size_t unread = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    Candidate candidate;
    auto parts = ca_parts("A CA", key);
    // Each kind once, then several together, and changes of any place.
    const bool one_kind = i < kinds().size();
    const auto changes = one_kind ? 1 : 1 + dice.roll(3);
    for (std::size_t change = 0; change < changes; ++change) {
      if (!one_kind && dice.one_in(2)) {
        change_anywhere(parts, dice);
        candidate.kinds += " anywhere";
      } else {
        const auto& kind = one_kind ? kinds().at(i) : dice.pick(kinds());
        kind.change(parts);
        candidate.kinds += " " + kind.name;
      }
    }
    candidate.question = {.ca_der = signed_certificate(parts, key),
                          .leaf_der = leaf_of(parts, key, leaf_key)};
    auto certificate = parse_certificate(candidate.question.ca_der);
    if (!certificate) {
      ++unread;
      continue;
    }
    const bool other_names = candidate.kinds.contains("nc-") && candidate.kinds.contains("anywhere");
    candidate.may_be_accepted =
        certificate->not_before <= now && now <= certificate->not_after && !other_names;
    candidate.judged = judge({{.certificate = *std::move(certificate), .origin = {}}}, {}, now).front();
    candidate.serves = has(candidate.judged, FindingCode::self_signed_leaf);
    candidates.push_back(std::move(candidate));
  }

  Comparison comparison(seed);
  std::vector<Question> questions;
  for (const auto& candidate : candidates) {
    comparison.compare(candidate, Client::openssl, ask_libcrypto(candidate.question, good, false));
    comparison.compare(candidate, Client::openssl_strict, ask_libcrypto(candidate.question, good, true));
    comparison.compare(candidate, Client::gnutls, ask_gnutls(candidate.question, good));
    questions.push_back(candidate.question);
  }
  const auto answers = ask_go(questions, good);
  for (std::size_t i = 0; i < candidates.size(); ++i)
    comparison.compare(candidates[i], Client::go, answers[i]);
  MESSAGE(candidates.size(), " certificates, and ", unread, " that are none");
  comparison.report();
}
