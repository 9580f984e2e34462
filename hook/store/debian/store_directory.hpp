// What the distribution's tools make of a store directory, computed without touching one:
// update-ca-certificates(8) of Debian and the openssl-rehash(1) it runs.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "cert/record.hpp"
#include "store/hash_link.hpp"
#include "store/source_file.hpp"

namespace nct {

// Something that lies in the store directory.
struct StoreEntry {
  enum class Kind { link, file, other };
  std::string name;  // of a link in a directory below: its path from the store directory
  Kind kind = Kind::other;
  std::string target;                // of a link, as it is written
  bool leads_to_file = false;        // of a link out of the directory: it ends at a regular file
  Fingerprint digest;                // of the bytes of a file or such a link,
  const StoreFile* facts = nullptr;  // where openssl-rehash(1) would read them
};

// What ca-certificates.conf(5) says: names below the directory of certificates, in its order.
struct StoreConf {
  std::vector<std::string> selected;
  std::vector<std::string> deselected;  // behind a '!'
};

// As the tool's `sed ... | while read line` takes it: a carriage return is a part of the name, and a line
// that does not end with a line feed is none. Where the script does not say `read -r` (before 20240203) a
// backslash quotes the character behind it, a line's end included.
StoreConf conf_from(std::string_view text, bool raw);

// Views of what somebody else keeps.
struct StoreInput {
  std::span<const SourceFile> selected;     // lines of ca-certificates.conf whose file exists, in its order
  std::span<const std::string> deselected;  // what stands behind '!' there
  std::string_view local_directory;         // Family::local
  std::span<const SourceFile> local;        // *.crt below it, in byte order of their paths
  std::span<const StoreEntry> directory;    // the store directory as it is
};

struct StoreResult {
  std::optional<std::string>
      bundle;                      // nothing where there is no source at all: the tool keeps the old one then
  std::size_t selected_bytes = 0;  // of it: the selected files, before the local ones
  const StoreFile* bundle_facts =
      nullptr;  // of it, where it holds one certificate: then it may have a hash link
  Links links;  // all symbolic links of the directory; views of `names`, and of the input
  std::deque<std::string> names;
};

// The store as `update-ca-certificates --fresh` leaves it once it has nothing left to change, which a run
// without it then leaves alone (source: the script of 20230311, equal in what it writes up to 20260816). The
// order of `local` is that of LC_ALL=C. Errc::in_the_way where openssl-rehash(1) would fail, and where a
// directory stands in a link's place. What `input` views must outlive the result.
Result<StoreResult> fresh_store(const StoreInput& input);

// Name of the link to a certificate file: what add() of the script makes of its path.
std::string link_name(std::string_view path);

// A file that openssl-rehash(1) considers.
struct HashedFile {
  std::string_view name;
  const StoreFile* facts = nullptr;
};

// The links which openssl-rehash(1) leaves when it meets `links` and `files` in one directory: `links` with
// the hash links added, kept and removed as apps/rehash.c does. `files` include what non-hash links lead to.
// Names of new links are kept in `names`.
Result<Links> rehashed(Links links, std::span<const HashedFile> files, std::deque<std::string>& names);

}  // namespace nct
