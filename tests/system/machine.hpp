// A Debian machine with real systemd as its first process, booted for a test and gone with it: a container
// over the root that base.sh made, with the product installed as "cmake --install" does, and its disk in
// memory. The root is of the suite that NCT_SUITE names in the environment, else of the machine's own, and
// has the packages besides that NCT_BASE_PACKAGES lists.
#pragma once

#include "support/process.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nct::test {

// What lies on the machine's disk before it boots, on top of Debian and the product. Paths are absolute.
struct Disk {
  std::map<std::string, std::string> files;  // mode 0644; 0755 where the content starts with "#!"
  std::map<std::string, std::string> links;  // to what they point; a unit linked to /dev/null is masked
  bool product = true;                       // node-ca-trust and its units are installed
  bool cloud_init = false;                   // it is off where not
  bool sealed_usr = false;                   // nobody can write below /usr
  // Directories over Debian and the product, and below all of the above: what an image was made to.
  std::vector<std::filesystem::path> layers{};
};

// The links that enabling node-ca-trust.service makes: provisioning at boot.
std::map<std::string, std::string> provisioning_enabled();

// The start of a command line: the product's program on the machine that the tests run on, with libcrypto and
// the C library of the suite's root, as a builder of that suite has them.
std::string builders_program();

class Machine {
 public:
  // Boots, and waits until systemd has ended its first transaction, whatever came of it. Requires root and a
  // process of one thread. Throws std::runtime_error, with the console's text where there is one.
  explicit Machine(const Disk& disk);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  // Leaves console and journal in the working directory, in "<test>-<count>.log"; powers off, and removes
  // everything else.
  ~Machine();

  // Powers off and boots again with the same disk; what is in /run is gone. Throws as the constructor does.
  void reboot();

  // Its own, on the machine that the tests run on.
  [[nodiscard]] const std::string& name() const;

  // Runs a command to its end, as root, in an empty environment but for PATH.
  [[nodiscard]] Finished run(std::vector<std::string> argv, const std::string& input = {}) const;

  // The same for a command line of the shell.
  [[nodiscard]] Finished shell(const std::string& line) const { return run({"/bin/sh", "-c", line}); }

  // What a command line prints, without trailing white space. Throws std::runtime_error where it fails.
  [[nodiscard]] std::string output(const std::string& line) const;

  // One property of a unit, as "systemctl show" spells it.
  [[nodiscard]] std::string property(const std::string& unit, const std::string& name) const;

  // Whether the command line succeeds within `patience`; it is tried again and again.
  [[nodiscard]] bool comes_true(const std::string& line,
                                std::chrono::milliseconds patience = std::chrono::seconds(20)) const;

  // Writes to the running machine, which notices as if it had written itself.
  void write(const std::string& path, const std::string& bytes) const;
  [[nodiscard]] std::string read(const std::string& path) const;

  // Where the machine's "/" is seen from outside, as it is seen inside. Absolute links must be resolved in it
  // (open_root).
  [[nodiscard]] std::filesystem::path root() const;

  // Messages of systemd itself before it has a journal, such as ordering cycles, stand here only.
  [[nodiscard]] std::string console() const;
  [[nodiscard]] std::string journal(const std::string& options = {}) const;

 private:
  class Parts;
  void power_off() noexcept;
  void stop() noexcept;
  std::unique_ptr<Parts> parts_;
};

// The disk as the machine would see it, mounted at `path()` without booting: for tools that take --root.
class Tree {
 public:
  explicit Tree(const Disk& disk);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();
  [[nodiscard]] const std::filesystem::path& path() const { return merged_; }
  // What differs from Debian and the product alone, and nothing else: to look at, and as a layer of a
  // machine.
  [[nodiscard]] std::filesystem::path changes() const { return directory_ / "upper"; }

 private:
  friend class Machine;
  std::filesystem::path directory_;
  std::filesystem::path merged_;
};

}  // namespace nct::test
