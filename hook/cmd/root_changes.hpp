// The distribution's roots that the configuration distrusts: doing so, and what is said of it.
#pragma once

#include <set>
#include <vector>

#include "base/error.hpp"
#include "node/known_roots.hpp"
#include "node/node.hpp"
#include "report/report.hpp"

namespace nct {

// Takes `distrusted` out of what the store is made of, and lets in again what earlier runs took out beyond
// them; or only says so. The store is to follow: NodeState::owes(). Fills the report's plan, distrusted,
// drift, warnings and result.
Result<void> change_roots(Node& node, const std::set<Fingerprint>& distrusted, bool dry_run, Report& report);

// Roots that the distribution trusts no more, into the report.
void add_withdrawn(Report& report, const KnownRoots& withdrawn);

// The report's distrusted; and what of it is not as the configuration wants it.
std::vector<Report::Drift> look_at_roots(const DistrustChange& change, Report& report);

}  // namespace nct
