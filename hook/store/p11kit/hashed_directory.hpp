// A directory of certificate files with hash links to them, as trust(1) writes it ("pem-directory-hash"), and
// how one becomes another while readers walk it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/fingerprint.hpp"

namespace nct {

struct HashedDirectory {
  std::map<std::string, Fingerprint> files;  // by name: SHA-256 of the bytes
  std::map<std::string, std::string> links;  // hash links, to names in `files`

  bool operator==(const HashedDirectory&) const = default;
};

// The links in another directory to the files of one.
struct LinksAbove {
  std::map<std::string, std::string> links;  // hash links, to names of its files
  std::set<std::string> names;  // links called like the file that they lead to; where there are none, empty

  bool operator==(const LinksAbove&) const = default;
};

// Those that lead to `directory` as it is; with `names`, also by the files' names.
LinksAbove links_to(const HashedDirectory& directory, bool names);

struct LinkChange {
  std::string name;
  std::string target;  // a file's name
  bool replaces = false;
};

// What must be done, in this order. trust(1) names files by labels, and numbers those of one label: so a file
// of one name may come to hold another certificate, while links lead to it. Such a file waits by another name
// until no link needs the old one.
struct HashedChanges {
  std::vector<std::string> added;             // files of new names
  std::map<std::string, std::string> beside;  // of names that come to hold something else: the other name
  std::vector<LinkChange> set;                // in this directory
  std::vector<LinkChange> set_above;          // in the directory whose links lead here
  std::vector<std::string> named_above;       // links there that are called like their file
  bool readers_need_grace = false;            // before what follows
  std::vector<std::string> removed_above;     // links there, and names
  std::vector<std::string> removed;           // links here
  std::vector<LinkChange> renamed;            // links, once the files of `beside` have their own names
  std::vector<LinkChange> renamed_above;
  std::vector<std::string> files_removed;  // not needed any more, those of `beside` not among them

  [[nodiscard]] bool none() const;
};

// From `now` to `wanted`, and the links `above` with it, which lead to the same names, by which files are
// called there, too, where `names`; null where there is no such directory. A reader of either finds at every
// moment each certificate that both states hold.
HashedChanges hashed_changes(const HashedDirectory& now, const HashedDirectory& wanted,
                             const LinksAbove* above, bool names = false);

// The files that a client of the hash directory finds: from HASH.0 on, up to the first gap.
std::vector<std::string> reached(const std::map<std::string, std::string>& links,
                                 const std::map<std::string, Fingerprint>& files);

}  // namespace nct
