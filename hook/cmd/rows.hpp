// From what a run knows to the rows of its report.
#pragma once

#include <string_view>
#include <vector>

#include "node/apply.hpp"
#include "node/consumers.hpp"
#include "node/distrust.hpp"
#include "node/node.hpp"
#include "report/report.hpp"
#include "store/family.hpp"
#include "wish/source.hpp"

namespace nct {

Report::Finding row_of(const Finding& finding);
// The system, and a warning where it is known by its likeness alone.
void add_distro(Report& report, const Distro& distro);
Report::Store row_of(const StoreSummary& summary, bool proved);

// The certificates of a source, and what was found about its documents, into the report: of each as many as
// somebody may want to read, what is refused before the rest, in their order. How many more there are is
// counted.
void add_source(Report& report, const Source& source, std::string_view source_name);

// What `namesakes` in the store are to the certificates that were accepted, or are installed; each once.
void add_relations(std::vector<Report::Certificate>& rows, const std::vector<Namesake>& namesakes);

// Installed anchors, with where their files are.
std::vector<Report::Certificate> rows_of(const AnchorSet& anchors, const Family& family);

// Steps as they were done, or planned where `outcome` is empty. What `wanted` knows of an anchor makes their
// reasons plain.
std::vector<Report::Step> rows_of(const std::vector<Step>& steps, const AnchorSet& before,
                                  const AnchorSet& wanted, std::string_view outcome);

// Consumers as they are; of stale ones, since when they are: the anchors `changed` after they were started.
std::vector<Report::Consumer> rows_of(const std::vector<Consumer>& consumers,
                                      const std::optional<Moment>& changed);

// What is somebody else's, and not as it should be; `done` where a run found it and came to its end.
Report::Drift row_of(const Notice& notice, bool done, const Family& family);

// What differs between the manifest and the node, where `change` compares the two.
std::vector<Report::Drift> drift_of(const NodeState& state, const StoreChange& change, const Family& family);

// Why a root is taken out or let in again, and which.
std::string reason_of(const RootChange& change);

// What the configuration distrusts: what a run of ours has yet to do, and what none can do.
std::vector<Report::Drift> owed(const DistrustChange& change);
std::vector<Report::Drift> still_trusted(const DistrustChange& change);

}  // namespace nct
