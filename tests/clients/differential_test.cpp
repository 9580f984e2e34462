// Certificates that a seed makes, judged by the rules and by the real clients. The rules may never promise
// more than a client keeps, and hardly ever less.
//   NCT_SEED          the seed; without one, always the same certificates are made, with other keys
//   NCT_CERTIFICATES  how many
//   NCT_MINUTES       after how many it ends early, with what it has; 0 for never
//   NCT_LIST          a file for every disagreement: the client, what it is, what was changed, the
//   certificate
// full.sh asks clients of another Debian as well.
#include "clients/kinds.hpp"
#include "clients/libraries.hpp"
#include "clients/mutations.hpp"
#include "clients/real_clients.hpp"
#include "support/der_builder.hpp"
#include "support/random.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <doctest/doctest.h>
#include <fstream>
#include <future>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cert/judge.hpp"

using namespace nct;
using namespace nct::test;

namespace {

struct Candidate {
  std::string changes;
  std::string der;
  std::string server;  // what it issued, or itself
  JudgedCertificate judged;
  bool may_be_accepted = false;  // valid now, and its server's certificate fits it
};

const ClientVerdict* verdict_of(const Candidate& candidate, Client client) {
  for (const auto& verdict : candidate.judged.clients)
    if (verdict.client == client) return &verdict;
  return nullptr;
}

// ---- The certificates

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) {}

  // The next `count` that the product can read.
  std::vector<Candidate> next(std::size_t count) {
    std::vector<Candidate> candidates;
    while (candidates.size() < count) {
      ++made_;
      if (auto candidate = judged(make()))
        candidates.push_back(*std::move(candidate));
      else
        ++unread_;
    }
    return candidates;
  }

  [[nodiscard]] const SigningKey& server_key() const { return server_key_; }
  [[nodiscard]] std::size_t made() const { return made_; }
  [[nodiscard]] std::size_t unread() const { return unread_; }
  [[nodiscard]] const std::map<std::string, std::size_t>& changes() const { return changes_; }

 private:
  struct Made {
    std::string changes;
    std::string der;
    std::string leaf;
    bool leaf_fits = true;
  };

  Made make() {
    // Each key and each kind once, then several changes together.
    const bool one_key = made_ <= keys_.size();
    const bool one_kind = !one_key && made_ <= keys_.size() + kinds().size();
    const auto& key = one_key                        ? keys_.at(made_ - 1)
                      : dice_.one_in(4) && !one_kind ? dice_.pick(keys_)
                                                     : keys_.front();
    Made made;
    if (&key != &keys_.front()) note(made, key.name);
    auto parts = ca_parts("A CA", key.key);
    if (one_kind) {
      const auto& kind = kinds().at(made_ - keys_.size() - 1);
      note(made, kind.name);
      kind.change(parts);
    }
    const auto changes = one_key || one_kind ? 0 : 1 + dice_.roll(3);
    for (std::size_t i = 0; i < changes; ++i)
      change(made, parts);
    made.der = signed_certificate(parts, key.key);
    made.leaf = leaf_of(parts, key.key, server_key_);
    if (changes != 0 && dice_.one_in(16)) {
      note(made, "finished bytes");
      made.der = changed_bytes(std::move(made.der), dice_);
      made.leaf_fits = false;
    }
    return made;
  }

  void change(Made& made, Parts& parts) {
    if (dice_.one_in(3)) {
      const auto& kind = dice_.pick(kinds());
      note(made, kind.name);
      return kind.change(parts);
    }
    const auto& mutation = mutations()[dice_.roll(mutations().size())];
    if (!mutation.change(parts, dice_)) return;
    note(made, std::string(mutation.name));
    if (mutation.of_key) made.leaf_fits = false;
  }

  void note(Made& made, const std::string& change) {
    ++changes_[change];
    made.changes += concat(made.changes.empty() ? "" : ", ", change);
  }

  [[nodiscard]] std::optional<Candidate> judged(Made made) const {
    auto certificate = parse_certificate(made.der);
    if (!certificate) return std::nullopt;
    Candidate candidate{
        .changes = std::move(made.changes), .der = std::move(made.der), .server = {}, .judged = {}};
    const bool valid = certificate->not_before <= now_ && now_ <= certificate->not_after;
    // What constrains names may do so to those of the server.
    const bool constrained =
        profile_of(candidate.der).has(Trait::names_constrained) || candidate.changes.contains("nc-");
    candidate.judged = judge({{.certificate = *std::move(certificate), .origin = {}}}, {}, now_).front();
    const bool serves = std::ranges::any_of(candidate.judged.findings, [](const Finding& finding) {
      return finding.code == FindingCode::self_signed_leaf;
    });
    candidate.server = serves ? candidate.der : std::move(made.leaf);
    candidate.may_be_accepted =
        valid && (serves || made.leaf_fits) && !(constrained && changed_names(candidate));
    return candidate;
  }

  // More than one change, of which one may be of the names that are allowed.
  static bool changed_names(const Candidate& candidate) { return candidate.changes.contains(", "); }

  Dice dice_;
  std::vector<NamedKey> keys_ = make_keys();
  SigningKey server_key_ = new_signing_key();
  std::int64_t now_ = std::time(nullptr);
  std::size_t made_ = 0;
  std::size_t unread_ = 0;
  std::map<std::string, std::size_t> changes_;
};

