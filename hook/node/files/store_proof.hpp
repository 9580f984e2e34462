// The proof that a finished store of certificate files works for its clients: in memory before it is
// published, from disk after.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "cert/record.hpp"
#include "node/files/survey.hpp"
#include "store/files/store_directory.hpp"
#include "sys/fs.hpp"
#include "wish/manifest.hpp"

namespace nct {

// What the store is made of, and what is made of that.
struct FinishedStore {
  const Family& family;
  const Survey& survey;
  const std::vector<SourceFile>& local;  // all that is not selected, anchors among it
  const StoreResult& result;
  const AnchorSet& wanted;
};

// All that it is made with outlives it. What is proved of a byte string is put on record, and not proved
// again.
class StoreProof {
 public:
  StoreProof(const FinishedStore& store, Fs& fs, Record& record, const Seen& seen);

  // Every certificate that clients of the bundle must find.
  [[nodiscard]] const FingerprintSet& expected() const { return expected_; }

  // Loads the bundle as clients do, walks the hash links by their texts, and builds a chain to each anchor
  // and to one root. Errc::in_the_way names what is missing, or the file that spoils it.
  Result<void> in_memory();

  // After in_memory() and publishing: bundle and links are on disk as they were proved, and what each hash
  // link leads to is what was proved. Errc::busy where another writer was at work.
  Result<void> on_disk();

  // The name under which in_memory() put the distribution's part of the bundle on record.
  [[nodiscard]] std::optional<Fingerprint> selected_part() const { return selected_part_; }

 private:
  using SightsByInode = std::unordered_map<std::uint64_t, const Sight*>;

  Result<void> load();
  Result<void> walk_hash_links();
  [[nodiscard]] std::string in_store(std::string_view name) const;
  [[nodiscard]] bool is_no_entry(std::string_view path) const;
  [[nodiscard]] std::unexpected<Error> another_writer() const;
  [[nodiscard]] Result<void> find_linked(const FingerprintSet& reached) const;
  [[nodiscard]] bool leads_to_all(std::string_view name) const;
  [[nodiscard]] FingerprintSet reachable_by_text() const;
  [[nodiscard]] SightsByInode sights_by_inode() const;
  std::optional<Fingerprint> digest_behind(const std::string& path, const SightsByInode& sights);
  [[nodiscard]] const StoreFile* facts_of_link(std::string_view name) const;
  [[nodiscard]] const SourceFile* linked_root();
  [[nodiscard]] bool is_self_signed(const SourceFile& source);
  [[nodiscard]] std::string name_of_source(const Fingerprint& fingerprint) const;
  Result<void> build_chain(const std::string& path, std::string_view bytes, const Fingerprint& expected);

  FinishedStore store_;
  Fs& fs_;
  Record& record_;
  const Seen& seen_;
  FingerprintSet expected_;
  std::map<std::string, const StoreFile*, std::less<>> facts_by_name_;  // of the store directory; or null
  std::optional<Fingerprint> selected_part_;
};

}  // namespace nct
