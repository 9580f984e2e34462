// What a survey saw, and the stat(2) of it: what looks the same today is the same, and need not be read
// again. A memo like cert/record.hpp, of this boot alone: it lies in /run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fingerprint.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

struct Sight {
  std::optional<FileStatus> status;  // through links; nothing where nothing was there
  Fingerprint digest;                // of a file's bytes
  bool operator==(const Sight&) const = default;
};

struct Seen {
  std::map<std::string, Sight, std::less<>>
      sights;                           // by path: every file that was read, every directory listed
  std::vector<DirectoryEntry> listing;  // of the store directory, where the store was settled
  std::optional<Fingerprint> settled;   // the anchors (digest_of) with which the store was as it should be
  bool kept = false;                    // between runs; not so below another root than "/"
};

// A name for a set of anchors.
Fingerprint digest_of(const AnchorSet& anchors);

// What the last run of this boot wrote; nothing seen where there is none, or none that is whole. It will be
// kept.
Seen read_seen(Fs& fs);

// Writes `seen`, if it is kept. That it fails costs the next run some milliseconds and is nobody's error.
void write_seen(Fs& fs, const Seen& seen);

// Whether what has this status may be known by it later, at `now` (unix seconds). A file that is changed
// again within one tick of its file system's clock keeps its times: so the change must be older than any
// tick.
bool is_telling(const FileStatus& status, std::int64_t now);

}  // namespace nct
