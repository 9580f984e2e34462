// Reading what a store of certificate files is derived from, and what lies in it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cert/record.hpp"
#include "node/remembered.hpp"
#include "store/family.hpp"
#include "store/files/store_directory.hpp"
#include "sys/fs.hpp"

namespace nct {

// As it was found, read once. Facts point into the record that was passed to survey().
struct Survey {
  std::vector<SourceFile> selected;                 // the distribution's (StoreInput::selected)
  std::vector<std::string> deselected;              // by a '!' in ca-certificates.conf
  std::vector<SourceFile> local;                    // the others that are not ours, sorted by path
  std::map<std::string, std::string_view> anchors;  // ours: path to bytes
  std::vector<std::string> ignored;                 // files whose names the tool cannot take
  std::vector<DirectoryEntry> listing;              // of the store directory: list_store()
  std::vector<StoreEntry> directory;                // the same, with what the files hold; where sources
                                                    // lie there, but for ours and the bundle
  std::optional<std::string_view> bundle;           // nothing where it is no regular file
  std::uint32_t bundle_mode = 0;
  bool bundle_is_link = false;  // which leads to a file
  bool stale_bundle = false;    // Family::stale_bundle lies there
  std::map<std::string, Sight, std::less<>> sights;
  std::deque<std::string> texts;  // what was read: bytes are views of it
};

// What distro_files() saw of a file.
struct Look {
  std::optional<FileStatus> status;
  std::optional<std::string> bytes;  // where it had to be read
  Fingerprint digest;                // of them
};
using Looks = std::map<std::string, Look, std::less<>>;  // by path

constexpr std::size_t kMaxSourceBytes = std::size_t{16} << 20U;
constexpr std::size_t kMaxBundleBytes = std::size_t{256} << 20U;

// Files whose content `record` does not know yet are inspected, and added to it. A certificate file of the
// distribution that looks as in `seen`, and whose content is in its place in the bundle, is not read again,
// nor is the store directory where it looks as it did. What looks as in `looks` is not read again either.
// Errc::in_the_way for a certificate file over kMaxSourceBytes.
Result<Survey> survey(Fs& fs, const Family& family, Record& record, const Seen& seen, Looks looks);

struct KnownFile {
  std::string path;
  const StoreFile* facts = nullptr;  // in the record
};

// What the distribution trusts by itself: Survey::selected. Of those
// that look as in `seen` the record knows what they hold. What was looked at is left in `looks`, for those
// who look next. Errors are survey()'s.
Result<std::vector<KnownFile>> distro_files(Fs& fs, const Family& family, Record& record, const Seen& seen,
                                            Looks& looks);

// The file Family::selection, where there is one.
Result<std::optional<std::string>> conf_text(Fs& fs, const Family& family);

// What the file at `path` holds; null where there is none.
Result<const StoreFile*> facts_of_file(Fs& fs, Record& record, const std::string& path);

// Survey::local, and the texts that it views, alone.
Result<Survey> local_files(Fs& fs, const Family& family, Record& record, const Seen& seen);

// What lies in the store directory, with the links in directories below it ("java/link"), since the tool
// looks at those, too.
Result<std::vector<DirectoryEntry>> list_store(Fs& fs, const Family& family);

// The same, but links are without their targets.
Result<std::vector<DirectoryEntry>> list_store_names(Fs& fs, const Family& family);

}  // namespace nct
