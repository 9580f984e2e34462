// The store of p11-kit's families: trust(1) makes each view of what lies in the directories of sources. Ours
// are anchors among them; views are made aside, proved, and moved into place one by one.
#pragma once

#include <memory>

#include "node/remembered.hpp"
#include "node/store.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"

namespace nct {

// What open_store() gives for Mechanism::extracts.
std::unique_ptr<Store> open_trust_store(const Family& family, Fs& fs, Remembered& remembered,
                                        const StoreOptions& options);

}  // namespace nct
