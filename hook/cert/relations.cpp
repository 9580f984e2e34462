#include "cert/relations.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace nct {

namespace {

// Those that take one certificate for another.
constexpr std::array kTakers{Client::openssl, Client::openssl_strict, Client::gnutls, Client::java,
                             Client::boringssl};

bool is_refused(Client client, const Certificate& certificate) {
  return (certificate.refused_by >> static_cast<unsigned>(client) & 1U) != 0;
}

// Whether a server's certificate that `issuer` issued, with the key identifier that it has, may be looked up
// with this result.
bool fits(const Certificate& candidate, const Certificate& issuer) {
  return issuer.key_id.empty() || candidate.key_id.empty() || issuer.key_id == candidate.key_id;
}

// Whether `candidate` admits less than `issuer`.
bool is_narrower(const Certificate& candidate, const Certificate& issuer) {
  const bool names =
      !candidate.name_constraints.empty() && candidate.name_constraints != issuer.name_constraints;
  const bool length =
      candidate.path_length >= 0 && (issuer.path_length < 0 || candidate.path_length < issuer.path_length);
  return names || length;
}

// Whether `client`, which took `candidate` for `issuer`, refuses what it would accept by `issuer`.
bool is_lost(Client client, const Certificate& candidate, const Certificate& issuer, bool leads_on = false) {
  if (candidate.fingerprint == issuer.fingerprint || is_refused(client, issuer)) return false;
  // It takes one that verifies the signature, and only then looks whether that is a CA
  // (sun.security.validator.PKIXValidator, verifyTrustAnchor()).
  if (client == Client::java) return candidate.key == issuer.key && is_refused(client, candidate);
  // Only OpenSSL and BoringSSL, as most programs use them, want a chain to end with what issued itself.
  const bool ends = candidate.self_issued || !issuer.self_issued || leads_on || client == Client::gnutls ||
                    client == Client::openssl_strict;
  return candidate.key != issuer.key || is_refused(client, candidate) || is_narrower(candidate, issuer) ||
         !ends;
}

std::string takers_of(const Certificate& candidate, const Certificate& issuer) {
  std::string names;
  for (const auto client : kTakers)
    if (is_lost(client, candidate, issuer)) names += concat(names.empty() ? "" : ", ", words_of(client));
  return names;
}

// Of a pair with one key, which is no cross-signed one.
std::string words_of_twins(const Certificate& one, const Certificate& other) {
  if (const auto names = takers_of(other, one); !names.empty())
    return concat("a certificate of the same subject and key admits less, and may be taken for this one by ",
                  names);
  if (const auto names = takers_of(one, other); !names.empty())
    return concat(
        "it admits less than a certificate of the same subject and key, and may be taken for that "
        "one by ",
        names);
  return {};
}

std::string words_of_other_key(const Certificate& one, const Certificate& other) {
  const auto another = other.ca ? "another CA" : "a certificate that is no CA";
  if (!one.key_id.empty() && !other.key_id.empty())
    return concat(another, " has this subject and this subject key identifier, and another key");
  const auto lacking = one.key_id.empty() && other.key_id.empty() ? "neither has a"
                       : other.key_id.empty()                     ? "that one has no"
                                                                  : "this one has no";
  return concat(another, " has this subject and another key, and ", lacking, " subject key identifier");
}

std::size_t weight(Client client) {
  if (client == Client::openssl) return 4;
  return client == Client::gnutls ? 2 : 1;
}

// How much is lost where two stand in this order.
std::size_t cost(const Certificate& first, const Certificate& second) {
  std::size_t sum = 0;
  for (const auto& taken : taken_chains(std::array{&first, &second}, View::bundle))
    sum += weight(taken.client);
  return sum;
}

std::map<std::uint32_t, std::vector<const Certificate*>> by_subject(
    std::span<const Certificate* const> certificates) {
  std::map<std::uint32_t, std::vector<const Certificate*>> groups;
  for (const auto* certificate : certificates)
    groups[certificate->subject_hash].push_back(certificate);
  return groups;
}

}  // namespace

bool valid_together(const Certificate& one, const Certificate& other) {
  return std::max(one.not_before, other.not_before) <= std::min(one.not_after, other.not_after);
}

