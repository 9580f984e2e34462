// A small node with a secret-sync directory, and the real program that follows it.
#pragma once

#include "support/certificates.hpp"
#include "support/process.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sys/fs.hpp"

namespace nct::test {

// Times in milliseconds, as the configuration has them.
struct SyncTimes {
  int settle = 20;
  int removal_grace = 100;
  int empty_grace = 150;
  std::string more{};  // TOML, without a table
};

class SyncNode {
 public:
  explicit SyncNode(const SyncTimes& times = {});

  void configure(const SyncTimes& times) const;

  [[nodiscard]] std::filesystem::path root() const { return scratch_.path() / "root"; }
  [[nodiscard]] std::filesystem::path outside() const { return scratch_.path() / "outside"; }
  [[nodiscard]] std::filesystem::path certs() const { return root() / "opt/certs"; }

  // Writes a file of the sync directory as a shell's `>` does.
  void put(const std::string& name, std::string_view bytes) const;

  // What rotate() runs, to be run in another way.
  [[nodiscard]] std::vector<std::string> rotation_command() const;

  // Ends with the status that timeout(1) gives it, 124, where it takes longer than `seconds`.
  [[nodiscard]] Finished rotate(const std::vector<std::string>& more = {}, int seconds = 30) const;
  [[nodiscard]] Finished command(const std::vector<std::string>& words) const;

  // Which of `cas` are trusted, one letter each from 'A' on; "?" for each other anchor of ours, and a word
  // for whatever the bundle and the hash directory do not agree about.
  [[nodiscard]] std::string trusted(const std::vector<TestCa>& cas) const;

  // What a reader of the bundle, and one of the hash directory, misses of `ca` now; empty where they find it.
  [[nodiscard]] std::string missed(const TestCa& ca) const;

 private:
  Scratch scratch_;
  std::unique_ptr<Fs> fs_;
};

// The same of any node.
std::string missed_by_readers(Fs& fs, const TestCa& ca);

// CAs "A", "B", ... that live as long as the process.
const std::vector<TestCa>& sync_cas();

}  // namespace nct::test
