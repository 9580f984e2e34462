// The store of Debian, Ubuntu and their kin, as update-ca-certificates(8) makes it of certificate files. What
// it should be is computed by store/debian/store_directory.hpp; here it is read and changed.
#pragma once

#include <memory>

#include "node/remembered.hpp"
#include "node/store.hpp"
#include "sys/fs.hpp"

namespace nct {

// What open_store() gives for Mechanism::certificate_files.
std::unique_ptr<Store> open_ca_certificates_store(const Family& family, Fs& fs, Remembered& remembered,
                                                  const StoreOptions& options);

}  // namespace nct
