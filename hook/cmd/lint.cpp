#include <algorithm>
#include <iterator>

#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/rows.hpp"
#include "node/state.hpp"
#include "node/store.hpp"
#include "sys/clock.hpp"

namespace nct {

Result<void> lint(const Options& options, Report& report) {
  NCT_TRY(const auto fs, open_root(options.root));
  NCT_TRY(const auto config, read_config(*fs, options.config));
  NCT_TRY(const auto documents, documents_from(options.from, options.as, config));
  const auto now = unix_time();
  auto source = read_source(documents, config, {}, now);
  if (!source.certificates.empty()) {
    // What the distribution trusts costs more to read than most bundles, and matters to certificates alone.
    if (const auto distro = observed_distro_roots(*fs, config.family))
      source = read_source(documents, config, {}, now, &*distro);
  }
  std::ranges::move(removals(source), std::back_inserter(source.findings));
  add_source(report, source, "");
  report.result = source.has_errors() ? RunResult::failed : RunResult::unchanged;
  return {};
}

}  // namespace nct