std::optional<Finding> relation_of(const Certificate& one, const Certificate& other, std::string_view where) {
  if (one.fingerprint == other.fingerprint || one.subject_hash != other.subject_hash) return std::nullopt;
  if (!one.ca && !other.ca) return std::nullopt;
  const auto finding = [&](FindingCode code, std::string_view message) {
    return Finding{.code = code,
                   .severity = Severity::warning,
                   .origin = {},
                   .message = concat(message, ": ", where),
                   .what = {}};
  };
  if (one.key != other.key) {
    if (!fits(one, other)) return std::nullopt;
    return finding(FindingCode::same_name, words_of_other_key(one, other));
  }
  if (one.ca && other.ca && !(one.self_signed && other.self_signed) &&
      !(one.self_issued && other.self_issued))
    return finding(FindingCode::cross_signed,
                   concat("the same subject and key were issued ",
                          other.self_signed ? "by itself, too" : concat("by ", other.issuer, ", too")));
  const auto words = words_of_twins(one, other);
  return words.empty() ? std::nullopt : std::optional(finding(FindingCode::same_name, words));
}

void relate(std::span<JudgedCertificate> certificates) {
  std::map<std::uint32_t, std::vector<JudgedCertificate*>> by_name;
  for (auto& judged : certificates)
    if (judged.verdict == Verdict::accepted) by_name[judged.certificate.subject_hash].push_back(&judged);
  for (const auto& [hash, namesakes] : by_name)
    for (auto* one : namesakes)
      for (const auto* other : namesakes)
        if (auto finding = relation_of(one->certificate, other->certificate, other->origin.text())) {
          finding->origin = one->origin;
          one->findings.push_back(*std::move(finding));
        }
}

std::vector<Taken> taken_chains(std::span<const Certificate* const> in_order, View view,
                                const std::set<std::string>& issuers) {
  std::vector<Taken> all;
  for (const auto* issuer : in_order) {
    const auto may_be_taken = [&](const Certificate* each) {
      return each == issuer || (fits(*each, *issuer) && valid_together(*each, *issuer));
    };
    const auto take = [&](Client client, const Certificate* candidate) {
      if (is_lost(client, *candidate, *issuer, issuers.contains(candidate->issuer)))
        all.push_back({.client = client, .whose = issuer, .by = candidate});
    };
    const auto* first = *std::ranges::find_if(in_order, may_be_taken);
    take(Client::openssl, first);
    take(Client::openssl_strict, first);
    if (view != View::bundle) continue;
    take(Client::gnutls, *std::ranges::find_if(in_order | std::views::reverse, may_be_taken));
    // Java's anchors are a set, whose order is another one each time.
    for (const auto* each : in_order)
      if (may_be_taken(each)) take(Client::java, each);
  }
  return all;
}

std::vector<Taken> newly_taken(std::span<const Certificate* const> before,
                               std::span<const Certificate* const> after, View view, std::int64_t now,
                               const std::set<std::string>& issuers) {
  const auto taken_in = [&](std::span<const Certificate* const> store) {
    std::vector<const Certificate*> valid;
    std::ranges::copy_if(store, std::back_inserter(valid),
                         [&](const Certificate* each) { return each->not_after >= now; });
    std::vector<Taken> all;
    for (const auto& [hash, in_order] : by_subject(valid))
      std::ranges::copy(taken_chains(in_order, view, issuers), std::back_inserter(all));
    return all;
  };
  const auto had = [&](const Certificate* certificate) {
    return std::ranges::any_of(
        before, [&](const Certificate* each) { return each->fingerprint == certificate->fingerprint; });
  };
  const auto earlier = taken_in(before);
  auto all = taken_in(after);
  std::erase_if(all, [&](const Taken& taken) {
    const bool was_taken = std::ranges::any_of(earlier, [&](const Taken& each) {
      return each.client == taken.client && each.whose->fingerprint == taken.whose->fingerprint;
    });
    return was_taken || !had(taken.whose) || had(taken.by);
  });
  return all;
}

std::set<Fingerprint> behind(std::span<const Certificate* const> certificates) {
  std::set<Fingerprint> names;
  for (const auto& [hash, group] : by_subject(certificates))
    for (const auto* one : group)
      for (const auto* other : group)
        if (one != other && cost(*other, *one) < cost(*one, *other)) names.insert(one->fingerprint);
  return names;
}

}  // namespace nct
