// A store that a distribution's tool makes of certificate files: update-ca-certificates(8) of Debian and of
// Flatcar, rehash_ca_certificates.sh of Photon. What it should be is computed by
// store/files/store_directory.hpp; here it is read and changed.
#pragma once

#include <memory>

#include "node/remembered.hpp"
#include "node/store.hpp"
#include "sys/fs.hpp"

namespace nct {

// What open_store() gives for every mechanism but Mechanism::extracts.
std::unique_ptr<Store> open_file_store(const Family& family, Fs& fs, Remembered& remembered,
                                       const StoreOptions& options);

}  // namespace nct
