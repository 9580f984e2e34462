// A machine that follows its secret-sync directory: provisioned, path unit and timer enabled, containerd
// stood in for.
#pragma once

#include "rotation/sync_node.hpp"
#include "support/store_view.hpp"
#include "system/node_disk.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sys/fs.hpp"

namespace nct::test {

// A file system through which the machine's is seen, for one thread.
inline std::unique_ptr<Fs> files_of(const Machine& machine) {
  auto opened = open_root(machine.root());
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

// The disk of such a machine, with `times` as drop-in of its configuration.
inline Disk sync_disk(const std::string& times) {
  auto disk = node_disk();
  disk.files["/opt/certs/.keep"] = "";
  disk.files["/etc/node-ca-trust/config.d/50-times.toml"] = concat("[rotation]\n", times);
  return disk;
}

class SyncMachine {
 public:
  // What it trusts then is what it shall trust besides what is synced, always.
  explicit SyncMachine(const Disk& disk) : machine_(disk), fs_(files_of(machine_)) {
    if (!machine_.comes_true("systemctl is-active node-ca-trust-rotate.path && "
                             "! systemctl is-active node-ca-trust-rotate.service"))
      throw std::runtime_error("the machine does not follow its directory: " + machine_.journal());
    before_ = view_of(*fs_);
    bundle_before_ = fs_->read_file("/etc/ssl/certs/ca-certificates.crt", std::size_t{1} << 20U).value_or("");
  }

  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] std::filesystem::path certs() const { return machine_.root() / "opt/certs"; }
  [[nodiscard]] const std::string& bundle_before() const { return bundle_before_; }

  // What a reader of the bundle, or of the hash directory, misses of them; empty where nothing.
  [[nodiscard]] std::string missed(const std::vector<TestCa>& cas) const {
    for (const auto& ca : cas)
      if (auto missed = missed_by_readers(*fs_, ca); !missed.empty()) return missed;
    return {};
  }

  // Whether it trusts these besides what it always does, by both ways, and nothing else.
  [[nodiscard]] bool trusts_exactly(const std::vector<TestCa>& cas) const {
    auto expected = before_;
    for (const auto& ca : cas) {
      expected.bundle.insert(ca.fingerprint_hex);
      expected.hashed.insert(ca.fingerprint_hex);
    }
    const auto now = view_of(*fs_);
    return now.bundle == expected.bundle && now.hashed == expected.hashed && now.faults == expected.faults;
  }

 private:
  Machine machine_;
  std::unique_ptr<Fs> fs_;
  StoreView before_;
  std::string bundle_before_;
};

}  // namespace nct::test
