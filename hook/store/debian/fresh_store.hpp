// What update-ca-certificates(8) of Debian makes of a store directory, and the openssl-rehash(1) it runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/files/store_directory.hpp"

namespace nct {

// What ca-certificates.conf(5) says: names below the directory of certificates, in its order.
struct StoreConf {
  std::vector<std::string> selected;
  std::vector<std::string> deselected;  // behind a '!'
};

// As the tool's `sed ... | while read line` takes it: a carriage return is a part of the name, and a line
// that does not end with a line feed is none. Where the script does not say `read -r` (before 20240203) a
// backslash quotes the character behind it, a line's end included.
StoreConf conf_from(std::string_view text, bool raw);

// finished_store() of Mechanism::certificate_files: as `update-ca-certificates --fresh` leaves it, which a
// run without it then leaves alone (source: the script of 20230311, equal in what it writes up to 20260816).
Result<StoreResult> fresh_store(const StoreInput& input);

}  // namespace nct
