#include <algorithm>

#include "base/text.hpp"
#include "cmd/at_rest.hpp"
#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/hints.hpp"
#include "cmd/image_rows.hpp"
#include "cmd/root_changes.hpp"
#include "cmd/rows.hpp"
#include "node/image_gate.hpp"
#include "node/node.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// Opens the node; a configuration that cannot be read is a miss for the gate, which has more to look at.
Result<std::unique_ptr<Node>> opened(const Options& options, Report& report) {
  auto node = configured_node(options.root, options.config, Access::read);
  if (!node && options.image && node.error().code == Errc::configuration) {
    report.drift->push_back(refused_configuration(node.error()));
    node = unconfigured_node(options.root, Access::read);
  }
  if (node) NCT_CHECK(open_configured(**node, Access::read));
  return node;
}

// What the store of a node shall hold: anchors of ours, and what others have brought.
FingerprintSet held(const AnchorSet& anchors, const StoreChange& change) {
  auto all = change.others;
  for (const auto& [fingerprint, anchor] : anchors)
    all.insert(fingerprint);
  return all;
}

// Certificates of the files named that the image does not trust. Those that bake leaves out without refusing
// the file, such as expired ones, are not looked for, and that is said.
Result<void> verify_expected(const Options& options, const Node& node, const FingerprintSet& trusted,
                             Report& report) {
  NCT_TRY(const auto documents, documents_from(options.expect, options.as, node.config));
  const auto source = read_source(documents, node.config, {}, unix_time());
  if (source.refused(node.config.provision_rejected)) {
    add_source(report, source, kBakedSource);
    return fail(Errc::input, refusal(documents));
  }
  for (const auto& each : source.certificates) {
    if (each.verdict == Verdict::accepted && !trusted.contains(each.certificate.fingerprint))
      report.drift->push_back(row_of_untrusted(each));
    if (each.verdict == Verdict::rejected)
      report.warnings.push_back(concat(each.certificate.subject, " (", each.origin.text(),
                                       ") is not looked for: bake leaves it out"));
  }
  return {};
}

struct StoreNow {
  FingerprintSet trusted;             // what it shall hold
  std::vector<std::string> unproved;  // of ours
};

// What differs in the store.
Result<std::vector<Report::Drift>> drift_of_store(Node& node, StoreNow& store, Report& report) {
  node.state.remembered = {};  // a gate takes nothing on trust
  NCT_TRY(const auto change, node.store->compare(node.state.manifest.anchors));
  auto drift = drift_of(node.state, *change, *node.distro.family);
  auto proof = change->prove();
  if (proof && change->steps.empty()) proof = change->prove_on_disk();
  if (!proof) {
    if (proof.error().code != Errc::in_the_way && proof.error().code != Errc::busy)
      return std::unexpected(proof.error());
    drift.push_back({.kind = "proof-failed",
                     .subject = change->summary.bundle,
                     .message = proof.error().message,
                     .hint = std::string(hint_for(proof.error()))});
  }
  report.store = row_of(change->summary, drift.empty());
  NCT_TRY(const auto roots, node.store->distrust(node.config.policy.distrusted));
  std::ranges::move(look_at_roots(roots, report), std::back_inserter(drift));
  store = {.trusted = held(node.state.manifest.anchors, *change), .unproved = change->unproved};
  return drift;
}

Result<FingerprintSet> verify_store(Node& node, Report& report) {
  StoreNow store;
  NCT_TRY(auto seen, drift_at_rest(node, [&] { return drift_of_store(node, store, report); }));
  if (seen.at_work && !seen.rows.empty())
    return fail(Errc::busy, "another run of node-ca-trust is at work, and does not end");
  if (seen.at_work) report.warnings.emplace_back(kAtWork);
  std::ranges::move(seen.rows, std::back_inserter(*report.drift));
  std::ranges::move(store.unproved, std::back_inserter(report.warnings));
  return std::move(store.trusted);
}

Result<void> verify_image(Node& node, const Record& recorded, Report& report) {
  if (report.store->proved && !is_recorded(recorded, node.state.remembered.record))
    report.drift->push_back(missing_record());
  NCT_TRY(const auto misses, image_misses(node));
  for (const auto& miss : misses)
    report.drift->push_back(row_of(miss));
  return {};
}

}  // namespace

Result<void> verify(const Options& options, Report& report) {
  report.drift.emplace();
  if (options.image)
    report.checks = gate_checks(!options.expect.empty());
  else if (options.format == Options::Format::junit)
    report.checks = {"store", "leftovers"};
  NCT_TRY(const auto node, opened(options, report));
  add_distro(report, node->distro);
  const auto recorded = node->state.remembered.record;
  NCT_TRY(const auto trusted, verify_store(*node, report));
  if (options.image) NCT_CHECK(verify_image(*node, recorded, report));
  if (!options.expect.empty()) NCT_CHECK(verify_expected(options, *node, trusted, report));
  if (!report.checks.empty())
    for (auto& drift : *report.drift)
      drift.check = check_of(drift.kind);
  report.result = report.drift->empty() ? RunResult::unchanged : RunResult::failed;
  return {};
}

}  // namespace nct
