#include "cmd/at_rest.hpp"

#include "sys/clock.hpp"

namespace nct {

Result<SeenDrift> drift_at_rest(Node& node, const std::function<Result<std::vector<Report::Drift>>()>& look) {
  constexpr std::chrono::milliseconds kBetweenLooks{50};
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto end = now() + node.config.lock_timeout;
  // A whole run may have come between reading the state and the store.
  bool rested = false;
  for (;;) {
    NCT_TRY(auto rows, look());
    const bool at_work = node.state.lock == LockState::held || lock_of(node) == LockState::held;
    if (rows.empty() || (!at_work && rested) || (at_work && now() >= end))
      return SeenDrift{.rows = std::move(rows), .at_work = at_work};
    rested = !at_work;
    if (at_work) wait_until(now() + kBetweenLooks);
    NCT_CHECK(read_again(node));
  }
}

}  // namespace nct
