// What the distributions' tools make of a store directory and of certificate files, computed without touching
// one.
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
#include "store/family.hpp"
#include "store/hash_link.hpp"
#include "store/source_file.hpp"

namespace nct {

// Something that lies in the store directory. Anchors of ours that lie there are none of these.
struct StoreEntry {
  enum class Kind { link, file, other };
  std::string name;  // of a link in a directory below: its path from the store directory
  Kind kind = Kind::other;
  std::string target;                // of a link, as it is written
  bool leads_to_file = false;        // of a link out of the directory: it ends at what the tool asks for
                                     // (LinkRules::only_files)
  Fingerprint digest;                // of the bytes of a file or such a link,
  const StoreFile* facts = nullptr;  // where the tool would read them
};

// Views of what somebody else keeps.
struct StoreInput {
  std::span<const SourceFile> selected;     // the distribution's files: by ca-certificates.conf those that
                                            // exist, in its order; else in byte order of their paths
  std::span<const std::string> deselected;  // what stands behind '!' there
  std::string_view local_directory;         // Family::local
  std::span<const SourceFile> local;        // the others, and ours, in byte order of their paths
  std::span<const StoreEntry> directory;    // the store directory as it is
};

struct StoreResult {
  std::optional<std::string>
      bundle;                      // nothing where there is no source at all: the tool keeps the old one then
  std::size_t selected_bytes = 0;  // of it: the selected files, where they stand before all others
  std::vector<const SourceFile*> bundled;  // the files that it is made of, in their order
  std::string glued;                       // path: a file whose last line runs into the next file's first
  const StoreFile* bundle_facts =
      nullptr;  // of it, where it holds one certificate: then it may have a hash link
  Links links;  // all symbolic links of the directory; views of `names`, and of the input
  std::deque<std::string> names;
};

// The store as the tool of `family` leaves it once it has nothing left to change. Orders are those of
// LC_ALL=C. Errc::in_the_way where the tool would fail, and where a directory stands in a link's place. What
// `input` views must outlive the result.
Result<StoreResult> finished_store(const Family& family, const StoreInput& input);

// Name in the store directory of the certificate file at `path`: its own where it lies there, else that of
// the link to it, as add() of Debian's script makes it.
std::string link_name(std::string_view path);

// A file that openssl-rehash(1) considers.
struct HashedFile {
  std::string_view name;
  const StoreFile* facts = nullptr;
};

// Whether it considers a file of this name: the extensions of apps/rehash.c, in any case; it does not look
// into directories.
bool is_hashed_name(std::string_view name);

// The links which openssl-rehash(1) leaves when it meets `links` and `files` in one directory: `links` with
// the hash links added, kept and removed as apps/rehash.c does. `files` include what non-hash links lead to.
// Names of new links are kept in `names`.
Result<Links> rehashed(Links links, std::span<const HashedFile> files, std::deque<std::string>& names);

// What it comes to rest at when it is run again and again. Of several stale hash links to one file a run
// takes the lowest away. Hash links to what is in `linked` are gone before the next run meets them.
Result<Links> settled(Links links, std::span<const HashedFile> files, const Links& linked,
                      std::deque<std::string>& names);

}  // namespace nct
