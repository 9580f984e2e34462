// Images that bake prepares: a Debian root with the product installed, not running.
#pragma once

#include "support/process.hpp"
#include "support/scratch.hpp"
#include "system/machine.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.hpp"

namespace nct::test {

class Image {
 public:
  explicit Image(const Disk& disk = {}) : tree_(disk) {}

  [[nodiscard]] std::string root() const { return tree_.path().string(); }
  [[nodiscard]] std::filesystem::path changes() const { return tree_.changes(); }

  // A command line of the shell, on the machine that builds the image; its root is $ROOT.
  [[nodiscard]] Finished shell(const std::string& line) const {
    return nct::test::run({.argv = {"/bin/sh", "-c", line}, .environment = {{"ROOT", root()}}});
  }

  // The program, from outside of the image.
  [[nodiscard]] Finished offline(const std::string& command, const std::string& options = {}) const {
    return shell(concat(builders_program(), " ", command, " --root $ROOT ", options));
  }

  // The same with the image as the root directory, as Packer's scripts run it.
  [[nodiscard]] Finished inside(const std::string& command, const std::string& options = {}) const {
    return shell(concat("env -i PATH=/usr/sbin:/usr/bin chroot $ROOT node-ca-trust ", command, " ", options));
  }

  // Everything that was made of it, byte for byte: kind, mode, owner, target and content of every path; and,
  // where a run shall not have written anything, the times and inodes. Not that /run was used, which is
  // empty.
  [[nodiscard]] std::string made(bool times = false) const {
    const auto listed = shell(
        concat("cd ", changes().string(), " && find . ! -path ./run -printf '%p %y %m %U:%G %l",
               times ? " %i %T@ %C@" : "", "\\n' | sort && find . -type f -exec sha256sum {} + | sort -k 2"));
    return listed.status == 0 ? listed.out : concat("not to be read: ", listed.err);
  }

  void write(const std::string& path, const std::string& bytes) const {
    const auto file = tree_.path() / path.substr(1);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  Tree tree_;
};

// A file on the machine that builds.
inline std::string delivered(const Scratch& scratch, const std::string& name, const std::string& bytes) {
  auto path = (scratch.path() / name).string();
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

}  // namespace nct::test