// ---- What one client said of them, beside what the rules say

class Comparison {
 public:
  Comparison(const RealClient& real, std::ostream& list) : real_(&real), list_(&list) {}

  void compare(const Candidate& candidate, const Answer& answer) {
    if (answer.contains('?')) return;
    ++asked_;
    const bool breaks = answer.front() != '+';
    const bool accepts = !breaks && answer.back() == '+';
    (breaks ? broken_ : accepts ? accepted_ : refused_) += 1;
    const bool installed = candidate.judged.verdict == Verdict::accepted;
    const auto* verdict = verdict_of(candidate, real_->client);
    if (installed && breaks) return dangerous(candidate, "loses others by it, and it is installed");
    if (installed && candidate.may_be_accepted && verdict == nullptr && !accepts)
      return dangerous(candidate, "refuses it");
    if (verdict == nullptr || !is_meant(*verdict)) return;
    if (verdict->effect == Effect::breaks ? !breaks : accepts)
      note_strict(candidate,
                  concat(verdict->effect == Effect::breaks ? "does not lose others: " : "accepts: ",
                         verdict->reason));
  }

  // Counts, and false where there was a danger or the rules are too strict.
  [[nodiscard]] bool report() const {
    std::string text =
        concat(name(), ": ", std::to_string(asked_), " asked, ", std::to_string(accepted_), " accepted, ",
               std::to_string(refused_), " refused, ", std::to_string(broken_), " lose others; ",
               std::to_string(dangers_), " promised too much, ", std::to_string(strict_), " too little");
    for (const auto& [reason, count] : reasons_)
      text += concat("\n    ", std::to_string(count), " times ", reason);
    MESSAGE(text);
    // 1 in 1,000; where a few thousand were asked, chance may bring some more.
    constexpr std::size_t kByChance = 4;
    return dangers_ == 0 && strict_ * 1000 <= asked_ + kByChance * 1000;
  }

 private:
  [[nodiscard]] std::string name() const { return concat(real_->name, " (", name_of(real_->client), ")"); }

  [[nodiscard]] bool is_meant(const ClientVerdict& verdict) const {
    return std::ranges::any_of(client_rules(), [&](const ClientRule& rule) {
      return rule.trait == verdict.trait && rule.effect == verdict.effect && real_->is_meant_by(rule);
    });
  }

  void dangerous(const Candidate& candidate, std::string_view what) {
    std::string findings;
    for (const auto& finding : candidate.judged.findings)
      findings += concat(" [", name_of(finding.code), ": ", finding.message, "]");
    list(candidate, concat(what, findings));
    if (++dangers_ > 10) return;
    FAIL_CHECK(name(), " ", what, ": ", candidate.changes, findings, "\n", canonical_pem(candidate.der));
  }

  void note_strict(const Candidate& candidate, const std::string& reason) {
    ++strict_;
    ++reasons_[reason];
    list(candidate, reason);
  }

  void list(const Candidate& candidate, const std::string& what) {
    *list_ << name() << '\t' << what << '\t' << candidate.changes << '\t' << hex_of(candidate.der) << '\n';
  }

  const RealClient* real_;
  std::ostream* list_;
  std::size_t asked_ = 0;
  std::size_t accepted_ = 0;
  std::size_t refused_ = 0;
  std::size_t broken_ = 0;
  std::size_t dangers_ = 0;
  std::size_t strict_ = 0;
  std::map<std::string, std::size_t> reasons_;
};

}  // namespace

