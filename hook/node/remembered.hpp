// What a run leaves to the next one so that it takes less time: the record of what was parsed and proved, and
// how the files looked that it read. What is lost, spoilt or another version's costs time and changes no
// result (tests/distro/remembered_test.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "cert/record.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

struct Sight {
  std::optional<FileStatus> status;  // through links; nothing where nothing was there
  Fingerprint digest;                // of a file's bytes
  bool operator==(const Sight&) const = default;
};

// What looks the same today is the same, and need not be read again. Of this boot alone: it lies in /run.
struct Seen {
  std::map<std::string, Sight, std::less<>>
      sights;                           // by path: every file that was read, every directory listed
  std::vector<DirectoryEntry> listing;  // of the store directory, where the store was settled
  std::optional<Fingerprint> settled;   // the anchors (digest_of) with which the store was as it should be
  bool kept = false;                    // between runs; not so below another root than "/"
};

struct Remembered {
  Record record;
  std::size_t recorded = 0;  // how much of the record lies on the node
  Seen seen;
};

// A name for a set of anchors.
Fingerprint digest_of(const AnchorSet& anchors);

// The record that lies on the node, with nothing seen; an empty one where there is none that is whole.
Result<Remembered> read_record(Fs& fs);

// What of the record is worth keeping: these digests, of files and of certificates, and these anchors.
struct RecordScope {
  std::vector<Fingerprint> digests;
  const AnchorSet& anchors;
};

// Adds the file of the record to those that are about to be written to kStateDirectory, if it has grown.
// Whether it has.
bool add_record(Remembered& remembered, const RecordScope& scope, std::vector<NewFile>& files);

// Writes the record, if it has grown.
Result<void> write_record(Fs& fs, Remembered& remembered, const RecordScope& scope);

// Makes it the record of this scope and nothing else, so that it does not tell what was there before. Whether
// that wrote anything.
Result<bool> renew_record(Fs& fs, Remembered& remembered, const RecordScope& scope);

// What the last run of this boot wrote; nothing seen where there is none, or none that is whole. It will be
// kept.
Seen read_seen(Fs& fs);

// Writes `seen`, if it is kept. That it fails costs the next run some milliseconds and is nobody's error.
void write_seen(Fs& fs, const Seen& seen);

// Keeps what was seen at `now` (unix seconds) for the next run, where `seen` is kept. `settled` names the
// anchors with which there was nothing to do. What is too young to be known again by its times is forgotten,
// and with it that the store is settled.
void remember_sights(Seen& seen, std::map<std::string, Sight, std::less<>> sights,
                     std::vector<DirectoryEntry> listing, const std::optional<Fingerprint>& settled,
                     std::int64_t now);

// Whether what has this status may be known by it later, at `now` (unix seconds). A file that is changed
// again within one tick of its file system's clock keeps its times: so the change must be older than any
// tick.
bool is_telling(const FileStatus& status, std::int64_t now);

}  // namespace nct
