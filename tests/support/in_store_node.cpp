#include "support/in_store_node.hpp"

#include "support/debian_node.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace nct::test {
namespace {

Tree node_with(std::initializer_list<const char*> directories, const std::string& os_release) {
  Tree tree;
  const auto add = [&tree](const std::string& path) {
    for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
      tree[path.substr(0, slash)] = {NodeKind::directory, 0755, {}};
      if (slash == std::string::npos) return;
    }
  };
  tree["."] = {NodeKind::directory, 0755, {}};
  for (const char* directory : {"etc/ssl/certs", "var/lib", "run", "tmp"})
    add(directory);
  for (const char* directory : directories)
    add(directory);
  tree["etc/os-release"] = {NodeKind::file, 0644, os_release};
  return tree;
}

}  // namespace

Tree flatcar_node() {
  auto tree = node_with({"usr/share/ca-certificates"}, "ID=flatcar\nID_LIKE=coreos\n");
  const std::string shipped = "usr/share/ca-certificates/";
  const auto link = [&](const std::string& name) {
    tree[concat("etc/ssl/certs/", name)] = {NodeKind::link, 0, concat("../../../", shipped, name)};
  };
  std::string bundle;
  for (const auto& [name, ca] : distro_roots()) {
    const auto hash_link = concat(ca.subject_hash_hex, ".0");
    if (name == distro_roots().back().name) {
      tree[concat("etc/ssl/certs/", name, ".pem")] = {NodeKind::file, 0644, ca.pem};
      tree[concat("etc/ssl/certs/", ca.subject_hash_hex, ".1")] = {NodeKind::link, 0, name + ".pem"};
      continue;
    }
    tree[concat(shipped, name, ".pem")] = {NodeKind::file, 0644, ca.pem};
    tree[shipped + hash_link] = {NodeKind::link, 0, name + ".pem"};
    link(name + ".pem");
    link(hash_link);
    bundle += ca.pem;
  }
  tree[shipped + "ca-certificates.crt"] = {NodeKind::file, 0644, bundle};
  link("ca-certificates.crt");
  return tree;
}

Tree photon_node() {
  auto tree = node_with({"etc/pki/tls/certs"}, "ID=photon\nVERSION_ID=5.0\n");
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::string>> buckets;
  for (const auto& [name, ca] : distro_roots()) {
    const auto file = concat(name == distro_roots().back().name ? name : ca.subject_hash_hex, ".pem");
    files[file] = ca.pem;
    buckets[ca.subject_hash_hex].push_back(file);
  }
  std::string bundle;
  for (const auto& [file, pem] : files) {
    tree[concat("etc/ssl/certs/", file)] = {NodeKind::file, 0644, pem};
    bundle += pem;
  }
  for (const auto& [hash, names] : buckets)
    for (std::size_t i = 0; i < names.size(); ++i)
      tree[concat("etc/ssl/certs/", hash, ".", std::to_string(i))] = {NodeKind::link, 0, names[i]};
  tree["etc/pki/tls/certs/ca-bundle.crt"] = {NodeKind::file, 0644, bundle};
  return tree;
}

}  // namespace nct::test
