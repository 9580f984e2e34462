#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "cmd/commands.hpp"
#include "cmd/documents.hpp"
#include "cmd/rows.hpp"
#include "node/state.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/clock.hpp"

namespace nct {

namespace {

// Whether p11-kit makes the store that these are judged for: of the family named, or of this root.
Result<bool> is_for_p11_kit(Fs& fs, const Options& options, const Config& config) {
  if (!options.family.empty()) {
    auto family = family_named(options.family);
    if (!family) return fail(Errc::usage, concat("--family: ", family.error().message));
    return (*family)->mechanism == Mechanism::extracts;
  }
  const auto distro = recognise(fs, config.family);
  return distro && distro->family->mechanism == Mechanism::extracts;
}

}  // namespace

Result<void> lint(const Options& options, Report& report) {
  NCT_TRY(const auto fs, open_root(options.root));
  NCT_TRY(auto config, read_config(*fs, options.config));
  NCT_TRY(config.policy.p11_kit, is_for_p11_kit(*fs, options, config));
  NCT_TRY(const auto documents, documents_from(options.from, options.as, config));
  const auto now = unix_time();
  auto source = read_source(documents, config, {}, now);
  if (!source.certificates.empty()) {
    // What the distribution trusts costs more to read than most bundles, and matters to certificates alone.
    if (const auto distro = options.family.empty() ? observed_distro_roots(*fs, config.family) : std::nullopt)
      source = read_source(documents, config, {}, now, &*distro);
  }
  std::ranges::move(removals(source), std::back_inserter(source.findings));
  add_source(report, source, "");
  report.result = source.has_errors() ? RunResult::failed : RunResult::unchanged;
  return {};
}

}  // namespace nct
