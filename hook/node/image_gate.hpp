// The gate: what keeps a root from being an image whose machines provision themselves. Its store is another
// question (node/store.hpp).
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "node/node.hpp"

namespace nct {

struct ImageMiss {
  enum class Kind {
    unit_missing,
    unit_not_enabled,
    unit_changed,
    drop_in_missing,
    directory_missing,
    library_missing,
    library_unfit,
    leftover,
    machine_specific,
    unsafe_path,
  };
  Kind kind{};
  std::string subject;  // path, unit or library
  std::string message;
};

// All that is amiss, in the order of the kinds. Reads only, and executes nothing of the root.
Result<std::vector<ImageMiss>> image_misses(Node& node);

// Whether all of `proved` was on record before.
bool is_recorded(const Record& before, const Record& proved);

}  // namespace nct
