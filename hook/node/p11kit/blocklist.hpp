// What the configuration distrusts, where p11-kit makes the store: files of ours in its blocklist.
#pragma once

#include <set>

#include "base/error.hpp"
#include "node/distrust.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "sys/fs.hpp"

namespace nct {

// From what lies in the first source's blocklist to one file of ours for each of `distrusted` that is in a
// view of the store. p11-kit goes by the key, and by issuer and serial number: what else that takes out is
// said. A certificate that lies among the anchors as well stays in the view of all purposes (p11-kit,
// trust/token.c). Errors are survey_trust()'s.
Result<DistrustChange> compare_blocklist(Fs& fs, const Family& family, Remembered& remembered,
                                         const std::set<Fingerprint>& distrusted);

}  // namespace nct
