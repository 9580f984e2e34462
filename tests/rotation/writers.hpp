// Those who fill a secret-sync directory: the three known kinds, with stalls where they hurt.
#pragma once

#include "support/random.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace nct::test {

// Certificates by entry name.
using Files = std::map<std::string, std::string>;

class Writer {
 public:
  // Stalls take up to so many milliseconds.
  Writer(std::filesystem::path certs, Dice& dice, std::size_t longest_stall)
      : certs_(std::move(certs)), dice_(dice), longest_stall_(longest_stall) {}
  virtual ~Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Makes these the files of the directory. Throws std::runtime_error where it cannot.
  virtual void write(const Files& files) = 0;

 protected:
  // Mostly none, sometimes one that hurts.
  void stall();
  void write_in_parts(const std::filesystem::path& path, const std::string& bytes);
  void delete_all();
  Dice& dice() { return dice_; }
  [[nodiscard]] const std::filesystem::path& certs() const { return certs_; }

 private:
  std::filesystem::path certs_;
  Dice& dice_;
  std::size_t longest_stall_;
};

// Deletes first, then writes in place.
class PlainWriter final : public Writer {
 public:
  using Writer::Writer;
  void write(const Files& files) override;
};

// As aks-node-ca-watcher: deletes what has an older tag, then writes what has the new one.
class TaggedWriter final : public Writer {
 public:
  using Writer::Writer;
  void write(const Files& files) override;

 private:
  std::int64_t generation_ = 0;
};

// As kubelet's AtomicWriter.
class AtomicWriter final : public Writer {
 public:
  using Writer::Writer;
  void write(const Files& files) override;

 private:
  int generation_ = 0;
};

}  // namespace nct::test
