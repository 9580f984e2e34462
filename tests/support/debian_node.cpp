#include "support/debian_node.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <unistd.h>

#include "base/text.hpp"

namespace nct::test {
namespace {

constexpr char kRekeyedName[] = "Rekeyed";

// A directory and its parents.
void add_directory(Tree& tree, const std::string& path) {
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    tree[path.substr(0, slash)] = {NodeKind::directory, 0755, {}};
    if (slash == std::string::npos) return;
  }
}

}  // namespace

const std::vector<DistroRoot>& distro_roots() {
  static const std::vector<DistroRoot> roots = [] {
    std::vector<DistroRoot> made;
    for (const char* name : {"Alpha", "Beta", "Gamma", "Delta"})
      made.push_back({concat(name, "_Root"), make_ca({.common_name = concat(name, " Root")})});
    made.push_back({"Rekeyed_Root", rekeyed_ca()});
    made.push_back({"zz_Rekeyed_Root", rekeyed_ca()});
    std::ranges::sort(made, {}, &DistroRoot::name);
    return made;
  }();
  return roots;
}

TestCa rekeyed_ca() {
  return make_ca({.common_name = kRekeyedName});
}

Tree debian_node(std::span<const DistroRoot> roots) {
  Tree tree;
  tree["."] = {NodeKind::directory, 0755, {}};
  for (const char* directory :
       {"etc/ssl/certs", "etc/ca-certificates/update.d", "usr/share/ca-certificates/mozilla",
        "usr/local/share/ca-certificates", "usr/sbin", "var/lib", "run", "tmp"})
    add_directory(tree, directory);
  tree["etc/os-release"] = {NodeKind::file, 0644, "ID=debian\nVERSION_ID=\"12\"\n"};
  tree["usr/sbin/update-ca-certificates"] = {NodeKind::file, 0755, "#!/bin/sh\n# only there to be found\n"};

  std::string conf = "# This file lists certificates that you wish to use or to ignore.\n";
  std::string bundle;
  std::map<std::string, std::vector<std::string>> buckets;
  for (const auto& [name, ca] : roots) {
    const auto path = concat("usr/share/ca-certificates/mozilla/", name, ".crt");
    tree[path] = {NodeKind::file, 0644, ca.pem};
    tree[concat("etc/ssl/certs/", name, ".pem")] = {NodeKind::link, 0, concat("/", path)};
    conf += concat("mozilla/", name, ".crt\n");
    bundle += ca.pem;
    buckets[ca.subject_hash_hex].push_back(concat(name, ".pem"));
  }
  for (auto& [hash, names] : buckets) {
    std::ranges::sort(names);
    for (std::size_t i = 0; i < names.size(); ++i)
      tree[concat("etc/ssl/certs/", hash, ".", std::to_string(i))] = {NodeKind::link, 0, names[i]};
  }
  tree["etc/ca-certificates.conf"] = {NodeKind::file, 0644, conf};
  tree["etc/ssl/certs/ca-certificates.crt"] = {NodeKind::file, 0644, bundle};
  return tree;
}

void put(const Tree& tree, ModelFs& fs) {
  for (const auto& [path, node] : tree) {
    if (path == ".") continue;
    if (node.kind == NodeKind::directory) fs.put_directory(concat("/", path), node.mode);
    if (node.kind == NodeKind::file) fs.put_file(concat("/", path), node.content, node.mode);
    if (node.kind == NodeKind::link) fs.put_link(node.content, concat("/", path));
  }
}

void put(const Tree& tree, const std::string& directory) {
  namespace fs = std::filesystem;
  // A directory's path is a prefix of what it holds, so it comes first.
  for (const auto& [path, node] : tree) {
    const auto full = concat(directory, "/", path);
    if (node.kind == NodeKind::directory) {
      fs::create_directories(full);
      fs::permissions(full, fs::perms(node.mode));
    } else if (node.kind == NodeKind::file) {
      write_whole(full, node.content, node.mode);
    } else if (node.kind == NodeKind::link) {
      fs::create_symlink(node.content, full);
    } else {
      throw std::runtime_error(concat("cannot make ", full));
    }
  }
}

}  // namespace nct::test
