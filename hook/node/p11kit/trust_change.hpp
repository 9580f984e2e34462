// One change of a store of p11-kit's: anchors are placed, views made aside, proved, and moved into place.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "node/remembered.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// What Store::compare() gives. All outlive it.
Result<std::unique_ptr<StoreChange>> compare_trust(const Family& family, Fs& fs, Remembered& remembered,
                                                   const StoreOptions& options, const AnchorSet& wanted);

}  // namespace nct
