// Stores of which the certificate files lie in the directory of hash links itself: Flatcar's and Photon's.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "store/family.hpp"
#include "store/files/store_directory.hpp"

namespace nct {

// What the name of something in the store directory says of it.
enum class NameInStore {
  other,   // no certificate file
  source,  // the tool may put it into the bundle
  passed,  // it has a certificate file's name, and the tool cannot take it
};

// `target` is what is written in it, of a symbolic link.
//   Photon: the glob *.pem of rehash_ca_certificates.sh.
//   Flatcar: what c_rehash(1) links, but the bundle; and what the glob *.[0-9] of update-ca-certificates
//   meets beside the hash links. c_rehash(1) is a shell script that does not quote names.
NameInStore name_in_store(const Family& family, std::string_view name, std::string_view target);

// Whether the distribution has put it there: the packages of Photon have "<hash>.pem"; Flatcar's
// systemd-tmpfiles(8) links to what /usr ships.
bool is_shipped_in_store(const Family& family, std::string_view name, std::string_view target);

// Whether a run of Flatcar's update-ca-certificates that was broken off has left this: it makes the bundle in
// the store directory (mktemp(1), "ca-certificates.crt.XXXXXXXXXX") and never removes an old one; Go reads
// it.
bool is_left_in_store(const Family& family, std::string_view name);

// finished_store() of Mechanism::rehashed_files: once rehash_ca_certificates.sh (Photon 5, of its openssl
// 3.0) and another run of it are done. Where a certificate of ours is among those of one name, their numbers
// are those of a directory without hash links.
Result<StoreResult> rehashed_store(const StoreInput& input);

// finished_store() of Mechanism::c_rehashed_files: update-ca-certificates of Flatcar, with c_rehash(1) 1.7.
// It takes the bundle for one more certificate file if the first one in it is of a file whose name comes
// behind "ca-certificates.crt", and then puts the old bundle into the new one at every run: that is left out.
Result<StoreResult> c_rehashed_store(const StoreInput& input);

}  // namespace nct
