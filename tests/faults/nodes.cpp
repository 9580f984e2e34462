#include "faults/nodes.hpp"

#include "support/debian_node.hpp"
#include "support/in_store_node.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "base/text.hpp"

namespace nct::test {
namespace {

namespace fs = std::filesystem;

// This machine's distro roots, under the names they have.
std::vector<DistroRoot> machine_roots() {
  std::vector<DistroRoot> roots;
  const fs::path directory = "/usr/share/ca-certificates/mozilla";
  std::set<fs::path> files;
  if (fs::is_directory(directory))
    for (const auto& entry : fs::directory_iterator(directory))
      files.insert(entry.path());
  for (const auto& file : files) {
    const auto pem = read_whole(file);
    const auto hash = run({.argv = {"openssl", "x509", "-noout", "-hash"}, .input = pem});
    if (hash.status != 0) throw std::runtime_error(concat(file.string(), ": ", hash.err));
    DistroRoot root{.name = file.stem(), .ca = {}};
    root.ca.pem = pem;
    root.ca.subject_hash_hex = trimmed(hash.out);
    roots.push_back(std::move(root));
  }
  return roots;
}

std::vector<std::string> remove_all(const std::string& root) {
  return {program(), "remove", "--all", "--root", root};
}

}  // namespace

std::string program() {
  const char* named = std::getenv("NCT_BINARY");
  return named != nullptr ? named : NCT_BINARY;
}

Nodes::Nodes() {
  const auto a = make_ca({.common_name = "Private A"});
  const auto b = make_ca({.common_name = "Private B"});
  const auto c = make_ca({.common_name = "Private C"});
  old_bundle_ = (scratch_.path() / "old.pem").string();
  new_bundle_ = (scratch_.path() / "new.pem").string();
  write_whole(old_bundle_, concat(a.pem, b.pem, rekeyed_ca().pem));
  write_whole(new_bundle_, concat(b.pem, c.pem, rekeyed_ca().pem));
}

Change::CommandFor Nodes::provision_from(const std::string& bundle) const {
  return [bundle](const std::string& root) {
    return std::vector<std::string>{program(), "provision", "--root", root, "--from", bundle};
  };
}

std::string Nodes::node(const std::string& name, const std::string& bundle, Tree tree) const {
  const auto root = (scratch_.path() / name).string();
  tree["etc/node-ca-trust"] = {NodeKind::directory, 0755, {}};
  tree["etc/node-ca-trust/config.toml"] = {NodeKind::file, 0644, "[store]\nreader_grace_ms = 1\n"};
  put(tree, root);
  if (bundle.empty()) return root;
  const auto finished = run({.argv = provision_from(bundle)(root)});
  if (finished.status != 0) throw std::runtime_error(concat("cannot prepare ", name, ": ", finished.err));
  return root;
}

Change Nodes::first_provision() const {
  return {"first provision", node("stock", "", debian_node()), provision_from(old_bundle_)};
}

Change Nodes::replacement() const {
  return {"replacement", node("replaced", old_bundle_, debian_node()), provision_from(new_bundle_)};
}

Change Nodes::removal() const {
  return {"removal", node("removed", old_bundle_, debian_node()), &remove_all};
}

Change Nodes::first_provision_of_flatcar() const {
  return {"first provision of Flatcar", node("flatcar", "", flatcar_node()), provision_from(old_bundle_)};
}

Change Nodes::replacement_of_flatcar() const {
  return {"replacement of Flatcar", node("flatcar-replaced", old_bundle_, flatcar_node()),
          provision_from(new_bundle_)};
}

Change Nodes::replacement_of_photon() const {
  return {"replacement of Photon", node("photon-replaced", old_bundle_, photon_node()),
          provision_from(new_bundle_)};
}

Change Nodes::removal_of_photon() const {
  return {"removal of Photon", node("photon-removed", old_bundle_, photon_node()), &remove_all};
}

Change Nodes::rotation() const {
  const auto root = (scratch_.path() / "rotated").string();
  const auto rotate = [](const std::string& node) {
    return std::vector<std::string>{program(), "rotate", "--root", node};
  };
  auto tree = debian_node();
  tree["etc/node-ca-trust"] = {NodeKind::directory, 0755, {}};
  // The grace is long enough for both passes under strace.
  tree["etc/node-ca-trust/config.toml"] = {
      NodeKind::file, 0644,
      "[store]\nreader_grace_ms = 1\n[rotation]\nsettle_ms = 0\nremoval_grace_ms = 250\n"};
  tree["opt"] = {NodeKind::directory, 0755, {}};
  tree["opt/certs"] = {NodeKind::directory, 0755, {}};
  tree["opt/certs/00000000000000ca.crt"] = {NodeKind::file, 0644, read_whole(old_bundle_)};
  put(tree, root);
  const auto finished = run({.argv = rotate(root)});
  if (finished.status != 0) throw std::runtime_error(concat("cannot prepare rotation: ", finished.err));
  write_whole(concat(root, "/opt/certs/20260822151315ca.crt"), read_whole(new_bundle_));
  // The record remembers what one pass has seen, and an interrupted run is finished in a pass less.
  return {"rotation", root, rotate, {"run", "var/lib/node-ca-trust/record"}};
}

Change::CommandFor Nodes::distrust_roots(std::size_t count) const {
  const auto config = (scratch_.path() / concat("distrust-", std::to_string(count), ".toml")).string();
  std::string fingerprints;
  for (std::size_t i = 0; i < count; ++i)
    fingerprints += concat("\"", distro_roots()[i].ca.fingerprint_hex, "\", ");
  write_whole(config,
              concat("[distrust]\nfingerprints = [", fingerprints, "]\n[store]\nreader_grace_ms = 1\n"));
  return [config](const std::string& root) {
    return std::vector<std::string>{program(), "distrust", "--root", root, "--config", config};
  };
}

Change Nodes::distrust() const {
  return {"distrust", node("distrusted", old_bundle_, debian_node()), distrust_roots(2)};
}

Change Nodes::restoration() const {
  const auto root = node("restored", old_bundle_, debian_node());
  const auto finished = run({.argv = distrust_roots(2)(root)});
  if (finished.status != 0) throw std::runtime_error(concat("cannot prepare restoration: ", finished.err));
  return {"restoration", root, distrust_roots(0)};
}

Change Nodes::replacement_at_full_size() const {
  return {"replacement at full size", node("full", old_bundle_, debian_node(machine_roots())),
          provision_from(new_bundle_)};
}

}  // namespace nct::test
