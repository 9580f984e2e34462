// Those who fill a secret-sync directory: the three known kinds, with stalls where they hurt.
#pragma once

#include "support/random.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace nct::test {

// Certificates by entry name.
using Files = std::map<std::string, std::string>;

class Writer {
 public:
  // Stalls take up to so many milliseconds. Nobody else writes there.
  Writer(std::filesystem::path certs, Dice& dice, std::size_t longest_stall)
      : certs_(std::move(certs)), dice_(dice), longest_stall_(longest_stall) {}
  virtual ~Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Makes these the files of the directory. Never lists it: who does so is a reader. Throws
  // std::runtime_error or std::filesystem::filesystem_error where it cannot.
  void write(const Files& files);

  // For how long nothing happened in the directory at most, while files were being written.
  [[nodiscard]] std::chrono::steady_clock::duration longest_pause() const { return longest_pause_; }

 protected:
  virtual void replace_by(const Files& files) = 0;
  // Mostly none, sometimes one that hurts. Comes after each change, or the next one does.
  void stall();
  void write_in_parts(const std::filesystem::path& path, const std::string& bytes);
  // A file of the directory, by name.
  void add(const std::string& name, const std::string& bytes);
  void remove_all();
  void remove_all_but(const std::function<bool(const std::string& name)>& stays);
  Dice& dice() { return dice_; }
  [[nodiscard]] const std::filesystem::path& certs() const { return certs_; }
  // What lies in the directory by its doing.
  std::set<std::string>& names() { return names_; }

 private:
  void acted();

  std::filesystem::path certs_;
  Dice& dice_;
  std::size_t longest_stall_;
  std::set<std::string> names_;
  std::chrono::steady_clock::time_point acted_;
  std::chrono::steady_clock::duration longest_pause_{};
};

// Deletes first, then writes in place.
class PlainWriter final : public Writer {
 public:
  using Writer::Writer;

 private:
  void replace_by(const Files& files) override;
};

// As aks-node-ca-watcher: deletes what has an older tag, then writes what has the new one.
class TaggedWriter final : public Writer {
 public:
  using Writer::Writer;

 private:
  void replace_by(const Files& files) override;

  std::int64_t generation_ = 0;
};

// As kubelet's AtomicWriter.
class AtomicWriter final : public Writer {
 public:
  using Writer::Writer;

 private:
  void replace_by(const Files& files) override;

  int generation_ = 0;
};

}  // namespace nct::test
