// What the configuration distrusts, on Debian: lines of ca-certificates.conf(5).
#pragma once

#include <set>

#include "base/error.hpp"
#include "cert/record.hpp"
#include "node/distrust.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"

namespace nct {

// From the file as it is to one in which each line is deselected whose file holds one of `distrusted` alone,
// and no other by us. Errors are survey()'s.
Result<DistrustChange> compare_deselected(Fs& fs, const Family& family, Record& record, const Seen& seen,
                                          const std::set<Fingerprint>& distrusted);

}  // namespace nct
