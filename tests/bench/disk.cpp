#include "bench/disk.hpp"

#include "support/process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <linux/magic.h>
#include <set>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kTrees{"/etc/ssl", "/usr/local/share", "/var/lib"};  // they change
constexpr const char* kRoots = "/usr/share/ca-certificates";                        // nobody changes them

std::string flat(std::string path) {
  std::ranges::replace(path, '/', '_');
  return path;
}

std::string must(const std::vector<std::string>& command) {
  const auto finished = run({.argv = command});
  if (finished.status != 0) throw std::runtime_error(concat(command.front(), ": ", finished.err));
  return std::string(trimmed(finished.out));
}

void empty(const std::string& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    fs::remove_all(entry.path());
}

void copy(const std::string& from, const std::string& to) {
  fs::create_directories(to);
  must({"cp", "-a", from + "/.", to});
}

void mount_over(const std::string& directory, const std::string& copy) {
  if (::mount(copy.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) != 0)
    throw std::runtime_error(concat("bind ", directory, ": ", std::strerror(errno)));
}

void refuse_memory(const std::string& directory) {
  struct statfs found{};
  if (::statfs(directory.c_str(), &found) != 0) throw std::runtime_error(directory);
  for (const long in_memory : {long{TMPFS_MAGIC}, long{RAMFS_MAGIC}, long{OVERLAYFS_SUPER_MAGIC}})
    if (found.f_type == in_memory)
      throw std::runtime_error(
          concat(directory, " is not on a disk of its own: fsync may cost nothing there"));
}

}  // namespace

Disk::Disk(const std::string& image, std::string directory) : directory_(std::move(directory)) {
  refuse_memory(fs::path(image).parent_path());
  fs::create_directories(directory_);
  // Every block is there before the first run, and nothing is left for the kernel to initialise meanwhile.
  must({"dd", "if=/dev/zero", "of=" + image, "bs=1M", "count=512", "status=none"});
  must({"mkfs.ext4", "-q", "-F", "-i", "4096", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
        image});
  const auto device = must({"losetup", "--find", "--show", "--direct-io=on", image});
  const auto mounted = run({.argv = {"mount", device, directory_}});
  must({"losetup", "--detach", device});  // at once, or with the mount
  if (mounted.status != 0) throw std::runtime_error(mounted.err);
  for (const std::string tree : {"/etc/ssl", "/usr/local/share", "/var/lib", kRoots}) {
    const auto there = path("now" + flat(tree));
    fs::create_directories(there);
    if (tree != "/var/lib") copy(tree, there);  // nothing there but what the product would put there
    mount_over(tree, there);
  }
}

void Disk::save(const std::string& state) const {
  for (const auto& tree : kTrees)
    copy(tree, path(state + flat(tree)));
}

void Disk::restore(const std::string& state) const {
  for (const auto& tree : kTrees) {
    empty(tree);
    copy(path(state + flat(tree)), tree);
  }
  // Somebody has read a store since it was changed. Who is the first to read a file or link after its change
  // pays for the access time that relatime then writes; a run each hour does not.
  (void)tree();
  fs::remove_all("/run/node-ca-trust");
  ::sync();
  ::sync();  // of what the first wrote to the image
}

Tree Disk::tree() {
  Tree all;
  for (const auto& tree : kTrees)
    for (auto& [path, node] : tree_of(tree))
      all.emplace(path == "." ? tree : concat(tree, "/", path), std::move(node));
  return all;
}

std::string floor_plan(const Tree& before, const Tree& after, const std::string& sources) {
  std::string steps;
  std::set<std::string> changed;  // directories
  const auto step = [&](std::string_view what, const std::string& path) {
    steps += concat(what, "\t", path, "\n");
    changed.insert(path.substr(0, path.rfind('/')));
  };
  fs::create_directories(sources);
  for (const auto& [path, node] : after) {
    const auto old = before.find(path);
    if (old != before.end() && old->second == node) continue;
    if (node.kind == NodeKind::directory) step("directory", path);
    if (node.kind == NodeKind::link) step(concat("link\t", node.content), path);
    if (node.kind != NodeKind::file) continue;
    const auto source = concat(sources, "/", flat(path));
    write_whole(source, node.content);
    step(concat("file\t", source), path);
  }
  for (const auto& [path, node] : before)
    if (!after.contains(path)) step("remove", path);
  for (const auto& directory : changed)
    steps += concat("sync\t", directory, "\n");
  return steps;
}

}  // namespace nct::test
