// The roots that the distribution trusted when a run last looked, so that one which an update withdrew can be
// named.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "node/node.hpp"
#include "node/store.hpp"

namespace nct {

struct KnownRoot {
  std::string name;                    // for people
  std::optional<std::int64_t> missed;  // unix time: when a run first did not find it any more

  bool operator==(const KnownRoot&) const = default;
};
using KnownRoots = std::map<Fingerprint, KnownRoot>;

// Text and back, the same for the same roots; a line that is none is passed over.
std::string text_of(const KnownRoots& known);
KnownRoots known_roots_from(std::string_view text);

// `known` after a look at `now` (unix time) that found `roots`. What is missed for the first time is missed
// since `now`. Of what is missed the latest hundred are kept.
KnownRoots after_look(KnownRoots known, const NamedRoots& roots, std::int64_t now);

// As they lie on the node; none where there is no such file, or none that can be read.
KnownRoots read_known_roots(Fs& fs);

// Those that the distribution trusts no more, but for what the configuration distrusts.
Result<KnownRoots> withdrawn_roots(Node& node);

// Writes down what the distribution trusts now. How many of what it trusted before are missed for the first
// time. The file is whole after a power cut, be it the old or the new one.
Result<std::size_t> remember_roots(Node& node);

// The same for an image, which tells of no time, and of nothing that was.
Result<void> record_roots(Node& node);

}  // namespace nct
