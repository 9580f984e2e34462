// The sync directory as one generation: what its writer meant to be there together.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wish/manifest.hpp"
#include "wish/source.hpp"

namespace nct {

struct ListedName {
  std::string name;
  bool is_file = true;           // a regular file, or a link; not a directory, FIFO, socket or device
  std::int64_t modified_ns = 0;  // its own, since 1970; a link's is the link's
};

struct DirectoryListing {
  std::vector<ListedName> names;
  std::int64_t changed_ns = 0;  // when a name in it last came or went
};

// A name of the generation, and the entry it is: the name without its tag, fit for the manifest.
struct EntryName {
  std::string file;
  std::string entry;
  bool is_file = true;

  bool operator==(const EntryName&) const = default;
};

// A tag that a clock gave which ran ahead.
struct EarlyTag {
  std::string file;  // the first one of those that bear it
  std::string message;

  bool operator==(const EarlyTag&) const = default;
};

struct GenerationNames {
  std::vector<EntryName> entries;    // sorted
  std::vector<std::string> backups;  // sorted; their own names
  std::optional<EarlyTag> early;
};

// Whether the file `name` of a directory may be an entry. Names that begin with '.' are how writers work, and
// what editors and package managers leave beside a file is a copy of another one: name~, #name#, .bak, .old,
// .orig, .save, .tmp, .swp, .dpkg-*, .ucf-*, .rpmsave, .rpmnew, .rpmorig, in any case of letters.
bool is_hidden_name(std::string_view name);
bool is_backup_name(std::string_view name);

// The names that make up the generation. Names in front of which a writer put a tag of 14 digits count where
// it is the tag of the generation; plain names count in any case; hidden names and backups never do. What is
// no file counts, so that it is noticed, but for other tags than the generation's, and sets no tag.
//
// The tag of the generation is the highest one of all files (all zeros is what the boot wrote), of those that
// no clock gave which ran ahead. A tag that is later than `now`, or than the last change of the directory's
// names, was given by one: the writer gave the tag before it made the file. That its time has come since does
// not mend it: the directory tells on. It counts all the same where there is no better one, or where its
// files are newer than theirs, by clocks that are right. Clocks may differ by a minute.
GenerationNames names_of_generation(const DirectoryListing& listing, std::int64_t now);

struct Generation {
  // Why an entry was not read.
  struct Refusal {
    FindingCode code{};
    std::string message;

    bool operator==(const Refusal&) const = default;
  };
  struct Entry {
    EntryName name;
    std::string bytes;
    std::optional<Refusal> refusal;

    bool operator==(const Entry&) const = default;
  };

  bool there = false;  // the directory is
  std::vector<Entry> entries;
  std::optional<EarlyTag> early;

  // It holds no file, not even one that was refused.
  [[nodiscard]] bool empty() const;

  // Somebody who only wants certificates sees no difference: tags do not count.
  [[nodiscard]] bool same_as(const Generation& other) const;
  bool operator==(const Generation&) const = default;
};

struct GenerationReading {
  bool there = false;
  Source source;                 // origins are the files of the directory, with its path
  std::set<std::string> faulty;  // entries with an error: what they brought last stays
  std::set<std::string> silent;  // documents that say nothing of certificates: the same
  // Which entry brings what, of entries that are not faulty: each certificate once for each entry.
  std::vector<std::pair<Fingerprint, Owner>> good;

  // Faulty as a whole under policy.rotate.rejected = "fail".
  [[nodiscard]] bool refused(Config::OnRejected on_rejected) const;
};

// Reads and judges, as read_source() does with `distro`; an entry may be a document of any shape.
// Certificates of a faulty entry are rejected with it. `directory` is for people.
GenerationReading read_generation(const Generation& generation, std::string_view directory,
                                  const Config& config, const Record& known, std::int64_t now,
                                  const FingerprintSet* distro = nullptr);

// Refuses it as refuse() of a source does: the entries that bring it are faulty.
void refuse(GenerationReading& reading, const Fingerprint& fingerprint, FindingCode code,
            const std::string& message);

// What there is to do, after one look at the directory.
struct Outlook {
  bool adds = false;      // something is to be installed, or to be written down
  bool removes = false;   // something is installed that left
  bool doubtful = false;  // an entry, or the directory, is faulty: perhaps it is being written
  bool empty = false;
};

// What is known of the directory's rest.
struct Calm {
  std::chrono::milliseconds quiet{0};  // since something was last seen to happen in it
  std::chrono::milliseconds same{0};   // since a look at it last found something else than the look before
  bool moved = false;                  // something happened while it was looked at
  bool impatient = false;              // waiting for quiet took so long that additions wait no longer
};

struct NextMove {
  enum class Kind {
    end,     // what is there is what is installed
    wait,    // for `at_most`, and less if something happens
    add,     // install RotationWish::prompt
    remove,  // install RotationWish::late
  };
  Kind kind = Kind::end;
  std::chrono::milliseconds at_most{0};

  bool operator==(const NextMove&) const = default;
};

// Additions, and the judgement that an entry is faulty, wait until the directory was quiet for `settle`, and
// removals until it was for `removal_grace`, or `empty_grace` where it is empty. A directory that never rests
// but is the same at every look keeps what left three times as long, not for ever. Where nothing is to do and
// nothing moves, that is the end, at once.
NextMove next_move(const Outlook& outlook, const Calm& calm, const Config::Rotation& config);

// For how long a directory that does not rest is waited for, before its additions are installed all the same.
std::chrono::milliseconds patience(const Config::Rotation& config);

}  // namespace nct
