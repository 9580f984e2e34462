// The links of a store directory while a tool works on them.
#pragma once

#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/files/store_directory.hpp"
#include "store/hash_link.hpp"

namespace nct {

struct LinkRules {
  std::vector<std::string_view> sources;  // links whose text begins so lead to files that are there
  std::set<std::string_view> files;       // names of files there, or to be there, that are no entries
  bool only_files = true;                 // `test -f`: a link to a directory leads nowhere
};

class DirectoryLinks {
 public:
  // Where `replaced` has an entry's name, a link with that text stands in the place of the file.
  DirectoryLinks(std::span<const StoreEntry> entries, LinkRules rules, const Links& replaced = {});

  [[nodiscard]] const StoreEntry* entry(std::string_view name) const;

  // Its text begins as LinkRules::sources say.
  [[nodiscard]] bool points_at_source(std::string_view target) const;

  // Whether the name is, or leads to, what is there.
  [[nodiscard]] bool leads_somewhere(std::string_view name) const { return leads_somewhere(name, 0); }

  // Takes away all links that lead nowhere, in any order the same.
  void remove_dangling();

  Links links;  // as they come to be; entries of other kinds stay what they are

 private:
  [[nodiscard]] bool leads_somewhere(std::string_view name, int followed) const;

  LinkRules rules_;
  std::unordered_map<std::string_view, const StoreEntry*> entries_;
};

}  // namespace nct
