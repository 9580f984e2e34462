#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/rows.hpp"
#include "node/state.hpp"
#include "sys/clock.hpp"

namespace nct {

Result<void> lint(const Options& options, Report& report) {
  NCT_TRY(const auto fs, open_root(options.root));
  NCT_TRY(const auto config, read_config(*fs, options.config));
  NCT_TRY(const auto documents, documents_from(options.from, options.as, config));
  const auto source = read_source(documents, config, {}, unix_time());
  add_source(report, source, "");
  report.result = source.has_errors() ? RunResult::failed : RunResult::unchanged;
  return {};
}

}  // namespace nct
