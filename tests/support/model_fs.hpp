// A file system in memory that knows what a power cut would leave of it.
//
// Every directory and file has a visible state, which calls see, and a durable one. Content is durable once
// write_files() has synced it; names (creations, renames, removals) are durable after sync_directory() of the
// directory they stand in. At a power cut each directory keeps a prefix of its name changes that were not yet
// synced: journals keep the order within a directory, and promise nothing across directories. Content that
// was not synced is lost, while its name may survive. A model can be told to keep one journal, as ext4 and
// XFS do: of all name changes a prefix is kept, and a sync of one directory is one of all.
//
// Every change is a numbered step: write_files() makes three a file (create, write, sync). Reads are not
// steps and never fail on purpose.
#pragma once

#include "support/tree.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "sys/fs.hpp"

namespace nct::test {

// Thrown at the step before which the power goes. Nothing of ours catches it on the way to the test; calls
// made while it unwinds fail with EIO and change nothing.
struct PowerCut {};

struct FsStep {
  std::size_t number = 0;  // from 1
  std::string call;        // as its man page names it
  std::string subject;

  [[nodiscard]] std::string text() const;  // "12: rename '/a' to '/b'"
};

class ModelFs final : public Fs {
 public:
  ModelFs();
  ~ModelFs() override;

  // Prepare a state: durable at once, no steps, missing parents made. They replace what is there.
  void put_file(const std::string& path, std::string bytes, std::uint32_t mode = 0644);
  void put_link(const std::string& target, const std::string& path);
  void put_directory(const std::string& path, std::uint32_t mode = 0755);

  // Throws PowerCut before step `number`.
  void cut_before(std::size_t number);
  // FsStep `number` fails and changes nothing; if it lasts, so does every step after it.
  void fail_at(std::size_t number, int os_errno, bool lasting = false);
  // Is called before every step, also the one that is cut or fails. May read, must not change anything.
  void observe(std::function<void(const FsStep&)> observer);
  void keep_one_journal();
  // Mistakes a writer could make: syncs that say they were done and were not.
  void forget_content_syncs();
  void forget_name_syncs(const std::string& directory);

  // Steps so far.
  [[nodiscard]] std::size_t steps() const;

  // What a reader finds after power returns, everything in it durable; `seed` decides what of the not yet
  // synced changes survives: 0 none, 1 all, others by chance for each directory.
  [[nodiscard]] std::unique_ptr<ModelFs> after_cut(std::uint64_t seed) const;
  // The visible state, everything in it durable.
  [[nodiscard]] std::unique_ptr<ModelFs> settled() const;

  // The whole visible tree.
  [[nodiscard]] Tree tree() const;

  Result<std::string> read_start(const std::string& path, std::size_t max_bytes) override;
  Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list_names(const std::string& path) override;
  Result<std::optional<FileStatus>> status(const std::string& path, bool follow) override;
  Result<std::vector<std::string>> make_directories(const std::string& path) override;
  Result<void> write_files(std::span<const NewFile> files) override;
  Result<void> make_link(const std::string& target, const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove_file(const std::string& path) override;
  Result<bool> remove_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<void> set_mode(const std::string& path, std::uint32_t mode) override;
  // Labels are not modelled; it is a step all the same.
  Result<void> copy_label(const std::string& like, const std::string& path) override;

 private:
  struct Node;
  struct Place;
  using NodePtr = std::shared_ptr<Node>;

  [[nodiscard]] Result<NodePtr> find(std::string_view call, const std::string& path, bool follow) const;
  [[nodiscard]] Result<Place> place_of(std::string_view call, const std::string& path) const;
  Node& parent_for_put(const std::string& path, std::string& name);
  Result<void> step(std::string_view call, std::string subject);
  Result<void> write_all(std::span<const NewFile> files, std::size_t& created);

  NodePtr root_;
  std::size_t steps_ = 0;
  std::size_t cut_before_ = 0;
  std::size_t fail_at_ = 0;
  int fail_errno_ = 0;
  bool fail_lasts_ = false;
  bool power_ = true;
  bool observing_ = false;
  bool content_syncs_ = true;
  bool one_journal_ = false;
  std::set<std::string> forgotten_;
  std::function<void(const FsStep&)> observer_;
};

}  // namespace nct::test