TEST_CASE("no client makes less of a certificate than the rules say, and hardly ever more") {
  // New ones are full.sh's to look for: what it finds is a rule to be written, not a fault of the last
  // change.
  const auto seed = number_from("NCT_SEED", 20261127);
  const auto wanted = number_from("NCT_CERTIFICATES", 2000);
  MESSAGE("NCT_SEED=", seed, " NCT_CERTIFICATES=", wanted);
  const auto begun = std::time(nullptr);
  const auto& clients = real_clients();
  Generator generator(seed);
  const auto good_key = new_signing_key();
  const auto good_parts = ca_parts("A good CA", good_key);
  const auto good = signed_certificate(good_parts, good_key);
  const auto good_server = leaf_of(good_parts, good_key, generator.server_key());

  const char* const list_file = std::getenv("NCT_LIST");
  std::ofstream list(list_file != nullptr ? list_file : "/dev/null");
  std::vector<Comparison> comparisons;
  for (const auto& client : clients)
    comparisons.emplace_back(client, list);
  const auto most_minutes = number_from("NCT_MINUTES", 0);
  const auto late = [&] {
    return most_minutes != 0 && std::time(nullptr) - begun >= static_cast<std::int64_t>(most_minutes) * 60;
  };
  constexpr std::size_t kRound = 5000;
  for (std::size_t done = 0; done < wanted && !late();) {
    const auto candidates = generator.next(std::min(kRound, wanted - done));
    std::vector<Question> questions;
    for (const auto& candidate : candidates)
      questions.push_back({.store = {good, candidate.der}, .servers = {good_server, candidate.server}});
    // All clients at once; most of them are processes.
    std::vector<std::future<std::vector<Answer>>> answers;
    for (const auto& client : clients) {
      const auto most = wanted / client.one_in;
      const std::span asked(questions.data(), std::min(questions.size(), most - std::min(most, done)));
      answers.push_back(std::async(std::launch::async, client.ask, std::span<const Question>(asked),
                                   generator.server_key().pem));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto given = answers.at(i).get();
      for (std::size_t question = 0; question < given.size(); ++question)
        comparisons.at(i).compare(candidates.at(question), given.at(question));
    }
    done += candidates.size();
    list.flush();
  }

  MESSAGE(generator.made(), " made, of which ", generator.unread(), " are not read as certificates; ",
          std::time(nullptr) - begun, " s");
  CHECK(generator.unread() * 3 <= generator.made() * 2);
  std::string counts;
  for (const auto& [change, count] : generator.changes())
    counts += concat(counts.empty() ? "" : ", ", std::to_string(count), " ", change);
  MESSAGE("changes: ", counts);
  for (const auto& mutation : mutations())
    CHECK_MESSAGE(generator.changes().contains(std::string(mutation.name)), "never made: ", mutation.name);
  for (const auto& comparison : comparisons)
    CHECK(comparison.report());
}

TEST_CASE("what OpenSSL is said to accept is proved, and what it refuses is not") {
  const auto seed = seed_of_run();
  const auto wanted = number_from("NCT_CERTIFICATES", 2000);
  MESSAGE("NCT_SEED=", seed, " NCT_CERTIFICATES=", wanted);
  Generator generator(seed);
  std::vector<Candidate> installed;
  for (auto& candidate : generator.next(wanted))
    if (candidate.judged.verdict == Verdict::accepted) installed.push_back(std::move(candidate));
  std::size_t proved = 0;
  std::size_t refused = 0;
  for (const auto& candidate : installed) {
    const auto& certificate = candidate.judged.certificate;
    ++(certificate.chain_failure.empty() ? proved : refused);
    CAPTURE(candidate.changes);
    CAPTURE(canonical_pem(candidate.der));
    CAPTURE(certificate.chain_failure);
    if (verdict_of(candidate, Client::openssl) == nullptr) CHECK(certificate.chain_failure.empty());
    // An intermediate is proved without its issuer, and about constraints on names no name is asked.
    const bool distances = profile_of(candidate.der).has(Trait::nc_distances);
    const auto answer = ask_openssl({.store = {candidate.der}, .servers = {candidate.server}}, false);
    if (candidate.may_be_accepted && certificate.self_issued && !distances && answer == "-")
      CHECK_FALSE(certificate.chain_failure.empty());
  }
  MESSAGE(proved, " proved, ", refused, " not, since OpenSSL refuses them");
  CHECK(proved > wanted / 10);
  CHECK(refused > wanted / 50);
}
