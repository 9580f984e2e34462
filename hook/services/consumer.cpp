#include "services/consumer.hpp"

#include "base/text.hpp"
#include "cert/certificate.hpp"
#include "cert/sha256.hpp"

namespace nct {

bool started_before(const std::optional<Moment>& changed, std::string_view boot, std::uint64_t started_us) {
  return changed && changed->boot == boot && started_us < changed->monotonic_us;
}

std::chrono::milliseconds splay_of(std::string_view machine_id, std::chrono::milliseconds most) {
  if (most.count() <= 0) return std::chrono::milliseconds(0);
  const auto digest = sha256(concat("node-ca-trust splay ", trimmed(machine_id)));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value = value << 8U | digest.bytes.at(i);
  return std::chrono::milliseconds(value % static_cast<std::uint64_t>(most.count() + 1));
}

}  // namespace nct
