#include "base/text.hpp"
#include "cmd/commands.hpp"
#include "cmd/rows.hpp"
#include "node/state.hpp"
#include "sys/clock.hpp"
#include "sys/input.hpp"

namespace nct {

Result<void> lint(const Options& options, Report& report) {
  NCT_TRY(const auto fs, open_root(options.root));
  NCT_TRY(const auto config, read_config(*fs, options.config));
  std::vector<Document> documents;
  for (const auto& file : options.files) {
    NCT_TRY(auto bytes, read_input(file, config.intake.max_document_bytes));
    documents.push_back({.name = file, .bytes = std::move(bytes), .as = options.as});
  }
  const auto source = read_source(documents, config, {}, unix_time());
  add_source(report, source, "");
  report.result = source.has_errors() ? RunResult::failed : RunResult::unchanged;
  return {};
}

}  // namespace nct
